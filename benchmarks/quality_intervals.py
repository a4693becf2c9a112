"""A figure with its 95 % interval: units drawn again with replacement, a thousand times."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Unit = TypeVar("Unit")
SAMPLES = 1_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    name: str
    value: float
    low: float
    high: float
    units: int
    aim: float | None = None

    def __str__(self) -> str:
        aim = "" if self.aim is None else f"{self.aim:.2f}"
        met = "" if self.aim is None else ("达到" if self.value >= self.aim else "未达到")
        return (
            f"| {self.name} | {self.value:.3f} | {self.low:.3f}–{self.high:.3f} "
            f"| {self.units} | {aim} | {met} |"
        )


HEAD = "| 测什么 | 值 | 95% 区间 | 条数 | 目标 | |\n|---|---|---|---|---|---|"


def interval(
    units: Sequence[Unit], figure: Callable[[Sequence[Unit]], float], samples: int = SAMPLES
) -> tuple[float, float]:
    """What the figure comes to in samples of the units, less a fortieth at either end."""
    chance = random.Random(SEED)
    drawn = sorted(figure(chance.choices(units, k=len(units))) for _ in range(samples))
    return drawn[int(samples * 0.025)], drawn[int(samples * 0.975) - 1]


def line(
    name: str,
    units: Sequence[Unit],
    figure: Callable[[Sequence[Unit]], float],
    aim: float | None = None,
    samples: int = SAMPLES,
) -> Line:
    """The figure of all units with its interval."""
    low, high = interval(units, figure, samples)
    return Line(name, figure(units), low, high, len(units), aim)


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Of (right, told) pairs, every class counting the same."""
    classes = {right for right, _ in pairs}
    return sum(_f1(pairs, name) for name in classes) / len(classes)


def _f1(pairs: Sequence[tuple[str, str]], name: str) -> float:
    hits = sum(right == told == name for right, told in pairs)
    named = sum((right == name) + (told == name) for right, told in pairs)
    return 2 * hits / named if named else 0.0
