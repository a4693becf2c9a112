"""What a benchmark prints: one JSON object a line on stdout; words for people go to stderr."""

from __future__ import annotations

import json
import sys


def figure(name: str, value: float, unit: str, baseline: float | None = None) -> None:
    """Print one figure beside what it is compared with; `ratio` is value by baseline."""
    ratio = round(value / baseline, 3) if baseline else None
    line = {"name": name, "value": _short(value), "unit": unit, "baseline": None, "ratio": ratio}
    if baseline is not None:
        line["baseline"] = _short(baseline)
    print(json.dumps(line, ensure_ascii=False), flush=True)


def progress(text: str) -> None:
    """Tell whoever waits what is going on."""
    print(text, file=sys.stderr, flush=True)


def _short(value: float) -> float:
    return round(value, 4 if abs(value) < 1 else 2)
