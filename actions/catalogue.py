"""Every action there is, made with what it may reach."""

from __future__ import annotations

from actions.base import CitizenAction
from actions.handoff import Crisis, Handoff
from actions.intake import Intake
from actions.policy import AnswerPolicy
from actions.progress import Progress
from actions.rating import Rating
from actions.services import Services
from actions.smalltalk import Fallback, Greet, Inform, NothingPending, OutOfScope
from actions.supplement import Supplement
from actions.withdrawal import Withdrawal


def all_actions(services: Services) -> list[CitizenAction]:
    """One instance of each, for the webhook."""
    kinds: tuple[type[CitizenAction], ...] = (
        Intake,
        Progress,
        Supplement,
        Withdrawal,
        Rating,
        AnswerPolicy,
        Handoff,
        Crisis,
        Fallback,
        Greet,
        Inform,
        NothingPending,
        OutOfScope,
    )
    return [kind(services) for kind in kinds]
