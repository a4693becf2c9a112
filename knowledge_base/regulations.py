"""Splits a law into its articles: 编, 章, 节, 条, with version and date of force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge_base.documents.encodings import decode
from knowledge_base.documents.limits import TEXT_BYTES
from nlu.text.errors import TooLarge, Unprocessable
from nlu.text.numbers import whole

LARGEST_ARTICLE = 20_000
END_OF_HEADER = "<!-- INFO END -->"

DIGITS = "零〇一二三四五六七八九十百千两0-9０-９"
ARTICLE = re.compile(
    rf"^第\s*([{DIGITS}]+)\s*条(之[{DIGITS}]+)?"
    # A paragraph that begins with a reference (第一条、第二条规定的…) is no article.
    r"(?=[\s　:：]|[^、，,的规款项至和及第或所中])\s*[:：]?\s*"
)
# An article that its file runs on in the line of the one before.
INLINE = re.compile(rf"(?<=[。；])\s*(?=第([{DIGITS}]+)条[\s　])")
# What a text without 条 is cited by.
POINT = re.compile(r"^([一二三四五六七八九十百]+)、\s*(?=\S)")
LONGEST_POINT_TITLE = 40
MARKED_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*$")
PLAIN_HEADING = re.compile(rf"^第[{DIGITS}]+\s*(分编|编|章|节)(?:[\s　]+\S.{{0,40}}|)$")
LEVELS = {"编": 1, "分编": 2, "章": 3, "节": 4}
POINTS = 7
"""Below every heading: 一、 in a text without 条."""
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
TITLE_ENDS = re.compile(
    r"(?:法|条例|办法|规定|细则|规则|决定|决议|意见|通知|通告|公告|方案|解释|批复|章程|标准|规范|解答|命令|纲要)"
    r"(?:[(（][^（）()]{1,20}[)）])?$"
)
LONGEST_TITLE = 60
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
    history: tuple[str, ...] = ()
    """Who made and changed it and when, as its head says."""


def law_key(name: str) -> str:
    """One key for the ways a law is named: 民法典 = 《中华人民共和国民法典》."""
    bare = re.sub(r"\s+", "", name.strip().strip("《》"))
    bare = VERSION_IN_TITLE.sub("", bare).translate(str.maketrans("()", "（）"))
    return bare.removeprefix("中华人民共和国") or bare


def read_regulation(path: Path, region: str = "") -> Regulation:
    """Read one md or txt file."""
    if path.stat().st_size > TEXT_BYTES:
        raise TooLarge(f"{path.name} 超过 {TEXT_BYTES // 1_000_000} MB")
    return split_regulation(decode(path.read_bytes(), path.name), path, region)


def split_regulation(text: str, path: Path, region: str = "") -> Regulation:
    """Split the text of a law; `path` gives what the text leaves out: name, version, region."""
    header, body = _header_and_body(text)
    version = _version(path, header)
    titles = [found[2] for line in header if (found := MARKED_HEADING.match(line))]
    plain = [line for line in header if not MARKED_HEADING.match(line)]
    law = titles[0] if titles else _title(plain) or FILE_VERSION.sub("", path.stem).strip()
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
        history=tuple(line for line in plain if DAY.search(line) or MADE.search(line)),
    )


def _title(lines: list[str]) -> str:
    """Letterheads and document numbers stand above the name of what an office issues."""
    short = [line for line in lines if len(line) <= LONGEST_TITLE]
    named = next((line for line in short if TITLE_ENDS.search(line)), "")
    return named or (lines[0] if lines[:1] == short[:1] and lines else "")


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
            _history_ends(lines),
        )
    header = [line for line in lines[:end] if line]
    body = [line for line in lines[end:] if line and line != END_OF_HEADER]
    return header, body


def _history_ends(lines: list[str]) -> int:
    """Where the body of a text without articles begins: below its title and dates."""
    end = 1
    for at, line in enumerate(lines[1:8], 1):
        if len(line) <= 2 * LONGEST_TITLE and DAY.search(line) and MADE.search(line):
            end = at + 1
        elif line:
            break
    return end


def _articles(lines: list[str]) -> list[ArticleText]:
    numbered = any(ARTICLE.match(line) for line in lines)
    pointed = not numbered and sum(bool(POINT.match(line)) for line in lines) > 1
    points = 0
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

    for line in _apart(lines):
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
        elif pointed and (match := POINT.match(line)) and whole(match[1]) == points + 1:
            close()
            points += 1
            text = line[match.end() :].strip()
            if len(text) <= LONGEST_POINT_TITLE and not text.endswith(("。", "；", "：")):
                headings = {at: words for at, words in headings.items() if at < POINTS}
                headings[POINTS] = line
                number = ""
            else:
                number = f"第{match[1]}点"
                paragraphs.append(text)
        else:
            # A text without 条 is cited by paragraph; so is an attachment. All else
            # that follows an article (paragraphs, items) stays with it.
            if (not numbered and not number) or ATTACHMENT.match(line):
                close()
                number = ""
            paragraphs.append(line)
    close()
    return found


def _apart(lines: list[str]) -> Iterator[str]:
    """The lines, those cut in two where the next article begins in the middle of one."""
    last = 0
    for line in lines:
        start = 0
        if found := ARTICLE.match(line):
            last = whole(found[1]) or last
        for match in INLINE.finditer(line):
            if whole(match[1]) == last + 1:
                yield line[start : match.start()]
                start = match.end()
                last += 1
        yield line[start:]


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
