"""Laws as curators see them: lists, versions of one law, what cites it, and taking one out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from functools import partial
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database
from knowledge_base.entries.content import load
from knowledge_base.entries.flags import cited_by
from knowledge_base.entries.listing import live_contents
from knowledge_base.regulations import law_key
from knowledge_base.tables import ARTICLES, DOCUMENTS
from nlu.text.errors import Conflict, NotFound, Unprocessable
from nlu.text.normalise import normalise

APPROVED = "approved"
RETIRED = "retired"
LONGEST_REASON = 500

LawState = Literal["in_force", "upcoming", "superseded", "retired"]
Sort = Literal["newest", "name", "version"]


@dataclass(frozen=True, slots=True)
class LawQuery:
    """What a curator looks for; empty: anything."""

    q: str = ""
    region: str = ""
    """`-` means those of the whole country."""
    state: LawState | Literal[""] = ""
    sort: Sort = "newest"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class LawLine:
    """One text of a law in a list."""

    id: int
    law: str
    part: str
    region: str
    version: date | None
    effective: date | None
    state: LawState
    superseded_by: str
    file: str
    articles: int
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class LawPage:
    """One page of a list and how many there are in all."""

    lines: tuple[LawLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LawArticle:
    """One article in the order of the law."""

    position: int
    chapter: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An article that two versions word differently; empty: one of them does not have it."""

    number: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Citing:
    """An entry that cites the law."""

    id: str
    kind: str
    question: str
    articles: tuple[str, ...]
    is_published: bool


@dataclass(frozen=True, slots=True)
class LawRecord:
    """A text of a law with all that curators ask of it."""

    line: LawLine
    versions: tuple[LawLine, ...]
    """All texts of this law, the newest first, this one among them."""
    citing: tuple[Citing, ...]


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
        return await self._database.read(partial(_page, query=query, today=self._today()))

    async def regions(self) -> list[str]:
        """Regions that have laws of their own."""
        return await self._database.read(_regions)

    async def counts(self) -> dict[LawState, int]:
        """How many texts are in which state."""
        return await self._database.read(partial(_counts, today=self._today()))

    async def get(self, document: int) -> LawRecord:
        """One text with its versions and the entries that cite it."""
        return await self._database.read(partial(_record, document=document, today=self._today()))

    async def articles(
        self, document: int, q: str = "", page: int = 1, size: int = 50
    ) -> tuple[list[LawArticle], int]:
        """A page of the articles that hold the words, and how many there are."""
        return await self._database.read(
            partial(_articles, document=document, q=q, page=page, size=size)
        )

    async def changes(self, old: int, new: int) -> list[Change]:
        """What the newer of two texts says otherwise, in its order; then what it dropped."""
        return await self._database.read(partial(_changes, old=old, new=new))

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
            row = _row(connection, document, lock=True)
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


def state_of(row: Any, today: date) -> LawState:
    """What is to be said of a text today."""
    if row.status != APPROVED:
        return "retired"
    if row.in_force:
        return "in_force"
    if not row.superseded_by and (row.effective or row.version or today) > today:
        return "upcoming"
    return "superseded"


def conditions(query: LawQuery, today: date) -> list[sa.ColumnElement[bool]]:
    """What the query asks for, as SQL."""
    found: list[sa.ColumnElement[bool]] = [
        DOCUMENTS.c.law.contains(word, autoescape=True) for word in normalise(query.q).split()[:8]
    ]
    if query.region:
        found.append(DOCUMENTS.c.region == ("" if query.region == "-" else query.region))
    day = sa.func.coalesce(DOCUMENTS.c.effective, DOCUMENTS.c.version, sa.literal(today, sa.Date))
    upcoming = sa.and_(DOCUMENTS.c.superseded_by == "", day > today)
    if query.state == "retired":
        found.append(DOCUMENTS.c.status != APPROVED)
    elif query.state:
        found.append(DOCUMENTS.c.status == APPROVED)
        found.append(DOCUMENTS.c.in_force if query.state == "in_force" else ~DOCUMENTS.c.in_force)
        if query.state == "upcoming":
            found.append(upcoming)
        elif query.state == "superseded":
            found.append(~upcoming)
    return found


def order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    """Columns to sort by."""
    if sort == "name":
        return DOCUMENTS.c.law, DOCUMENTS.c.id
    if sort == "version":
        return (
            DOCUMENTS.c.version.is_(None),
            DOCUMENTS.c.version.desc(),
            DOCUMENTS.c.id,
        )
    return (DOCUMENTS.c.id.desc(),)


def lines(connection: Connection, found: sa.Select[Any], today: date) -> list[LawLine]:
    """The rows of a select over the documents, as lines with the number of their articles."""
    rows = connection.execute(found).all()
    counted: dict[int, int] = {}
    for start in range(0, len(rows), 400):
        ids = [row.id for row in rows[start : start + 400]]
        counted.update(
            (row[0], row[1])
            for row in connection.execute(
                sa.select(ARTICLES.c.document, sa.func.count())
                .where(ARTICLES.c.document.in_(ids))
                .group_by(ARTICLES.c.document)
            )
        )
    return [
        LawLine(
            row.id, row.law, row.part, row.region, row.version, row.effective,
            state_of(row, today), row.superseded_by, row.file, counted.get(row.id, 0),
            _aware(row.imported_at), row.imported_by,
        )
        for row in rows
    ]  # fmt: skip


def _page(connection: Connection, query: LawQuery, today: date) -> LawPage:
    where = conditions(query, today)
    found = (
        sa.select(DOCUMENTS)
        .where(*where)
        .order_by(*order(query.sort))
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    )
    total = connection.scalar(sa.select(sa.func.count()).select_from(DOCUMENTS).where(*where))
    return LawPage(tuple(lines(connection, found, today)), total or 0)


def _regions(connection: Connection) -> list[str]:
    return list(
        connection.scalars(
            sa.select(DOCUMENTS.c.region)
            .where(DOCUMENTS.c.region != "")
            .distinct()
            .order_by(DOCUMENTS.c.region)
        )
    )


def _counts(connection: Connection, today: date) -> dict[LawState, int]:
    states: tuple[LawState, ...] = ("in_force", "upcoming", "superseded", "retired")
    found: dict[LawState, int] = {}
    for state in states:
        where = conditions(LawQuery(state=state), today)
        counted = sa.select(sa.func.count()).select_from(DOCUMENTS).where(*where)
        found[state] = connection.scalar(counted) or 0
    return found


def _row(connection: Connection, document: int, *, lock: bool = False) -> Any:
    query = sa.select(DOCUMENTS).where(DOCUMENTS.c.id == document)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这部法规")
    return row


def _record(connection: Connection, document: int, today: date) -> LawRecord:
    row = _row(connection, document)
    versions = lines(
        connection,
        sa.select(DOCUMENTS)
        .where(
            DOCUMENTS.c.key == row.key,
            DOCUMENTS.c.part == row.part,
            DOCUMENTS.c.region == row.region,
        )
        .order_by(
            sa.func.coalesce(DOCUMENTS.c.version, DOCUMENTS.c.effective, date.min).desc(),
            DOCUMENTS.c.id.desc(),
        ),
        today,
    )
    line = next(one for one in versions if one.id == document)
    return LawRecord(line, tuple(versions), tuple(_citing(connection, row.key)))


def _citing(connection: Connection, key: str) -> list[Citing]:
    found = []
    for row in live_contents(connection):
        entry = load(row.id, row.content)
        numbers = [cited.article for cited in cited_by(entry) if law_key(cited.law) == key]
        if numbers:
            found.append(
                Citing(
                    row.id,
                    entry.kind,
                    entry.question,
                    tuple(dict.fromkeys(number for number in numbers if number)),
                    row.published_version is not None,
                )
            )
    return sorted(found, key=lambda one: one.question)


def _articles(
    connection: Connection, document: int, q: str, page: int, size: int
) -> tuple[list[LawArticle], int]:
    where = [ARTICLES.c.document == document]
    for word in q.split()[:8]:
        where.append(
            sa.or_(
                ARTICLES.c.text.contains(word, autoescape=True),
                ARTICLES.c.number == word,
                ARTICLES.c.chapter.contains(word, autoescape=True),
            )
        )
    rows = connection.execute(
        sa.select(ARTICLES)
        .where(*where)
        .order_by(ARTICLES.c.position)
        .limit(size)
        .offset((page - 1) * size)
    )
    found = [LawArticle(row.position, row.chapter, row.number, row.text) for row in rows]
    total = connection.scalar(sa.select(sa.func.count()).select_from(ARTICLES).where(*where))
    return found, total or 0


def _changes(connection: Connection, old: int, new: int) -> list[Change]:
    before, after = _texts(connection, old), _texts(connection, new)
    found = [
        Change(number, before.get(number, ""), text)
        for number, text in after.items()
        if before.get(number) != text
    ]
    return found + [
        Change(number, text, "") for number, text in before.items() if number not in after
    ]


def _texts(connection: Connection, document: int) -> dict[str, str]:
    rows: Sequence[Any] = connection.execute(
        sa.select(ARTICLES.c.number, ARTICLES.c.text)
        .where(ARTICLES.c.document == document)
        .order_by(ARTICLES.c.position)
    ).all()
    return {row.number: row.text for row in rows}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
