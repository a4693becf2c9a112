"""A code, however written, tells its owner all and strangers nothing."""

from __future__ import annotations

import pytest

from channels.wechat.sandbox import Phone, Sandbox
from tests.e2e.conftest import Cases
from tests.e2e.test_intake import QUERY_CODE, file_petition
from tests.service import Service

MATTER = "我要反映问题，电话13611112233，{place}的下水道从上周起一直往外冒污水，臭得没法开窗"


def spellings(code: str) -> list[str]:
    bare = code.replace("-", "")
    return [
        code,
        bare.lower(),
        code.lower(),
        " ".join(code.split("-")),
        "".join(chr(ord(char) + 0xFEE0) for char in bare),
        f"我的编号是{bare.lower()}，到哪一步了",
    ]


async def test_the_owner_sees_status_timeline_office_and_deadline(
    citizen: Phone, cases: Cases
) -> None:
    await file_petition(citizen, MATTER.format(place="安宁路12号院"))
    case = cases.only()
    for spelling in spellings(case["code"]):
        reply = await citizen.says(spelling)
        assert case["code"] in reply, spelling
        assert case["office"] in reply
        assert "【下一步】" in reply
        assert "【经过】" in reply
        assert "污水" in reply


async def test_my_progress_needs_no_code(citizen: Phone, cases: Cases) -> None:
    await file_petition(citizen, MATTER.format(place="安宁路14号院"))
    reply = await citizen.says("查一下我的进度")
    assert cases.only()["code"] in reply


async def test_a_mistyped_code_is_said_to_be_mistyped(citizen: Phone) -> None:
    reply = await citizen.says("MS-260315-7K2QX-0")
    assert "打错" in reply
    assert "MS-260315-7K2QX-N" in reply


async def test_a_stranger_needs_the_query_code_and_the_phone_tail_shows_only_the_status(
    wechat: Sandbox, service: Service, citizen: Phone
) -> None:
    filed = await file_petition(citizen, MATTER.format(place="安宁路16号院"))
    code = Cases(service, citizen).only()["code"]
    found = QUERY_CODE.search(filed)
    assert found

    stranger = wechat.citizen()
    reply = await stranger.says(code)
    assert "查询码" in reply
    assert "污水" not in reply
    reply = await stranger.says(found[1])
    assert "污水" in reply
    assert "【经过】" in reply

    neighbour = wechat.citizen()
    await neighbour.says(code)
    reply = await neighbour.says("2233")
    assert code in reply
    assert "污水" not in reply
    assert "136" not in reply


async def test_unknown_code_and_wrong_proof_look_the_same_and_tries_run_out(
    wechat: Sandbox, service: Service, citizen: Phone
) -> None:
    filed = await file_petition(citizen, MATTER.format(place="安宁路18号院"))
    code = Cases(service, citizen).only()["code"]
    right = QUERY_CODE.search(filed)
    assert right
    wrong = "000000" if right[1] != "000000" else "111111"

    guesser, dreamer = wechat.citizen(), wechat.citizen()
    unknown = "MS-260315-7K2QX-N"
    assert await guesser.says(code) == await dreamer.says(unknown)
    assert await guesser.says(wrong) == await dreamer.says(wrong)
    for _ in range(4):
        reply = await guesser.says(wrong)
    assert "没有查到" in reply
    reply = await guesser.says(wrong)
    assert "停一停" in reply
    await guesser.says(code)
    assert "停一停" in await guesser.says(right[1])

    reply = await citizen.says(code)
    assert "污水" in reply, "the owner is never locked out"


async def test_supplement_withdraw_and_rating_are_for_the_owner(
    wechat: Sandbox, service: Service, citizen: Phone
) -> None:
    await file_petition(citizen, MATTER.format(place="安宁路20号院"))
    code = Cases(service, citizen).only()["code"]
    reply = await citizen.says(f"我要补充材料 {code} 今天污水已经流到马路上了")
    assert "已经补充" in reply
    async with service.api() as http:
        case = (await http.get(f"/cases/{code}")).json()
    assert "supplemented" in [event["kind"] for event in case["events"]]

    stranger = wechat.citizen()
    reply = await stranger.says(f"我要撤回 {code}")
    reply = await stranger.says("确认撤回")
    assert "已经撤回" not in reply

    reply = await citizen.says(f"我要撤回 {code}")
    assert "确认撤回" in reply
    reply = await citizen.says("确认撤回")
    assert "已经撤回" in reply
    assert Cases(service, citizen).only()["status"] == "withdrawn"


@pytest.mark.parametrize(
    ("said", "stars"), [("评价 {code} 5分，修得很快", 5), ("{code} 很不满意，来了也没修", 1)]
)
async def test_a_closed_case_is_rated(
    service: Service, citizen: Phone, said: str, stars: int
) -> None:
    await file_petition(citizen, MATTER.format(place=f"安宁路{30 + stars}号院"))
    code = Cases(service, citizen).only()["code"]
    async with service.api() as http:
        for move, body in (
            ("acceptance", {}),
            ("answer", {"text": "已经疏通下水道。"}),
            ("closure", {}),
        ):
            response = await http.post(f"/cases/{code}/{move}", json=body)
            assert response.status_code < 300, response.text
    assert "评价" in await citizen.says(code)
    reply = await citizen.says(said.format(code=code))
    assert "谢谢您" in reply
    assert "打个分" not in await citizen.says(code)
    async with service.api() as http:
        case = (await http.get(f"/cases/{code}")).json()
    assert case["stars"] == stars
