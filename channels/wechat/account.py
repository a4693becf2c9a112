"""Which WeChat accounts this deployment speaks for, and what each may do."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from nlu.text import errors


class Capability(str, Enum):
    """An interface that WeChat opens only to some kinds of account."""

    CUSTOMER_SERVICE = "customer_service"
    """May send messages of its own (客服消息): 认证订阅号, 认证服务号, 小程序."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account's identity and keys; its repr shows no secret."""

    appid: str
    token: str = field(repr=False)
    """Signs every push (服务器配置 → Token)."""
    aes_key: str | None = field(default=None, repr=False)
    """EncodingAESKey, 43 characters; None only in development, with `plain_allowed`."""
    previous_aes_key: str | None = field(default=None, repr=False)
    """Still accepted after a change: WeChat switches over some minutes later than the form says."""
    previous_token: str | None = field(default=None, repr=False)
    """The same, for a changed token."""
    secret: str | None = field(default=None, repr=False)
    """AppSecret; needed only to call WeChat ourselves."""
    original_id: str | None = None
    """原始 ID (gh_…): what pushes name in ToUserName; checked when set."""
    path: str | None = None
    """Last part of the callback address, `/wechat/{path}`; the appid when unset."""
    channel: str = "wechat"
    """What `Inbound.channel` says; a mini-program's push shares this code."""
    plain_allowed: bool = False
    """Development only: a plain push's signature says nothing of its body (信任 G2)."""
    answers_in_response: bool = True
    """False for a mini-program: its pushes take no text back, only `success`."""
    capabilities: frozenset[Capability] = frozenset()

    def __post_init__(self) -> None:
        for name in ("aes_key", "previous_aes_key"):
            key: str | None = getattr(self, name)
            if key is not None and not _is_aes_key(key):
                raise ValueError(f"{name} of {self.appid} is not an EncodingAESKey (43 characters)")
        if self.aes_key is None and not self.plain_allowed:
            raise ValueError(f"{self.appid} has no aes_key, and plain mode is not allowed")
        if not self.token:
            raise ValueError(f"{self.appid} has no token")

    @property
    def tokens(self) -> tuple[str, ...]:
        """The present token first, then the one before."""
        return tuple(token for token in (self.token, self.previous_token) if token)

    @property
    def aes_keys(self) -> tuple[str, ...]:
        """The present key first, then the one before."""
        return tuple(key for key in (self.aes_key, self.previous_aes_key) if key)

    def can(self, capability: Capability) -> bool:
        """Whether WeChat lets this account do that."""
        return capability in self.capabilities


def _is_aes_key(key: str) -> bool:
    try:
        return len(key) == 43 and len(base64.b64decode(key + "=", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


class Accounts:
    """The accounts by the ways that a push may name one."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._all = tuple(accounts)
        self._by_path = {account.path or account.appid: account for account in self._all}
        self._by_appid = {account.appid: account for account in self._all}
        self._by_original_id = {a.original_id: a for a in self._all if a.original_id}
        if len(self._by_path) != len(self._all) or len(self._by_appid) != len(self._all):
            raise ValueError("two WeChat accounts share a path or an appid")

    def __iter__(self) -> Iterator[Account]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def at(self, path: str | None) -> tuple[Account, ...]:
        """Those that answer at `/wechat/{path}`; at the bare `/wechat` all of them.

        Whether a push truly belongs to one is decided by signature and appid, never by its address.
        """
        if path is None:
            return self._all
        account = self._by_path.get(path)
        return (account,) if account else ()

    def of(self, appid: str) -> Account:
        """The account with this appid."""
        try:
            return self._by_appid[appid]
        except KeyError:
            raise errors.NotFound from None

    def named(self, to_user_name: str) -> Account | None:
        """The account that a push calls by its 原始 ID."""
        return self._by_original_id.get(to_user_name)
