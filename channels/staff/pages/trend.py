"""The course of figures over runs, drawn as SVG on the server: no script, no style attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.runs import RunLine
from knowledge_base.search import CHINA

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 28
LINES: Mapping[str, tuple[str, str]] = {
    "answered_rightly": ("直接答对", "#2fb344"),
    "right_refusals": ("不答得对", "#206bc4"),
    "wrong_answers": ("答错", "#d63939"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One run on one line."""

    x: float
    y: float
    value: float
    run: RunLine


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over all runs."""

    name: str
    label: str
    colour: str
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        return " ".join(
            f"{'L' if number else 'M'}{point.x:.1f} {point.y:.1f}"
            for number, point in enumerate(self.points)
        )


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template draws."""

    lines: tuple[Line, ...]
    grid: tuple[tuple[float, str], ...]
    """Heights with their labels."""
    days: tuple[tuple[float, str, str], ...]
    """Places with the days below them and how the words are anchored there."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def chart(runs: Sequence[RunLine]) -> Chart | None:
    """Figures of the runs, oldest first; None while there is no course to see."""
    if len(runs) < 2:
        return None
    across = (WIDTH - LEFT - RIGHT) / (len(runs) - 1)
    up = HEIGHT - TOP - BOTTOM

    def height(value: float) -> float:
        return TOP + (1 - value) * up

    lines = []
    for name, (label, colour) in LINES.items():
        found = [
            Point(LEFT + number * across, height(value), value, run)
            for number, run in enumerate(runs)
            if (value := getattr(run.figures, name)) is not None
        ]
        if found:
            lines.append(Line(name, label, colour, tuple(found)))
    shown = [0, len(runs) // 2, len(runs) - 1] if len(runs) > 2 else [0, 1]
    anchors = ("start", "middle", "end") if len(runs) > 2 else ("start", "end")
    return Chart(
        tuple(lines),
        tuple((height(share), f"{share * 100:.0f}%") for share in (0, 0.25, 0.5, 0.75, 1)),
        tuple(
            (LEFT + number * across, f"{runs[number].at.astimezone(CHINA):%m-%d}", anchor)
            for number, anchor in zip(shown, anchors, strict=True)
        ),
    )
