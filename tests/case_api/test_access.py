from __future__ import annotations

import asyncio
from typing import Any

import pytest

from case_api.schemas import Proof, Viewer
from nlu.text import case_code, errors


async def look(api: Any, code: str, body: dict[str, Any]) -> Any:
    return await api.post(f"/cases/{code}/progress", body)


def wrong(query_code: str) -> str:
    return f"{(int(query_code) + 1) % 1_000_000:06d}"


async def test_the_filer_sees_all_in_any_spelling_of_the_code(api: Any) -> None:
    made = await api.file()
    loose = made["code"].lower().replace("-", "")
    shown = (await look(api, loose, {"viewer": api.viewer()})).json()
    assert shown["access"] == "full"
    assert shown["owner"] is True
    assert shown["text"] == "楼下烤肉店每晚营业到三点，吵得睡不着"
    assert shown["phone"] == "135****1187"
    assert [event["kind"] for event in shown["events"]] == ["registered", "routed"]


@pytest.mark.parametrize(
    "other",
    [
        {"citizen": "o-li"},
        {"account": "wx2"},
        {"channel": "web"},
        {"owns": False},
    ],
)
async def test_an_identity_that_is_not_quite_the_filer_s_sees_nothing(
    api: Any, other: dict[str, Any]
) -> None:
    made = await api.file()
    response = await look(api, made["code"], {"viewer": {**api.viewer(), **other}})
    assert response.status_code == 404


async def test_what_a_stated_identity_filed_belongs_to_nobody(api: Any) -> None:
    made = await api.file(owns=False)
    assert (await look(api, made["code"], {"viewer": api.viewer()})).status_code == 404
    assert (await api.post("/mine", {"viewer": api.viewer()})).json()["cases"] == []
    with_code = api.proof("o-ma", "query_code", made["query_code"])
    assert (await look(api, made["code"], with_code)).json()["access"] == "full"


async def test_the_query_code_shows_all_to_whoever_has_it(api: Any) -> None:
    made = await api.file()
    body = api.proof("o-li", "query_code", made["query_code"])
    shown = (await look(api, made["code"], body)).json()
    assert (shown["access"], shown["owner"]) == ("full", False)
    assert shown["name"] == "马志强"


async def test_the_phone_tail_shows_stage_office_and_date_only(api: Any) -> None:
    made = await api.file()
    response = await look(api, made["code"], api.proof("o-li", "phone_tail", "1187"))
    shown = response.json()
    assert shown["access"] == "status"
    assert shown["office"]
    assert shown["due_text"]
    assert shown["events"] == []
    for secret in ("烤肉店", "凤翔", "马志强", "1187"):
        assert secret not in response.text


async def test_a_case_without_phone_has_no_tail(api: Any) -> None:
    made = await api.file(phone=None)
    response = await look(api, made["code"], api.proof("o-li", "phone_tail", "0000"))
    assert response.status_code == 404


async def test_an_unknown_code_and_a_wrong_proof_are_answered_alike(api: Any) -> None:
    made = await api.file()
    unknown = case_code.new(api.clock.now.date())
    bodies = []
    for citizen, code in (("o-1", made["code"]), ("o-2", unknown)):
        for kind, value in (("query_code", wrong(made["query_code"])), ("phone_tail", "0000")):
            response = await look(api, code, api.proof(citizen, kind, value))
            assert response.status_code == 404
            bodies.append((response.json(), sorted(response.headers.keys())))
    without = await look(api, made["code"], {"viewer": api.viewer("o-3")})
    bodies.append((without.json(), sorted(without.headers.keys())))
    assert all(body == bodies[0] for body in bodies)


async def test_five_wrong_proofs_an_hour_pause_an_identity_for_every_code(api: Any) -> None:
    made = await api.file()
    unknown = case_code.new(api.clock.now.date())
    for code in (made["code"], unknown) * 3:
        last = await look(api, code, api.proof("o-li", "phone_tail", "0000"))
    assert last.status_code == 429
    assert 0 < last.json()["retry_after"] <= 3601
    right = api.proof("o-li", "query_code", made["query_code"])
    assert (await look(api, made["code"], right)).status_code == 429
    api.clock.pass_(minutes=61)
    assert (await look(api, made["code"], right)).status_code == 200


async def test_wrong_proofs_count_when_they_come_at_once(api: Any) -> None:
    made = await api.file()
    body = api.proof("o-li", "phone_tail", "0000")
    answers = await asyncio.gather(*(look(api, made["code"], body) for _ in range(30)))
    assert sorted(a.status_code for a in answers) == [404] * 5 + [429] * 25


async def test_of_a_swarm_ten_proofs_a_day_are_evaluated_and_the_owner_gets_in(api: Any) -> None:
    made = await api.file()
    answers = [
        await look(api, made["code"], api.proof(f"o-{n}", "phone_tail", f"{n:04d}"))
        for n in range(40)
    ]
    assert [a.status_code for a in answers] == [404] * 10 + [429] * 30
    right = api.proof("o-new", "query_code", made["query_code"])
    assert (await look(api, made["code"], right)).status_code == 429
    mine = await look(api, made["code"], {"viewer": api.viewer()})
    assert mine.status_code == 200
    assert [e["kind"] for e in mine.json()["events"]].count("proofs_paused") == 1
    api.clock.pass_(hours=25)
    assert (await look(api, made["code"], right)).status_code == 200


async def test_the_owner_s_own_wrong_proof_changes_nothing(api: Any) -> None:
    made = await api.file()
    for _ in range(8):
        body = api.proof("o-ma", "query_code", wrong(made["query_code"]))
        assert (await look(api, made["code"], body)).status_code == 200


async def test_attempts_on_an_unknown_code_pause_it_as_those_on_a_known_one(api: Any) -> None:
    unknown = case_code.new(api.clock.now.date())
    answers = [
        await look(api, unknown, api.proof(f"o-{n}", "phone_tail", "0000")) for n in range(11)
    ]
    assert [a.status_code for a in answers] == [404] * 10 + [429]


async def test_after_fifty_wrong_tails_the_tail_opens_nothing_and_the_query_code_does(
    api: Any,
) -> None:
    made = await api.file()
    for n in range(50):
        if n % 10 == 0:
            api.clock.pass_(hours=25)
        await look(api, made["code"], api.proof(f"o-{n}", "phone_tail", "0000"))
    api.clock.pass_(hours=25)
    tail = await look(api, made["code"], api.proof("o-x", "phone_tail", "1187"))
    assert tail.status_code == 404
    digits = api.proof("o-y", "query_code", made["query_code"])
    assert (await look(api, made["code"], digits)).status_code == 200


async def test_a_restart_forgets_no_attempt(api: Any, second_api: Any) -> None:
    made = await api.file()
    for _ in range(5):
        await look(api, made["code"], api.proof("o-li", "phone_tail", "0000"))
    body = api.proof("o-li", "phone_tail", "1187")
    assert (await look(second_api, made["code"], body)).status_code == 429


async def test_a_mistyped_code_is_told_so_with_the_format(api: Any) -> None:
    made = await api.file()
    last = "0" if made["code"][-1] != "0" else "1"
    response = await look(api, made["code"][:-1] + last, {"viewer": api.viewer()})
    assert response.status_code == 422
    assert "MS-" in response.json()["hint"]


async def test_the_client_raises_the_errors_that_were_meant(api: Any) -> None:
    made = await api.file()
    stranger = Viewer(channel="wechat", account="wx1", citizen="o-li")
    with pytest.raises(errors.NotFound):
        await api.client.progress(made["code"], stranger)
    for _ in range(5):
        with pytest.raises(errors.NotFound):
            await api.client.progress(
                made["code"], stranger, Proof(kind="phone_tail", value="0000")
            )
    with pytest.raises(errors.TooManyTries) as paused:
        await api.client.progress(made["code"], stranger, Proof(kind="phone_tail", value="0000"))
    assert paused.value.retry_after > 0
    last = "0" if made["code"][-1] != "0" else "1"
    with pytest.raises(errors.MistypedCode) as mistyped:
        await api.client.progress(made["code"][:-1] + last, stranger)
    assert "MS-" in mistyped.value.hint


async def test_mine_lists_own_cases_and_followed_ones_without_code_or_words(api: Any) -> None:
    theirs = await api.file(citizen="o-li", text="独一无二的原话", category="噪音扰民")
    own = await api.file()
    await api.post(f"/cases/{theirs['code']}/followers", {"viewer": api.viewer()})
    response = await api.post("/mine", {"viewer": api.viewer()})
    lines = response.json()["cases"]
    assert [(line["code"], line["following"]) for line in lines] == [
        (own["code"], False),
        (None, True),
    ]
    assert lines[1]["place"] == "凤翔小区"
    assert theirs["code"] not in response.text
    assert "独一无二" not in response.text
