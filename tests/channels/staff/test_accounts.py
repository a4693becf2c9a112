from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from channels.staff.accounts.account_rules import Person
from channels.staff.accounts.sign_in import SignedIn
from channels.staff.accounts.tables import ACCOUNTS
from channels.staff.roles import ROLES, Right, checked
from knowledge_base.audit import Actor
from nlu.text.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.channels.staff.office_world import Browser, World, first_password

GUAN = Actor("guan", "10.0.0.9")
LI = Person("李明", "A1001", ("curator",))


async def roles_of(world: World, name: str) -> tuple[str, ...]:
    return (await world.accounts.get(name)).account.roles


async def test_the_first_account_is_made_once_and_its_password_is_to_be_changed(
    timed: World,
) -> None:
    password = await timed.accounts.first()
    assert password is not None
    assert await timed.accounts.first() is None
    first = await timed.accounts.get("admin")
    assert (first.account.roles, first.account.must_change) == (("administrator",), True)
    assert isinstance(await timed.sign_in.attempt("admin", password, "", "a", "b"), SignedIn)


async def test_an_account_is_made_with_a_password_that_is_told_once(timed: World) -> None:
    password = await timed.accounts.add(" LiMing ", LI, GUAN)
    got = await timed.sign_in.attempt("liming", password, "", "10.0.0.1", "Chrome")
    assert isinstance(got, SignedIn)
    row = await timed.database.read(lambda c: c.execute(sa.select(ACCOUNTS)).one())
    assert password not in str(row)
    made = (await timed.trail())[-1]
    assert (made["act"], made["by"], made["address"]) == ("account_made", "guan", "10.0.0.9")
    assert made["after"]["roles"] == ["curator"]


@pytest.mark.parametrize("name", ["", "李明", "a", "1abc", "a b", "a/b", "x" * 33, "system", "new"])
async def test_names_that_are_hard_to_type_or_taken_by_the_program_are_refused(
    timed: World, name: str
) -> None:
    with pytest.raises(Unprocessable) as refused:
        await timed.accounts.add(name, LI, GUAN)
    assert refused.value.field == "name"


async def test_a_name_serves_one_person_alone(timed: World) -> None:
    await timed.accounts.add("liming", LI, GUAN)
    with pytest.raises(Unprocessable, match="已经有人用了"):
        await timed.accounts.add("LIMING", LI, GUAN)


async def test_nobody_changes_their_own_roles_or_shuts_themselves_out(timed: World) -> None:
    await timed.hires("guan", "管理员", "administrator")
    await timed.hires("guan2", "另一位", "administrator")
    with pytest.raises(Forbidden):
        await timed.accounts.change("guan", Person("管", "", ("curator",)), GUAN)
    with pytest.raises(Forbidden):
        await timed.accounts.set_active("guan", False, GUAN, "x")
    with pytest.raises(Forbidden):
        await timed.accounts.reset_password("guan", GUAN)


async def test_the_last_administrator_stays(timed: World) -> None:
    await timed.hires("guan", "管理员", "administrator")
    other = Actor("guan2")
    with pytest.raises(Conflict, match="至少要留一个"):
        await timed.accounts.set_active("guan", False, other, "x")
    with pytest.raises(Conflict, match="至少要留一个"):
        await timed.accounts.change("guan", Person("管", "", ("curator",)), other)


def test_no_role_both_grants_and_audits_or_reads_petitions() -> None:
    with pytest.raises(Unprocessable, match="审计"):
        checked(["auditor", "administrator"])
    with pytest.raises(Unprocessable, match="管理员不看诉求"):
        checked(["administrator", "handler"])
    with pytest.raises(Unprocessable):
        checked(["emperor"])
    assert checked(["handler", "curator"]) == ("curator", "handler")
    assert ROLES["auditor"].rights == {Right.READ_AUDIT}
    assert not ROLES["administrator"].rights & {Right.HANDLE_CASES, Right.UNMASK, Right.READ_AUDIT}


async def test_an_unknown_account_is_not_found(timed: World) -> None:
    with pytest.raises(NotFound):
        await timed.accounts.get("nobody")


async def test_an_administrator_adds_somebody_on_the_page(desks: World, admin: Browser) -> None:
    form = {"name": "liming", "display_name": "李明", "staff_number": "A1", "roles": ["curator"]}
    page = (await admin.sends("/staff/accounts", status=200, **form)).text
    password = first_password(page)
    assert "只显示这一次" in page
    assert isinstance(await desks.sign_in.attempt("liming", password, "", "a", "b"), SignedIn)
    again = await admin.opens("/staff/accounts/liming")
    assert password not in again
    assert "还没改初始密码" in again
    assert "李明" in await admin.opens("/staff/accounts")


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    admin: Browser,
) -> None:
    page = (
        await admin.sends("/staff/accounts", status=422, name="liming", display_name="李明")
    ).text
    assert "至少选一个角色" in page
    assert 'value="liming"' in page
    assert re.search(r'name="roles"[^>]*aria-invalid="true"', page)


async def test_the_list_shows_state_and_last_sign_in_and_is_narrowed_down(
    desks: World, admin: Browser
) -> None:
    await desks.hires("liming", "李明", "curator")
    await desks.hires("wang", "王五", "handler", active=False)
    for _ in range(5):
        await desks.sign_in.attempt("liming", "wrong", "", "10.0.0.7", "Chrome")
    page = await admin.opens("/staff/accounts")
    assert "锁定中" in page
    assert "没有登录过" in page
    shut = await admin.opens("/staff/accounts?state=shut")
    assert "王五" in shut
    assert "李明" not in shut
    assert "王五" not in await admin.opens("/staff/accounts?q=李")


async def test_a_locked_account_is_unlocked_on_its_page(desks: World, admin: Browser) -> None:
    await desks.hires("liming", "李明", "curator")
    for _ in range(5):
        await desks.sign_in.attempt("liming", "wrong", "", "10.0.0.7", "Chrome")
    assert "解锁" in await admin.opens("/staff/accounts/liming")
    assert "已解锁" in await admin.told("/staff/accounts/liming/unlock")
    assert not (await desks.accounts.get("liming")).locked


async def test_other_roles_are_given_on_the_page_with_the_reason_in_the_trail(
    desks: World, admin: Browser, jia: Browser
) -> None:
    page = await admin.opens("/staff/accounts/jia")
    assert all(role.duty in page for role in ROLES.values())
    form = {"display_name": "甲", "staff_number": "1", "roles": ["approver"], "reason": "轮岗"}
    assert "已保存" in await admin.told("/staff/accounts/jia", **form)
    assert await roles_of(desks, "jia") == ("approver",)
    row = (await desks.trail())[-1]
    assert (row["act"], row["reason"]) == ("account_changed", "轮岗")
    assert (row["before"]["roles"], row["after"]["roles"]) == (["curator"], ["approver"])
    await jia.opens("/staff", status=303)


async def test_roles_that_must_not_meet_are_refused_in_words(desks: World, admin: Browser) -> None:
    await desks.hires("liming", "李明", "curator")
    form = {"display_name": "李明", "staff_number": "", "roles": ["auditor", "curator"]}
    page = (await admin.sends("/staff/accounts/liming", status=422, **form)).text
    assert "审计只看不改" in page
    assert await roles_of(desks, "liming") == ("curator",)


async def test_shutting_and_opening_take_a_reason(desks: World, admin: Browser) -> None:
    await desks.hires("liming", "李明", "curator")
    page = (await admin.sends("/staff/accounts/liming/active", status=422, active="0")).text
    assert "请写明为什么" in page
    told = await admin.told("/staff/accounts/liming/active", active="0", reason="调走了")
    assert "已停用" in told
    row = (await desks.trail())[-1]
    assert (row["act"], row["reason"]) == ("account_shut", "调走了")
    await admin.told("/staff/accounts/liming/active", active="1", reason="调回来了")
    assert (await desks.accounts.get("liming")).account.active


async def test_a_reset_password_is_shown_once(desks: World, admin: Browser) -> None:
    await desks.hires("liming", "李明", "curator")
    page = (await admin.sends("/staff/accounts/liming/password", status=200)).text
    got = await desks.sign_in.attempt("liming", first_password(page), "", "a", "b")
    assert isinstance(got, SignedIn)


async def test_ones_own_account_has_no_buttons_for_it(admin: Browser) -> None:
    page = await admin.opens("/staff/accounts/guan")
    assert "重设密码" not in page
    assert "停用这个账号" not in page
    assert "自己的角色要由别的管理员改" in page


@pytest.mark.parametrize("role", ["curator", "approver", "handler", "auditor"])
async def test_others_neither_see_accounts_nor_make_them(desks: World, role: str) -> None:
    browser = await desks.at_work("wu", "戊", role)
    await browser.opens("/staff/accounts", status=403)
    await browser.opens("/staff/settings", status=403)
    form = {"name": "liming", "display_name": "李明", "roles": ["administrator"]}
    await browser.sends("/staff/accounts", status=403, **form)
    assert await desks.acts() == []
