"""Jobs of the day run at the start and again, and one that fails harms no other."""

from __future__ import annotations

import asyncio

from bot.daily import Daily
from nlu.text.errors import Unavailable


async def test_every_job_runs_at_once_and_again_though_one_fails() -> None:
    runs = 0
    twice = asyncio.Event()

    async def fails() -> int:
        raise Unavailable

    async def works() -> int:
        nonlocal runs
        runs += 1
        if runs == 2:
            twice.set()
        return 1

    daily = Daily({"fails": fails, "works": works}, every=0.01)
    daily.begin()
    await asyncio.wait_for(twice.wait(), timeout=10)
    await daily.close()

    assert runs == 2
