"""Brings law texts into the tables, and decides which version of each is in force."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import yaml
from sqlalchemy import Connection

from knowledge_base.database import Database
from knowledge_base.regulations import Regulation, law_key, read_regulation
from knowledge_base.store import APPROVED, ARTICLES, DOCUMENTS, utcnow
from nlu.text.errors import MinshengError

REPEALED = Path(__file__).parent.parent / "data" / "knowledge" / "repealed.yml"
SUFFIXES = (".md", ".txt")
FILES_AT_ONCE = 50
"""Files a transaction: short enough that citizens' writes do not wait behind an import."""


@dataclass(slots=True)
class ImportReport:
    """What became of the files."""

    imported: int = 0
    articles: int = 0
    unchanged: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """File and reason, in words for the person who imports."""


def law_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The md and txt files named, or found below the folders named."""
    for path in paths:
        if path.is_dir():
            # Names that begin with "_" or "." are a site's tables of contents, not laws.
            yield from sorted(
                found
                for found in path.rglob("*")
                if found.suffix.lower() in SUFFIXES and found.name[0] not in "_."
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
    """Import law texts; a broken file is reported and stops nothing else."""
    report = ImportReport()
    files = list(law_files(paths))
    for start in range(0, len(files), FILES_AT_ONCE):
        chosen = files[start : start + FILES_AT_ONCE]
        await database.write(partial(_import, files=chosen, region=region, report=report))
        if progress:
            progress(min(len(files), start + FILES_AT_ONCE))
    await database.write(lambda connection: settle_versions(connection, today))
    return report


def _import(
    connection: Connection, files: Sequence[Path], region: str, report: ImportReport
) -> None:
    for path in files:
        try:
            regulation = read_regulation(path, region)
        except MinshengError as error:
            report.skipped.append((str(path), error.detail))
        except OSError as error:
            report.skipped.append((str(path), f"无法读取：{error.strerror}"))
        else:
            if put_regulation(connection, regulation, path.name):
                report.imported += 1
                report.articles += len(regulation.articles)
            else:
                report.unchanged += 1


def put_regulation(connection: Connection, regulation: Regulation, file: str) -> bool:
    """Store a law with its articles; False when this very text is there already."""
    digest = hashlib.sha256(repr(regulation).encode()).hexdigest()
    if connection.scalar(sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.digest == digest)):
        return False
    document = connection.scalar(
        sa.insert(DOCUMENTS)
        .values(
            law=regulation.law[:300],
            key=law_key(regulation.law)[:300],
            part=regulation.part[:100],
            region=regulation.region[:50],
            file=file[:500],
            version=regulation.version,
            effective=regulation.effective,
            digest=digest,
            status=APPROVED,
            # Until all are read nobody knows whether a newer one is among them.
            in_force=False,
            superseded_by="",
            repeals=[law_key(name) for name in regulation.repeals],
            imported_at=utcnow(),
        )
        .returning(DOCUMENTS.c.id)
    )
    connection.execute(
        sa.insert(ARTICLES),
        [
            {
                "document": document,
                "position": position,
                "chapter": article.chapter[:500],
                "number": article.number[:50],
                "text": article.text,
            }
            for position, article in enumerate(regulation.articles)
        ],
    )
    return True


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
    changed = 0
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
        state = {"in_force": best is one and not successor, "superseded_by": successor[:300]}
        if (row.in_force, row.superseded_by) != (state["in_force"], state["superseded_by"]):
            connection.execute(sa.update(DOCUMENTS).where(DOCUMENTS.c.id == one.id).values(**state))
            changed += 1
    return changed


def _known_repeals() -> Iterator[tuple[str, date, str]]:
    """Laws ended by a decision that is not among the texts themselves."""
    for row in yaml.safe_load(REPEALED.read_bytes()) or []:
        yield row["law"], row["from"], row["successor"]
