from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.settings import FOUR_EYES, NUMBERS, ConsoleSettings
from knowledge_base.audit import Actor
from nlu.text.errors import Unprocessable
from tests.channels.staff.office_world import Browser, World

GUAN = Actor("guan", "10.0.0.9")


def form(**changes: Any) -> dict[str, Any]:
    """What the page sends when it is left as it was opened."""
    usual = ConsoleSettings()
    numbers = {number.name: str(getattr(usual, number.name)) for number in NUMBERS}
    return {
        **numbers,
        "totp": "optional",
        "watermark": "1",
        "four_eyes_publish": "1",
        "reason": "",
        **changes,
    }


async def now(world: World) -> ConsoleSettings:
    return await world.sessions.settings()


async def test_what_is_saved_holds_at_once_and_tells_before_and_after(timed: World) -> None:
    assert await now(timed) == ConsoleSettings()
    wanted = replace(ConsoleSettings(), idle_minutes=10, watermark=False)
    await console_settings.save(timed.database, wanted, GUAN, "评估要求")
    assert await now(timed) == wanted
    row = (await timed.trail())[-1]
    assert row["before"] == {"idle_minutes": 30, "watermark": True}
    assert row["after"] == {"idle_minutes": 10, "watermark": False}
    assert (row["act"], row["reason"]) == ("settings_changed", "评估要求")


async def test_nothing_changed_leaves_no_trace(timed: World) -> None:
    await console_settings.save(timed.database, ConsoleSettings(), GUAN)
    assert await timed.acts() == []


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_every_number_has_its_limits(number: console_settings.Number) -> None:
    for value in (number.least - 1, number.most + 1):
        with pytest.raises(Unprocessable) as refused:
            console_settings.checked(replace(ConsoleSettings(), **{number.name: value}))
        assert refused.value.field == number.name


async def test_the_page_shows_every_setting_in_words_with_its_limits(admin: Browser) -> None:
    page = await admin.opens("/staff/settings")
    for number in NUMBERS:
        assert number.label in page
        assert f'min="{number.least}" max="{number.most}"' in page
    assert all(label in page for label in FOUR_EYES.values())


async def test_the_page_saves(desks: World, admin: Browser) -> None:
    sent = form(idle_minutes="20", one_session="1", four_eyes_retire="1")
    assert "已保存" in await admin.told("/staff/settings", **sent)
    settings = await now(desks)
    assert (settings.idle_minutes, settings.one_session) == (20, True)
    assert settings.four_eyes["retire"]
    assert settings.four_eyes["publish"]


@pytest.mark.parametrize("value", ["1", "241", "viele", "", "-5", "１５"])
async def test_a_number_out_of_its_limits_is_refused_beside_its_field(
    desks: World, admin: Browser, value: str
) -> None:
    page = (await admin.sends("/staff/settings", status=422, **form(idle_minutes=value))).text
    assert 'id="idle_minutes-error"' in page
    assert await now(desks) == ConsoleSettings()


async def test_four_eyes_over_roles_needs_two_administrators(desks: World, admin: Browser) -> None:
    page = (await admin.sends("/staff/settings", status=422, **form(four_eyes_roles="1"))).text
    assert "至少要有两个能用的管理员账号" in page
    await desks.hires("guan2", "另一位", "administrator")
    await admin.told("/staff/settings", **form(four_eyes_roles="1"))
    assert (await now(desks)).four_eyes["roles"]


async def test_without_four_eyes_over_roles_a_switch_goes_off_at_once(
    desks: World, admin: Browser
) -> None:
    await admin.told("/staff/settings", **form(four_eyes_publish=""))
    assert not (await now(desks)).four_eyes["publish"]


async def test_the_watermark_can_be_switched_off(admin: Browser) -> None:
    assert "data-watermark" in await admin.opens("/staff/settings")
    await admin.told("/staff/settings", **form(watermark=""))
    assert "data-watermark" not in await admin.opens("/staff/settings")
