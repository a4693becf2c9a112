from __future__ import annotations

import pytest

from channels.web.limits import Allowance
from nlu.text.errors import TooManyTries


def test_a_burst_is_allowed_and_then_a_pause_is_asked_for() -> None:
    now = [0.0]
    allowance = Allowance(a_minute=60, burst=3, clock=lambda: now[0])
    for _ in range(3):
        allowance.spend("a")
    with pytest.raises(TooManyTries) as pause:
        allowance.spend("a")
    assert pause.value.retry_after == 1
    allowance.spend("b")
    now[0] += 1
    allowance.spend("a")


def test_memory_does_not_grow_with_visitors() -> None:
    now = [0.0]
    allowance = Allowance(a_minute=60, burst=1, clock=lambda: now[0])
    for visitor in range(10_001):
        allowance.spend(str(visitor))
    now[0] += 60
    allowance.spend("late")
    assert len(allowance._left) < 10
