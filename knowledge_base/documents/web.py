"""HTML to lines: headings marked, what is no text of the page dropped, nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from knowledge_base.documents import limits
from nlu.text.errors import TooLarge, Unprocessable

DROPPED = {
    "script", "style", "noscript", "template", "iframe", "object", "svg", "head", "nav", "form",
    "button", "select", "textarea", "aside", "footer", "link", "meta",
}  # fmt: skip
BLOCKS = {
    "p", "div", "li", "ul", "ol", "dl", "dt", "dd", "section", "article", "main", "header",
    "blockquote", "pre", "table", "tbody", "thead", "tr", "td", "th", "center", "address",
    "figure", "figcaption", "body", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr",
}  # fmt: skip
HEADINGS = {f"h{level}": level for level in range(1, 7)}
ENTITY = re.compile(r"<!ENTITY|<!DOCTYPE[^>]{0,2000}\[", re.IGNORECASE)


def web_lines(text: str, name: str) -> list[str]:
    """The lines of a page; from its first h1 on where it has one with text below."""
    if ENTITY.search(text):
        raise Unprocessable(f"{name} 里有 DTD 实体定义，为安全起见没有读取")
    parser = html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    # A page that says it is in another encoding: what we have is text already.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = html.document_fromstring(text, parser=parser)
    except etree.ParserError as error:
        raise Unprocessable(f"{name} 里没有正文") from error
    lines = [line for line in _lines(root, name) if line.strip("# ")]
    top = next((at for at, line in enumerate(lines) if line.startswith("# ")), None)
    # What stands above the title is the site's, not the text's.
    return lines[top:] if top is not None and len(lines) - top > 1 else lines


def _lines(root: etree._Element, name: str) -> Iterator[str]:
    current: list[str] = []
    depth = 0
    heading = 0
    skipping: etree._Element | None = None

    def line() -> str:
        words = re.sub(r"[ \t\r\n\f\xa0]+", " ", "".join(current)).strip(" \u3000")
        current.clear()
        return f"{'#' * heading} {words}" if heading and words else words

    for event, node in etree.iterwalk(root, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            depth += 1
            if depth > limits.DEPTH:
                raise TooLarge(f"{name} 嵌套超过 {limits.DEPTH} 层，没有读取")
            if skipping is None and (tag in DROPPED or node.get("role") == "navigation"):
                skipping = node
            if skipping is not None:
                continue
            if tag in BLOCKS:
                if tag in ("td", "th") and node.getprevious() is not None:
                    current.append(" | ")
                elif tag not in ("td", "th") and not _inside_cell(node):
                    yield line()
                heading = HEADINGS.get(tag, heading)
            current.append(node.text or "")
        else:
            depth -= 1
            if skipping is node:
                skipping = None
            elif skipping is None and tag in BLOCKS and tag not in ("td", "th"):
                if _inside_cell(node):
                    current.append(" ")
                else:
                    yield line()
                    heading = 0 if tag in HEADINGS else heading
            if skipping is None:
                current.append(node.tail or "")
    yield line()


def _inside_cell(node: etree._Element) -> bool:
    """Whether a block stands in a cell of a table, where it makes no line of its own."""
    return next(node.iterancestors("td", "th"), None) is not None and node.tag != "tr"
