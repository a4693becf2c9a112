"""What the case base keeps secret, and under which key.

One server secret, from which a key per purpose is derived: a value made for one
purpose is worthless for another, and the database alone opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from case_api import words
from nlu.text.errors import Unprocessable

QUERY_DIGITS = 6
NONCE = 12
MAC = 8


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keyed hashes and sealed values of the case base."""

    root: bytes

    def __post_init__(self) -> None:
        if len(self.root) < 32:
            raise ValueError("the server secret needs at least 32 bytes")

    def __repr__(self) -> str:
        return "Secrets(…)"

    def hash(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash of the parts; lengths are hashed too, so that no two lists are alike."""
        mac = hmac.new(self._key(purpose), digestmod=hashlib.sha256)
        for part in parts:
            raw = part.encode()
            mac.update(len(raw).to_bytes(8, "big") + raw)
        return mac.digest()

    def query_hash(self, code: str, digits: str) -> bytes:
        """What is stored of a 查询码: twenty bits need a key, whatever the hash."""
        return self.hash("query-code", code, digits)

    def seal(self, scope: str, key: str, plain: bytes) -> bytes:
        """Encrypt an answer for replay under the idempotency key, which is not stored.

        The answer holds the 查询码, which must lie nowhere in clear.
        """
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self.hash("replay", scope, key)).encrypt(nonce, plain, None)

    def unseal(self, scope: str, key: str, sealed: bytes) -> bytes | None:
        """The answer sealed before; None when it was sealed under another server secret."""
        try:
            return AESGCM(self.hash("replay", scope, key)).decrypt(
                sealed[:NONCE], sealed[NONCE:], None
            )
        except InvalidTag:
            return None

    def cursor(self, seq: int) -> str:
        """A place in a list that callers cannot make up."""
        raw = seq.to_bytes(8, "big")
        return base64.urlsafe_b64encode(raw + self._cursor_mac(raw)).decode().rstrip("=")

    def read_cursor(self, text: str) -> int:
        """Back from `cursor`."""
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except ValueError as error:
            raise Unprocessable(words.CURSOR_BAD, field="cursor") from error
        if len(raw) != 8 + MAC or not hmac.compare_digest(raw[8:], self._cursor_mac(raw[:8])):
            raise Unprocessable(words.CURSOR_BAD, field="cursor")
        return int.from_bytes(raw[:8], "big")

    def _cursor_mac(self, raw: bytes) -> bytes:
        return hmac.digest(self._key("cursor"), raw, "sha256")[:MAC]

    def _key(self, purpose: str) -> bytes:
        return hmac.digest(self.root, b"case-api/" + purpose.encode(), "sha256")


def new_query_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**QUERY_DIGITS):0{QUERY_DIGITS}d}"


def same_token(given: str, expected: str) -> bool:
    """Compare in constant time, whatever the lengths."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest()
    )
