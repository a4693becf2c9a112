"""The signed name of a turn, which travels through Rasa and back.

Rasa runs on an interpreter that gets no more fixes, so nothing that it says about who is
speaking is believed: the app signs the inbox row of each message for the time of its turn,
and an action reads identity and words from that row.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

from nlu.text.errors import Forbidden

_AUDIENCE = b"minsheng-turn-1"


class TurnTokens:
    """Signs and checks turn tokens: `row.expiry.mac`."""

    def __init__(
        self, secret: bytes, *, lifetime: float = 180.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret
        self._lifetime = lifetime
        self._clock = clock

    def sign(self, row: int) -> str:
        """A token for this inbox row, good for one turn's time."""
        body = f"{row}.{int(self._clock() + self._lifetime)}"
        return f"{body}.{self._mac(body)}"

    def verify(self, token: str) -> int:
        """The inbox row; raises `Forbidden` when the token is not ours, changed or too old."""
        body, _, mac = token.rpartition(".")
        if not hmac.compare_digest(self._mac(body).encode(), mac.encode()):
            raise Forbidden
        row, _, expiry = body.partition(".")
        if int(expiry) < self._clock():
            raise Forbidden
        return int(row)

    def _mac(self, body: str) -> str:
        message = _AUDIENCE + b"\0" + body.encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()
