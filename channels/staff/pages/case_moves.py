"""The moves of a case as forms: what must be filled in, and what is sent to the case API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from starlette.datastructures import FormData

from case_api.staff_client import StaffClient
from case_api.staff_schemas import (
    AcceptanceIn,
    AnswerIn,
    AssignmentIn,
    ClosureIn,
    ExtensionIn,
    RefusalIn,
)
from channels.staff.shell import Signed
from channels.staff.words import cases as words

MOST_DAYS = 30
REASON = 500
NOTE = 2_000
TEXT = 10_000


class Move(str, Enum):
    """A button of the case page; 交办 and 转送 are one move of the case API."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ASSIGN = "assign"
    TRANSFER = "transfer"
    EXTEND = "extend"
    ANSWER = "answer"
    CLOSE = "close"


def offered(allowed: Sequence[str]) -> list[str]:
    """The buttons for what the case API allows now."""
    found = []
    for move in allowed:
        found.append(move)
        if move == "assign":
            found.append(Move.TRANSFER.value)
    return found


def wrong(move: Move, form: Mapping[str, Any]) -> dict[str, str]:
    """What is missing, by field."""
    if move in (Move.REFUSE, Move.EXTEND) and not _text(form, "reason", REASON):
        return {"reason": words.REASON_NEEDED}
    if move in (Move.ACCEPT, Move.ASSIGN, Move.TRANSFER) and not _text(form, "office", 56):
        return {"office": words.OFFICE_NEEDED}
    if move is Move.ANSWER and not _text(form, "text", TEXT):
        return {"text": words.TEXT_NEEDED}
    if move is Move.EXTEND and not 1 <= _number(form, "days") <= MOST_DAYS:
        return {"days": words.DAYS_WRONG}
    return {}


async def carry_out(
    cases: StaffClient, code: str, move: Move, form: FormData, signed: Signed
) -> None:
    """Send it, in the name of who is signed in, and only if the case is as they saw it."""
    common: dict[str, Any] = {"by": signed.name[:56]}
    if form.get("seen"):
        common["seen"] = datetime.fromisoformat(str(form["seen"]))
    reason, office = _text(form, "reason", REASON), _text(form, "office", 56)
    actor = signed.actor
    if move is Move.ACCEPT:
        await cases.accept(code, AcceptanceIn(office=office, **common), actor)
    elif move is Move.REFUSE:
        repeated = form.get("repeated") == "1"
        await cases.refuse(code, RefusalIn(reason=reason, repeated=repeated, **common), actor)
    elif move in (Move.ASSIGN, Move.TRANSFER):
        note = _text(form, "note", NOTE)
        transferred = move is Move.TRANSFER
        ask = AssignmentIn(office=office, transferred=transferred, note=note, **common)
        await cases.assign(code, ask, actor)
    elif move is Move.EXTEND:
        days = _number(form, "days")
        await cases.extend(code, ExtensionIn(days=days, reason=reason, **common), actor)
    elif move is Move.ANSWER:
        await cases.answer(code, AnswerIn(text=_text(form, "text", TEXT), **common), actor)
    else:
        await cases.close(code, ClosureIn(**common), actor)


def _text(form: Mapping[str, Any], name: str, most: int) -> str:
    return str(form.get(name, "")).strip()[:most]


def _number(form: Mapping[str, Any], name: str) -> int:
    text = _text(form, name, 4)
    return int(text) if text.isdecimal() else 0
