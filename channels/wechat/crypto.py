"""Opens what WeChat pushes and seals what we answer: signature first, then decryption.

wechatpy's ciphers stay behind this file. It compares signatures with `!=` and parses XML before
it compares, so both are done here; its errors (and those of binascii, struct, cryptography) all
become one `BadSignature`, so that nobody learns from an answer which check failed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import islice

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import WeChatException

from channels.wechat.account import Account
from nlu.text import errors

BODY_LIMIT = 256 * 1024
"""Bytes read of one push; WeChat's own are a few KiB."""

# Found by pattern, not by a parser: nothing of an unsigned body is interpreted. The alphabet is
# base64's (JSON may write / as \/), so the search is linear and its find needs no unescaping.
_ENCRYPT_XML = re.compile(
    rb"<Encrypt>\s{0,8}(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s{0,8}</Encrypt>"
)
_ENCRYPT_JSON = re.compile(rb'"Encrypt"\s{0,8}:\s{0,8}"([A-Za-z0-9+/=\\]+)"')
_NUMBER = re.compile(r"[0-9]{1,12}")


class Form(str, Enum):
    """How a push is written; the answer is written the same way."""

    XML = "xml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Query:
    """The query string of a callback, as WeChat signs it."""

    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A push that is proven to come from WeChat, with what is needed to answer in kind."""

    account: Account
    body: str
    form: Form
    token: str
    aes_key: str | None
    """The key that opened it; None in plain mode."""


class _Cipher(PrpCrypto):  # type: ignore[misc]
    """wechatpy's cipher with unguessable filling instead of `random.sample`."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class Seal:
    """Checks, opens and seals for a set of accounts."""

    def __init__(
        self,
        *,
        window: timedelta = timedelta(minutes=5),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._window = window.total_seconds()
        self._now = now
        self._ciphers: dict[str, _Cipher] = {}

    def check_address(self, accounts: Iterable[Account], query: Query) -> None:
        """The GET that WeChat sends when the callback address is saved (接入验证)."""
        fresh = self._is_fresh(query)
        signed = [
            _signed(token, query.signature, query.timestamp, query.nonce)
            for account in accounts
            for token in account.tokens
        ]
        if not (fresh and any(signed)):
            raise errors.BadSignature

    def open(self, accounts: Iterable[Account], query: Query, body: bytes) -> Opened:
        """The account and the words of a push; `BadSignature` for whatever is wrong with it."""
        form = Form.JSON if body.lstrip()[:1] == b"{" else Form.XML
        encrypted = _encrypted_in(body, form)
        if not self._is_fresh(query):
            raise errors.BadSignature
        for account in accounts:
            # Compatible mode sends the words beside Encrypt: only Encrypt is signed, so only
            # Encrypt is read.
            opened = (
                self._open_safe(account, query, encrypted, form)
                if encrypted
                else self._open_plain(account, query, body, form)
            )
            if opened:
                return opened
        raise errors.BadSignature

    def seal(self, opened: Opened, answer: str) -> str:
        """The answer as WeChat wants it back: sealed with the key that opened the push."""
        if opened.aes_key is None:
            return answer
        sealed = self._cipher(opened.aes_key).encrypt(answer, opened.account.appid).decode()
        timestamp, nonce = str(int(self._now())), secrets.token_hex(8)
        signature = sign(opened.token, timestamp, nonce, sealed)
        if opened.form is Form.JSON:
            return json.dumps(
                {
                    "Encrypt": sealed,
                    "MsgSignature": signature,
                    "TimeStamp": int(timestamp),
                    "Nonce": nonce,
                }
            )
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def _is_fresh(self, query: Query) -> bool:
        if not _NUMBER.fullmatch(query.timestamp):
            return False
        return abs(self._now() - int(query.timestamp)) <= self._window

    def _open_safe(
        self, account: Account, query: Query, encrypted: list[str], form: Form
    ) -> Opened | None:
        for token in account.tokens:
            for candidate in encrypted:
                if _signed(token, query.msg_signature, query.timestamp, query.nonce, candidate):
                    for key in account.aes_keys:
                        body = self._decrypt(key, candidate, account.appid)
                        if body is not None:
                            return Opened(account, body, form, token, key)
        return None

    def _open_plain(self, account: Account, query: Query, body: bytes, form: Form) -> Opened | None:
        for token in account.tokens:
            if _signed(token, query.signature, query.timestamp, query.nonce):
                if not account.plain_allowed:
                    return None
                try:
                    return Opened(account, body.decode(), form, token, None)
                except UnicodeDecodeError:
                    raise errors.BadRequest from None
        return None

    def _decrypt(self, key: str, encrypted: str, appid: str) -> str | None:
        try:
            return str(self._cipher(key).decrypt(encrypted, appid))
        except (WeChatException, ValueError, IndexError, struct.error):
            return None

    def _cipher(self, key: str) -> _Cipher:
        if key not in self._ciphers:
            self._ciphers[key] = _Cipher(base64.b64decode(key + "="))
        return self._ciphers[key]


def sign(*parts: str) -> str:
    """WeChat's signature: SHA-1 over the sorted parts (its protocol, not our choice)."""
    joined = b"".join(sorted(part.encode("utf-8", "surrogatepass") for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def _signed(token: str, signature: str, *parts: str) -> bool:
    return hmac.compare_digest(
        sign(token, *parts).encode(), signature.encode("utf-8", "surrogatepass")
    )


def _encrypted_in(body: bytes, form: Form) -> list[str]:
    """What stands in Encrypt fields; several where a citizen's own words contain such a field.

    The signature tells which of them is WeChat's; looking at a few is enough.
    """
    pattern = _ENCRYPT_JSON if form is Form.JSON else _ENCRYPT_XML
    found = (match.group(1) for match in pattern.finditer(body))
    return [value.replace(b"\\", b"").decode() for value in islice(found, 8)]
