from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.account_rules import Person
from channels.staff.accounts.office_acts import OfficeActs
from channels.staff.accounts.proposal_rows import Change, Reader
from channels.staff.accounts.settings import ConsoleSettings
from channels.staff.roles import Right, rights_of
from channels.staff.words import proposals as words
from knowledge_base.audit import Actor
from nlu.text.errors import Conflict, Forbidden, Unprocessable
from tests.channels.staff.office_world import Browser, World, first_password

JIA, YI = Actor("jia", "10.0.0.1"), Actor("yi", "10.0.0.2")
APPROVE = rights_of(["approver"])
RETIRED = [Change("路灯坏了找谁", "已通过", "已停用")]


class Lamp:
    """Something that can be done once; `broken` says why it cannot."""

    def __init__(self, world: World, broken: Exception | None = None) -> None:
        self.done: list[tuple[str, str, str]] = []
        self.broken = broken
        world.proposals.register("retire", self.off, Right.APPROVE_KNOWLEDGE)

    async def off(self, payload: Mapping[str, Any], maker: Actor, approver: Actor) -> str:
        await asyncio.sleep(0)
        if self.broken:
            raise self.broken
        self.done.append((payload["id"], maker.name, approver.name))
        return "路灯已停用"


async def put_up(world: World, title: str = "停用：路灯坏了找谁") -> int:
    return await world.proposals.propose("retire", title, {"id": "lamp"}, RETIRED, "过时了", JIA)


async def test_nothing_happens_until_a_second_person_agrees(timed: World) -> None:
    lamp = Lamp(timed)
    number = await put_up(timed)
    assert lamp.done == []
    done = await timed.proposals.approve(number, YI, APPROVE)
    assert (done.state, done.outcome) == ("done", "路灯已停用")
    assert lamp.done == [("lamp", "jia", "yi")]


async def test_both_names_stand_in_the_trail(timed: World) -> None:
    Lamp(timed)
    await timed.proposals.approve(await put_up(timed), YI, APPROVE)
    rows = [row for row in await timed.trail() if row["kind"] == "proposal"]
    assert [(row["act"], row["by"], row["address"]) for row in rows] == [
        ("proposal_made", "jia", "10.0.0.1"),
        ("proposal_approved", "yi", "10.0.0.2"),
        ("proposal_done", "yi", "10.0.0.2"),
    ]
    assert rows[0]["reason"] == "过时了"
    assert rows[0]["after"]["changes"] == [["路灯坏了找谁", "已通过", "已停用"]]
    assert rows[1]["after"]["made_by"] == "jia"


async def test_nobody_agrees_to_their_own(timed: World) -> None:
    lamp = Lamp(timed)
    number = await put_up(timed)
    with pytest.raises(Forbidden, match="另一个人"):
        await timed.proposals.approve(number, JIA, APPROVE)
    with pytest.raises(Forbidden):
        await timed.proposals.reject(number, JIA, APPROVE, "不")
    assert lamp.done == []


async def test_agreeing_takes_the_right_to_it(timed: World) -> None:
    Lamp(timed)
    with pytest.raises(Forbidden, match="不能复核"):
        await timed.proposals.approve(await put_up(timed), YI, rights_of(["curator"]))


async def test_of_two_who_agree_at_once_one_does_it(timed: World) -> None:
    lamp = Lamp(timed)
    number = await put_up(timed)
    both = await asyncio.gather(
        timed.proposals.approve(number, YI, APPROVE),
        timed.proposals.approve(number, Actor("bing"), APPROVE),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "Proposal"]
    assert len(lamp.done) == 1


async def test_what_cannot_be_done_says_why(timed: World) -> None:
    Lamp(timed, Conflict("已经停用了"))
    done = await timed.proposals.approve(await put_up(timed), YI, APPROVE)
    assert (done.state, done.outcome) == ("failed", "已经停用了")
    assert (await timed.acts())[-1] == "proposal_failed"


async def test_an_accident_while_doing_it_does_not_leave_it_standing(timed: World) -> None:
    Lamp(timed, RuntimeError("13519351187"))
    number = await put_up(timed)
    with pytest.raises(RuntimeError):
        await timed.proposals.approve(number, YI, APPROVE)
    found = await timed.proposals.get(number)
    assert (found.state, found.outcome) == ("failed", words.BROKEN)


async def test_rejecting_takes_an_opinion_and_ends_it(timed: World) -> None:
    Lamp(timed)
    number = await put_up(timed)
    with pytest.raises(Unprocessable) as refused:
        await timed.proposals.reject(number, YI, APPROVE, "  ")
    assert refused.value.field == "opinion"
    await timed.proposals.reject(number, YI, APPROVE, "还在用")
    found = await timed.proposals.get(number)
    assert (found.state, found.opinion, found.decided_by) == ("rejected", "还在用", "yi")
    with pytest.raises(Conflict):
        await timed.proposals.approve(number, YI, APPROVE)


async def test_its_proposer_alone_withdraws_it(timed: World) -> None:
    Lamp(timed)
    number = await put_up(timed)
    with pytest.raises(Forbidden):
        await timed.proposals.withdraw(number, YI)
    await timed.proposals.withdraw(number, JIA)
    assert (await timed.proposals.get(number)).state == "withdrawn"
    # And so it may be proposed again.
    await put_up(timed)


async def test_the_same_act_waits_once(timed: World) -> None:
    Lamp(timed)
    await put_up(timed)
    with pytest.raises(Conflict):
        await put_up(timed)


async def test_a_proposal_says_why(timed: World) -> None:
    Lamp(timed)
    with pytest.raises(Unprocessable) as refused:
        await timed.proposals.propose("retire", "x", {}, RETIRED, " ", JIA)
    assert refused.value.field == "reason"


async def test_everybody_sees_their_own_pile(timed: World) -> None:
    Lamp(timed)
    number = await put_up(timed)
    jia, yi = Reader("jia", rights_of(["curator"])), Reader("yi", APPROVE)

    async def piles(reader: Reader) -> dict[str, list[int]]:
        return {
            pile: [one.id for one in (await timed.proposals.page(pile, reader)).lines]
            for pile in ("to_decide", "made", "ended")
        }

    assert await piles(jia) == {"to_decide": [], "made": [number], "ended": []}
    assert await piles(yi) == {"to_decide": [number], "made": [], "ended": []}
    assert await timed.proposals.waiting(yi) == 1
    await timed.proposals.reject(number, YI, APPROVE, "不")
    assert await piles(yi) == {"to_decide": [], "made": [], "ended": [number]}
    assert await piles(jia) == {"to_decide": [], "made": [number], "ended": [number]}


async def test_what_a_process_died_over_is_told_after_a_while(timed: World) -> None:
    lamp = Lamp(timed)
    number = await put_up(timed)
    stopped = asyncio.Event()

    async def never(*_: object) -> str:
        stopped.set()
        await asyncio.Event().wait()
        return ""

    timed.proposals.register("retire", never, Right.APPROVE_KNOWLEDGE)
    task = asyncio.create_task(timed.proposals.approve(number, YI, APPROVE))
    await stopped.wait()
    assert (await timed.proposals.get(number)).state == "running"
    timed.clock.passes(minutes=11)
    assert (await timed.proposals.get(number)).state == "failed"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert lamp.done == []


async def test_a_change_of_roles_that_came_too_late_is_not_done(timed: World) -> None:
    acts = OfficeActs(timed.database, timed.accounts, timed.proposals)
    await timed.hires("guan", "管理员", "administrator")
    await timed.hires("guan2", "另一位", "administrator")
    await timed.hires("jia", "甲", "curator")
    await two(timed)
    assert await acts.change("jia", Person("甲", "", ("approver",)), Actor("guan"), "轮岗")
    await timed.accounts.change("jia", Person("甲", "", ("handler",)), Actor("guan"))
    waiting = await acts.waiting("jia")
    assert waiting is not None
    done = await timed.proposals.approve(waiting.id, Actor("guan2"), rights_of(["administrator"]))
    assert done.state == "failed"
    assert (await timed.accounts.get("jia")).account.roles == ("handler",)


async def two(world: World) -> None:
    """Roles are given out by two from now on."""
    usual = ConsoleSettings()
    settings = replace(usual, four_eyes={**usual.four_eyes, "roles": True})
    await console_settings.save(world.database, settings, Actor("guan"))


async def test_roles_wait_for_the_other_administrator_and_names_do_not(
    desks: World, admin: Browser, other_admin: Browser, jia: Browser
) -> None:
    await two(desks)
    form = {"display_name": "甲甲", "staff_number": "7", "roles": ["curator", "approver"]}
    page = (await admin.sends("/staff/accounts/jia", status=422, **form)).text
    assert "请写明为什么" in page
    told = await admin.told("/staff/accounts/jia", **form, reason="兼审核")
    assert "由另一位管理员通过后才生效" in told
    assert "正在等复核" in told
    account = (await desks.accounts.get("jia")).account
    assert (account.display_name, account.roles) == ("甲甲", ("curator",))

    assert "没有等您复核的" in await admin.opens("/staff/proposals")
    assert "账号 jia 的角色" in await other_admin.opens("/staff/proposals")
    assert words.TODO in await other_admin.opens("/staff")
    page = await other_admin.opens("/staff/proposals/1")
    assert "− 编辑" in page
    assert "+ 编辑、审核" in page
    assert "兼审核" in page
    assert "已通过" in await other_admin.told("/staff/proposals/1/approve")
    assert (await desks.accounts.get("jia")).account.roles == ("curator", "approver")
    row = next(row for row in await desks.trail() if row["reason"] == "guan 提出，guan2 复核")
    assert (row["act"], row["by"]) == ("account_changed", "guan2")
    await jia.opens("/staff", status=303)


async def test_the_proposer_sees_no_button_to_agree_and_is_refused(
    desks: World, admin: Browser, other_admin: Browser, jia: Browser
) -> None:
    await two(desks)
    form = {"display_name": "甲", "staff_number": "", "roles": ["approver"], "reason": "轮岗"}
    await admin.told("/staff/accounts/jia", **form)
    page = await admin.opens("/staff/proposals/1")
    assert "/approve" not in page
    assert "撤回" in page
    assert "要由另一个人复核" in await admin.told("/staff/proposals/1/approve")
    assert (await desks.accounts.get("jia")).account.roles == ("curator",)
    assert "已撤回" in await admin.told("/staff/proposals/1/withdraw")


async def test_a_new_account_may_do_nothing_until_its_roles_are_agreed_to(
    desks: World, admin: Browser, other_admin: Browser
) -> None:
    await two(desks)
    form = {"name": "liming", "display_name": "李明", "roles": ["handler"], "reason": "新来的"}
    page = (await admin.sends("/staff/accounts", status=200, **form)).text
    assert first_password(page)
    assert "角色已提交复核" in page
    assert (await desks.accounts.get("liming")).account.roles == ()
    await other_admin.told("/staff/proposals/1/approve")
    assert (await desks.accounts.get("liming")).account.roles == ("handler",)


async def test_switching_four_eyes_off_takes_a_second_person_too(
    desks: World, admin: Browser, other_admin: Browser
) -> None:
    await two(desks)
    settings = await desks.sessions.settings()
    form = {
        "idle_minutes": "20", "lock_tries": "5", "lock_minutes": "15", "password_length": "12",
        "password_days": "90", "page_size": "20", "totp": "optional", "watermark": "1",
        "four_eyes_publish": "1", "reason": "人手不够",
    }  # fmt: skip
    told = await admin.told("/staff/settings", **form)
    assert "由另一位管理员通过后才生效" in told
    now = await desks.sessions.settings()
    assert (now.idle_minutes, now.four_eyes) == (20, settings.four_eyes)
    page = await other_admin.opens("/staff/proposals/1")
    assert "给账号授予或收回角色" in page
    await other_admin.told("/staff/proposals/1/approve")
    assert not (await desks.sessions.settings()).four_eyes["roles"]


async def test_rejecting_on_the_page_asks_for_an_opinion(
    desks: World, admin: Browser, other_admin: Browser, jia: Browser
) -> None:
    await two(desks)
    form = {"display_name": "甲", "staff_number": "", "roles": ["approver"], "reason": "轮岗"}
    await admin.told("/staff/accounts/jia", **form)
    page = (await other_admin.sends("/staff/proposals/1/reject", status=422, opinion="")).text
    assert "退回要写明意见" in page
    await other_admin.told("/staff/proposals/1/reject", opinion="先培训")
    assert "退回意见：先培训" in await admin.opens("/staff/proposals/1")


async def test_two_administrators_stay_while_two_are_needed(
    desks: World, admin: Browser, other_admin: Browser
) -> None:
    await two(desks)
    told = await admin.told("/staff/accounts/guan2/active", active="0", reason="离职")
    assert "至少要留两个" in told


async def test_whoever_may_not_agree_sees_nothing_of_it(
    desks: World, admin: Browser, other_admin: Browser, jia: Browser, yi: Browser, auditor: Browser
) -> None:
    await two(desks)
    form = {"display_name": "甲", "staff_number": "", "roles": ["approver"], "reason": "轮岗"}
    await admin.told("/staff/accounts/jia", **form)
    await yi.opens("/staff/proposals/1", status=404)
    await yi.sends("/staff/proposals/1/approve")
    assert (await desks.accounts.get("jia")).account.roles == ("curator",)
    await auditor.opens("/staff/proposals", status=403)
