"""Passwords: the rule in words, the hash, and which ones everybody tries first."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 128
KEPT = 5
"""So many old ones are not taken again."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with OWASP's least figures: fits a machine of two cores that also serves citizens."""
_DUMMY = _HASHER.hash(secrets.token_urlsafe(32))
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""For passwords that are read off paper: nothing that looks like something else."""

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "qazwsxedcrfvtgbyhn",
)
_COMMON = (
    "password", "passw0rd", "letmein", "welcome", "iloveyou", "monkey", "dragon", "sunshine",
    "princess", "football", "master", "shadow", "superman", "batman", "trustno", "admin",
    "administrator", "root", "guest", "test", "demo", "user", "login", "changeme", "default",
    "secret", "hello", "charlie", "michael", "jordan", "computer", "internet", "windows",
    "system", "server", "oracle", "woaini", "aini", "nihao", "mima", "zhongguo", "beijing",
    "shanghai", "wang", "zhang", "woshi", "qwer", "asdf", "zxcv", "minsheng", "minshengbot",
    "xinfang", "zhengfu", "shizheng", "12345rexian", "a123456", "aa123456", "abc123",
)  # fmt: skip
_LEET = str.maketrans("@4310$5!7", "aaeiossit")


def rule(length: int) -> str:
    """The rule as staff read it."""
    return (
        f"至少 {length} 个字符；或至少 8 个字符，并且大写字母、小写字母、数字、符号里有三种。"
        f"不能是常见密码（如 123456、qwerty 这样连着的、重复的），不能有用户名、姓名或工号，"
        f"不能与最近 {KEPT} 次用过的相同。"
    )


def objection(password: str, *, length: int, about: Iterable[str] = ()) -> str:
    """Why this one is not taken, in words; empty: it is. `about`: name, number, …"""
    if len(password) > LONGEST:
        return f"最多 {LONGEST} 个字符"
    kinds = sum(
        bool(re.search(kind, password)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^A-Za-z0-9]")
    )
    if len(password) < length and not (len(password) >= 8 and kinds >= 3):
        return (
            f"太短：至少 {length} 个字符；或至少 8 个字符，"
            "并且大写字母、小写字母、数字、符号里有三种"
        )
    if len(set(password)) < 5:
        return "重复的字符太多，很容易被猜到"
    plain = password.lower()
    for word in about:
        if len(word) >= 3 and word.lower() in plain:
            return "不能含有用户名、姓名或工号"
    if _is_common(plain):
        return "这是常见的密码（或由常见的密码拼成），很容易被猜到"
    return ""


def _is_common(plain: str) -> bool:
    """Whether nothing much is left once the words and runs are taken out that all lists hold."""
    for text in (plain, plain.translate(_LEET)):
        left = text
        for word in sorted(_COMMON, key=len, reverse=True):
            left = left.replace(word, "")
        left = _without_runs(left)
        left = re.sub(r"(19|20)\d\d", "", left)
        left = re.sub(r"(.)\1{2,}", "", left)
        # Figures and signs put after a common word are what everybody puts there.
        if len(left) < 4 or (left != text and sum(map(str.isalpha, left)) < 4):
            return True
    return False


def _without_runs(text: str) -> str:
    """Without pieces of four or more that lie side by side in the alphabet or on the keys."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    at, kept = 0, ""
    while at < len(text):
        end = at
        for stop in range(min(len(text), at + 26), at + 3, -1):
            if any(text[at:stop] in row for row in rows):
                end = stop
                break
        if end > at:
            at = end
        else:
            kept += text[at]
            at += 1
    return kept


def hashed(password: str) -> str:
    """What is stored. Slow on purpose: call it in a thread."""
    return _HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether it is the one; with nothing stored it takes as long and is wrong."""
    try:
        right = _HASHER.verify(stored or _DUMMY, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(stored)


def was_used(stored: Iterable[str], password: str) -> bool:
    """Whether it is one of the old ones."""
    return any(fits(old, password) for old in stored)


def invented() -> str:
    """A first password for somebody else, easy to read out: 78 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
