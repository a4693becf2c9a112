"""kill -9 at any point loses nothing said and confirmed, and tells no code that is not stored."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from channels.wechat.sandbox import Phone, Sandbox
from tests.e2e.test_intake import CODE, QUERY_CODE
from tests.service import Service, wechat_for

STORIES = (
    "我要投诉，滨河路的井盖从昨天起不见了，晚上差点掉下去人，电话13700001111，希望马上盖上",
    "我要投诉，兴隆花园小区的物业从上个月起不让业主停车，电话13700001112，希望物业改正",
    "我要投诉，红旗路的建材厂从去年十月起拖欠我们工资，一共十二个人，电话13700001113，希望帮忙要回来",
    "我要投诉，马家沟村的自来水从上周起天天停，做饭都没水，电话13700001114，希望恢复供水",
)


@pytest.fixture
async def own_service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service of the test's own, because it will be killed."""
    service = Service.prepared(tmp_path / "data")
    try:
        await service.start()
        yield service
    finally:
        service.stop()


@pytest.fixture
async def own_wechat(own_service: Service) -> AsyncIterator[Sandbox]:
    async with wechat_for(own_service) as sandbox:
        yield sandbox


def stored_codes(service: Service) -> set[str]:
    return {row["code"] for row in service.rows("SELECT code FROM cases")}


async def until_told(phone: Phone, within: float = 90.0) -> str:
    """What is on the screen once the 查询码 is, which is told only with the code and only once."""
    deadline = asyncio.get_running_loop().time() + within
    while asyncio.get_running_loop().time() < deadline:
        screen = "\n".join(seen.text for seen in phone.seen)
        if QUERY_CODE.search(screen):
            return screen
        await asyncio.sleep(1)
        with suppress(AssertionError):
            await phone.says("我的进度")
    raise AssertionError("no code was ever told:\n" + "\n".join(seen.text for seen in phone.seen))


@pytest.mark.timeout(300)
async def test_the_app_killed_around_the_confirmation_still_files_once_and_tells_the_code(
    own_service: Service, own_wechat: Sandbox
) -> None:
    # From before the inbox row to after the answer: the confirmation takes about 0.2 s.
    for story, delay in zip(STORIES, (0.0, 0.02, 0.06, 0.15), strict=True):
        phone = own_wechat.citizen()
        reply = await phone.says(story)
        assert "确认提交" in reply
        confirming = asyncio.create_task(phone.says("确认提交"))
        await asyncio.sleep(delay)
        own_service.kill()
        own_service.launch()
        await own_service.wait_ready()
        # WeChat has asked again by itself (same MsgId, up to three times) or given up.
        await confirming
        cases = own_service.rows("SELECT code, text FROM cases WHERE citizen = ?", phone.openid)
        if not cases:
            # Killed before it was taken, and WeChat's tries ran out: what was told is still there.
            reply = await phone.says("确认提交")
            cases = own_service.rows("SELECT code FROM cases WHERE citizen = ?", phone.openid)
        assert len(cases) == 1, f"delay {delay}"
        screen = await until_told(phone)
        assert cases[0]["code"] in screen
        told = set(CODE.findall(screen)) - {"MS-260315-7K2QX-N"}
        assert told <= stored_codes(own_service)


@pytest.mark.timeout(300)
async def test_rasa_killed_in_the_middle_is_restarted_and_the_petition_goes_on(
    own_service: Service, own_wechat: Sandbox
) -> None:
    phone = own_wechat.citizen()
    await phone.says("我要反映问题")
    await phone.says("滨河路9号门口的树倒了压着电线，从昨天起没人管")
    os.kill(own_service.rasa_pid(), signal.SIGKILL)
    reply = await phone.says("希望赶紧把树清走")
    assert "正在恢复" in reply
    await own_service.wait_ready()
    async with asyncio.timeout(30):
        while not any("手机号" in seen.text for seen in phone.seen):
            await asyncio.sleep(0.5)
    reply = await phone.says("13700002222")
    assert "希望赶紧把树清走" in reply
    reply = await phone.says("确认提交")
    (case,) = own_service.rows("SELECT * FROM cases WHERE citizen = ?", phone.openid)
    assert case["code"] in reply
    assert case["demand"] == "希望赶紧把树清走"


@pytest.mark.timeout(300)
async def test_a_frozen_rasa_makes_the_answer_late_but_it_comes_once(
    own_service: Service, own_wechat: Sandbox
) -> None:
    phone = own_wechat.citizen()
    await phone.says("你好")
    pid = own_service.rasa_pid()
    os.kill(pid, signal.SIGSTOP)
    asking = asyncio.create_task(phone.says("信访多久能办结？"))
    await asyncio.sleep(6.5)
    os.kill(pid, signal.SIGCONT)
    reply = await asking
    assert "60" in reply
    await asyncio.sleep(3)
    assert sum("60日内" in seen.text for seen in phone.seen) == 1
    assert not own_wechat.log.breaches
