"""What crosses between a channel and the conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import Protocol


def utcnow() -> datetime:
    """Now, with its time zone."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, as the channel knows it."""

    label: str
    """In words; for a scanned place code the code itself until it is looked up."""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something sent beside words; `reference` is the channel's name for it (WeChat: MediaId)."""

    kind: str
    """image | voice | video | file"""
    reference: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a citizen did, whatever the channel."""

    message_id: str
    """Unique within (channel, account); WeChat repeats it on retries."""
    channel: str
    """wechat | web | miniprogram"""
    citizen: str
    """Opaque and stable within (channel, account) (WeChat: the openid)."""
    text: str | None
    account: str = ""
    """Which of the office's accounts (WeChat: the appid); an openid means nothing outside it."""
    event: str | None = None
    """subscribe | unsubscribe | scan | menu | voice_unheard | unknown; None for a plain message."""
    place: Place | None = None
    """Sent as a location, or carried by the scanned code."""
    attachments: tuple[Attachment, ...] = ()
    owns: bool = True
    """False where the client merely states the identity: it has a dialogue and owns nothing."""
    received_at: datetime = field(default_factory=utcnow)

    @property
    def key(self) -> MessageKey:
        """What makes this message one and the same on retries."""
        return MessageKey(self.channel, self.account, self.message_id)


@dataclass(frozen=True, slots=True)
class MessageKey:
    """Identifies a message across retries, processes and restarts."""

    channel: str
    account: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Option:
    """An answer that takes one tap, or its number where nothing can be tapped."""

    title: str
    """What the citizen sees."""
    says: str
    """What is taken as said when it is chosen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing said to the citizen; the channel renders it within its own limits."""

    text: str
    options: tuple[Option, ...] = ()


class Route(str, Enum):
    """How an answer travels to the citizen."""

    PASSIVE = "passive"
    """In the response to the push itself."""
    ACTIVE = "active"
    """By a message of our own, later (WeChat: customer-service message)."""


class Converse(Protocol):
    """Take one message and wait for its answer.

    The same message again (same key) waits for, and returns, the same answer: work is done once.
    The message is stored durably before any work starts. May take longer than the channel can wait:
    a caller that gives up (cancellation) does not stop the work.
    """

    async def __call__(self, inbound: Inbound) -> list[Reply]: ...


class Ledger(Protocol):
    """Who delivers an answer: one route takes it, so that nothing is lost or comes twice."""

    async def claim(self, key: MessageKey, route: Route) -> list[Reply] | None:
        """Take the answer for delivery; None when another route has it (or it is not ready).

        The list starts with earlier answers that never reached this citizen; they are claimed too.
        Claiming PASSIVE again returns the same list: WeChat asks again only when it got nothing.
        """

    async def release(self, key: MessageKey) -> None:
        """The claimed route failed for certain: the answer waits for the citizen's next message."""
