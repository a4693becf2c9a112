"""What curators do with laws: look through them, compare versions, take one out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database
from knowledge_base.laws import listing
from knowledge_base.laws.listing import APPROVED, RETIRED
from knowledge_base.laws.records import (
    Change,
    LawArticle,
    LawPage,
    LawQuery,
    LawRecord,
    LawState,
)
from knowledge_base.tables import DOCUMENTS
from nlu.text.errors import Conflict, Unprocessable

LONGEST_REASON = 500


class Laws:
    """The laws of the base. `take_over` serves what a change leaves in force."""

    def __init__(
        self,
        database: Database,
        take_over: Callable[[Actor], Awaitable[object]],
        today: Callable[[], date],
    ) -> None:
        self._database = database
        self._take_over = take_over
        self._today = today

    async def page(self, query: LawQuery) -> LawPage:
        """One page of those that fit."""
        return await self._database.read(partial(listing.page, query=query, today=self._today()))

    async def regions(self) -> list[str]:
        """Regions that have laws of their own."""
        return await self._database.read(listing.regions)

    async def counts(self) -> dict[LawState, int]:
        """How many texts are in which state."""
        return await self._database.read(partial(listing.counts, today=self._today()))

    async def get(self, document: int) -> LawRecord:
        """One text with its versions and the entries that cite it."""
        return await self._database.read(
            partial(listing.record, document=document, today=self._today())
        )

    async def articles(
        self, document: int, q: str = "", page: int = 1, size: int = 50
    ) -> tuple[list[LawArticle], int]:
        """A page of the articles that hold the words, and how many there are."""
        return await self._database.read(
            partial(listing.articles, document=document, q=q, page=page, size=size)
        )

    async def changes(self, old: int, new: int) -> list[Change]:
        """What the newer of two texts says otherwise, in its order; then what it dropped."""
        return await self._database.read(partial(listing.changes, old=old, new=new))

    async def retire(self, document: int, by: Actor, reason: str) -> None:
        """Answer no more from this text; an older one does not come back by itself."""
        await self._set(document, APPROVED, RETIRED, by, reason)

    async def restore(self, document: int, by: Actor, reason: str) -> None:
        """Answer from it again, where it is the one in force."""
        await self._set(document, RETIRED, APPROVED, by, reason)

    async def _set(self, document: int, old: str, new: str, by: Actor, reason: str) -> None:
        reason = reason.strip()
        if not reason:
            raise Unprocessable("请写明原因", field="reason")
        if len(reason) > LONGEST_REASON:
            raise Unprocessable(f"原因最多 {LONGEST_REASON} 个字", field="reason")

        def change(connection: Connection) -> None:
            row = listing.document_row(connection, document, lock=True)
            if row.status != old:
                raise Conflict("这部法规已经是这个状态了")
            connection.execute(
                sa.update(DOCUMENTS).where(DOCUMENTS.c.id == document).values(status=new)
            )
            record(
                connection, by, "law_retire" if new == RETIRED else "law_restore", "law",
                str(document), before={"status": old}, after={"status": new, "law": row.law},
                reason=reason,
            )  # fmt: skip

        await self._database.write(change)
        await self._take_over(by)
