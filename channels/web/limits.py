"""So many messages a minute, by identity and by address."""

from __future__ import annotations

import time
from collections.abc import Callable

from nlu.text.errors import TooManyTries

_FORGET_ABOVE = 10_000


class Allowance:
    """A bucket for each key that refills steadily; empty means: slow down."""

    def __init__(
        self, a_minute: int, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = a_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def spend(self, key: str) -> None:
        """Take one; raises `TooManyTries` when there is none."""
        now = self._clock()
        left, then = self._left.get(key, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        if left < 1:
            raise TooManyTries(retry_after=max(1, round((1 - left) / self._rate)))
        if len(self._left) > _FORGET_ABOVE:
            self._forget(now)
        self._left[key] = (left - 1, now)

    def _forget(self, now: float) -> None:
        full_after = self._burst / self._rate
        self._left = {
            key: (left, then) for key, (left, then) in self._left.items() if now - then < full_after
        }
