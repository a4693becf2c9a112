"""The six digits from an app (RFC 6238): secrets lie sealed, each code counts once."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STEP = 30
DRIFT = 1
"""Steps that a telephone's clock may be off."""
_NONCE = 12
_FORMAT = "g1:"
"""AES-256-GCM; another algorithm gets another mark."""


class Totp:
    """Makes, seals and checks the second factor."""

    def __init__(self, root: bytes) -> None:
        if len(root) < 32:
            raise ValueError("the key for sealing needs at least 32 bytes")
        self._key = HKDF(SHA256(), 32, None, b"minsheng-staff-totp-1").derive(root)

    def invent(self) -> str:
        """A new secret, not anybody's yet."""
        return pyotp.random_base32()

    def seal(self, name: str, secret: str) -> str:
        """For the table; a value moved to another account does not open."""
        nonce = secrets.token_bytes(_NONCE)
        box = AESGCM(self._key).encrypt(nonce, secret.encode(), name.encode())
        return _FORMAT + base64.b64encode(nonce + box).decode()

    def open(self, name: str, sealed: str) -> str:
        """The secret; empty when it was sealed under another key or for another account."""
        try:
            raw = base64.b64decode(sealed.removeprefix(_FORMAT), validate=True)
            return AESGCM(self._key).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            return ""

    def step_of(self, secret: str, code: str, now: datetime, after: int = 0) -> int | None:
        """The time step whose code this is, later than `after`; None: it is wrong or was used."""
        digits = "".join(sign for sign in code if sign.isdigit())
        if not secret or len(digits) != 6:
            return None
        current = int(now.timestamp()) // STEP
        for step in range(current - DRIFT, current + DRIFT + 1):
            right = pyotp.TOTP(secret).at(step * STEP)
            if step > after and secrets.compare_digest(right.encode(), digits.encode()):
                return step
        return None

    def picture(self, name: str, secret: str) -> str:
        """The QR code that apps read, as a data URI."""
        uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="民声后台")
        return segno.make(uri, error="m").svg_data_uri(scale=5, border=2)
