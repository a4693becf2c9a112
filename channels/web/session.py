"""Who is chatting on the web page: an identity that the server made up and signed."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_AUDIENCE = b"minsheng-web-session-1"


class WebSessions:
    """Issues and reads the cookie's value, `identity.mac`."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self) -> str:
        """A new identity, nobody's yet."""
        identity = f"web-{secrets.token_hex(16)}"
        return f"{identity}.{self._mac(identity)}"

    def read(self, cookie: str | None) -> str | None:
        """The identity, or None when the cookie is not one of ours."""
        identity, _, mac = (cookie or "").rpartition(".")
        if not identity or not hmac.compare_digest(self._mac(identity).encode(), mac.encode()):
            return None
        return identity

    def _mac(self, identity: str) -> str:
        message = _AUDIENCE + b"\0" + identity.encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


def stated(sender: str) -> str:
    """The identity behind a bare `sender`: it has a dialogue, and can never be a cookie's."""
    return f"stated-{hashlib.sha256(sender.encode()).hexdigest()[:40]}"
