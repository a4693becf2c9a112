from __future__ import annotations

import pytest
import sqlalchemy as sa

from channels.staff.accounts.account_rules import Person
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.tables import SESSIONS, SIGN_INS
from knowledge_base.audit import Actor
from tests.channels.staff.office_world import PASSWORD, Browser, World

GUAN = Actor("guan", "10.0.0.9")


async def opens(world: World, name: str = "jia", *roles: str) -> str:
    number = await world.hires(name, "甲", *(roles or ("curator",)))
    return await world.database.write(
        lambda c: world.sessions.open(c, number, "10.0.0.1", "Chrome 90")
    )


async def is_in(world: World, token: str, *, touch: bool = False) -> bool:
    return await world.sessions.find(token, touch=touch) is not None


async def test_half_an_hour_without_work_ends_it(timed: World) -> None:
    token = await opens(timed)
    timed.clock.passes(minutes=29)
    assert await is_in(timed, token)
    timed.clock.passes(minutes=1)
    assert not await is_in(timed, token)
    kept = await timed.database.read(lambda c: c.scalars(sa.select(SIGN_INS.c.outcome)).all())
    assert kept == ["idle"]


async def test_work_prolongs_it_and_a_heartbeat_does_not(timed: World) -> None:
    token = await opens(timed)
    timed.clock.passes(minutes=20)
    assert await is_in(timed, token, touch=True)
    timed.clock.passes(minutes=20)
    assert await is_in(timed, token)
    timed.clock.passes(minutes=10)
    assert not await is_in(timed, token)


async def test_after_eight_hours_the_busiest_signs_in_again(timed: World) -> None:
    token = await opens(timed)
    for _ in range(7 * 3 + 2):
        timed.clock.passes(minutes=20)
        assert await is_in(timed, token, touch=True)
    timed.clock.passes(minutes=20)
    assert not await is_in(timed, token, touch=True)


async def test_it_lives_on_every_process_and_its_end_too(timed: World) -> None:
    token = await opens(timed)
    other = Sessions(timed.database, timed.clock)
    found = await other.find(token, touch=False)
    assert found is not None
    await timed.sessions.sign_out(found.session)
    assert await other.find(token, touch=False) is None


async def test_who_reads_the_table_cannot_sign_in_with_it(timed: World) -> None:
    token = await opens(timed)
    row = await timed.database.read(lambda c: c.execute(sa.select(SESSIONS)).one())
    assert token not in str(row)
    assert not await is_in(timed, row.key)


async def test_other_roles_end_it_and_another_name_does_not(timed: World) -> None:
    token = await opens(timed)
    await timed.accounts.change("jia", Person("甲甲", "1", ("curator",)), GUAN)
    assert await is_in(timed, token)
    await timed.accounts.change("jia", Person("甲甲", "1", ("approver",)), GUAN)
    assert not await is_in(timed, token)


async def test_shutting_the_account_ends_it(timed: World) -> None:
    token = await opens(timed)
    await timed.accounts.set_active("jia", False, GUAN, "调走了")
    assert not await is_in(timed, token)


async def test_a_new_password_ends_all_and_begins_one(timed: World) -> None:
    token = await opens(timed)
    new = await timed.accounts.change_password(
        "jia", PASSWORD, "院子里的第4棵石榴树又开花了", Actor("jia"), agent="Chrome 90"
    )
    assert not await is_in(timed, token)
    assert await is_in(timed, new)


async def test_a_reset_password_ends_it(timed: World) -> None:
    token = await opens(timed)
    await timed.accounts.reset_password("jia", GUAN)
    assert not await is_in(timed, token)


async def test_an_administrator_sees_who_is_in_and_puts_them_out(
    desks: World, jia: Browser, admin: Browser
) -> None:
    page = await admin.opens("/staff/sessions")
    assert "甲（jia）" in page
    assert "Chrome 90 · Windows" in page
    assert "您自己" in page
    listed = await desks.sessions.listed()
    key = next(one.key for one in listed if one.account.name == "jia")
    assert "已强制退出" in await admin.told("/staff/sessions/end", key=key)
    await jia.opens("/staff", status=303)
    row = (await desks.trail())[-1]
    assert (row["act"], row["object"], row["by"]) == ("session_ended", "jia", "guan")
    assert "已经结束了" in await admin.told("/staff/sessions/end", key=key)


@pytest.mark.parametrize("role", ["curator", "approver", "handler", "auditor"])
async def test_only_administrators_see_it(desks: World, role: str) -> None:
    browser = await desks.at_work("wu", "戊", role)
    await browser.opens("/staff/sessions", status=403)
