from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from case_api.schemas import NewCase
from knowledge_base.database import engine_for


async def test_a_petition_gets_a_code_a_query_code_an_office_and_a_first_deadline(api: Any) -> None:
    made = await api.file()
    assert re.fullmatch(r"MS-261122-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]", made["code"])
    assert re.fullmatch(r"\d{6}", made["query_code"])
    assert made["status"] == "registered"
    assert made["due"].startswith("2026-12-07T23:59:59+08:00") or made["due"].startswith(
        "2026-12-07T15:59:59"
    )
    assert "第二十三条" in made["due_text"]
    assert "2026年12月7日" in made["due_text"]


async def test_the_contract_s_four_fields_are_enough(api: Any) -> None:
    body = {"text": "路灯坏了", "place": "新华街", "channel": "web", "citizen": "c1"}
    response = await api.post("/cases", body, key="k")
    assert response.status_code == 201
    assert {"code", "category", "office", "status"} <= response.json().keys()


async def test_fifty_posts_with_one_key_at_once_make_one_case(api: Any) -> None:
    answers = await asyncio.gather(
        *(api.post("/cases", api.petition(), key="same") for _ in range(50))
    )
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json()["code"] for a in answers if a.status_code == 201}) == 1
    replayed = await api.post("/cases", api.petition(), key="same")
    first = next(a for a in answers if a.status_code == 201)
    assert replayed.status_code == 201
    assert replayed.json() == first.json()
    assert len((await api.get("/cases")).json()["cases"]) == 1


async def test_two_processes_with_one_key_make_one_case(api: Any, second_api: Any) -> None:
    answers = await asyncio.gather(
        *(which.post("/cases", api.petition(), key="both") for which in (api, second_api) * 5)
    )
    assert len({a.json()["code"] for a in answers if a.status_code == 201}) == 1
    assert len((await api.get("/cases")).json()["cases"]) == 1


async def test_a_key_used_for_another_body_is_refused(api: Any) -> None:
    await api.post("/cases", api.petition(), key="k")
    other = await api.post("/cases", api.petition(text="别的事情"), key="k")
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_key_belongs_to_one_citizen(api: Any) -> None:
    mine = await api.post("/cases", api.petition(), key="k")
    theirs = await api.post("/cases", api.petition(citizen="o-li"), key="k")
    assert theirs.status_code == 201
    assert theirs.json()["code"] != mine.json()["code"]


async def test_a_petition_without_a_key_is_refused(api: Any) -> None:
    response = await api.post("/cases", api.petition())
    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["detail"]


async def test_neither_query_code_nor_key_nor_token_lies_in_the_database_in_clear(api: Any) -> None:
    response = await api.post("/cases", api.petition(), key="planted-key-4711")
    digits = response.json()["query_code"]
    engine = engine_for(api.url)
    with engine.connect() as connection:
        for table in ("cases", "idempotency_keys", "case_events"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):  # noqa: S608
                cells = [c if isinstance(c, bytes) else str(c).encode() for c in row]
                assert not any(b"planted-key-4711" in c or c == digits.encode() for c in cells)
                assert not any(b'"query_code"' in c for c in cells)
    engine.dispose()


async def test_name_and_phone_are_in_no_event(api: Any) -> None:
    made = await api.file(phone="13519351187", name="马志强")
    await api.post(
        f"/cases/{made['code']}/supplements",
        {"viewer": api.viewer(), "text": "我叫马志强，电话13519351187"},
    )
    engine = engine_for(api.url)
    with engine.connect() as connection:
        events = str(connection.execute(text("SELECT * FROM case_events")).all())
    engine.dispose()
    assert "13519351187" not in events
    assert "马志强" not in events


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "closed"),
        ("office", "县长办公室"),
        ("created_at", "2020-01-01"),
        ("owner", "me"),
        ("text", ""),
        ("text", "   "),
        ("text", "长" * 10_001),
        ("text", 7),
        ("place", "长" * 201),
        ("channel", "WeChat!"),
        ("citizen", ""),
        ("citizen", "a b"),
        ("citizen", "a\u200bb"),
        ("phone", "call me"),
        ("category", "不存在的类别"),
        ("attachments", [{"kind": "exe", "reference": "x"}]),
    ],
)
async def test_a_field_that_is_wrong_or_not_the_caller_s_is_named(
    api: Any, field: str, value: object
) -> None:
    response = await api.post("/cases", api.petition(**{field: value}), key="k")
    problem = response.json()
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert any(e["field"].startswith(field) for e in problem["errors"])
    assert problem["type"] == "urn:minsheng:problem:Unprocessable"


async def test_a_body_that_is_not_json_is_a_bad_request(api: Any) -> None:
    response = await api.http.post(
        "/api/v1/cases",
        content=b"{",
        headers={
            "Authorization": api.authorization,
            "Idempotency-Key": "k",
            "Content-Type": "application/json",
        },
    )
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer"])
async def test_without_the_right_token_nothing_is_answered(api: Any, token: str | None) -> None:
    for response in (
        await api.post("/cases", api.petition(), key="k", token=token),
        await api.get("/cases", token=token),
        await api.post("/triage", {"text": "路灯坏了"}, token=token),
        await api.get("/cases/MS-261122-00000-0", token=token),
    ):
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["status"] == 401


async def test_a_token_in_the_address_does_not_count(api: Any) -> None:
    token = api.authorization.removeprefix("Bearer ")
    assert (await api.get("/cases", token=None, access_token=token)).status_code == 401


async def test_unseen_characters_are_dropped_and_words_kept(api: Any) -> None:
    made = await api.file(text="路灯\u200b坏了\x00\u202e，]]>🙂")
    case = (await api.get(f"/cases/{made['code']}")).json()
    assert case["text"] == "路灯坏了，]]>🙂"


async def test_an_urgent_matter_has_a_day_and_says_so(api: Any) -> None:
    made = await api.file(urgent=True)
    assert made["urgent"] is True
    assert "2026年11月23日" in made["due_text"]


async def test_a_category_that_somebody_chose_is_kept(api: Any) -> None:
    made = await api.file(category="教育")
    assert (made["category"], made["office"]) == ("教育", "县教育局")


async def test_the_list_pages_through_everything_once_and_takes_no_made_up_cursor(api: Any) -> None:
    filed = [(await api.file(citizen=f"o-{n}"))["code"] for n in range(7)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get("/cases", limit=3, **cursor)).json()
        seen += [case["code"] for case in page["cases"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == filed[::-1]
    for forged in ("AAAA", "1 OR 1=1", "AAAAAAAAAAEAAAAAAAAAAA"):
        assert (await api.get("/cases", cursor=forged)).status_code == 422
    for query in ({"limit": 10**9}, {"limit": 0}, {"status": "x"}, {"sort": "phone"}):
        assert (await api.get("/cases", **query)).status_code == 422


async def test_the_list_filters_and_shows_no_phone(api: Any) -> None:
    await api.file(category="教育")
    await api.file(category="治安", text="我电话13519351187，昨晚被偷了")
    page = await api.get("/cases", category="治安")
    assert [case["category"] for case in page.json()["cases"]] == ["治安"]
    assert "13519351187" not in page.text
    assert (await api.get("/cases", office="县教育局")).json()["cases"][0]["category"] == "教育"


async def test_staff_see_everything_but_the_proofs(api: Any) -> None:
    made = await api.file()
    case = (await api.get(f"/cases/{made['code']}")).json()
    assert (case["phone"], case["name"]) == ("13519351187", "马志强")
    assert "query" not in str(case.keys())
    assert made["query_code"] not in str(case.values())


async def test_the_client_says_what_the_api_says(api: Any) -> None:
    made = await api.client.create(NewCase(**api.petition()), "key")
    assert made.code.startswith("MS-261122-")
    assert made.due - api.clock.now > timedelta(days=15)
    assert (await api.client.triage("楼下烤肉店每晚营业到三点，吵得睡不着", "")).category
