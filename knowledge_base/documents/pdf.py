"""pdf to lines: the text pages, without running heads and page numbers, joined to paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError, LimitReachedError, PdfReadError, PyPdfError

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
EDGE = 2
"""Lines at the top and at the foot of a page that may be a running head."""
SHORT = 0.8
"""A line that ends a sentence before this share of the page's width ends its paragraph."""
BETWEEN_SIGNS = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) +(?=[\u3000-\u9fff\uff00-\uffef])")
AFTER_NUMBER = re.compile(r"^(第\s*[零〇一二三四五六七八九十百千0-9]+\s*(?:条|章|节|编))\s+")


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
    return joined(_without_heads(pages))


def _pages(path: Path, name: str) -> list[list[str]]:
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise FileNotDecryptedError
    if reader.get_num_pages() > limits.PAGES:
        raise TooLarge(f"{name} 超过 {limits.PAGES} 页，没有读取")
    found = []
    for page in reader.pages:
        text = page.extract_text()
        if not isinstance(text, str):
            raise PdfReadError("no text")
        found.append([_tidy(line) for line in text.splitlines() if line.strip()])
    return found


def _tidy(line: str) -> str:
    """Gaps that only the typesetting made are closed; the one after 第一条 stays."""
    line = re.sub(r"[ \t\xa0]+", " ", line).strip()
    number = AFTER_NUMBER.match(line)
    if number:
        return f"{number[1]} {BETWEEN_SIGNS.sub('', line[number.end() :])}"
    return BETWEEN_SIGNS.sub("", line)


def _without_heads(pages: list[list[str]]) -> list[list[str]]:
    """Drop page numbers, and what stands at the edge of at least half of the pages."""

    def shape(line: str) -> str:
        return re.sub(r"\d+", "0", line)

    seen = Counter(
        shape(line) for page in pages for line in {*page[:EDGE], *page[-EDGE:]} if len(line) <= 60
    )
    often = {line for line, count in seen.items() if len(pages) > 2 and count * 2 >= len(pages)}
    kept = []
    for page in pages:
        edges = {*range(EDGE), *range(len(page) - EDGE, len(page))}
        kept.append(
            [
                line
                for at, line in enumerate(page)
                if not (
                    at in edges
                    and (PAGE_NUMBER.match(line) or (shape(line) in often and not _starts(line)))
                )
            ]
        )
    return kept


def joined(pages: list[list[str]]) -> list[str]:
    """Lines of the page to paragraphs: 第X条, headings and items begin one."""
    widest = max((len(line) for page in pages for line in page), default=0)
    paragraphs: list[str] = []
    open_ended = False
    for page in pages:
        for line in page:
            if open_ended and not _starts(line):
                latin = paragraphs[-1][-1:].isascii() and line[:1].isascii()
                paragraphs[-1] += f" {line}" if latin else line
            else:
                paragraphs.append(line)
            full = len(line) >= SHORT * widest
            # A short line is the last of its paragraph, or a title.
            open_ended = full or not (line.endswith(ENDS) or not ARTICLE.match(paragraphs[-1]))
            if PLAIN_HEADING.match(line):
                open_ended = False
    return paragraphs


def _starts(line: str) -> bool:
    return bool(ARTICLE.match(line) or PLAIN_HEADING.match(line) or BEGINS.match(line))
