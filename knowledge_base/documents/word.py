"""docx to lines: paragraphs and tables in order, headings marked, automatic numbers written out.

Only the text, its styles and its numbering are read; pictures, links to other files,
comments and what was struck out under tracked changes are left where they are.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from knowledge_base.documents.packages import open_package
from knowledge_base.documents.word_numbers import Numbers
from knowledge_base.regulations import ARTICLE, PLAIN_HEADING
from nlu.text.errors import Unprocessable

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAIN = "word/document.xml"
# Text twice in the file (a drawing and its older form), or not part of the text as it stands.
LEFT_OUT = {
    f"{W}del",
    f"{W}moveFrom",
    f"{W}instrText",
    f"{W}footnoteReference",
    f"{W}pPr",
    f"{W}rPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
LONGEST_HEADING = 60


def word_lines(path: Path, name: str) -> list[str]:
    """The lines of a docx."""
    package = open_package(path, name)
    styles = _headings(_part(package, "word/styles.xml", name))
    numbers = Numbers(_part(package, "word/numbering.xml", name))
    document = _part(package, MAIN, name)
    body = document.find(f"{W}body") if document is not None else None
    if body is None:
        raise Unprocessable(f"{name} 不是 Word 文档（docx）")
    return [line for line in _blocks(body, styles, numbers) if line.strip()]


def _part(package: zipfile.ZipFile, member: str, name: str) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_pis=True
    )
    try:
        return etree.fromstring(package.read(member), parser)
    except KeyError:
        return None
    except etree.XMLSyntaxError as error:
        if not error.lineno:
            # It names no place in the text: libxml2 could not get the memory it wanted.
            raise MemoryError from error
        raise Unprocessable(f"{name} 已损坏，打不开") from error


def _headings(styles: etree._Element | None) -> dict[str, int]:
    """Style → level: 1 for the title, 2 for the first level of headings and so on."""
    found: dict[str, int] = {}
    for style in styles.iterfind(f"{W}style") if styles is not None else ():
        key = style.get(f"{W}styleId", "")
        label = style.find(f"{W}name")
        name = (label.get(f"{W}val", "") if label is not None else "").lower()
        if name == "title":
            found[key] = 1
        elif name.startswith("heading ") and name[8:].isdigit():
            found[key] = min(6, 1 + int(name[8:]))
    return found


def _blocks(parent: etree._Element, styles: dict[str, int], numbers: Numbers) -> Iterator[str]:
    for block in parent:
        if block.tag == f"{W}p":
            yield from _paragraph(block, styles, numbers)
        elif block.tag == f"{W}tbl":
            for row in block.iter(f"{W}tr"):
                cells = (
                    " ".join(line for p in cell.iter(f"{W}p") for line in _text(p).split())
                    for cell in row.iterfind(f"{W}tc")
                )
                yield " | ".join(cell for cell in cells if cell)
        elif block.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _blocks(block, styles, numbers)


def _paragraph(
    paragraph: etree._Element, styles: dict[str, int], numbers: Numbers
) -> Iterator[str]:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    key = style.get(f"{W}val", "") if style is not None else ""
    lines = _text(paragraph).splitlines()
    if not any(line.strip() for line in lines):
        return
    first, *others = [line for line in lines if line.strip()]
    label = numbers.label(paragraph.find(f"{W}pPr/{W}numPr"), key)
    line = f"{label}{first.strip()}"
    level = styles.get(key, 0)
    plain = ARTICLE.match(line) or PLAIN_HEADING.match(line)
    if level and not plain and not others and len(line) <= LONGEST_HEADING:
        line = f"{'#' * level} {line}"
    yield line
    yield from others


def _text(element: etree._Element) -> str:
    """Runs joined; walked with a stack, because a file may nest deeper than Python calls."""
    parts: list[str] = []
    waiting = [element]
    while waiting:
        node = waiting.pop()
        if node.tag == f"{W}t":
            parts.append(node.text or "")
        elif node.tag == f"{W}tab":
            parts.append(" ")
        elif node.tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif node.tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif node.tag not in LEFT_OUT:
            waiting.extend(reversed(node))
    return "".join(parts)
