"""A message as it lies in the inbox, and the shapes in which it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import Row

from channels.message import Attachment, Inbound, Option, Place, Reply

Citizen = tuple[str, str, str]
"""Channel, account and the citizen's identity within them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it lies in the inbox."""

    row: int
    inbound: Inbound
    danger: str | None
    dialogue: str
    tries: int
    """How often the dialogue has been tried with it."""
    answer: list[Reply] | None
    is_behind: bool = False
    """Whether something that the citizen said before has still to be heard by the dialogue."""

    @property
    def citizen(self) -> Citizen:
        """Whose queue it stands in."""
        return self.inbound.channel, self.inbound.account, self.inbound.citizen


def dump_inbound(inbound: Inbound) -> dict[str, Any]:
    place = inbound.place
    return {
        "text": inbound.text,
        "event": inbound.event,
        "place": [place.label, place.latitude, place.longitude] if place else None,
        "attachments": [[item.kind, item.reference, item.url] for item in inbound.attachments],
    }


def as_letter(row: Row[Any]) -> Letter:
    said = row.said
    received_at: datetime = row.received_at
    if received_at.tzinfo is None:
        received_at = received_at.replace(tzinfo=timezone.utc)
    return Letter(
        row=row.id,
        inbound=Inbound(
            message_id=row.message_id,
            channel=row.channel,
            citizen=row.citizen,
            text=said.get("text"),
            account=row.account,
            event=said.get("event"),
            place=Place(*said["place"]) if said.get("place") else None,
            attachments=tuple(Attachment(*item) for item in said.get("attachments", ())),
            owns=row.owns,
            received_at=received_at,
        ),
        danger=row.danger,
        dialogue=row.dialogue,
        tries=row.tries,
        answer=None if row.answer is None else load_replies(row.answer),
    )


def load_replies(stored: Iterable[Any]) -> list[Reply]:
    return [load_reply(item) for item in stored]


def dump_reply(reply: Reply) -> dict[str, Any]:
    return {"text": reply.text, "options": [[item.title, item.says] for item in reply.options]}


def load_reply(stored: Any) -> Reply:
    return Reply(stored["text"], tuple(Option(*item) for item in stored["options"]))
