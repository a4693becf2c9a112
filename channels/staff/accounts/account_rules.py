"""What an account has to look like, and who has to be left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.sign_in import plain_name
from channels.staff.accounts.tables import ACCOUNTS
from channels.staff.roles import ADMINISTRATOR, checked
from knowledge_base.audit import SYSTEM
from nlu.text.errors import Conflict, Unprocessable

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_TAKEN = (SYSTEM.name, "bot", "citizen", "new")
"""Names that the trail, or an address of a page, uses for something else."""


@dataclass(frozen=True, slots=True)
class Person:
    """What an administrator writes about somebody."""

    display_name: str
    staff_number: str
    roles: tuple[str, ...]


def checked_name(name: str) -> str:
    """As accounts are called; refuses what is hard to type or to tell apart."""
    name = plain_name(name)
    if not _NAME.fullmatch(name):
        raise Unprocessable(
            "用户名 2–32 个字符：小写字母开头，可以有数字、点、下划线和短横", field="name"
        )
    if name in _TAKEN:
        raise Unprocessable("这个用户名留给程序自己用，请换一个", field="name")
    return name


def checked_person(person: Person, now: Sequence[str] | None = None) -> Person:
    """The same, tidied, or the first field that is wrong; `now`: the roles of one that exists."""
    name = unicodedata.normalize("NFKC", person.display_name).strip()
    if not 1 <= len(name) <= 32:
        raise Unprocessable("姓名要写，最多 32 个字", field="display_name")
    number = person.staff_number.strip()
    if len(number) > 32:
        raise Unprocessable("工号最多 32 个字符", field="staff_number")
    # Without roles is one whose first roles wait for a second person.
    if not person.roles and (now is None or now):
        raise Unprocessable("至少选一个角色", field="roles")
    return Person(name, number, checked(person.roles))


def keep_administrators(connection: Connection, row: Any, roles: Sequence[str]) -> None:
    """The last one who can give out accounts stays one; the last two where two have to agree."""
    if ADMINISTRATOR.name not in row.roles or ADMINISTRATOR.name in roles or not row.active:
        return
    left = administrators(connection, without=row.id)
    if not left:
        raise Conflict("至少要留一个能用的管理员账号")
    if left < 2 and console_settings.read(connection).four_eyes["roles"]:
        raise Conflict("改角色要双人复核，至少要留两个能用的管理员账号；请先给别人管理员角色")


def administrators(connection: Connection, *, without: int = 0) -> int:
    """How many accounts can give out accounts."""
    rows = connection.execute(
        sa.select(ACCOUNTS.c.roles).where(ACCOUNTS.c.id != without, ACCOUNTS.c.active)
    )
    return sum(ADMINISTRATOR.name in row.roles for row in rows)
