"""Logs as Excel files: who took them out is written in them, and nothing is a formula."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Response

from channels.staff.shell import CHINA, Signed
from channels.staff.words import audit as words
from knowledge_base.imports import workbooks

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A log that is taken out."""

    name: str
    """Of the file, with a place for the moment."""
    title: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[Any]]
    filters: str


async def sheet_file(signed: Signed, sheet: Sheet) -> Response:
    """The file as an answer to the browser."""
    now = datetime.now(CHINA)
    told = {
        "who": f"{signed.name}（{signed.account}）{signed.staff_number}",
        "when": f"{now:%Y-%m-%d %H:%M}",
        "filters": sheet.filters,
        "rows": str(len(sheet.rows)),
    }
    sheets = [
        workbooks.Sheet(sheet.title, sheet.columns, sheet.rows),
        workbooks.Sheet(
            words.ABOUT,
            ((words.ABOUT, 16), ("", 60)),
            [(label, told[name]) for label, name in words.ABOUT_ROWS],
        ),
    ]
    content = await asyncio.to_thread(workbooks.workbook, sheets)
    name = sheet.name.format(moment=f"{now:%Y%m%d_%H%M%S}")
    return Response(
        content,
        media_type=XLSX,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
