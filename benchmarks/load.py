"""Citizens who talk at the same time, each waiting for the answer before the next message."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TypeVar

from benchmarks.wire import Answer, Connection

T = TypeVar("T")
Talk = Sequence[bytes]
"""One citizen's requests, in order."""


@dataclass(frozen=True, slots=True)
class Round:
    """One run of all talks against one server."""

    seconds: float
    latencies: list[float]
    answers: list[list[Answer]]
    """By talk, in order."""

    @property
    def rate(self) -> float:
        """Messages answered in a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over rounds."""

    rate: float
    p50: float
    """Milliseconds, as p95."""
    p95: float

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> Figures:
        """One slow moment of the machine must not decide, hence medians of each round's figures."""
        cuts = [quantiles(one.latencies, n=20, method="inclusive") for one in rounds]
        return cls(
            rate=median(one.rate for one in rounds),
            p50=1000 * median(cut[9] for cut in cuts),
            p95=1000 * median(cut[18] for cut in cuts),
        )


async def run(port: int, talks: Sequence[Talk], citizens: int) -> Round:
    """All talks, `citizens` of them at any time."""
    latencies: list[float] = []
    answers: list[list[Answer]] = [[] for _ in talks]
    connections = [await Connection.to(port) for _ in range(citizens)]
    waiting = iter(enumerate(talks))

    async def citizen(connection: Connection) -> None:
        for index, talk in waiting:
            for request in talk:
                sent = time.perf_counter()
                answers[index].append(await connection.send(request))
                latencies.append(time.perf_counter() - sent)

    began = time.perf_counter()
    await asyncio.gather(*map(citizen, connections))
    seconds = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    return Round(seconds, latencies, answers)


def repeated(items: Sequence[T], count: int) -> list[T]:
    """So many items, from the beginning again when they are used up."""
    return list(itertools.islice(itertools.cycle(items), count))
