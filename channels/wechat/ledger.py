"""What delivery over WeChat asks of the ledger beyond every channel's claim and release."""

from __future__ import annotations

from typing import Protocol

from channels.message import Ledger, MessageKey, Reply


class Outbox(Ledger, Protocol):
    """A ledger that also knows of answers that are too long, and of answers that arrived."""

    async def defer(self, key: MessageKey, rest: list[Reply]) -> None:
        """Only the beginning of the claimed answer goes out: `rest` waits, durably.

        It comes first with the citizen's next message, like an answer that was released. Saying it
        again for the same key replaces what was said before: a retried push defers again.
        """

    async def delivered(self, key: MessageKey) -> None:
        """WeChat took the answer that was claimed ACTIVE.

        One that is claimed and neither delivered, deferred nor released when the app starts was in
        doubt when it stopped: at least once means that it waits for the citizen again.
        """
