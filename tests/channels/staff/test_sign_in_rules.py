from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.settings import ConsoleSettings
from channels.staff.accounts.sign_in import Expired, Locked, Outcome, SignedIn, Wrong
from channels.staff.accounts.tables import ACCOUNTS, SIGN_INS, TRIES
from knowledge_base.audit import Actor
from nlu.text.errors import Unprocessable
from tests.channels.staff.office_world import PASSWORD, World

GUAN = Actor("guan", "10.0.0.9")
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


async def tries(
    world: World,
    name: str = "jia",
    password: str = PASSWORD,
    *,
    code: str = "",
    address: str = HERE,
) -> Outcome:
    return await world.sign_in.attempt(name, password, code, address, "Chrome 90")


async def outcomes(world: World) -> list[tuple[str, str]]:
    def read(connection: sa.Connection) -> list[tuple[str, str]]:
        rows = connection.execute(sa.select(SIGN_INS).order_by(SIGN_INS.c.id))
        return [(row.name, row.outcome) for row in rows]

    return await world.database.read(read)


async def test_the_right_password_opens_a_session_and_is_logged(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    got = await tries(timed, " JIA ")
    assert isinstance(got, SignedIn)
    found = await timed.sessions.find(got.token, touch=False)
    assert found is not None
    assert found.session.account.display_name == "甲"
    assert await outcomes(timed) == [("jia", "in")]


async def test_each_wrong_try_tells_how_many_are_left_then_locks(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    left = [await tries(timed, password="wrong") for _ in range(5)]
    assert left[:4] == [Wrong(4), Wrong(3), Wrong(2), Wrong(1)]
    assert left[4] == Locked(timed.clock() + timedelta(minutes=15))


async def test_while_locked_even_the_right_password_is_refused(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for _ in range(5):
        await tries(timed, password="wrong")
    assert isinstance(await tries(timed), Locked)
    assert (await outcomes(timed))[-1] == ("jia", "locked")
    timed.clock.passes(minutes=15, seconds=1)
    assert isinstance(await tries(timed), SignedIn)


async def test_after_a_lock_has_run_out_all_tries_are_there_again(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for _ in range(5):
        await tries(timed, password="wrong")
    timed.clock.passes(minutes=16)
    assert await tries(timed, password="wrong") == Wrong(4)


async def test_a_stranger_elsewhere_does_not_lock_a_colleague_out_at_once(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for _ in range(5):
        await tries(timed, password="wrong", address=ELSEWHERE)
    assert isinstance(await tries(timed), SignedIn)


async def test_many_addresses_together_do_not_give_many_more_tries(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for number in range(20):
        await tries(timed, password="wrong", address=f"10.9.0.{number}")
    assert isinstance(await tries(timed), Locked)


async def test_an_unknown_name_is_told_the_same_and_leaves_no_word_behind(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    assert await tries(timed, "nobody") == Wrong(4)
    assert [await tries(timed, "nobody") for _ in range(4)][-1] == Locked(
        timed.clock() + timedelta(minutes=15)
    )
    # What was typed as a name is sometimes a password: neither table holds it.
    assert {name for name, _ in await outcomes(timed)} == {""}
    kept = await timed.database.read(lambda c: c.execute(sa.select(TRIES)).all())
    assert "nobody" not in str(kept)


async def test_an_administrator_unlocks_and_it_stands_in_the_trail(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for _ in range(5):
        await tries(timed, password="wrong")
    assert (await timed.accounts.get("jia")).locked
    await timed.accounts.unlock("jia", GUAN)
    assert isinstance(await tries(timed), SignedIn)
    row = (await timed.trail())[-1]
    assert (row["act"], row["object"], row["by"]) == ("account_unlocked", "jia", "guan")


async def test_a_right_try_starts_the_count_afresh(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    for _ in range(4):
        await tries(timed, password="wrong")
    await tries(timed)
    assert await tries(timed, password="wrong") == Wrong(4)


async def test_a_shut_account_is_told_the_same_as_a_wrong_password(timed: World) -> None:
    await timed.hires("jia", "甲", "curator", active=False)
    assert await tries(timed) == Wrong(4)


async def test_a_first_password_is_worthless_after_three_days(timed: World) -> None:
    await timed.hires("guan", "管理员", "administrator")
    await timed.hires("jia", "甲", "curator")
    first = await timed.accounts.reset_password("jia", GUAN)
    timed.clock.passes(days=3, minutes=1)
    assert isinstance(await tries(timed, password=first), Expired)
    assert isinstance(await tries(timed), Wrong)


async def test_a_first_password_must_be_changed_before_anything_else(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    first = await timed.accounts.reset_password("jia", GUAN)
    got = await tries(timed, password=first)
    assert isinstance(got, SignedIn)
    found = await timed.sessions.find(got.token, touch=False)
    assert found is not None
    assert found.password_due


async def test_a_password_that_is_too_old_must_be_changed(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    timed.clock.passes(days=91)
    got = await tries(timed)
    assert isinstance(got, SignedIn)
    found = await timed.sessions.find(got.token, touch=False)
    assert found is not None
    assert found.password_due


async def changes(world: World, old: str, new: str) -> str:
    return await world.accounts.change_password(
        "jia", old, new, Actor("jia", HERE), agent="Chrome 90"
    )


async def test_a_new_password_has_to_follow_the_rule_and_the_old_one_is_asked_for(
    timed: World,
) -> None:
    await timed.hires("jia", "甲", "curator")
    with pytest.raises(Unprocessable) as short:
        await changes(timed, PASSWORD, "short1")
    assert short.value.field == "new"
    with pytest.raises(Unprocessable) as common:
        await changes(timed, PASSWORD, "Password123456")
    assert "常见" in common.value.detail
    with pytest.raises(Unprocessable) as stolen:
        await changes(timed, "not mine", "院子里的第4棵石榴树又开花了")
    assert stolen.value.field == "old"


async def test_the_last_five_passwords_are_not_taken_again(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    used = [PASSWORD]
    for number in range(5):
        new = f"院子里第{number}棵石榴树又开花了"
        await changes(timed, used[-1], new)
        used.append(new)
    for old in used[1:]:
        with pytest.raises(Unprocessable, match="最近 5 次"):
            await changes(timed, used[-1], old)
    # The sixth back is forgotten.
    await changes(timed, used[-1], used[0])


async def test_no_password_ever_stands_in_the_trail(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    await changes(timed, PASSWORD, "院子里的第4棵石榴树又开花了")
    first = await timed.accounts.reset_password("jia", GUAN)
    told = str(await timed.trail())
    assert not any(secret in told for secret in (PASSWORD, "石榴树", first, "argon2"))


async def binds(world: World) -> str:
    """Bind a telephone; returns what it holds."""
    secret = world.totp.invent()
    code = pyotp.TOTP(secret).at(world.clock())
    await world.accounts.set_totp("jia", secret, code, Actor("jia", HERE))
    return secret


async def test_with_a_telephone_bound_the_password_alone_does_not_do(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    secret = await binds(timed)
    timed.clock.passes(minutes=2)
    assert await tries(timed) == Wrong(4)
    code = pyotp.TOTP(secret).at(timed.clock())
    assert isinstance(await tries(timed, code=code), SignedIn)


async def test_a_code_counts_once(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    secret = await binds(timed)
    timed.clock.passes(minutes=2)
    code = pyotp.TOTP(secret).at(timed.clock())
    assert isinstance(await tries(timed, code=code), SignedIn)
    assert await tries(timed, code=code) == Wrong(4)


async def test_the_secret_lies_sealed_and_opens_for_its_own_account_alone(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    secret = await binds(timed)
    sealed = await timed.database.read(
        lambda c: c.scalar(sa.select(ACCOUNTS.c.totp).where(ACCOUNTS.c.name == "jia"))
    )
    assert sealed is not None
    assert secret not in sealed
    assert timed.totp.open("jia", sealed) == secret
    assert timed.totp.open("yi", sealed) == ""


async def test_a_new_sign_in_may_end_the_others(timed: World) -> None:
    await timed.hires("jia", "甲", "curator")
    await console_settings.save(timed.database, ConsoleSettings(one_session=True), GUAN)
    first, second = await tries(timed), await tries(timed, address=ELSEWHERE)
    assert isinstance(first, SignedIn)
    assert isinstance(second, SignedIn)
    assert await timed.sessions.find(first.token, touch=False) is None
    assert await timed.sessions.find(second.token, touch=False) is not None
