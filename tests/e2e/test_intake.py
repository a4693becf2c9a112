"""A petition told over the encrypted callback ends in the database, with a code that works."""

from __future__ import annotations

import re

from channels.wechat.sandbox import Phone
from tests.e2e.conftest import Cases

CODE = re.compile(r"MS-\d{6}-[0-9A-Z]{5}-[0-9A-Z]")
QUERY_CODE = re.compile(r"查询码：(\d{6})")


async def file_petition(citizen: Phone, matter: str) -> str:
    """Tell a matter in one breath, skip what is unknown, confirm; the last answer."""
    reply = await citizen.says(matter)
    for _ in range(6):
        if "确认提交" in reply:
            break
        if "什么时候" in reply:
            reply = await citizen.says("上周开始的")
        elif "怎么解决" in reply:
            reply = await citizen.says("希望有人来管一管")
        elif "在哪儿" in reply:
            reply = await citizen.says("城关镇育才路")
        elif "手机号" in reply:
            reply = await citizen.says("匿名")
        elif "单独提交" in reply:
            reply = await citizen.says("单独提交")
        else:
            reply = await citizen.says("我要反映问题")
    assert "确认提交" in reply, reply
    return await citizen.says("确认提交")


async def test_a_petition_told_in_one_breath_asks_only_for_what_is_missing(
    citizen: Phone, cases: Cases
) -> None:
    reply = await citizen.says(
        "我要投诉，我叫马志强，电话13519351187，凤翔小区2号楼楼下的烤肉店从上个月开始"
        "每晚营业到三点，吵得全家睡不着，希望让他们十点前关门"
    )
    assert "确认提交" in reply
    assert "凤翔小区2号楼" in reply
    assert "马志强 13519351187" in reply

    reply = await citizen.says("对，提交")
    case = cases.only()
    assert case["code"] in reply
    assert case["category"] == "噪音扰民"
    assert case["phone"] == "13519351187"
    assert case["name"] == "马志强"
    assert "13519351187" not in case["text"]
    assert "烤肉店" in case["text"]
    assert "信访工作条例" in reply


async def test_missing_details_are_asked_one_by_one(citizen: Phone, cases: Cases) -> None:
    reply = await citizen.says("我要反映问题")
    assert "什么事" in reply
    reply = await citizen.says("楼下的路灯坏了没人修，晚上一片黑，老人都摔跤了")
    assert "在哪儿" in reply
    reply = await citizen.says("在城关镇育才路中段")
    assert "什么时候" in reply
    reply = await citizen.says("说不清")
    assert "怎么解决" in reply
    reply = await citizen.says("赶紧派人来修好")
    assert "手机号" in reply
    reply = await citizen.says("不想留")
    assert "匿名" in reply
    assert "【地点】城关镇育才路中段" in reply
    assert cases.all() == []

    reply = await citizen.says("确认提交")
    case = cases.only()
    assert case["code"] in reply
    assert case["anonymous"]
    assert case["phone"] is None
    assert case["place"] == "城关镇育才路中段"
    assert case["demand"] == "赶紧派人来修好"


async def test_a_field_is_corrected_in_plain_words(citizen: Phone, cases: Cases) -> None:
    await citizen.says(
        "我要投诉，南关村口的垃圾从上周起堆成山没人清，电话13900001234，希望尽快清走"
    )
    reply = await citizen.says("电话写错了，是13900005678")
    assert "13900005678" in reply
    assert "13900001234" not in reply
    reply = await citizen.says("地点改成北关村口")
    assert "北关村口" in reply
    await citizen.says("确认提交")
    case = cases.only()
    assert (case["phone"], case["place"]) == ("13900005678", "北关村口")


async def test_a_policy_question_in_the_middle_is_answered_and_the_form_goes_on(
    citizen: Phone, cases: Cases
) -> None:
    await citizen.says("我要反映问题")
    await citizen.says("我们村的自来水浑得不能喝，一股铁锈味，没人来看")
    reply = await citizen.says("信访事项一般多久能办完？")
    assert "60" in reply
    assert "信访工作条例" in reply
    assert "在哪儿" in reply
    reply = await citizen.says("柳树沟村")
    assert "什么时候" in reply
    assert cases.all() == []


async def test_cancel_works_in_the_middle_and_nothing_is_filed(
    citizen: Phone, cases: Cases
) -> None:
    await citizen.says("我要反映问题")
    await citizen.says("小区电梯三天两头坏，物业一直推脱不修")
    reply = await citizen.says("算了，不弄了")
    assert "不提交" in reply
    assert cases.all() == []
    reply = await citizen.says("确认提交")
    assert "编号" not in reply
    assert cases.all() == []


async def test_submitting_twice_makes_one_case(citizen: Phone, cases: Cases) -> None:
    await file_petition(citizen, "我要投诉，幸福路口的红绿灯坏了一星期，天天堵车，差点出事故")
    await citizen.says("确认提交")
    assert len(cases.all()) == 1


async def test_one_push_delivered_twice_at_once_is_one_message(
    citizen: Phone, cases: Cases
) -> None:
    await citizen.says(
        "我要投诉，东风小区门口从上周起每天堆建筑垃圾，电话13900007777，希望尽快清走"
    )
    await citizen.says("确认提交", copies=2)
    assert len(cases.all()) == 1


async def test_pictures_and_a_place_go_into_the_petition(citizen: Phone, cases: Cases) -> None:
    reply = await citizen.sends_picture()
    assert "图片收到了" in reply
    reply = await citizen.says("河里全是死鱼，水发黑发臭，从前天开始的")
    assert "在哪儿" in reply
    reply = await citizen.sends_place("清水河大桥", 35.5, 104.6)
    assert "怎么解决" in reply
    await citizen.says("查一查是谁排的污水")
    reply = await citizen.says("匿名")
    assert "【图片】1 张" in reply
    await citizen.says("确认提交")
    case = cases.only()
    assert case["place"] == "清水河大桥"
    assert "image" in case["attachments"]


async def test_a_similar_case_of_ones_own_is_offered_to_be_added_to(
    citizen: Phone, cases: Cases
) -> None:
    matter = "我要投诉，翠湖小区3号楼的电梯从上周开始天天坏，物业一直不修，老人下不了楼"
    await file_petition(citizen, matter)
    first = cases.only()["code"]
    reply = await citizen.says(matter)
    for answer in ("希望马上修好", "匿名"):
        if "补充到那一件" in reply:
            break
        reply = await citizen.says(answer)
    assert first in reply
    reply = await citizen.says("补充到那一件")
    assert first in reply
    assert "已经补充" in reply
    assert len(cases.all()) == 1


async def test_anothers_case_is_offered_without_their_words_or_code(
    wechat, service, citizen: Phone
) -> None:
    neighbour = wechat.citizen()
    secret = "我婆婆王桂花因此住了院"
    await file_petition(
        neighbour,
        f"我要投诉，金桂苑小区旁边的塑料厂从上周起夜里偷偷排黑烟，呛得人睡不着，{secret}",
    )
    code = Cases(service, neighbour).only()["code"]
    reply = await citizen.says(
        "我要举报，金桂苑小区旁边塑料厂从上周起晚上排黑烟，味道呛人睡不着，希望查处，电话13900002222"
    )
    assert "附议" in reply
    assert "王桂花" not in reply
    assert code not in reply
    reply = await citizen.says("附议")
    reply = await citizen.says("确认提交")
    own = Cases(service, citizen).only()
    assert own["code"] in reply
    assert code not in reply
    links = service.rows("SELECT * FROM case_links WHERE code = ?", own["code"])
    assert [(link["other"], link["decision"]) for link in links] == [(code, "follow")]
    assert links[0]["probability"] > 0.5


async def test_a_petition_left_half_told_is_taken_up_again(citizen: Phone, cases: Cases) -> None:
    await citizen.says("我要反映问题")
    await citizen.says("村头的桥栏杆上个月断了，孩子上学天天从那儿走，太危险了")
    reply = await citizen.says("南湾村")
    assert "怎么解决" in reply
    reply = await citizen.says("谢谢")
    assert "怎么解决" in reply, "politeness is no answer"
    reply = await citizen.says("把栏杆修好")
    assert "手机号" in reply
    reply = await citizen.says("1380013")
    assert "11 位" in reply
    reply = await citizen.says("13800138001")
    assert "【希望】把栏杆修好" in reply
    reply = await citizen.says("对了，昨天还有个孩子差点掉下去")
    assert "也加进去了" in reply
    assert cases.all() == []
    await citizen.says("没问题，交吧")
    assert "差点掉下去" in cases.only()["text"]
