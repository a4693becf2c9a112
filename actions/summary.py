"""A petition read back to the one who told it."""

from __future__ import annotations

from collections.abc import Sequence

from actions.draft import Draft
from actions.services import Choice, Outcome
from nlu.text.speech import Speech

_SHOWN = 300


def say_summary(speech: Speech, draft: Draft, outcome: Outcome, choices: Sequence[Choice]) -> None:
    """Everything that would be filed, for the citizen to confirm or correct."""
    matter = draft.told
    unknown = speech("word_unknown")
    pictures = (
        "\n" + speech("say_summary_pictures", count=len(draft.pictures)) if draft.pictures else ""
    )
    outcome.say(
        speech(
            "say_summary",
            matter=matter if len(matter) <= _SHOWN else matter[:_SHOWN] + "……",
            place=draft.place or unknown,
            occurred_at=draft.occurred_at or unknown,
            demand=draft.demand or speech("word_by_office"),
            contact=contact(speech, draft),
            pictures=pictures,
        ),
        choices,
    )


def contact(speech: Speech, draft: Draft) -> str:
    """Name and number as given, or that there are none."""
    parts = [part for part in (draft.name, draft.phone) if part]
    return " ".join(parts) or speech("word_anonymous")
