"""What went over the wire, and which of WeChat's rules were broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Rule(str, Enum):
    """A rule of WeChat's that a bot can break."""

    UNAVAILABLE = "三次推送都没有得到有效回复，用户看到报错"
    UNENCRYPTED = "安全模式下回复没有加密"
    BAD_SEAL = "回复的签名、密钥或 appid 不对"
    NOT_XML = "回复不是微信能读的 XML"
    WRONG_ADDRESSEE = "回复的收件人或发件人不对"
    TOO_LONG = "文本超过 2048 字节"
    ESCAPED = "客服消息里的中文写成了 \\u 转义，用户会看到转义符"
    QUOTA = "客服消息超过条数"
    WINDOW = "超过 48 小时还发客服消息"
    DUPLICATE = "同一段话发了两次"
    TOKEN_HUNGER = "强制刷新 access_token 过于频繁"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at: float
    """Seconds since the sandbox began."""
    what: str
    """push | cut | answer | refused | custom | typing | token | fault"""
    citizen: str
    detail: str


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule."""

    at: float
    rule: Rule
    citizen: str
    detail: str

    def __str__(self) -> str:
        return f"[{self.at:.2f}s] {self.citizen} {self.rule.value}：{self.detail}"


class ProtocolLog:
    """Everything in the order in which it happened."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self.entries: list[Entry] = []
        self.breaches: list[Breach] = []

    def note(self, what: str, citizen: str = "", detail: str = "") -> None:
        """Write a line."""
        self.entries.append(Entry(self._clock() - self._began, what, citizen, detail))

    def breach(self, rule: Rule, citizen: str = "", detail: str = "") -> None:
        """Write down a broken rule."""
        self.breaches.append(Breach(self._clock() - self._began, rule, citizen, detail))

    def count(self, what: str) -> int:
        """How many lines of this kind there are."""
        return sum(entry.what == what for entry in self.entries)
