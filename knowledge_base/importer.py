"""Brings law texts into the tables, and decides which version of each is in force."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy import Connection

from knowledge_base.database import Database
from knowledge_base.documents.parser import Parser
from knowledge_base.documents.reading import LAW_SUFFIXES
from knowledge_base.imports.law_store import ParsedLaw, put_law, read_law, slices
from knowledge_base.regulations import law_key
from knowledge_base.tables import DOCUMENTS
from nlu.text.errors import MinshengError

REPEALED = Path(__file__).parent.parent / "data" / "knowledge" / "repealed.yml"
SETTLED_AT_ONCE = 500


@dataclass(slots=True)
class ImportReport:
    """What became of the files."""

    imported: int = 0
    articles: int = 0
    unchanged: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """File and reason, in words for the person who imports."""


def law_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The documents named, or found below the folders named."""
    for path in paths:
        if path.is_dir():
            # Names that begin with "_" or "." are a site's tables of contents, not laws.
            yield from sorted(
                found
                for found in path.rglob("*")
                if found.suffix.lower() in LAW_SUFFIXES and found.name[0] not in "_."
            )
        else:
            yield path


async def import_laws(
    database: Database,
    paths: Iterable[Path],
    *,
    region: str = "",
    today: date,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import law texts at once, without a job; a broken file is reported and stops nothing else."""
    report = ImportReport()
    laws: list[ParsedLaw] = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "law"
        async with Parser() as parser:
            for done, path in enumerate(law_files(paths), 1):
                try:
                    await parser.parse(path, str(path), "law", out, region)
                except MinshengError as error:
                    report.skipped.append((str(path), error.detail))
                else:
                    laws.append(read_law(out, path.name))
                if progress:
                    progress(done)
    at = datetime.now(timezone.utc)
    for chosen in slices(laws):
        await database.write(partial(_put, laws=chosen, at=at, report=report))
    await settle_in_slices(database, today)
    return report


def _put(
    connection: Connection, laws: Sequence[ParsedLaw], at: datetime, report: ImportReport
) -> None:
    for law in laws:
        if put_law(connection, law, by="", at=at):
            report.imported += 1
            report.articles += len(law.articles)
        else:
            report.unchanged += 1


@dataclass(frozen=True, slots=True)
class _Version:
    id: int
    law: str
    key: str
    part: str
    region: str
    version: date | None
    effective: date | None
    imported: int
    repeals: tuple[str, ...]

    def begun(self, today: date) -> bool:
        return (self.effective or self.version or date.min) <= today

    @property
    def age(self) -> tuple[date, int]:
        # Of two texts with the same date the one imported last is the correction.
        return self.version or self.effective or date.min, self.imported


def settle_versions(connection: Connection, today: date) -> int:
    """Mark what is in force on this day; returns how many documents changed.

    Of the versions of a law whose day has come, the newest; not when another
    law in force says that it ends it, or when `repealed.yml` does.
    """
    changes = to_settle(connection, today)
    _settle(connection, changes)
    return len(changes)


async def settle_in_slices(database: Database, today: date) -> int:
    """`settle_versions` in transactions so short that no citizen waits for them."""
    changes = await database.read(partial(to_settle, today=today))
    # What comes into force goes first: in between, a law has two texts rather than none.
    changes.sort(key=lambda change: not change["in_force"])
    for start in range(0, len(changes), SETTLED_AT_ONCE):
        chosen = changes[start : start + SETTLED_AT_ONCE]
        await database.write(partial(_settle, changes=chosen))
    return len(changes)


def _settle(connection: Connection, changes: Sequence[Mapping[str, Any]]) -> None:
    if changes:
        connection.execute(
            sa.update(DOCUMENTS)
            .where(DOCUMENTS.c.id == sa.bindparam("document"))
            .values(in_force=sa.bindparam("in_force"), superseded_by=sa.bindparam("superseded_by")),
            changes,
        )


def to_settle(connection: Connection, today: date) -> list[dict[str, Any]]:
    """The documents whose state on this day is not the one that is stored, and that state."""
    rows = connection.execute(sa.select(DOCUMENTS)).all()
    versions = [
        _Version(
            row.id, row.law, row.key, row.part, row.region, row.version, row.effective,
            row.id, tuple(row.repeals),
        )
        for row in rows
    ]  # fmt: skip
    newest: dict[tuple[str, str, str], _Version] = {}
    ended: dict[str, list[tuple[date, str, str]]] = {}
    for name, day, successor in _known_repeals():
        if day <= today:
            ended.setdefault(law_key(name), []).append((day, "", successor))
    for one in versions:
        if not one.begun(today):
            continue
        place = (one.region, one.key, one.part)
        if place not in newest or newest[place].age < one.age:
            newest[place] = one
        for key in one.repeals:
            if key != one.key:
                ended.setdefault(key, []).append((one.age[0], one.region, one.law))
    changes: list[dict[str, Any]] = []
    for one, row in zip(versions, rows, strict=True):
        best = newest.get((one.region, one.key, one.part))
        successor = next(
            (
                by
                for day, region, by in ended.get(one.key, [])
                # A town's rule does not end a law of the land.
                if day > one.age[0] and region in ("", one.region)
            ),
            "",
        )
        if best is not None and best.id != one.id and best.age > one.age:
            successor = f"{best.law}（{best.version}）" if best.version else best.law
        state = (best is one and not successor, successor[:300])
        if (row.in_force, row.superseded_by) != state:
            changes.append({"document": one.id, "in_force": state[0], "superseded_by": state[1]})
    return changes


def _known_repeals() -> Iterator[tuple[str, date, str]]:
    """Laws ended by a decision that is not among the texts themselves."""
    for row in yaml.safe_load(REPEALED.read_bytes()) or []:
        yield row["law"], row["from"], row["successor"]
