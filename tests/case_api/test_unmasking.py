from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from knowledge_base.database import engine_for

SAID = "我电话13800138000，身份证110101199003074514，楼下太吵"


async def test_everything_staff_read_is_masked(api: Any) -> None:
    made = await api.file(text=SAID, category="其他", demand="请打13800138000")
    code = made["code"]
    more = {"viewer": api.viewer(), "text": "也可打13800138000"}
    await api.post(f"/cases/{code}/supplements", more)
    page = await api.get("/staff/cases")
    sheet = await api.get(f"/staff/cases/{code}")
    taken = {"query": {}, "reason": "月报", "columns": ["phone"]}
    export = await api.post("/staff/exports", taken, actor="wangmin")
    for response in (page, sheet, export):
        assert response.status_code == 200
        for secret in ("13800138000", "110101199003074514", "13519351187", "马志强"):
            assert secret not in response.text
    shown = sheet.json()
    assert (shown["name"], shown["phone"]) == ("马**", "135****1187")
    assert shown["masked"] is True
    assert "138****8000" in shown["events"][-1]["statement"]


async def test_a_phone_is_shown_once_for_a_reason_that_is_kept(api: Any) -> None:
    code = (await api.file())["code"]
    path = f"/cases/{code}/unmasking"
    assert (await api.post(path, {"field": "phone", "reason": ""}, actor="li")).status_code == 422
    assert (await api.post(path, {"field": "phone", "reason": "回访"})).status_code == 400
    shown = await api.post(path, {"field": "phone", "reason": "回访"}, actor="李静")
    assert shown.json() == {
        "field": "phone",
        "values": [{"what": "电话", "value": "13519351187", "event": None}],
    }
    (row,) = api.trail(code)
    assert (row["by"], row["address"], row["act"], row["reason"]) == (
        "李静",
        "10.1.2.3",
        "unmask",
        "回访",
    )
    assert row["after"] == {"field": "phone", "way": "page"}
    assert "13519351187" not in str(row)
    sheet = await api.get(f"/staff/cases/{code}")
    assert "13519351187" not in sheet.text
    (look,) = sheet.json()["looks"]
    assert (look["by"], look["field"], look["reason"]) == ("李静", "phone", "回访")


async def test_words_are_shown_with_what_was_added_later(api: Any) -> None:
    code = (await api.file(text=SAID))["code"]
    more = {"viewer": api.viewer(), "text": "也可打13900139000"}
    await api.post(f"/cases/{code}/supplements", more)
    ask = {"field": "text", "reason": "核实身份"}
    values = (await api.post(f"/cases/{code}/unmasking", ask, actor="li")).json()["values"]
    assert {v["what"]: v["value"] for v in values} == {
        "诉求内容": SAID,
        "地点": "凤翔小区2号楼",
        "2026年11月22日补充": "也可打13900139000",
    }


async def test_what_a_case_does_not_have_cannot_be_shown(api: Any) -> None:
    code = (await api.file(phone=None))["code"]
    ask = {"field": "phone", "reason": "回访"}
    assert (await api.post(f"/cases/{code}/unmasking", ask, actor="li")).status_code == 422
    assert api.trail(code) == []


async def test_an_export_with_phones_counts_as_a_look_at_each_case(api: Any) -> None:
    first = (await api.file(category="其他"))["code"]
    second = (await api.file(category="教育"))["code"]
    taken = {
        "query": {"category": ["其他"]},
        "reason": "集中回访",
        "columns": ["code", "phone"],
        "unmasked": True,
    }
    assert (await api.post("/staff/exports", taken)).status_code == 400
    rows = (await api.post("/staff/exports", taken, actor="li")).json()["rows"]
    assert [(row["code"], row["phone"]) for row in rows] == [(first, "13519351187")]
    looks = (await api.get(f"/staff/cases/{first}")).json()["looks"]
    assert [(look["way"], look["reason"]) for look in looks] == [("export", "集中回访")]
    assert (await api.get(f"/staff/cases/{second}")).json()["looks"] == []
    (row,) = api.trail("list")
    assert row["after"] == {
        "rows": 1,
        "unmasked": True,
        "columns": ["code", "phone"],
        "filter": {"category": ["其他"]},
    }
    assert row["reason"] == "集中回访"


async def test_what_one_in_the_queue_said_is_shown_for_a_reason(api: Any) -> None:
    ask = {"viewer": api.viewer(), "reason": "asked", "text": "请回13800138000"}
    number = (await api.post("/handoffs", ask)).json()["id"]
    path = f"/handoffs/{number}/unmasking"
    shown = await api.post(path, {"reason": "回电"}, actor="李静")
    (value,) = shown.json()["values"]
    assert (value["what"], value["value"]) == ("诉求内容", "请回13800138000")
    (row,) = api.trail(str(number))
    assert (row["act"], row["kind"], row["by"], row["reason"]) == (
        "unmask",
        "handoff",
        "李静",
        "回电",
    )
    assert (
        await api.post("/handoffs/999/unmasking", {"reason": "x"}, actor="li")
    ).status_code == 404


@pytest.mark.parametrize(
    "change", ["UPDATE case_disclosures SET reason = 'x'", "DELETE FROM case_disclosures"]
)
async def test_the_database_refuses_to_forget_a_look(api: Any, change: str) -> None:
    code = (await api.file())["code"]
    ask = {"field": "phone", "reason": "回访"}
    await api.post(f"/cases/{code}/unmasking", ask, actor="li")
    engine = engine_for(api.url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()
