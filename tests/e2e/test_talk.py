"""Greetings, questions, danger, what the bot cannot know, and every kind of push."""

from __future__ import annotations

import pytest

from channels.wechat.sandbox import Phone
from tests.service import Service


async def test_a_question_is_answered_with_its_source(citizen: Phone) -> None:
    reply = await citizen.says("对信访处理意见不服怎么办？")
    assert "30日" in reply
    assert "信访工作条例" in reply


async def test_a_foreign_question_is_refused_and_kept_for_the_curators(
    citizen: Phone, service: Service
) -> None:
    question = "请问南极企鹅冬天的迁徙路线图在哪个政策里规定的？"
    reply = await citizen.says(question)
    assert "没有把握" in reply or "帮不上忙" in reply or "没太听明白" in reply
    assert "企鹅" not in reply
    kept = service.rows("SELECT outcome, asker FROM kb_asked WHERE question LIKE '%企鹅%'")
    assert [row["outcome"] in ("refused", "offered") for row in kept] == [True]
    assert citizen.openid not in kept[0]["asker"]


async def test_an_answer_can_be_called_useless_by_its_number(
    citizen: Phone, service: Service
) -> None:
    reply = await citizen.says("对信访处理意见不服怎么办？")
    assert "1. 有用" in reply
    assert "2. 没用" in reply
    assert "转人工" in await citizen.says("2")
    votes = service.rows("SELECT vote FROM kb_asked WHERE question LIKE '%处理意见不服%'")
    assert "useless" in [row["vote"] for row in votes]


async def test_useless_means_a_vote_only_right_after_an_answer(
    citizen: Phone, service: Service
) -> None:
    before = service.rows("SELECT count(*) AS n FROM kb_asked WHERE vote = 'useless'")[0]["n"]
    await citizen.says("你好")
    await citizen.says("没用")
    after = service.rows("SELECT count(*) AS n FROM kb_asked WHERE vote = 'useless'")[0]["n"]
    assert after == before


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("我不想活了，活着没意思", "12356"),
        ("着火了！二楼冒浓烟，里面还有人", "119"),
        ("家里煤气味特别大，头晕", "119"),
        ("有人拿刀在楼下砍人", "110"),
        ("我爸突然晕倒没反应了，快来人", "120"),
    ],
)
async def test_danger_gets_the_help_lines_first_and_a_person_is_told(
    citizen: Phone, service: Service, said: str, number: str
) -> None:
    reply = await citizen.says(said)
    assert number in reply.split("\n\n")[0]
    flagged = service.rows("SELECT reason, urgent FROM handoffs WHERE citizen = ?", citizen.openid)
    assert ("danger", 1) in [(row["reason"], row["urgent"]) for row in flagged]


async def test_a_person_can_be_asked_for(citizen: Phone, service: Service) -> None:
    reply = await citizen.says("转人工")
    assert "工作人员" in reply
    assert service.rows("SELECT 1 FROM handoffs WHERE citizen = ?", citizen.openid)


async def test_two_misunderstandings_in_a_row_offer_a_person(citizen: Phone) -> None:
    first = await citizen.says("唔叽呱啦哒哒哒")
    second = await citizen.says("咕噜咕噜嘟嘟叭叭")
    assert "转人工" in first + second
    assert "还是没听明白" in second or "帮不上忙" in second


async def test_a_number_chooses_the_option_it_names(citizen: Phone, service: Service) -> None:
    await citizen.says(
        "我要投诉，西门桥头从昨天起路面塌了个大坑，很危险，电话13900003456，希望马上修"
    )
    reply = await citizen.says("1")
    assert "编号" in reply


async def test_every_kind_of_push_gets_a_sensible_answer(citizen: Phone) -> None:
    assert "欢迎" in await citizen.subscribes()
    assert "打字" in await citizen.sends_voice()
    assert "什么事" in await citizen.sends_voice("我要反映问题")
    assert "图片收到了" in await citizen.sends_picture()
    assert await citizen.unsubscribes() == ""
    assert await citizen.does("some_event_of_the_future", patience=0.3) == ""


async def test_a_scanned_place_code_starts_an_intake_with_the_place(citizen: Phone) -> None:
    reply = await citizen.scans("grid:jz-03")
    assert "grid:jz-03" in reply
    reply = await citizen.says("楼道里堆满纸箱子，消防通道堵得死死的，上个月就这样了")
    assert "在哪儿" not in reply


@pytest.mark.parametrize(
    "text", ["]]>", "​​", "/restart", "😀😀😀", "‮abc", "。", "a" * 3000, "啊" * 600]
)
async def test_strange_text_gets_a_polite_answer_within_the_limit(
    citizen: Phone, text: str
) -> None:
    reply = await citizen.says(text)
    assert "该公众号" not in reply
    assert len(reply.encode()) <= 2048


async def test_a_question_half_understood_offers_near_ones_and_the_choice_is_answered(
    citizen: Phone,
) -> None:
    reply = await citizen.says("说得不准确会不会被追究")
    assert "是不是想问" in reply
    assert "1. " in reply
    reply = await citizen.says("1")
    assert "信访工作条例" in reply
