from __future__ import annotations

import io

import openpyxl
import pytest

from knowledge_base.judging import Asked
from knowledge_base.question_sheets import read_file, read_lines
from nlu.text.errors import Unprocessable

KNOWN = {"lamp", "water"}
EXPECTED = [Asked("路灯坏了，找谁", ("lamp",)), Asked("天气", ()), Asked("都行", ("lamp", "water"))]


def test_pasted_lines_hold_a_question_and_perhaps_what_answers_it() -> None:
    text = "路灯坏了，找谁\tlamp\n\n天气\n都行 | lamp、water\n水黄,water\n你好，在吗"
    assert read_lines(text, KNOWN) == [
        *EXPECTED, Asked("水黄", ("water",)), Asked("你好，在吗", ()),
    ]  # fmt: skip


def test_personal_data_are_masked_before_anything_is_kept() -> None:
    (asked,) = read_lines("我的电话13519351187，灯坏了", KNOWN)
    assert "13519351187" not in asked.question


def test_an_unknown_id_is_told_with_its_line() -> None:
    with pytest.raises(Unprocessable, match=r"第 2 行.*lmap"):
        read_lines("天气\n灯\tlmap", KNOWN)
    with pytest.raises(Unprocessable):
        read_lines(" \n ", KNOWN)


async def test_a_sheet_is_read_by_its_heads() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        ("编号", "问题"),
        ("lamp", "路灯坏了，找谁"),
        ("", "天气"),
        ("lamp,water", "都行"),
    ]:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    assert await read_file(content.getvalue(), "问题.xlsx", KNOWN) == EXPECTED


async def test_a_csv_without_heads_has_the_question_first() -> None:
    content = "路灯坏了找谁,lamp\n天气,\n".encode("gb18030")
    assert await read_file(content, "问题.csv", KNOWN) == [
        Asked("路灯坏了找谁", ("lamp",)), Asked("天气", ()),
    ]  # fmt: skip


async def test_json_is_read_and_a_broken_file_is_told() -> None:
    content = '[{"q": "灯", "faq": ["lamp"]}]'.encode()
    assert await read_file(content, "问题.json", KNOWN) == [Asked("灯", ("lamp",))]
    with pytest.raises(Unprocessable):
        await read_file(b"PK\x03\x04", "问题.xlsx", KNOWN)
