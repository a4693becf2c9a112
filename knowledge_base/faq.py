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
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from sqlalchemy import Connection

from knowledge_base.models import Citation, FaqEntry
from knowledge_base.store import APPROVED, FAQS, RETIRED, put_faq, utcnow
from nlu.text.errors import Unprocessable

STARTER = Path(__file__).parent.parent / "data" / "knowledge" / "faq"

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

    What staff have edited stays theirs; a starter entry that is gone is retired.
    """
    known = {
        row.id: row
        for row in connection.execute(
            sa.select(FAQS.c.id, FAQS.c.starter_digest, FAQS.c.edited).where(
                FAQS.c.starter_digest != ""
            )
        )
    }
    changed = 0
    for entry in entries:
        row = known.pop(entry.id, None)
        digest = hashlib.sha256(repr(entry).encode()).hexdigest()
        if row is None or (row.starter_digest != digest and not row.edited):
            put_faq(connection, entry, status=APPROVED, starter_digest=digest, edited=False)
            changed += 1
    gone = [row.id for row in known.values() if not row.edited]
    if gone:
        retired = connection.execute(
            sa.update(FAQS)
            .where(FAQS.c.id.in_(gone), FAQS.c.status != RETIRED)
            .values(status=RETIRED, changed_at=utcnow())
        )
        changed += retired.rowcount
    return changed
