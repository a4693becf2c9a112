"""Speed through the encrypted callback, beside Rasa asked by itself and beside a bare echo.

The bot, Rasa and this client share the machine's cores. Rounds of the three take turns, so that
a noisy moment hits all of them; figures are medians over rounds.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.load import Figures, Round, repeated, run
from benchmarks.report import figure, progress
from benchmarks.talks import CODE, TALKS
from benchmarks.targets import Callback, RasaDirect, Target, WrongAnswer, echo_running
from benchmarks.wire import Connection
from bot.prepare import model_fingerprint
from knowledge_base.database import Database
from tests.service import PREPARED, Service

Talks = Sequence[Sequence[str]]
ROUNDS = 5
ROUNDS_AT_ONCE = 3
TALKS_AT_ONCE = 30
"""In a round of twenty citizens: more talks than citizens, so that they are all busy most of it."""
STARTS_WITHIN = 30.0


async def measure() -> None:
    """Start everything, warm up, measure with one citizen and with twenty, print."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minsheng-bench-")))
        # Without customer-service messages every answer has to come in the response itself.
        service = Service.prepared(folder / "data", MINSHENG_WECHAT_CUSTOMER_SERVICE="false")
        stack.callback(service.stop)
        load = os.getloadavg()[0]
        progress(
            f"{os.cpu_count()} cores, load {load:.1f} already; starting the bot and the echo …"
        )
        await service.start()
        echo = stack.enter_context(echo_running())
        await _listening(echo.port)
        database = Database(f"sqlite:///{service.data_dir / 'minsheng.db'}")
        stack.push_async_callback(database.close)
        talks = await _with_a_real_code(service)
        targets: dict[str, Target] = {
            "callback": Callback(service),
            "rasa": RasaDirect(service, database),
            "echo": echo,
        }
        progress("warming up …")
        await _rounds(targets, talks, citizens=2, rounds=1)
        many = repeated(talks, TALKS_AT_ONCE)
        for citizens, said, count in ((1, talks, ROUNDS), (20, many, ROUNDS_AT_ONCE)):
            rounds, late = await _rounds(targets, said, citizens, count)
            _show(citizens, {name: Figures.of(done) for name, done in rounds.items()}, late)


async def _rounds(
    targets: dict[str, Target], talks: Talks, citizens: int, rounds: int
) -> tuple[dict[str, list[Round]], int]:
    """Rounds of all targets in turn, every other time backwards; and how many answers were late."""
    measured: dict[str, list[Round]] = {name: [] for name in targets}
    late = 0
    for number in range(rounds):
        for name in list(targets)[:: -1 if number % 2 else 1]:
            target = targets[name]
            requests = await target.prepare(repeated(talks, len(talks) * target.times))
            done = await run(target.port, requests, citizens)
            late += await target.finish(done)
            measured[name].append(done)
            progress(f"  {citizens} at once, round {number + 1}: {name} {done.rate:.1f} messages/s")
    return measured, late


def _show(citizens: int, of: dict[str, Figures], late: int) -> None:
    ours = of["callback"]
    who = "1 citizen" if citizens == 1 else f"{citizens} citizens"
    others = {"rasa": "Rasa answering the same messages directly", "echo": "FastAPI+wechatpy echo"}
    for name, words in others.items():
        other = of[name]
        figure(f"callback rate, {who}, against {words}", ours.rate, "messages/s", other.rate)
        figure(f"callback p50, {who}, against {words}", ours.p50, "ms", other.p50)
        figure(f"callback p95, {who}, against {words}", ours.p95, "ms", other.p95)
    figure(f"callback answers later than WeChat waits, {who}", late, "messages")


async def _with_a_real_code(service: Service) -> Talks:
    """The talks, with the code of a case that somebody filed before."""
    body = {
        "text": "文化路口的井盖松了，车一过就响，怕夜里有人踩空",
        "place": "文化路口",
        "channel": "web",
        "citizen": secrets.token_hex(8),
    }
    async with service.api() as http:
        key = {"Idempotency-Key": secrets.token_hex(8)}
        filed = (await http.post("/cases", json=body, headers=key)).raise_for_status()
        code = filed.json()["code"].lower().replace("-", "")
    return [[text.replace(CODE, code) for text in talk] for talk in TALKS]


async def _listening(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            connection = await Connection.to(port)
        except ConnectionError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            await connection.close()
            return


def main() -> int:
    """0 when everything was answered."""
    if not (PREPARED / "models" / f"dialogue-{model_fingerprint()}.tar.gz").exists():
        progress(
            "callback: no model of these sources; MINSHENG_DATA_DIR=var/test python -m bot prepare"
        )
        return 1
    try:
        asyncio.run(measure())
    except WrongAnswer as wrong:
        progress(f"callback: not an answer: {wrong}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
