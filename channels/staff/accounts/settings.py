"""What the office decides about the console; defaults follow what assessors are used to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.tables import SETTINGS
from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from nlu.text.errors import Unprocessable

FOUR_EYES: Mapping[str, str] = {
    "publish": "发布问答：提交人或最后修改人不能自己审核通过",
    "retire": "停用问答",
    "bulk": "批量修改问答",
    "export": "导出数据",
    "import": "导入生效",
    "roles": "给账号授予或收回角色、改这些双人开关",
}
TOTP: Mapping[str, str] = {
    "off": "不用",
    "optional": "自愿：绑定了的人登录时要填",
    "required": "必须：没有绑定的人登录后先绑定",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A setting that is a number, with its limits."""

    name: str
    label: str
    least: int
    most: int
    unit: str
    hint: str = ""


NUMBERS: tuple[Number, ...] = (
    Number(
        "idle_minutes", "多久不操作就退出", 2, 240, "分钟", "退出前 2 分钟提醒；没保存的文字留着"
    ),
    Number("lock_tries", "连续错几次就锁定", 3, 20, "次"),
    Number("lock_minutes", "锁定多久", 1, 1440, "分钟", "管理员可以提前解锁"),
    Number("password_length", "密码至少多长", 8, 64, "个字符", "够 8 个字符并有三种字符的也可以"),
    Number("password_days", "密码多久要换", 0, 364, "天", "0 表示不要求定期换"),
    Number("page_size", "列表每页几行", 10, 100, "行"),
)


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Every setting of the console."""

    idle_minutes: int = 30
    lock_tries: int = 5
    lock_minutes: int = 15
    password_length: int = 12
    password_days: int = 90
    page_size: int = 20
    totp: str = "optional"
    one_session: bool = False
    """A new sign-in ends the account's other ones."""
    watermark: bool = True
    four_eyes: Mapping[str, bool] = field(
        default_factory=lambda: {**dict.fromkeys(FOUR_EYES, False), "publish": True}
    )


def read(connection: Connection) -> ConsoleSettings:
    """The settings in force."""
    stored = {row.name: row.value for row in connection.execute(sa.select(SETTINGS))}
    known = {item.name for item in fields(ConsoleSettings)}
    settings = replace(ConsoleSettings(), **{k: v for k, v in stored.items() if k in known})
    four_eyes = {**ConsoleSettings().four_eyes, **settings.four_eyes}
    return replace(settings, four_eyes={name: bool(four_eyes[name]) for name in FOUR_EYES})


def checked(settings: ConsoleSettings) -> ConsoleSettings:
    """The same, or the first field that is out of its limits."""
    for number in NUMBERS:
        value = getattr(settings, number.name)
        if not number.least <= value <= number.most:
            raise Unprocessable(
                f"应在 {number.least} 到 {number.most} {number.unit}之间", field=number.name
            )
    if settings.totp not in TOTP:
        raise Unprocessable("没有这个选项", field="totp")
    return settings


def changes(old: ConsoleSettings, new: ConsoleSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs, before and after."""
    was, now = asdict(old), asdict(new)
    names = [name for name in was if was[name] != now[name]]
    return {name: was[name] for name in names}, {name: now[name] for name in names}


async def save(database: Database, wanted: ConsoleSettings, by: Actor, reason: str = "") -> None:
    """Put them in force for every process at once."""
    checked(wanted)

    def work(connection: Connection) -> None:
        before, after = changes(read(connection), wanted)
        for name, value in after.items():
            connection.execute(sa.delete(SETTINGS).where(SETTINGS.c.name == name))
            connection.execute(sa.insert(SETTINGS).values(name=name, value=value))
        if after:
            audit.record(
                connection,
                by,
                "settings_changed",
                "settings",
                "console",
                before=before,
                after=after,
                reason=reason,
            )

    await database.write(work)
