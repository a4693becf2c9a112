"""Writes xlsx files: text stays text, days are days, and nothing is taken for a formula."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge_base.documents.limits import CELL_CHARACTERS
from knowledge_base.imports.cells import safe

Value = str | int | date | datetime | bool | None
BREATH_EVERY = 50
"""Rows after which other threads get the processor: exports run beside citizens' messages."""
BREATH = 0.001
TEXT = "@"
DAY = "yyyy-mm-dd"
MOMENT = "yyyy-mm-dd hh:mm"
_HEAD = PatternFill("solid", fgColor="E8EEF7")
_WRAPPED = Alignment(vertical="top", wrap_text=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: what its columns are called, how wide they are, and its rows."""

    title: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Value]]
    choices: Sequence[tuple[int, Sequence[str]]] = ()
    """Columns, counted from 1, in which one chooses from a list."""
    required: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file with these sheets."""
    file = io.BytesIO()
    write_workbook(sheets, file)
    return file.getvalue()


def write_workbook(sheets: Sequence[Sheet], file: IO[bytes]) -> None:
    """Write the sheets, row by row; only the rows at hand are held in memory."""
    book = Workbook(write_only=True)
    written = 0
    for sheet in sheets:
        made = book.create_sheet(sheet.title)
        made.freeze_panes = "A2"
        for at, (_, width) in enumerate(sheet.columns, 1):
            made.column_dimensions[get_column_letter(at)].width = width
        head = []
        for title, _ in sheet.columns:
            cell = WriteOnlyCell(made, value=f"{title}*" if title in sheet.required else title)
            cell.font, cell.fill = Font(bold=True), _HEAD
            head.append(cell)
        made.append(head)
        for at, choices in sheet.choices:
            listed = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            listed.error, listed.errorTitle = "请从下拉框里选", "填写有误"
            letter = get_column_letter(at)
            listed.add(f"{letter}2:{letter}2000")
            made.data_validations.append(listed)
        for row in sheet.rows:
            made.append([_cell(made, value) for value in row])
            written += 1
            if written % BREATH_EVERY == 0:
                time.sleep(BREATH)
    book.save(file)


def _cell(sheet: Any, value: Value) -> Any:
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value=value.replace(tzinfo=None))
        cell.number_format = MOMENT
    elif isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=datetime(value.year, value.month, value.day))
        cell.number_format = DAY
    elif isinstance(value, str) and value:
        clean = "".join(sign for sign in value if sign >= " " or sign in "\t\n\r")
        # The apostrophe in front counts as well.
        cell = WriteOnlyCell(sheet, value=safe(clean)[:CELL_CHARACTERS])
        cell.data_type = "s"
        cell.number_format = TEXT
    else:
        cell = WriteOnlyCell(sheet, value=None if value == "" else value)
    cell.alignment = _WRAPPED
    return cell
