"""Laws into a file, one after the other: all of them would not fit into memory."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.store import CHINA
from knowledge_base.imports.law_markdown import markdown
from knowledge_base.imports.workbooks import BREATH, Sheet, Value, write_workbook
from knowledge_base.laws.listing import conditions, lines, order
from knowledge_base.laws.records import LawArticle, LawLine, LawQuery
from knowledge_base.tables import ARTICLES, DOCUMENTS

STATES = {"in_force": "现行", "upcoming": "尚未施行", "superseded": "失效", "retired": "已停用"}
LAW_COLUMNS = (
    ("法规", 44),
    ("编", 12),
    ("地区", 10),
    ("版本日期", 12),
    ("施行日期", 12),
    ("状态", 10),
    ("被什么代替", 30),
    ("条数", 8),
    ("文件", 36),
    ("导入时间", 18),
    ("导入人", 12),
)
ARTICLE_COLUMNS = (
    ("法规", 36),
    ("编", 12),
    ("版本日期", 12),
    ("章节", 28),
    ("条", 12),
    ("内容", 90),
)
Writer = Callable[[Connection, Sequence[LawLine], IO[bytes]], None]


def law_lines(connection: Connection, query: LawQuery, today: date) -> list[LawLine]:
    """All that fit, whatever page one was on."""
    found = sa.select(DOCUMENTS).where(*conditions(query, today)).order_by(*order(query.sort))
    return lines(connection, found, today)


def write_book(connection: Connection, found: Sequence[LawLine], file: IO[bytes]) -> None:
    """An xlsx: one sheet of the laws, one of their articles."""
    listed: Iterator[list[Value]] = (
        [
            line.law,
            line.part,
            line.region or "全国",
            line.version,
            line.effective,
            STATES[line.state],
            line.superseded_by,
            line.articles,
            line.file,
            line.imported_at.astimezone(CHINA),
            line.imported_by,
        ]
        for line in found
    )
    articles: Iterator[list[Value]] = (
        [line.law, line.part, line.version, article.chapter, article.number, article.text]
        for line in found
        for article in law_articles(connection, line)
    )
    write_workbook(
        [Sheet("法规", LAW_COLUMNS, listed), Sheet("条文", ARTICLE_COLUMNS, articles)], file
    )


def write_texts(connection: Connection, found: Sequence[LawLine], file: IO[bytes]) -> None:
    """A zip of texts that can be imported again."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for line in found:
            package.writestr(*markdown(line, law_articles(connection, line)))
            time.sleep(BREATH)


def write_objects(connection: Connection, found: Sequence[LawLine], file: IO[bytes]) -> None:
    """A JSON list."""
    file.write(b"[")
    for at, line in enumerate(found):
        file.write(b",\n" if at else b"\n")
        law = law_object(line, law_articles(connection, line))
        file.write(json.dumps(law, ensure_ascii=False).encode())
        time.sleep(BREATH)
    file.write(b"\n]")


def law_articles(connection: Connection, line: LawLine) -> list[LawArticle]:
    """The articles of one law, in order."""
    rows = connection.execute(
        sa.select(ARTICLES).where(ARTICLES.c.document == line.id).order_by(ARTICLES.c.position)
    )
    return [LawArticle(row.position, row.chapter, row.number, row.text) for row in rows]


def law_object(line: LawLine, articles: Sequence[LawArticle]) -> dict[str, Any]:
    """A law as JSON has it."""
    return {
        "law": line.law,
        "part": line.part,
        "region": line.region,
        "version": line.version.isoformat() if line.version else None,
        "effective": line.effective.isoformat() if line.effective else None,
        "state": line.state,
        "superseded_by": line.superseded_by,
        "file": line.file,
        "articles": [
            {"chapter": article.chapter, "number": article.number, "text": article.text}
            for article in articles
        ],
    }
