"""Rows of a sheet to entries and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from knowledge_base.imports.columns import columns_of
from knowledge_base.models import Citation, EntryKind, FaqEntry, Variant
from nlu.text.errors import Unprocessable

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
CITED = re.compile(r"《([^《》]+(?:《[^《》]+》[^《》]*)*)》\s*([^《》；;\n]*)")
REGION_LINE = re.compile(r"^【([^【】\n]{1,50})】$")
BASIS = "依据："
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?")
FIRST_DAY = date(1899, 12, 30)
"""What a spreadsheet counts its days from."""
SERIAL = re.compile(r"[3-6]\d{4}")


def to_entry(kind: EntryKind, cells: Mapping[str, str]) -> FaqEntry:
    """The entry of a row, its limits not yet checked; `Unprocessable` names the column."""
    answer = cells.get("内容", "")
    if kind == "precedent":
        answer = answer or cells.get("办理", "")
    return FaqEntry(
        id=_id(cells.get("编号", "")),
        question=cells.get("标题", ""),
        phrasings=_lines(cells.get("其他问法", "")),
        answer=answer,
        citation=citations(cells.get("依据", "")),
        category="/".join(filter(None, re.split(r"\s*[/／]\s*", cells.get("类目", "").strip()))),
        kind=kind,
        region=cells.get("地区", ""),
        variants=_variants(cells.get("分地区答复", "")),
        keywords=tuple(filter(None, re.split(r"[,，、;；\n]\s*", cells.get("关键字", "").strip()))),
        material=cells.get("材料性质", ""),
        issuer=cells.get("发文单位", ""),
        owner=cells.get("责任单位", ""),
        valid_from=day(cells.get("有效期起", ""), "有效期起"),
        valid_until=day(cells.get("有效期止", ""), "有效期止"),
        facts=cells.get("案情", ""),
        handling=cells.get("办理", ""),
    )


def to_cells(entry: FaqEntry) -> dict[str, str | date]:
    """The row of an entry; days as days, all else as text."""
    values: dict[str, str | date | None] = {
        "类目": entry.category,
        "标题": entry.question,
        "案情": entry.facts,
        "办理": entry.handling,
        "内容": entry.answer,
        "发文单位": entry.issuer,
        "材料性质": entry.material,
        "关键字": ",".join(entry.keywords),
        "其他问法": "\n".join(entry.phrasings),
        "依据": "\n".join(map(str, entry.citation)),
        "地区": entry.region,
        "责任单位": entry.owner,
        "有效期起": entry.valid_from,
        "有效期止": entry.valid_until,
        "分地区答复": "\n".join(map(_variant_text, entry.variants)),
        "编号": entry.id,
    }
    return {title: value or "" for title, value in values.items()}


def merged(old: FaqEntry, new: FaqEntry, cells: Mapping[str, str]) -> FaqEntry:
    """The old entry with what the row says; columns that the sheet does not have stay."""
    given: dict[str, Any] = {
        column.field: getattr(new, column.field)
        for column in columns_of(new.kind)
        if column.title in cells and column.field != "id"
    }
    return replace(old, **given)


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def plain(text: str) -> str:
    """What `safe` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def citations(text: str) -> tuple[Citation, ...]:
    """《甲》第一条；《乙》 → both, in order."""
    found = [
        Citation(law.strip(), article.strip(" ，,、。；;")) for law, article in CITED.findall(text)
    ]
    if text.strip() and not found:
        raise Unprocessable("依据：要写成《法规名称》第几条，一行一条")
    return tuple(dict.fromkeys(found))


def day(text: str, title: str) -> date | None:
    """A day as people write it, or as a spreadsheet counts it."""
    text = text.strip()
    if not text:
        return None
    if SERIAL.fullmatch(text):
        return FIRST_DAY + timedelta(days=int(text))
    match = DAY.fullmatch(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    raise Unprocessable(f"{title}：“{text[:20]}”不是日期，要写成 2026-01-01 这样")


def _id(text: str) -> str:
    if text and not ID.fullmatch(text):
        raise Unprocessable("编号：只能是导出表格里的编号；新增的请空着")
    return text


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _variants(text: str) -> tuple[Variant, ...]:
    found: list[tuple[str, list[str], list[str]]] = []
    for line in text.splitlines():
        if match := REGION_LINE.match(line.strip()):
            found.append((match[1].strip(), [], []))
        elif found and line.strip().startswith(BASIS):
            found[-1][2].append(line.strip().removeprefix(BASIS))
        elif found:
            found[-1][1].append(line)
        elif line.strip():
            raise Unprocessable("分地区答复：每个地区先写一行【地区】，再写答复")
    return tuple(
        Variant(region, "\n".join(answer).strip(), citations("\n".join(basis)))
        for region, answer, basis in found
    )


def _variant_text(variant: Variant) -> str:
    basis = f"\n{BASIS}{'；'.join(map(str, variant.citation))}" if variant.citation else ""
    return f"【{variant.region}】\n{variant.answer}{basis}"
