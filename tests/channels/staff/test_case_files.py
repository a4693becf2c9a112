from __future__ import annotations

import io
from datetime import datetime, timezone
from typing import Any

import pytest
from openpyxl import load_workbook

from case_api.desk_schemas import Export, ExportRow
from channels.staff import case_files

AT = datetime(2026, 11, 22, 1, 0, tzinfo=timezone.utc)


def row(**fields: Any) -> ExportRow:
    usual: dict[str, Any] = {
        "code": "MS-261122-7K3QF-X",
        "created_at": AT,
        "updated_at": AT,
        "channel": "wechat",
        "category": "噪音扰民",
        "office": "县城市管理局",
        "status": "registered",
        "status_label": "已登记",
        "urgent": False,
        "place": "凤翔小区",
        "text": "太吵",
        "due": AT,
        "clock": "notice",
        "clock_name": "受理告知",
        "article": "第二十三条",
        "colour": "near",
        "days_left": 2,
        "followers": 0,
        "name": "马志强",
        "phone": "13519351187",
        "anonymous": False,
        "demand": None,
        "occurred_at": None,
        "accepted_at": None,
        "answered_at": None,
        "extended_days": 0,
        "answer": None,
        "stars": None,
    }
    return ExportRow.model_validate({**usual, **fields})


def read(rows: list[ExportRow], columns: list[str]) -> Any:
    export = Export(rows=rows, made_at=AT)
    return load_workbook(io.BytesIO(case_files.workbook(export, columns, "刘慧（liuhui）"))).active


def test_the_file_says_who_took_it_out_and_has_the_chosen_columns_in_their_order() -> None:
    sheet = read([row()], ["code", "phone", "created_at", "colour"])
    assert "刘慧（liuhui） 2026-11-22 09:00 导出" in sheet["A1"].value
    assert [cell.value for cell in sheet[2]] == ["编号", "电话", "登记时间", "期限状态"]
    assert sheet["D3"].value == "快到期"


def test_a_phone_is_text_and_a_moment_is_a_date_on_the_wall_s_clock() -> None:
    sheet = read([row()], ["phone", "created_at"])
    assert (sheet["A3"].value, sheet["A3"].data_type, sheet["A3"].number_format) == (
        "13519351187",
        "s",
        "@",
    )
    assert sheet["B3"].value == datetime(2026, 11, 22, 9, 0)
    assert sheet["B3"].is_date


@pytest.mark.parametrize(
    "said", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")']
)
def test_nothing_a_citizen_said_is_a_formula(said: str) -> None:
    sheet = read([row(text=said)], ["text"])
    assert sheet["A3"].data_type == "s"
    assert sheet["A3"].value.startswith("'")


def test_signs_that_a_table_cannot_hold_and_endless_texts_break_nothing() -> None:
    sheet = read([row(text="一\x0b二" + "长" * 40_000, name=None)], ["text", "name"])
    assert sheet["A3"].value.startswith("一二长")
    assert len(sheet["A3"].value) <= 32_767
    assert sheet["B3"].value is None


def test_an_empty_filter_gives_a_file_with_headings() -> None:
    sheet = read([], ["code"])
    assert sheet.max_row == 2


def test_who_wants_to_be_anonymous_is_marked_so() -> None:
    assert read([row(anonymous=True)], ["name"])["A3"].value == "马志强（要求匿名）"
