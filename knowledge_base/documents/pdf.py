"""pdf to lines: the text pages, without running heads and page numbers, joined to paragraphs."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import FileNotDecryptedError, LimitReachedError, PyPdfError

from knowledge_base.documents import limits
from knowledge_base.regulations import ARTICLE, PLAIN_HEADING
from nlu.text.errors import TooLarge, Unprocessable

PAGE_NUMBER = re.compile(
    r"^[\s\-—–－·~～]*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／，,]?\s*(?:共\s*)?\d{1,4}\s*页?)?[\s\-—–－·~～]*$"
)
BEGINS = re.compile(
    r"^(?:[（(][一二三四五六七八九十百零]+[）)]|[一二三四五六七八九十]+、|\d{1,3}\s*[.．、]|附件|附表|附则)"
)
ENDS = tuple("。：；！？”）》")
# Fonts that draw 人 and the radical ⼈ with one glyph make readers give back the radical.
RADICALS = str.maketrans(
    "⺁⺒⺓⺟⺠⺬⻁⻄⻅⻆⻉⻊⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
    "厂巳幺母民示虎西见角贝足车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
) | {
    **{sign: unicodedata.normalize("NFKC", chr(sign)) for sign in range(0x2F00, 0x2FD6)},
    # Its own equivalent is the form of other countries, 戶.
    ord("⼾"): "户",
}
EDGE = 2
"""Lines at the top and at the foot of a page that may be a running head."""
INDENT = 6.0
"""Points: half a sign of the smallest print."""
SHORT = 0.8
"""A line that ends a sentence before this share of the page's width ends its paragraph."""
BETWEEN_SIGNS = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) +(?=[\u3000-\u9fff\uff00-\uffef])")
AFTER_NUMBER = re.compile(r"^(第\s*[零〇一二三四五六七八九十百千0-9]+\s*(?:条|章|节|编))\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page, and how far from the left it begins."""

    text: str
    left: float


def pdf_lines(path: Path, name: str) -> list[str]:
    """The paragraphs of a pdf with text in it."""
    try:
        pages = _pages(path, name)
    except LimitReachedError as error:
        raise TooLarge(f"{name} 展开后过大，没有读取") from error
    except FileNotDecryptedError as error:
        raise Unprocessable(f"{name} 设了密码，请去掉密码再上传") from error
    except PyPdfError as error:
        raise Unprocessable(f"{name} 已损坏，打不开") from error
    if not any(pages):
        raise Unprocessable(f"{name} 里没有能复制的文字（可能是扫描件），请先识别成文字")
    return joined([line for page in _without_heads(pages) for line in page])


def _pages(path: Path, name: str) -> list[list[Line]]:
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileNotDecryptedError
    if reader.get_num_pages() > limits.PAGES:
        raise TooLarge(f"{name} 超过 {limits.PAGES} 页，没有读取")
    return [_lines(page) for page in reader.pages]


def _lines(page: PageObject) -> list[Line]:
    found: list[Line] = []
    parts: list[str] = []
    left = 0.0

    def close() -> None:
        text = _tidy("".join(parts))
        if text:
            found.append(Line(text, left))
        parts.clear()

    def take(text: str, matrix: Any, place: Any, _font: Any, _size: Any) -> None:
        nonlocal left
        for at, piece in enumerate(text.split("\n")):
            if at:
                close()
            if piece.strip() and not "".join(parts).strip():
                left = place[4] * matrix[0] + place[5] * matrix[2] + matrix[4]
            parts.append(piece)

    page.extract_text(visitor_text=take)
    close()
    return found


def _tidy(line: str) -> str:
    """Gaps that only the typesetting made are closed; the one after 第一条 stays."""
    line = re.sub(r"[ \t\xa0]+", " ", line.translate(RADICALS)).strip()
    number = AFTER_NUMBER.match(line)
    if number:
        return f"{number[1]} {BETWEEN_SIGNS.sub('', line[number.end() :])}"
    return BETWEEN_SIGNS.sub("", line)


def _without_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """Drop page numbers, and what stands at the edge of at least half of the pages."""

    def shape(line: Line) -> str:
        return re.sub(r"\d+", "0", line.text)

    seen = Counter(
        text
        for page in pages
        for text in {shape(line) for line in (*page[:EDGE], *page[-EDGE:]) if len(line.text) <= 60}
    )
    often = {line for line, count in seen.items() if len(pages) > 2 and count * 2 >= len(pages)}
    kept = []
    for page in pages:
        edges = {*range(EDGE), *range(len(page) - EDGE, len(page))}
        kept.append(
            [
                line
                for at, line in enumerate(page)
                if at not in edges
                or not (
                    PAGE_NUMBER.match(line.text)
                    or (shape(line) in often and not _starts(line.text))
                )
            ]
        )
    return kept


def joined(lines: list[Line]) -> list[str]:
    """Lines of the page to paragraphs: 第X条, headings, items and indented lines begin one."""
    widest = max((len(line.text) for line in lines), default=0)
    margin = _margin(lines)
    paragraphs: list[str] = []
    open_ended = False
    for line in lines:
        begins = _starts(line.text) or (margin is not None and line.left > margin + INDENT)
        if open_ended and not begins:
            latin = paragraphs[-1][-1:].isascii() and line.text[:1].isascii()
            paragraphs[-1] += f" {line.text}" if latin else line.text
        else:
            paragraphs.append(line.text)
        if PLAIN_HEADING.match(line.text):
            open_ended = False
        elif margin is not None:
            open_ended = len(line.text) >= SHORT * widest or not line.text.endswith(ENDS)
        else:
            # A short line is the last of its paragraph, or a title.
            full = len(line.text) >= SHORT * widest
            unfinished = bool(ARTICLE.match(paragraphs[-1])) and not line.text.endswith(ENDS)
            open_ended = full or unfinished
    return paragraphs


def _margin(lines: list[Line]) -> float | None:
    """Where lines begin that go on, when those that begin a paragraph are set in from there."""
    often = Counter(round(line.left) for line in lines)
    common = [left for left, count in often.items() if count * 20 >= len(lines)]
    if not common:
        return None
    margin = min(common)
    indented = any(ARTICLE.match(line.text) and line.left > margin + INDENT for line in lines)
    return margin if indented else None


def _starts(line: str) -> bool:
    return bool(ARTICLE.match(line) or PLAIN_HEADING.match(line) or BEGINS.match(line))
