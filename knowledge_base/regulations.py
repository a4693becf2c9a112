"""Splits a law into its articles: 编, 章, 节, 条, with version and date of force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nlu.text.errors import TooLarge, Unprocessable

LARGEST_FILE = 5_000_000
LARGEST_ARTICLE = 20_000
END_OF_HEADER = "<!-- INFO END -->"

DIGITS = "零〇一二三四五六七八九十百千两0-9０-９"
ARTICLE = re.compile(
    rf"^第\s*([{DIGITS}]+)\s*条(之[{DIGITS}]+)?"
    # A paragraph that begins with a reference (第一条、第二条规定的…) is no article.
    r"(?=[\s　:：]|[^、，,的规款项至和及第或所中])\s*[:：]?\s*"
)
MARKED_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$")
PLAIN_HEADING = re.compile(rf"^第[{DIGITS}]+\s*(分编|编|章|节)(?:[\s　]+\S.{{0,40}}|)$")
LEVELS = {"编": 1, "分编": 2, "章": 3, "节": 4}
ATTACHMENT = re.compile(r"^(?:附件|附录|附表|附则?：|附：)")

DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
FILE_VERSION = re.compile(r"[(（](\d{4})-(\d{2})-(\d{2})[)）]\s*$")
FILE_REGION = re.compile(r"^(.+?)地方法规$")
MADE = re.compile(r"通过|修[订正改]|公布|发布|批准|制定|令第")
IN_FORCE_FROM = re.compile(
    r"自\s*(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*起\s*(?:正式)?(?:施行|实施|生效)"
)
REPEALS = re.compile(
    # 《甲》、某年发布的《乙》（…）同时废止; not 《甲》第三条…废止 nor 《甲》中…的规定废止.
    r"((?:《[^《》]{3,60}》(?![中第的内])[^《》。；]{0,30}?)*《[^《》]{3,60}》(?:[（(][^（）()]{0,60}[）)])?)"
    r"(?:同时|即行|相应|一并|均|自行|随之)*(?:予以)?废止"
)
TITLE_IN = re.compile(r"《([^《》]{3,60})》")
VERSION_IN_TITLE = re.compile(r"[(（](?:\d{4}年?)?(?:修[订正改]|试行修订)(?:本|版)?[)）]$")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """One article with all its paragraphs and items."""

    chapter: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Regulation:
    """A law (or the part of one that stands in a file) as read from its text."""

    law: str
    part: str
    """合同编, where a law is spread over files; else empty."""
    region: str
    """Empty: national."""
    version: date | None
    """When this wording was made: from the file's name, else the newest date of its history."""
    effective: date | None
    """From when it is in force, where the text says so."""
    articles: tuple[ArticleText, ...]
    repeals: tuple[str, ...]
    """Names of laws that this one ends (…同时废止)."""


def law_key(name: str) -> str:
    """One key for the ways a law is named: 民法典 = 《中华人民共和国民法典》."""
    bare = re.sub(r"\s+", "", name.strip().strip("《》"))
    bare = VERSION_IN_TITLE.sub("", bare).translate(str.maketrans("()", "（）"))
    return bare.removeprefix("中华人民共和国") or bare


def read_regulation(path: Path, region: str = "") -> Regulation:
    """Read one md or txt file."""
    if path.stat().st_size > LARGEST_FILE:
        raise TooLarge(f"{path.name} 超过 {LARGEST_FILE // 1_000_000} MB")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            # What older office computers save as plain text.
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise Unprocessable(f"{path.name} 不是 UTF-8 或 GB18030 文本") from error
    return split_regulation(text, path, region)


def split_regulation(text: str, path: Path, region: str = "") -> Regulation:
    """Split the text of a law; `path` gives what the text leaves out: name, version, region."""
    header, body = _header_and_body(text)
    version = _version(path, header)
    titles = [found[2] for line in header if (found := MARKED_HEADING.match(line))]
    plain = [line for line in header if not MARKED_HEADING.match(line)]
    stem = FILE_VERSION.sub("", path.stem).strip()
    law = titles[0] if titles else (plain[0] if plain and len(plain[0]) <= 60 else stem)
    articles = _articles(body)
    if not articles:
        raise Unprocessable(f"{path.name} 里没有正文")
    ending = [article.text for article in articles[-3:]]
    return Regulation(
        law=law.replace("\u3000", "").strip("# 《》"),
        part=titles[1] if len(titles) > 1 else "",
        region=region or _region(path),
        version=version,
        effective=_effective(header, ending),
        articles=tuple(articles),
        repeals=tuple(name for last in ending for name in _repealed(last)),
    )


def _header_and_body(text: str) -> tuple[list[str], list[str]]:
    lines = [line.strip().strip("\u3000") for line in text.replace("\x00", "").splitlines()]
    if END_OF_HEADER in lines:
        end = lines.index(END_OF_HEADER)
    else:
        # The header ends where the first article or chapter begins.
        end = next(
            (
                at
                for at, line in enumerate(lines)
                if ARTICLE.match(line)
                or PLAIN_HEADING.match(line)
                or (at and MARKED_HEADING.match(line))
            ),
            1,
        )
    header = [line for line in lines[:end] if line]
    body = [line for line in lines[end:] if line and line != END_OF_HEADER]
    return header, body


def _articles(lines: list[str]) -> list[ArticleText]:
    numbered = any(ARTICLE.match(line) for line in lines)
    headings: dict[int, str] = {}
    found: list[ArticleText] = []
    number, paragraphs = "", list[str]()

    def close() -> None:
        body = "\n".join(paragraphs)[:LARGEST_ARTICLE]
        if body:
            name = number or f"第{sum(not a.number.endswith('条') for a in found) + 1}段"
            chapter = " / ".join(headings[level] for level in sorted(headings))
            found.append(ArticleText(chapter, name, body))
        paragraphs.clear()

    for line in lines:
        level, title = _heading(line)
        if title:
            close()
            number = ""
            headings = {at: words for at, words in headings.items() if at < level}
            headings[level] = title
        elif match := ARTICLE.match(line):
            close()
            number = f"第{match[1]}条{match[2] or ''}"
            paragraphs.append(line[match.end() :].strip())
        else:
            # A text without 条 is cited by paragraph; so is an attachment. All else
            # that follows an article (paragraphs, items) stays with it.
            if not numbered or ATTACHMENT.match(line):
                close()
                number = ""
            paragraphs.append(line)
    close()
    return found


def _heading(line: str) -> tuple[int, str]:
    if match := MARKED_HEADING.match(line):
        return len(match[1]), re.sub(r"[\s　]+", " ", match[2])
    if match := PLAIN_HEADING.match(line):
        return LEVELS[match[1]], re.sub(r"[\s　]+", " ", line)
    return 0, ""


def _version(path: Path, header: list[str]) -> date | None:
    if match := FILE_VERSION.search(path.stem):
        return _day(match.groups())
    made = [
        day
        for line in header
        if MADE.search(line)
        for match in DAY.finditer(line)
        if (day := _day(match.groups()))
    ]
    return max(made, default=None)


def _effective(header: list[str], ending: list[str]) -> date | None:
    """The date in the history (…施行), else the one that the last articles give."""
    for line in reversed(header):
        if line.rstrip("。").endswith(("施行", "实施")) and (match := DAY.search(line)):
            return _day(match.groups())
    for text in reversed(ending):
        if match := IN_FORCE_FROM.search(text):
            return _day(match.groups())
    return None


def _day(groups: tuple[str | None, ...]) -> date | None:
    try:
        year, month, day = (int(part or 0) for part in groups)
        return date(year, month, day)
    except ValueError:
        return None


def _region(path: Path) -> str:
    for folder in reversed(path.parent.parts):
        if match := FILE_REGION.match(folder):
            return match[1]
    return ""


def _repealed(text: str) -> list[str]:
    return [name for match in REPEALS.finditer(text) for name in TITLE_IN.findall(match[1])]
