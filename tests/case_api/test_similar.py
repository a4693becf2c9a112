from __future__ import annotations

from typing import Any

import pytest

from case_api.duplicates import AGAINST, EITHER, SIGNALS, Duplicates, Matter, compare
from knowledge_base.encoder import Encoder

BARBECUE = "楼下烤肉店每晚营业到三点，吵得睡不着"
IN_OTHER_WORDS = "烤肉店半夜还在营业，划拳喝酒吵得孩子睡不着觉"


async def similar(api: Any, text: str, place: str, **more: Any) -> Any:
    return (await api.post("/cases/similar", {"text": text, "place": place, **more})).json()[
        "matches"
    ]


async def test_the_same_matter_in_other_words_at_the_same_place_is_found(api: Any) -> None:
    made = await api.file(text=BARBECUE, place="凤翔小区2号楼")
    await api.file(text="村里自来水发黄有沙子", place="石桥村", citizen="o-2")
    found = await similar(api, IN_OTHER_WORDS, "凤翔小区2栋楼下")
    assert found[0]["code"] == made["code"]
    assert found[0]["relation"] == "same"
    assert 0.5 <= found[0]["probability"] <= 1
    assert found[0]["reasons"]
    assert len(found) == 1


async def test_a_copy_is_surely_the_same(api: Any) -> None:
    made = await api.file()
    found = await similar(api, BARBECUE, "凤翔小区2号楼")
    assert (found[0]["code"], found[0]["relation"]) == (made["code"], "same")
    assert found[0]["probability"] > 0.8


async def test_the_same_words_about_another_place_are_not_the_same(api: Any) -> None:
    await api.file(text="暖气不热，屋里只有14度", place="和平里5号楼")
    found = await similar(api, "暖气不热，屋里只有14度", "水岸名都3号楼")
    assert all(match["relation"] != "same" for match in found)


async def test_another_matter_at_the_same_place_is_not_the_same(api: Any) -> None:
    await api.file(text="电梯坏了一个星期没人修", place="金桂苑7号楼")
    found = await similar(api, "昨天有人把我的快递偷走了", "金桂苑7号楼")
    assert all(match["relation"] != "same" for match in found)


async def test_an_own_earlier_case_is_marked_mine(api: Any) -> None:
    made = await api.file()
    found = await similar(api, IN_OTHER_WORDS, "凤翔小区2号楼", viewer=api.viewer())
    assert [(m["code"], m["mine"]) for m in found] == [(made["code"], True)]
    assert found[0]["place"] == "凤翔小区2号楼"


async def test_of_others_matters_only_kind_street_and_date_are_told(api: Any) -> None:
    await api.file(text=f"{BARBECUE}，我是三单元的", name="李红", citizen="o-li")
    ask = {"text": BARBECUE, "place": "凤翔小区2号楼", "viewer": api.viewer("o-wang")}
    response = await api.post("/cases/similar", ask)
    match = response.json()["matches"][0]
    assert match["mine"] is False
    assert match["place"] == "凤翔小区"
    assert match["filed_on"] == "2026-11-22"
    for secret in ("李红", "三单元", "烤肉", "2号楼", "13519351187", "o-li"):
        assert secret not in response.text


async def test_an_accusation_is_never_offered_to_others(api: Any) -> None:
    accusation = {"text": "村书记收了红包才给办低保", "place": "上河村", "category": "干部作风"}
    made = await api.file(**accusation)
    ask = {"text": accusation["text"], "place": "上河村"}
    assert await similar(api, **ask, viewer=api.viewer("o-li")) == []
    assert (await similar(api, **ask, viewer=api.viewer()))[0]["code"] == made["code"]
    assert (await similar(api, **ask))[0]["code"] == made["code"]


async def test_five_offers_a_day_and_then_only_one_s_own(api: Any) -> None:
    for n in range(8):
        await api.file(citizen=f"o-{n}")
    ask = {"text": BARBECUE, "place": "凤翔小区2号楼", "viewer": api.viewer("o-fisher")}
    offered = [len((await api.post("/cases/similar", ask)).json()["matches"]) for _ in range(3)]
    assert offered == [5, 0, 0]
    assert len(await similar(api, BARBECUE, "凤翔小区2号楼")) == 5


async def test_a_withdrawn_case_is_not_offered(api: Any) -> None:
    made = await api.file()
    await api.post(f"/cases/{made['code']}/withdrawal", {"viewer": api.viewer()})
    assert await similar(api, BARBECUE, "凤翔小区2号楼") == []


async def test_what_another_process_filed_is_found(api: Any, second_api: Any) -> None:
    assert await similar(second_api, BARBECUE, "凤翔小区2号楼") == []
    made = await api.file()
    found = await similar(second_api, BARBECUE, "凤翔小区2号楼")
    assert [m["code"] for m in found] == [made["code"]]


async def test_a_new_case_carries_its_links_and_what_the_citizen_said_of_them(api: Any) -> None:
    first = await api.file(citizen="o-li", category="噪音扰民")
    links = [{"code": first["code"].lower(), "decision": "follow"}]
    second = await api.file(text=IN_OTHER_WORDS, links=links)
    assert second["matches"][0]["code"] == first["code"]
    case = (await api.get(f"/cases/{second['code']}")).json()
    link = case["links"][0]
    assert (link["other"], link["decision"]) == (first["code"], "follow")
    assert link["probability"] > 0.5
    assert (await api.get(f"/cases/{first['code']}")).json()["followers"] == 1
    seen = await api.post(f"/cases/{second['code']}/progress", {"viewer": api.viewer()})
    assert first["code"] not in seen.text


async def test_a_link_to_a_case_that_does_not_exist_is_refused(api: Any) -> None:
    links = [{"code": "MS-261122-00000-0", "decision": "follow"}]
    response = await api.post("/cases", api.petition(links=links), key="k")
    assert response.status_code == 422


def pair(one: tuple[str, str], other: tuple[str, str], clock: Any) -> tuple[Matter, Matter]:
    return Matter.of(*one, clock()), Matter.of(*other, clock())


@pytest.mark.parametrize("with_encoder", [True, False])
def test_no_signal_counts_against_its_nature(encoder: Encoder | None, with_encoder: bool) -> None:
    judge = Duplicates.load(encoder if with_encoder else None)
    base = dict.fromkeys(SIGNALS, 0.3)
    for signal in set(SIGNALS) - EITHER:
        less, more = judge.likely([base, {**base, signal: 0.9}])
        if signal in AGAINST:
            assert more["same"] <= less["same"]
        else:
            assert more["same"] >= less["same"]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("凤翔小区2号楼", "凤翔小区2栋楼下", True),
        ("胜利街28号", "胜利街２８号门口", True),
        ("和平里五号楼", "和平里5号楼", True),
        ("文化广场", "火车站广场", False),
        ("县人民医院", "中医院", False),
    ],
)
def test_places_agree_however_they_are_written(api: Any, one: str, other: str, equal: bool) -> None:
    signals = compare(*pair(("路灯坏了", one), ("路灯坏了", other), api.clock), 1.0, 1.0, 1.0)
    assert (signals["likeness"] >= 0.8 or signals["inside"] > 0) is equal
    assert (signals["likeness"] < 0.5) is not equal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("凤翔小区2号楼", "凤翔小区3号楼"),
        ("凤翔小区一期", "凤翔小区二期"),
        ("李家洼村", "赵家沟村"),
    ],
)
def test_places_that_contradict_each_other_are_told(api: Any, one: str, other: str) -> None:
    signals = compare(*pair(("路灯坏了", one), ("路灯坏了", other), api.clock), 1.0, 1.0, 1.0)
    assert signals["numbers_differ"] + signals["opposed"] + signals["apart"] > 0


def test_a_trouble_is_read_without_the_places_that_are_named(api: Any) -> None:
    matter = Matter.of("凤翔小区2号楼的电梯坏了", "", api.clock())
    assert "凤翔" not in matter.trouble
    assert "电梯坏了" in matter.trouble


def test_without_an_encoder_copies_are_still_found(api: Any) -> None:
    judge = Duplicates.load(None)
    one, other = pair((BARBECUE, "凤翔小区2号楼"), (BARBECUE, "凤翔小区2号楼"), api.clock)
    assert [found.relation for found in judge.judge(one, [other], [0.0], [1.0])] == ["same"]
