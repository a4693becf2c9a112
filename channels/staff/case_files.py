"""The work list as an Excel file: real dates, phones as text, nothing that could be a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from case_api.desk_schemas import Export, ExportRow
from channels.staff.words import cases as words

OFFICIAL_TIME = ZoneInfo("Asia/Shanghai")
MOMENT = "yyyy-mm-dd hh:mm"
TEXT = "@"
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a table program may take for a formula when it stands first in a cell."""
LONGEST = 32_000
"""Characters of a cell; Excel refuses a file with more than 32,767 in one."""
WIDTHS = {"text": 60, "answer": 60, "demand": 30, "place": 24, "code": 20, "office": 24}
USUAL_WIDTH = 16


def workbook(export: Export, columns: Sequence[str], who: str) -> bytes:
    """The file: a line with who took it out and when, the headings, the rows."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = words.SHEET_TITLE
    moment = official(export.made_at)
    told = words.WATERMARK.format(who=who, moment=f"{moment:%Y-%m-%d %H:%M}", rows=len(export.rows))
    _put(sheet, 1, 1, told)
    sheet.cell(1, 1).font = Font(bold=True, color="C00000")
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=max(2, len(columns)))
    for number, column in enumerate(columns, 1):
        heading = sheet.cell(2, number, words.COLUMNS[column])
        heading.font = Font(bold=True)
        heading.fill = PatternFill("solid", start_color="E8EEF7")
        width = WIDTHS.get(column, USUAL_WIDTH)
        sheet.column_dimensions[get_column_letter(number)].width = width
    for place, row in enumerate(export.rows, 3):
        for number, column in enumerate(columns, 1):
            _put(sheet, place, number, _value(row, column))
    sheet.freeze_panes = "B3"
    if export.rows:
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{len(export.rows) + 2}"
    # On paper too: who took it out stands under every page.
    footer = sheet.HeaderFooter.oddFooter
    assert footer is not None
    assert footer.center is not None
    assert footer.right is not None
    footer.center.text = told.replace("&", "&&")
    footer.right.text = words.PAGES
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.print_title_rows = "2:2"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def official(moment: datetime) -> datetime:
    """A moment as clocks on the wall show it; table programs know no zones."""
    return moment.astimezone(OFFICIAL_TIME).replace(tzinfo=None)


def safe(text: str) -> str:
    """Text that no table program takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def _put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    if isinstance(value, datetime):
        cell.value = official(value)
        cell.number_format = MOMENT
        return
    if isinstance(value, str):
        cell.value = safe(ILLEGAL_CHARACTERS_RE.sub("", value))[:LONGEST]
        # Never a formula, and never a number: 13800138000 stays as it is read out.
        cell.data_type = "s"
        cell.number_format = TEXT
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return
    cell.value = value


def _value(row: ExportRow, column: str) -> Any:
    if column == "colour":
        return words.COLOURS[row.colour.value]
    if column == "channel":
        return words.CHANNELS.get(row.channel, row.channel)
    if column == "urgent":
        return words.YES if row.urgent else words.NO
    if column == "name" and row.anonymous:
        return f"{row.name or ''}{words.ANONYMOUS}"
    if column == "days_left" and row.clock is None:
        return None
    return getattr(row, column)
