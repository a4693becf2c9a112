from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from case_api.states import ALLOWED, Move, Status
from knowledge_base.database import engine_for


async def kinds(api: Any, code: str) -> list[str]:
    case = (await api.get(f"/cases/{code}")).json()
    return [event["kind"] for event in case["events"]]


async def test_a_case_goes_its_whole_way_and_each_move_is_one_event(api: Any) -> None:
    code = (await api.file())["code"]
    api.clock.pass_(days=1)
    accepted = (await api.post(f"/cases/{code}/acceptance", {"by": "王敏"})).json()
    assert accepted["status"] == "accepted"
    assert "第三十四条" in accepted["due_text"]
    assert "2027年1月22日" in accepted["due_text"]
    assigned = await api.post(f"/cases/{code}/assignment", {"office": "县城管局"})
    assert assigned.json()["status"] == "in_progress"
    extended = await api.post(f"/cases/{code}/extension", {"days": 30, "reason": "需要检测"})
    assert extended.json()["status"] == "extended"
    assert "2027年2月21日" in extended.json()["due_text"]
    answered = await api.post(f"/cases/{code}/answer", {"text": "已责令十点停业"})
    assert answered.json()["status"] == "answered"
    assert "第三十五条" in answered.json()["due_text"]
    closed = await api.post(f"/cases/{code}/closure", {})
    assert closed.json()["status"] == "closed"
    rating = {"viewer": api.viewer(), "stars": 5, "comment": "谢谢"}
    assert (await api.post(f"/cases/{code}/rating", rating)).status_code == 204
    assert await kinds(api, code) == [
        "registered",
        "routed",
        "accepted",
        "assigned",
        "extended",
        "answered",
        "closed",
        "rated",
    ]
    seen = (await api.post(f"/cases/{code}/progress", {"viewer": api.viewer()})).json()
    assert seen["answer"] == "已责令十点停业"
    assert seen["events"][-1]["statement"] == "谢谢"


async def test_a_refusal_needs_a_reason_which_the_citizen_sees(api: Any) -> None:
    code = (await api.file())["code"]
    assert (await api.post(f"/cases/{code}/refusal", {})).status_code == 422
    refused = await api.post(f"/cases/{code}/refusal", {"reason": "已由法院审理"})
    assert refused.json()["status"] == "not_accepted"
    seen = (await api.post(f"/cases/{code}/progress", {"viewer": api.viewer()})).json()
    assert "已由法院审理" in seen["events"][-1]["text"]
    assert seen["due"] is None


async def test_a_matter_settled_by_re_review_is_no_longer_accepted(api: Any) -> None:
    code = (await api.file())["code"]
    body = {"reason": "复核已终结", "repeated": True}
    assert (await api.post(f"/cases/{code}/refusal", body)).json()["status"] == "no_longer_accepted"


async def test_an_extension_is_once_at_most_thirty_days_and_only_after_acceptance(api: Any) -> None:
    code = (await api.file())["code"]
    ask = {"days": 10, "reason": "复杂"}
    assert (await api.post(f"/cases/{code}/extension", ask)).status_code == 409
    await api.post(f"/cases/{code}/acceptance", {})
    too_long = await api.post(f"/cases/{code}/extension", {**ask, "days": 31})
    assert too_long.status_code == 422
    assert too_long.json()["errors"][0]["field"] == "days"
    assert (await api.post(f"/cases/{code}/extension", ask)).status_code == 200
    assert (await api.post(f"/cases/{code}/extension", ask)).status_code == 409


async def test_a_withdrawn_case_keeps_its_timeline_and_moves_no_more(api: Any) -> None:
    code = (await api.file())["code"]
    body = {"viewer": api.viewer(), "reason": "已经解决"}
    assert (await api.post(f"/cases/{code}/withdrawal", body)).status_code == 204
    assert await kinds(api, code) == ["registered", "routed", "withdrawn"]
    for path, ask in (
        ("acceptance", {}),
        ("answer", {"text": "x"}),
        ("withdrawal", body),
        ("supplements", {"viewer": api.viewer(), "text": "再说一句"}),
    ):
        response = await api.post(f"/cases/{code}/{path}", ask)
        assert response.status_code == 409
        assert "已撤回" in response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("supplements", {"text": "补充"}),
        ("withdrawal", {"reason": ""}),
        ("rating", {"stars": 1}),
    ],
)
async def test_only_the_filer_or_the_query_code_may_change_a_case(
    api: Any, path: str, extra: dict[str, Any]
) -> None:
    made = await api.file()
    code = made["code"]
    await api.post(f"/cases/{code}/acceptance", {})
    if path == "rating":
        await api.post(f"/cases/{code}/answer", {"text": "已处理"})
    stranger = {"viewer": api.viewer("o-li"), **extra}
    tail = {**api.proof("o-li", "phone_tail", "1187"), **extra}
    digits = {**api.proof("o-li", "query_code", made["query_code"]), **extra}
    assert (await api.post(f"/cases/{code}/{path}", stranger)).status_code == 404
    assert (await api.post(f"/cases/{code}/{path}", tail)).status_code == 404
    assert (await api.post(f"/cases/{code}/{path}", digits)).status_code == 204


async def test_a_supplement_sent_twice_is_there_once(api: Any) -> None:
    code = (await api.file())["code"]
    body = {"viewer": api.viewer(), "text": "昨晚又到四点"}
    for _ in range(2):
        response = await api.post(f"/cases/{code}/supplements", body, key="s1")
        assert response.status_code == 204
    seen = (await api.post(f"/cases/{code}/progress", {"viewer": api.viewer()})).json()
    assert [e["statement"] for e in seen["events"] if e["kind"] == "supplemented"] == [
        "昨晚又到四点"
    ]


async def test_a_case_is_rated_once_and_only_after_an_answer(api: Any) -> None:
    code = (await api.file())["code"]
    body = {"viewer": api.viewer(), "stars": 4}
    assert (await api.post(f"/cases/{code}/rating", body)).status_code == 409
    await api.post(f"/cases/{code}/answer", {"text": "已处理"})
    assert (await api.post(f"/cases/{code}/rating", body)).status_code == 204
    assert (await api.post(f"/cases/{code}/rating", body)).status_code == 409
    six = await api.post(f"/cases/{code}/rating", {**body, "stars": 6})
    assert six.json()["errors"][0]["field"] == "stars"


async def test_following_twice_counts_once_and_names_nobody(api: Any) -> None:
    code = (await api.file(category="噪音扰民"))["code"]
    for _ in range(2):
        ask = {"viewer": api.viewer("o-li")}
        assert (await api.post(f"/cases/{code}/followers", ask)).status_code == 204
    case = await api.get(f"/cases/{code}")
    assert case.json()["followers"] == 1
    assert "o-li" not in case.text


async def test_an_accusation_cannot_be_followed(api: Any) -> None:
    code = (await api.file(category="干部作风"))["code"]
    response = await api.post(f"/cases/{code}/followers", {"viewer": api.viewer("o-li")})
    assert response.status_code == 404


async def test_a_handoff_waits_in_the_queue_and_is_made_once(api: Any) -> None:
    ask = {"viewer": api.viewer(), "reason": "asked", "text": "我要找人工"}
    first = await api.post("/handoffs", ask, key="h1")
    again = await api.post("/handoffs", ask, key="h1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    waiting = (await api.get("/handoffs")).json()["handoffs"]
    assert [h["text"] for h in waiting] == ["我要找人工"]


@pytest.mark.parametrize("change", ["UPDATE case_events SET text = 'x'", "DELETE FROM case_events"])
async def test_the_database_refuses_to_change_the_timeline(api: Any, change: str) -> None:
    await api.file()
    engine = engine_for(api.url)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()


def test_every_move_has_its_states_and_every_state_a_way_on_or_an_end() -> None:
    assert set(ALLOWED) == set(Move)
    ends = {Status.WITHDRAWN}
    for status in set(Status) - ends:
        assert any(status in allowed for allowed in ALLOWED.values())


async def test_an_unknown_case_is_not_found_by_staff(api: Any) -> None:
    response = await api.post("/cases/MS-261122-00000-N/acceptance", {})
    assert response.status_code in {404, 422}
