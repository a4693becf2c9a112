from __future__ import annotations

from typing import Any

import pytest

from case_api.desk_schemas import WorkQuery
from case_api.schemas import Viewer
from case_api.staff_schemas import ClosureIn
from knowledge_base.audit import Actor
from nlu.text.errors import Conflict


async def work(api: Any, **query: Any) -> dict[str, Any]:
    response = await api.get("/staff/cases", **query)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_filters_of_several_values_and_words_meet_and_are_counted(api: Any) -> None:
    noise = await api.file(category="噪音扰民")
    lamp = await api.file(text="文化路路灯不亮", place="文化路", category="市政设施", urgent=True)
    wages = await api.file(text="工地拖欠工资", place="凤翔工地", category="劳动社保")
    await api.post(f"/cases/{wages['code']}/acceptance", {})
    found = await work(api, status=["registered", "accepted"], category=["噪音扰民", "市政设施"])
    assert {case["code"] for case in found["cases"]} == {noise["code"], lamp["code"]}
    assert found["total"] == 2
    assert [c["code"] for c in (await work(api, urgent=True))["cases"]] == [lamp["code"]]
    assert [c["code"] for c in (await work(api, q="工资 凤翔"))["cases"]] == [wages["code"]]
    loose = noise["code"].lower().replace("-", "")
    assert [c["code"] for c in (await work(api, q=loose))["cases"]] == [noise["code"]]
    assert (await work(api, q="100%_"))["total"] == 0
    counts = await work(api, status=["accepted"])
    assert counts["total"] == 1
    assert counts["statuses"] == {"registered": 2, "accepted": 1}
    assert "县城市管理局" in counts["offices"]
    assert counts["channels"] == ["wechat"]


async def test_pages_come_in_the_order_asked_for_and_do_not_overlap(api: Any) -> None:
    codes = []
    for n in range(7):
        codes.append((await api.file(text=f"第{n}件", category="其他"))["code"])
        api.clock.pass_(days=1)
    await api.post(f"/cases/{codes[6]}/acceptance", {})
    soonest = [await work(api, page=page, size=3) for page in (1, 2, 3)]
    assert [c["code"] for page in soonest for c in page["cases"]] == codes
    assert [len(page["cases"]) for page in soonest] == [3, 3, 1]
    assert {page["total"] for page in soonest} == {7}
    newest = await work(api, sort="-created", size=2)
    assert [c["code"] for c in newest["cases"]] == codes[:-3:-1]
    moved = await work(api, sort="-updated", size=1)
    assert moved["cases"][0]["code"] == codes[6]
    assert (await work(api, page=9, size=3))["cases"] == []
    every = (await api.get("/staff/codes", sort="created")).json()
    assert every == {"codes": codes, "total": 7}


async def test_a_deadline_is_green_then_yellow_then_red_and_cites_its_article(api: Any) -> None:
    code = (await api.file(category="其他"))["code"]
    (line,) = (await work(api))["cases"]
    assert (line["colour"], line["days_left"]) == ("ok", 15)
    assert (line["clock_name"], line["article"]) == ("受理告知", "第二十三条")
    api.clock.pass_(days=12)
    assert [c["code"] for c in (await work(api, colour="near"))["cases"]] == [code]
    api.clock.pass_(days=4)
    late = await work(api, colour="overdue")
    assert (late["cases"][0]["colour"], late["cases"][0]["days_left"]) == ("overdue", -1)
    assert late["colours"] == {"overdue": 1}
    await api.post(f"/cases/{code}/answer", {"text": "已办"})
    (line,) = (await work(api, colour="none"))["cases"]
    assert line["status"] == "answered"


async def test_what_waits_for_a_hand_is_counted(api: Any) -> None:
    await api.file(category="其他")
    api.clock.pass_(days=13)
    await api.file(category="其他", urgent=True)
    api.clock.pass_(days=3)
    await api.file(text="嗯", place="", category=None)
    await api.post("/handoffs", {"viewer": api.viewer(), "reason": "asked"})
    found = await api.staff.standing()
    assert (found.overdue, found.near, found.handoffs) == (2, 0, 1)
    assert found.by_hand == 1


async def test_the_sum_behind_a_date_is_shown(api: Any) -> None:
    code = (await api.file(category="其他"))["code"]
    sheet = (await api.get(f"/staff/cases/{code}")).json()
    assert sheet["sum"]["text"] == "2026年11月22日登记 + 15日 = 2026年12月7日"
    assert sheet["sum"]["source"] == "《信访工作条例》第二十三条"
    await api.post(f"/cases/{code}/acceptance", {})
    await api.post(f"/cases/{code}/extension", {"days": 10, "reason": "检测"})
    sheet = (await api.get(f"/staff/cases/{code}")).json()
    assert sheet["sum"]["text"] == "2026年11月22日受理 + 60日 + 延期10日 = 2027年1月31日"
    urgent = (await api.file(category="其他", urgent=True))["code"]
    sheet = (await api.get(f"/staff/cases/{urgent}")).json()
    assert sheet["sum"]["text"] == "2026年11月22日登记 + 1日 = 2026年11月23日"
    assert "本地约定" in sheet["sum"]["source"]


async def test_the_case_page_offers_only_the_moves_that_are_allowed(api: Any) -> None:
    code = (await api.file(category="其他"))["code"]

    async def moves() -> list[str]:
        return list((await api.get(f"/staff/cases/{code}")).json()["moves"])

    assert await moves() == ["accept", "refuse", "assign", "answer"]
    await api.post(f"/cases/{code}/acceptance", {})
    assert await moves() == ["assign", "extend", "answer"]
    await api.post(f"/cases/{code}/extension", {"days": 10, "reason": "检测"})
    assert await moves() == ["assign", "answer"]
    await api.post(f"/cases/{code}/answer", {"text": "已办"})
    assert await moves() == ["close"]
    await api.post(f"/cases/{code}/closure", {})
    assert await moves() == []


async def test_a_move_is_in_the_trail_with_who_from_where_before_and_after(api: Any) -> None:
    code = (await api.file(category="其他"))["code"]
    refusal = {"by": "王敏", "reason": "已由法院审理"}
    response = await api.post(f"/cases/{code}/refusal", refusal, actor="wangmin 王敏")
    assert response.status_code == 200
    (row,) = api.trail(code)
    assert (row["by"], row["address"], row["act"], row["kind"]) == (
        "wangmin 王敏",
        "10.1.2.3",
        "refuse",
        "case",
    )
    assert row["before"]["status"] == "registered"
    assert row["after"]["status"] == "not_accepted"
    assert row["reason"] == "已由法院审理"
    assert "due" in row["before"]
    events = (await api.get(f"/staff/cases/{code}")).json()["events"]
    assert events[-1]["actor"] == "staff:王敏"


async def test_a_refused_move_leaves_no_trail(api: Any) -> None:
    code = (await api.file())["code"]
    assert (await api.post(f"/cases/{code}/closure", {}, actor="wangmin")).status_code == 409
    assert api.trail(code) == []


async def test_a_case_that_changed_since_it_was_read_is_not_moved(api: Any) -> None:
    code = (await api.file())["code"]
    seen = (await api.get(f"/staff/cases/{code}")).json()["updated_at"]
    api.clock.pass_(minutes=1)
    await api.post(f"/cases/{code}/supplements", {"viewer": api.viewer(), "text": "又吵到四点"})
    late = await api.post(f"/cases/{code}/answer", {"text": "已办", "seen": seen})
    assert late.status_code == 409
    assert "新的变化" in late.json()["detail"]
    seen = (await api.get(f"/staff/cases/{code}")).json()["updated_at"]
    right = await api.post(f"/cases/{code}/answer", {"text": "已办", "seen": seen})
    assert right.status_code == 200


async def test_an_office_s_note_is_internal(api: Any) -> None:
    code = (await api.file())["code"]
    ask = {"office": "县城市管理局", "note": "请先到现场"}
    await api.post(f"/cases/{code}/assignment", ask, actor="wangmin")
    events = (await api.get(f"/staff/cases/{code}")).json()["events"]
    assert (events[-1]["text"], events[-1]["visible"]) == ("办理意见：请先到现场", False)
    seen = await api.post(f"/cases/{code}/progress", {"viewer": api.viewer()})
    assert "请先到现场" not in seen.text


async def test_another_viewer_is_named_for_a_minute_in_every_process(
    api: Any, second_api: Any
) -> None:
    code = (await api.file())["code"]
    path = f"/cases/{code}/viewers"
    alone = await api.post(path, {"shown": "甲"}, actor="jia")
    assert alone.json() == {"names": []}
    second = await second_api.post(path, {"shown": "乙"}, actor="yi")
    assert second.json() == {"names": ["甲"]}
    assert (await api.post(path, {"shown": "甲"}, actor="jia")).json() == {"names": ["乙"]}
    api.clock.pass_(seconds=61)
    assert (await api.post(path, {"shown": "甲"}, actor="jia")).json() == {"names": []}


async def test_the_queue_puts_the_urgent_first_and_an_end_is_recorded(api: Any) -> None:
    for text, urgent in (("先来的", False), ("急的，电话13519351187", True)):
        ask = {"viewer": api.viewer(), "reason": "asked", "text": text, "urgent": urgent}
        await api.post("/handoffs", ask)
    queue = (await api.get("/staff/handoffs")).json()
    assert [line["text"] for line in queue["handoffs"]] == ["急的，电话135****1187", "先来的"]
    assert "o-ma" not in str(queue)
    number = queue["handoffs"][0]["id"]
    path = f"/handoffs/{number}/closure"
    assert (await api.post(path, {"note": "已回电"})).status_code == 400
    assert (await api.post(path, {"note": "已回电"}, actor="wangmin")).status_code == 204
    assert (await api.post(path, {}, actor="wangmin")).status_code == 409
    left = (await api.get("/staff/handoffs")).json()
    assert [line["text"] for line in left["handoffs"]] == ["先来的"]
    (done,) = (await api.get("/staff/handoffs", waiting=False)).json()["handoffs"]
    assert (done["closed_by"], done["note"]) == ("wangmin", "已回电")
    (row,) = api.trail(str(number))
    assert (row["act"], row["kind"], row["reason"]) == ("close", "handoff", "已回电")
    assert [h["text"] for h in (await api.get("/handoffs")).json()["handoffs"]] == ["先来的"]


@pytest.mark.parametrize("name", ["", "%00", "x" * 65, "%0A"])
async def test_an_actor_s_name_that_is_none_is_refused(api: Any, name: str) -> None:
    code = (await api.file())["code"]
    response = await api.http.post(
        f"/api/v1/cases/{code}/closure",
        json={},
        headers={"Authorization": api.authorization, "X-Staff-Actor": name},
    )
    assert response.status_code == 400


async def test_the_console_s_client_says_the_same(api: Any) -> None:
    made = await api.file(category="其他")
    page = await api.staff.page(WorkQuery(category=("其他",), sort="-created"))
    assert [line.code for line in page.cases] == [made["code"]]
    sheet = await api.staff.sheet(made["code"])
    assert sheet.events[0].kind == "registered"
    with pytest.raises(Conflict):
        await api.staff.close(made["code"], ClosureIn(), Actor("wangmin", "10.1.2.3"))


async def test_staff_are_told_what_makes_a_matter_urgent_in_its_own_words(api: Any) -> None:
    text = "请打13519351187。整栋楼一百多户停水五天，独居老人没水喝，反映了六次"
    code = (await api.file(text=text, category="其他"))["code"]
    (line,) = (await work(api))["cases"]
    sheet = (await api.get(f"/staff/cases/{code}")).json()
    plain = (await api.get(f"/cases/{code}")).json()
    assert line["urgency"] == sheet["urgency"]
    assert sheet["urgency"] == plain["urgency"]
    labels = {sign["kind"]: sign["label"] for sign in sheet["urgency"]}
    assert labels == {
        "many": "牵涉多人",
        "vulnerable": "老幼病残",
        "essential": "断水断电等",
        "waiting": "久拖未决",
    }
    assert all(word in text for sign in sheet["urgency"] for word in sign["words"])
    assert "13519351187" not in str(sheet["urgency"])
    (listed,) = (await api.get("/cases")).json()["cases"]
    assert listed["urgency"] == sheet["urgency"]


async def test_the_signs_move_no_deadline_and_no_citizen_reads_them(api: Any) -> None:
    usual = await api.file(text="楼道灯罩脏了", category="其他")
    grave = await api.file(text="楼要塌了，住着三十多户", category="其他", citizen="o-li")
    assert grave["due"] == usual["due"]
    view = await api.client.progress(grave["code"], Viewer.model_validate(api.viewer("o-li")))
    assert "urgency" not in view.model_dump()
    (line,) = (await work(api, q="灯罩"))["cases"]
    assert line["urgency"] == []
