"""Gold questions: what each entry must answer, and what must be refused; they gate a publish."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
import yaml
from sqlalchemy import Connection

from knowledge_base import releases, store
from knowledge_base.audit import SYSTEM, Actor, record
from knowledge_base.database import Database
from knowledge_base.entries.store import aware
from knowledge_base.store import CHUNK, utcnow
from knowledge_base.tables import FAQS, GOLD
from nlu.text.errors import NotFound, Unprocessable
from nlu.text.normalise import visible
from nlu.text.privacy import mask

FOLDER = Path(__file__).parent.parent / "data" / "knowledge"
STARTER = "starter"
STAFF = "staff"
SYNCED = "gold"
"""Fact of `kb_meta`: the digest of the starter's files that were taken over last."""
LONGEST = 200
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Must = Literal["answer", "refuse"]


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question whose answer is known."""

    id: int
    question: str
    right: tuple[str, ...]
    """Entries that may answer it; none: it must be refused."""
    source: str
    made_at: datetime
    made_by: str

    @property
    def must(self) -> Must:
        return "answer" if self.right else "refuse"


@dataclass(frozen=True, slots=True)
class GoldPage:
    """One page of a list."""

    questions: tuple[GoldQuestion, ...]
    total: int
    titles: Mapping[str, str]
    """Entry → its question, for those named on this page."""


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """What is looked for; empty: anything."""

    q: str = ""
    must: Must | Literal[""] = ""
    entry: str = ""
    category: str = ""
    source: str = ""
    page: int = 1
    size: int = 20


class Gold:
    """The lists of gold questions, for staff."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, query: GoldQuery) -> GoldPage:
        """Those that the query asks for, the newest first."""
        return await self._database.read(lambda connection: _page(connection, query))

    async def titles(self, ids: Iterable[str]) -> dict[str, str]:
        """Entry → its question, of those that are there."""
        wanted = list(ids)
        return await self._database.read(lambda connection: titles(connection, wanted))

    async def of_entry(self, entry: str) -> tuple[GoldQuestion, ...]:
        """What this entry must answer."""
        found = await self._database.read(active)
        return tuple(one for one in found if entry in one.right)

    async def add(
        self, questions: Iterable[str], right: Sequence[str], by: Actor
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """Add questions; returns those added, and those not with the reason.

        `right` empty: they must be refused. A question that is there already for another
        entry now counts as answered by both; personal data are masked.
        """
        given = [visible(question) for question in questions]
        wanted = list(dict.fromkeys(mask(one) for one in given if one))
        names = list(dict.fromkeys(name.strip() for name in right if name.strip()))
        return await self._database.write(lambda connection: _add(connection, wanted, names, by))

    async def remove(self, ids: Sequence[int], by: Actor, entry: str = "") -> int:
        """Take questions out of the list, or only out of one entry's.

        One that came with the program is kept as removed, so that it does not come back.
        """
        return await self._database.write(lambda connection: _remove(connection, ids, by, entry))


def titles(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Entry → its question, of those that are there."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            sa.select(FAQS.c.id, FAQS.c.question).where(
                FAQS.c.id.in_(wanted[start : start + CHUNK])
            )
        )
        found.update((row.id, row.question) for row in rows)
    return found


def active(connection: Connection) -> list[GoldQuestion]:
    """All that count."""
    rows = connection.execute(sa.select(GOLD).where(GOLD.c.active).order_by(GOLD.c.id))
    return [_question(row) for row in rows]


RULES = b"2"
"""Changes when the same files would give other questions."""


async def sync_starter(database: Database, folder: Path = FOLDER) -> int:
    """Bring the starter's questions up to date; what staff changed or removed stays so."""
    files = [folder / "gold.yml", folder / "foreign.yml"]
    told = hashlib.sha256(RULES + b"".join(file.read_bytes() for file in files)).hexdigest()
    if await database.read(lambda connection: store.fact(connection, SYNCED)) == told:
        return 0
    wanted = starter_questions(folder)

    def write(connection: Connection) -> int:
        releases.lock(connection)
        changed = _sync(connection, wanted)
        store.set_fact(connection, SYNCED, told)
        return changed

    return await database.write(write)


def starter_questions(folder: Path = FOLDER) -> dict[str, list[str]]:
    """Question → the entries that answer it; none: it must be refused.

    What the starter does not cover yet (`not_covered`) is left out: an office that writes
    the answer does no harm, and must not be asked why.
    """
    gold = _read(folder / "gold.yml")
    found = {visible(row["q"]): list(row["faq"]) for row in gold}
    for text in _read(folder / "foreign.yml")["unrelated"]:
        found.setdefault(visible(text), [])
    return found


def _read(path: Path) -> Any:
    # libyaml where there is one: a start is not held up by reading lists.
    return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - a safe loader


def _sync(connection: Connection, wanted: Mapping[str, Sequence[str]]) -> int:
    known = {row.question: row for row in connection.execute(sa.select(GOLD))}
    new = [question for question in wanted if question not in known]
    if new:
        connection.execute(
            sa.insert(GOLD),
            [_row(question, list(wanted[question]), STARTER, SYSTEM.name) for question in new],
        )
    changed = len(new)
    for question, row in known.items():
        if row.source != STARTER:
            continue
        if question not in wanted:
            connection.execute(sa.delete(GOLD).where(GOLD.c.id == row.id))
        elif list(row.right) != list(wanted[question]):
            connection.execute(
                sa.update(GOLD).where(GOLD.c.id == row.id).values(right=list(wanted[question]))
            )
        else:
            continue
        changed += 1
    return changed


def _row(question: str, right: list[str], source: str, by: str) -> dict[str, Any]:
    return {
        "question": question[:LONGEST],
        "right": right,
        "source": source,
        "active": True,
        "made_at": utcnow(),
        "made_by": by[:64],
    }


def _add(
    connection: Connection, questions: Sequence[str], right: Sequence[str], by: Actor
) -> tuple[list[str], list[tuple[str, str]]]:
    unknown = set(right) - set(titles(connection, right))
    if unknown:
        raise Unprocessable(f"没有这条知识：{'、'.join(sorted(unknown))}", field="entry")
    added: list[str] = []
    refused: list[tuple[str, str]] = []
    for question in questions:
        row = connection.execute(sa.select(GOLD).where(GOLD.c.question == question)).one_or_none()
        if len(question) > LONGEST:
            refused.append((question, f"太长了，最多 {LONGEST} 个字"))
        elif row is None:
            connection.execute(sa.insert(GOLD).values(_row(question, list(right), STAFF, by.name)))
            added.append(question)
        elif row.active and bool(row.right) != bool(right):
            where = "应当回答" if row.right else "应当不答"
            refused.append((question, f"已经在“{where}”里，请先从那里移除"))
        elif row.active and set(right) <= set(row.right):
            refused.append((question, "已经有了"))
        else:
            merged = [*row.right, *right] if row.active and right else list(right)
            connection.execute(
                sa.update(GOLD)
                .where(GOLD.c.id == row.id)
                .values(
                    right=list(dict.fromkeys(merged)), source=STAFF, active=True,
                    made_at=utcnow(), made_by=by.name[:64],
                )
            )  # fmt: skip
            added.append(question)
    if added:
        record(
            connection, by, "gold_add", "gold", ",".join(right) or "refuse",
            after={"questions": added, "right": list(right)},
        )  # fmt: skip
    return added, refused


def _remove(connection: Connection, ids: Sequence[int], by: Actor, entry: str) -> int:
    gone: list[str] = []
    for number in ids:
        row = connection.execute(sa.select(GOLD).where(GOLD.c.id == number)).one_or_none()
        if row is None or not row.active:
            continue
        left = [name for name in row.right if entry and name != entry]
        values: dict[str, Any] = {"source": STAFF, "made_at": utcnow(), "made_by": by.name[:64]}
        values |= {"right": left} if left else {"active": False}
        connection.execute(sa.update(GOLD).where(GOLD.c.id == number).values(values))
        gone.append(row.question)
    if not gone:
        raise NotFound("没有这个问题，可能别人已经移除了")
    record(connection, by, "gold_remove", "gold", entry or "", before={"questions": gone})
    return len(gone)


def _page(connection: Connection, query: GoldQuery) -> GoldPage:
    in_category: set[str] | None = None
    if query.category:
        in_category = set(
            connection.scalars(sa.select(FAQS.c.id).where(FAQS.c.category == query.category))
        )
    words = visible(query.q).split()
    found = [
        one
        for one in reversed(active(connection))
        if all(word in one.question for word in words)
        and (not query.must or one.must == query.must)
        and (not query.entry or query.entry in one.right)
        and (not query.source or one.source == query.source)
        and (in_category is None or in_category.intersection(one.right))
    ]
    start = (max(1, query.page) - 1) * query.size
    shown = tuple(found[start : start + query.size])
    return GoldPage(shown, len(found), titles(connection, [n for o in shown for n in o.right]))


def _question(row: Any) -> GoldQuestion:
    return GoldQuestion(
        row.id, row.question, tuple(row.right), row.source, aware(row.made_at), row.made_by
    )
