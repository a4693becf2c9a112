"""A law as the text that the importer reads: what is exported can be imported again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from knowledge_base.laws.records import LawArticle, LawLine
from knowledge_base.regulations import END_OF_HEADER

POINT = re.compile(r"^第(.+)点$")
PARAGRAPH = re.compile(r"^第\d+段$")
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
LONGEST_NAME = 80


def markdown(line: LawLine, articles: Sequence[LawArticle]) -> tuple[str, str]:
    """The file's name, with its region as a folder and its version, and its text."""
    text = [f"# {line.law}"]
    if line.part:
        text.append(f"# {line.part}")
    if line.effective:
        text.append(f"{_day(line.effective)} 施行")
    text.append(END_OF_HEADER)
    above: list[str] = []
    for article in articles:
        chapters = [chapter for chapter in article.chapter.split(" / ") if chapter]
        text += [
            f"{'#' * min(6, level + 2)} {chapter}"
            for level, chapter in enumerate(chapters)
            if chapters[: level + 1] != above[: level + 1]
        ]
        above = chapters
        text.append(_paragraphs(article))
    name = f"{line.law}{f'（{line.part}）' if line.part else ''}"
    name = UNSAFE.sub("_", name)[:LONGEST_NAME]
    version = f"({line.version.isoformat()})" if line.version else ""
    folder = f"{UNSAFE.sub('_', line.region)}地方法规/" if line.region else ""
    # Two texts of one law may bear the same date.
    return f"{folder}{name}-{line.id}{version}.md", "\n\n".join(text) + "\n"


def _paragraphs(article: LawArticle) -> str:
    body = "\n\n".join(article.text.splitlines())
    if PARAGRAPH.match(article.number):
        return body
    if found := POINT.match(article.number):
        return f"{found[1]}、{body}"
    return f"{article.number} {body}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
