"""The starter FAQ: files of curated questions, loaded into the tables as approved entries.

- id: xf-what-is
  question: 信访是什么意思？
  phrasings: [啥叫信访啊, …]           at least four
  answer: 信访就是您向各级机关、单位…
  citation: [{law: 信访工作条例, article: 第十七条}]
  category: 信访程序
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import Connection

from knowledge_base.audit import SYSTEM, record
from knowledge_base.entries.content import dump
from knowledge_base.entries.records import APPROVED, RETIRED, Act
from knowledge_base.entries.store import listed, utcnow, version_row
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.tables import FAQ_STEPS, FAQ_VERSIONS, FAQS
from nlu.text.errors import Unprocessable

STARTER = Path(__file__).parent.parent / "data" / "knowledge" / "faq"
NOTE = "随程序提供"
GONE = "gone"
"""In place of a digest: the entry has left the starter; should it come back, it is loaded."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _Cited(BaseModel):
    model_config = ConfigDict(extra="forbid")
    law: Line
    article: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
    question: Line
    phrasings: Annotated[list[Line], Field(min_length=4)]
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    citation: list[_Cited] = []
    category: Line

    def entry(self) -> FaqEntry:
        return FaqEntry(
            id=self.id,
            question=self.question,
            phrasings=tuple(self.phrasings),
            answer=self.answer,
            citation=tuple(Citation(cited.law, cited.article) for cited in self.citation),
            category=self.category,
        )


_FILE = TypeAdapter(list[_Entry])


def read_faq_file(path: Path) -> list[FaqEntry]:
    """Entries of one file; `Unprocessable` names the file and the field."""
    try:
        return [
            row.entry() for row in _FILE.validate_python(yaml.safe_load(path.read_bytes()) or [])
        ]
    except yaml.YAMLError as error:
        raise Unprocessable(f"{path.name} 不是有效的 YAML：{error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise Unprocessable(f"{path.name} {field}：{first['msg']}", field=field) from error


def read_starter(folder: Path = STARTER) -> list[FaqEntry]:
    """All starter entries; an id that stands twice is refused."""
    entries: dict[str, FaqEntry] = {}
    for path in sorted(folder.glob("*.yml")):
        for entry in read_faq_file(path):
            if entry.id in entries:
                raise Unprocessable(f"{path.name}：编号 {entry.id} 已经有了", field="id")
            entries[entry.id] = entry
    return list(entries.values())


def load_starter(connection: Connection, entries: Iterable[FaqEntry]) -> int:
    """Bring the tables to the starter's state and return how many entries changed.

    A starter entry is approved and published by the program itself. What staff have edited
    stays theirs; a changed starter entry makes a new version; one that is gone is retired.
    """
    known = {
        row.id: row
        for row in connection.execute(
            sa.select(FAQS.c.id, FAQS.c.version, FAQS.c.starter_digest, FAQS.c.edited)
        )
    }
    new: list[FaqEntry] = []
    changed: list[tuple[FaqEntry, int]] = []
    for entry in entries:
        row = known.pop(entry.id, None)
        if row is None:
            new.append(entry)
        elif row.starter_digest not in ("", digest(entry)) and not row.edited:
            changed.append((entry, row.version))
    gone = [
        (row.id, row.version)
        for row in known.values()
        if not row.edited and row.starter_digest not in ("", GONE)
    ]
    if not (new or changed or gone):
        return 0
    moment = utcnow()
    _add(connection, new, moment)
    _change(connection, changed, moment)
    _retire(connection, gone, moment)
    record(
        connection, SYSTEM, "starter", "faq", "",
        after={
            # At the first start all are new, and a list of hundreds would tell nothing.
            "added": [entry.id for entry in new] if known or changed else len(new),
            "changed": [entry.id for entry, _ in changed],
            "retired": [id for id, _ in gone],
        },
    )  # fmt: skip
    return len(new) + len(changed) + len(gone)


def digest(entry: FaqEntry) -> str:
    """What tells whether the file has changed since it was loaded."""
    told = json.dumps(dump(entry), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _add(connection: Connection, entries: Sequence[FaqEntry], moment: datetime) -> None:
    if not entries:
        return
    connection.execute(
        sa.insert(FAQS), [{"id": entry.id, **_row(entry, 1, moment)} for entry in entries]
    )
    _publish(connection, [(entry, 1) for entry in entries], "created", moment)


def _change(
    connection: Connection, entries: Sequence[tuple[FaqEntry, int]], moment: datetime
) -> None:
    if not entries:
        return
    for entry, version in entries:
        connection.execute(
            sa.update(FAQS).where(FAQS.c.id == entry.id).values(_row(entry, version + 1, moment))
        )
    newer = [(entry, version + 1) for entry, version in entries]
    _publish(connection, newer, "edited", moment)


def _publish(
    connection: Connection,
    entries: Sequence[tuple[FaqEntry, int]],
    act: Act,
    moment: datetime,
) -> None:
    connection.execute(
        sa.insert(FAQ_VERSIONS),
        [version_row(entry, version, moment, SYSTEM.name, NOTE) for entry, version in entries],
    )
    _steps(connection, [(entry.id, version) for entry, version in entries], act, moment)
    _steps(connection, [(entry.id, version) for entry, version in entries], "approved", moment)


def _retire(connection: Connection, gone: Sequence[tuple[str, int]], moment: datetime) -> None:
    if not gone:
        return
    connection.execute(
        sa.update(FAQS)
        .where(FAQS.c.id.in_([id for id, _ in gone]))
        .values(
            status=RETIRED,
            published_version=None,
            starter_digest=GONE,
            changed_at=moment,
            changed_by=SYSTEM.name,
        )
    )
    _steps(connection, gone, "retired", moment)


def _steps(
    connection: Connection, entries: Sequence[tuple[str, int]], act: Act, moment: datetime
) -> None:
    connection.execute(
        sa.insert(FAQ_STEPS),
        [
            {
                "faq": id,
                "version": version,
                "act": act,
                "at": moment,
                "by": SYSTEM.name,
                "note": NOTE,
            }
            for id, version in entries
        ],
    )


def _row(entry: FaqEntry, version: int, moment: datetime) -> dict[str, Any]:
    return {
        **listed(entry),
        "status": APPROVED,
        "version": version,
        "published_version": version,
        "starter_digest": digest(entry),
        "edited": False,
        "changed_at": moment,
        "changed_by": SYSTEM.name,
    }
