"""Numbers that Word counts by itself (第%1条 as a list format), written out as it shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "零一二三四五六七八九"
CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "koreanCounting",
}
LEVEL = re.compile(r"%([1-9])")
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    start: int
    format: str
    text: str


class Numbers:
    """Counts along the paragraphs of one document, in their order."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._lists: dict[str, str] = {}
        self._levels: dict[tuple[str, int], Level] = {}
        self._styles: dict[str, tuple[str, int]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        if numbering is None:
            return
        for abstract in numbering.iterfind(f"{W}abstractNum"):
            key = abstract.get(f"{W}abstractNumId", "")
            for level in abstract.iterfind(f"{W}lvl"):
                at = _number(level.get(f"{W}ilvl"))
                self._levels[key, at] = Level(
                    start=_number(_value(level, "start"), 1),
                    format=_value(level, "numFmt") or "decimal",
                    text=_value(level, "lvlText"),
                )
                if style := _value(level, "pStyle"):
                    self._styles[style] = (key, at)
        for listed in numbering.iterfind(f"{W}num"):
            self._lists[listed.get(f"{W}numId", "")] = _value(listed, "abstractNumId")

    def label(self, numbered: etree._Element | None, style: str) -> str:
        """What stands before this paragraph; empty when it is not numbered."""
        if numbered is not None:
            key = self._lists.get(_value(numbered, "numId"), "")
            at = _number(_value(numbered, "ilvl"))
        elif style in self._styles:
            key, at = self._styles[style]
        else:
            return ""
        level = self._levels.get((key, at))
        if level is None:
            return ""
        count = self._counts.get((key, at), level.start - 1) + 1
        self._counts[key, at] = count
        for deeper in [at_key for at_key in self._counts if at_key[0] == key and at_key[1] > at]:
            del self._counts[deeper]

        def shown(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            kind = self._levels.get((key, other), level)
            return written(self._counts.get((key, other), kind.start), kind.format)

        text = LEVEL.sub(shown, level.text)
        # A bullet says nothing; a number is followed by a gap, as on the page.
        return f"{text} " if LEVEL.search(level.text) else ""


def written(number: int, how: str) -> str:
    """A number in one of Word's formats; what is not known is written in digits."""
    if how in CHINESE and 0 < number < MOST:
        return chinese(number)
    if how == "ideographEnclosedCircle" and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if how in ("upperLetter", "lowerLetter") and 0 < number <= 26:
        return chr((65 if how == "upperLetter" else 97) + number - 1)
    return str(number)


def chinese(number: int) -> str:
    """1 → 一, 21 → 二十一, 105 → 一百零五."""
    parts: list[str] = []
    zero = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            parts.append(("零" if zero and parts else "") + DIGITS[digit] + name)
        zero = not digit
    text = "".join(parts)
    return text.removeprefix("一") if text.startswith("一十") else text


def _value(parent: etree._Element, name: str) -> str:
    child = parent.find(f"{W}{name}")
    return child.get(f"{W}val", "") if child is not None else ""


def _number(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isdigit() and len(text) < 6 else otherwise
