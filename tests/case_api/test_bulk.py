from __future__ import annotations

from typing import Any


async def test_all_of_a_filter_are_assigned_and_the_refused_ones_say_why(api: Any) -> None:
    codes = [(await api.file(text=f"第{n}件", category="其他"))["code"] for n in range(45)]
    await api.post(f"/cases/{codes[3]}/withdrawal", {"viewer": api.viewer(), "reason": ""})
    there = await api.post(f"/cases/{codes[4]}/assignment", {"office": "县城市管理局"})
    assert there.status_code == 200
    every = (await api.get("/staff/codes")).json()["codes"]
    ask = {"codes": [*every, "MS-261122-00000-1"], "office": "县城市管理局", "note": "三日内到场"}
    response = await api.post("/staff/assignments", ask, actor="wangmin")
    results = {row["code"]: row for row in response.json()["results"]}
    assert len(results) == 46
    refused = {code: row["reason"] for code, row in results.items() if not row["done"]}
    assert set(refused) == {codes[3], codes[4], "MS-261122-00000-1"}
    assert "已撤回" in refused[codes[3]]
    assert refused[codes[4]] == "已经由县城市管理局承办"
    rows = [row for row in api.trail() if row["by"] == "wangmin"]
    assert sorted(row["object"] for row in rows) == sorted(set(codes) - {codes[3], codes[4]})
    assert {row["act"] for row in rows} == {"assign"}
    sheet = (await api.get(f"/staff/cases/{codes[0]}")).json()
    assert (sheet["status"], sheet["office"]) == ("assigned", "县城市管理局")
    assert [e["kind"] for e in sheet["events"]][-2:] == ["assigned", "noted"]
    withdrawn = (await api.get(f"/staff/cases/{codes[3]}")).json()
    assert withdrawn["events"][-1]["kind"] == "withdrawn"


async def test_a_code_named_twice_is_assigned_once(api: Any) -> None:
    code = (await api.file(category="其他"))["code"]
    ask = {"codes": [code, code], "office": "县城市管理局", "transferred": True}
    results = (await api.post("/staff/assignments", ask, actor="wangmin")).json()["results"]
    assert results == [{"code": code, "done": True, "reason": ""}]
    assert (await api.get(f"/staff/cases/{code}")).json()["status"] == "transferred"
    assert len(api.trail(code)) == 1
