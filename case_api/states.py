"""Where a case can stand, and which move leads where."""

from __future__ import annotations

from enum import Enum

from case_api import words
from nlu.text.errors import Conflict


class Status(str, Enum):
    """How a case stands (信访工作条例 第二十二至三十六条)."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    NO_LONGER_ACCEPTED = "no_longer_accepted"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    EXTENDED = "extended"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Move(str, Enum):
    """What staff or the citizen do to a case."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASSIGN = "assign"
    EXTEND = "extend"
    ANSWER = "answer"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    SUPPLEMENT = "supplement"
    FOLLOW = "follow"
    RATE = "rate"


S = Status
UNDECIDED = frozenset({S.REGISTERED, S.TRANSFERRED, S.ASSIGNED})
"""Nobody has yet said whether it is taken up."""
HANDLED = frozenset({S.ACCEPTED, S.IN_PROGRESS, S.EXTENDED})
"""Taken up: the 60 日 run."""
OPEN = UNDECIDED | HANDLED
"""Something is still owed to the citizen."""
ENDED = frozenset(S) - OPEN

ALLOWED: dict[Move, frozenset[Status]] = {
    Move.ACCEPT: UNDECIDED,
    Move.REFUSE: UNDECIDED,
    Move.ASSIGN: OPEN,
    # 第三十四条 gives one extension, and only to a matter that was accepted.
    Move.EXTEND: frozenset({S.ACCEPTED, S.IN_PROGRESS}),
    # Suggestions and accusations (第二十九、三十条) are answered without an acceptance step.
    Move.ANSWER: OPEN,
    Move.CLOSE: frozenset({S.ANSWERED, S.NOT_ACCEPTED, S.NO_LONGER_ACCEPTED}),
    Move.WITHDRAW: OPEN,
    Move.SUPPLEMENT: OPEN | {S.ANSWERED},
    Move.FOLLOW: OPEN | {S.ANSWERED},
    Move.RATE: frozenset({S.ANSWERED, S.CLOSED, S.NOT_ACCEPTED, S.NO_LONGER_ACCEPTED}),
}


def check(move: Move, status: Status) -> None:
    """Raise `Conflict` unless the move is allowed from here."""
    if status not in ALLOWED[move]:
        raise Conflict(words.MOVE_REFUSED.format(status=words.STATUS[status.value]))


def assigned_status(status: Status, *, transferred: bool) -> Status:
    """Where an assignment leads: one that is already being handled stays so, in other hands."""
    if status in HANDLED:
        return S.EXTENDED if status is S.EXTENDED else S.IN_PROGRESS
    return S.TRANSFERRED if transferred else S.ASSIGNED
