"""xlsx, csv and JSON to rows: every cell as the text that a person sees in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from knowledge_base.documents import limits
from knowledge_base.documents.encodings import decode
from knowledge_base.documents.packages import open_package
from nlu.text.errors import TooLarge, Unprocessable

SEPARATORS = ",\t;，；|"
SNIFFED = 5
LISTS = ("faqs", "precedents", "entries", "rows", "data")
"""Where a JSON object may keep its list; the export writes the first two."""

Row = dict[str, Any]
"""{"sheet", "row", "cells"} of a table, {"row", "list", "object"} of JSON."""


def sheet_rows(path: Path, name: str) -> Iterator[Row]:
    """Rows of a spreadsheet that are not empty; every sheet in its order."""
    open_package(path, name).close()
    try:
        # By its bytes: of a path openpyxl would ask for the right ending.
        book = openpyxl.load_workbook(
            io.BytesIO(path.read_bytes()), read_only=True, data_only=False, keep_links=False
        )
    except (InvalidFileException, KeyError, ValueError) as error:
        raise Unprocessable(f"{name} 不是 Excel 表格（xlsx），或已损坏") from error
    seen = 0
    for sheet in book.worksheets:
        # What a file says of its own size may be wrong by a million rows.
        sheet.reset_dimensions()
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            seen += 1
            if seen > limits.ROWS:
                raise TooLarge(f"{name} 超过 {limits.ROWS // 10_000} 万行，没有读取")
            if len(values) > limits.COLUMNS:
                raise TooLarge(f"{name} 第 {number} 行超过 {limits.COLUMNS} 列，没有读取")
            cells = [cell_text(value) for value in values]
            if any(cells):
                yield {"sheet": sheet.title, "row": number, "cells": cells}


def cell_text(value: object) -> str:
    """A cell as text: a number without a tail of zeros, a day as 2026-11-22; formulas as typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).strip()[: limits.CELL_CHARACTERS]


def csv_rows(content: bytes, name: str) -> Iterator[Row]:
    """Rows of a csv; the separator is the sign that its first lines have most of."""
    text = decode(content, name)
    if not text.strip():
        raise Unprocessable(f"{name} 是空的")
    head = "\n".join(text.splitlines()[:SNIFFED])
    separator = max(SEPARATORS, key=head.count)
    csv.field_size_limit(limits.CELL_CHARACTERS * 4)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=separator), 1):
            if number > limits.ROWS:
                raise TooLarge(f"{name} 超过 {limits.ROWS // 10_000} 万行，没有读取")
            if len(cells) > limits.COLUMNS:
                raise TooLarge(f"{name} 第 {number} 行超过 {limits.COLUMNS} 列，没有读取")
            short = [cell.strip()[: limits.CELL_CHARACTERS] for cell in cells]
            if any(short):
                yield {"sheet": "", "row": number, "cells": short}
    except csv.Error as error:
        raise Unprocessable(f"{name} 不是有效的 csv（可能缺了引号）") from error


def json_rows(content: bytes, name: str) -> Iterator[Row]:
    """Objects of a JSON list, of an object that holds one, or one a line."""
    text = decode(content, name)
    try:
        loaded = json.loads(text)
        found = {"": loaded} if isinstance(loaded, list) else _lists(loaded)
    except json.JSONDecodeError:
        try:
            found = {"": [json.loads(line) for line in text.splitlines() if line.strip()]}
        except json.JSONDecodeError as error:
            raise Unprocessable(f"{name} 不是有效的 JSON：第 {error.lineno} 行") from error
    except RecursionError as error:
        raise Unprocessable(f"{name} 嵌套太深，没有读取") from error
    if sum(map(len, found.values())) > limits.ROWS:
        raise TooLarge(f"{name} 超过 {limits.ROWS // 10_000} 万条，没有读取")
    for key, rows in found.items():
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise Unprocessable(f"{name} 第 {number} 条不是一个对象")
            yield {"row": number, "list": key, "object": row}


def _lists(loaded: object) -> dict[str, list[Any]]:
    if not isinstance(loaded, dict):
        return {"": [loaded]}
    found = {key: loaded[key] for key in LISTS if isinstance(loaded.get(key), list)}
    return found or {"": [loaded]}
