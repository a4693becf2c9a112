"""The account that the sandbox plays WeChat for."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Mode(str, Enum):
    """消息加解密方式, as chosen in the account's settings."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the account's settings page shows."""

    appid: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    """AppSecret; unset: any is taken."""
    original_id: str = "gh_sandbox"
    mode: Mode = Mode.SAFE
    customer_service: bool = True
    """Whether WeChat lets this account send by itself; otherwise 48001."""
