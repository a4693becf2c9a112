"""Accounts: made, given roles, shut, and given new passwords; every change is in the trail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts import passwords
from channels.staff.accounts.account_rules import (
    Person,
    checked_name,
    checked_person,
    keep_administrators,
)
from channels.staff.accounts.records import Account, Clock, account_of, account_row, aware, utcnow
from channels.staff.accounts.sessions import Sessions, end_all
from channels.staff.accounts.sign_in import forget_tries, locked_until
from channels.staff.accounts.tables import ACCOUNTS, SIGN_INS
from channels.staff.accounts.totp import Totp
from channels.staff.roles import ADMINISTRATOR
from knowledge_base import audit
from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.database import Database
from nlu.text.errors import Conflict, Forbidden, NotFound, Unprocessable

FIRST = "admin"
FIRST_LASTS = timedelta(days=3)
"""A password that somebody else knows is worth nothing after that."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with what a list of them tells."""

    account: Account
    locked: bool
    last_in: datetime | None
    """When somebody last signed in with it."""


class Accounts:
    """Who may sign in."""

    def __init__(
        self, database: Database, sessions: Sessions, totp: Totp, now: Clock = utcnow
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._totp = totp
        self._now = now

    async def first(self, password: str = "") -> str | None:
        """Make the first administrator; returns the password, None when there are accounts."""
        password = password or passwords.invented()
        stored = await asyncio.to_thread(passwords.hashed, password)

        def work(connection: Connection) -> bool:
            if connection.scalar(sa.select(sa.func.count()).select_from(ACCOUNTS)):
                return False
            person = Person("管理员", "", (ADMINISTRATOR.name,))
            self._insert(connection, FIRST, person, stored, SYSTEM, lasts=None)
            return True

        return password if await self._database.write(work) else None

    async def listed(self) -> list[Listed]:
        """All accounts by name."""

        def look(connection: Connection) -> list[Listed]:
            rows = connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name)).all()
            last = dict(
                connection.execute(
                    sa.select(SIGN_INS.c.name, sa.func.max(SIGN_INS.c.at))
                    .where(SIGN_INS.c.outcome == "in")
                    .group_by(SIGN_INS.c.name)
                ).all()
            )
            now = self._now()
            return [
                Listed(
                    account_of(row),
                    locked_until(connection, row.name, None, now) is not None,
                    aware(last.get(row.name)),
                )
                for row in rows
            ]

        return await self._database.read(look)

    async def get(self, name: str) -> Listed:
        """One account."""
        found = [one for one in await self.listed() if one.account.name == name]
        if not found:
            raise NotFound("没有这个账号")
        return found[0]

    async def add(self, name: str, person: Person, by: Actor, *, roles_later: bool = False) -> str:
        """Make an account; returns its first password, which is told once.

        With `roles_later` it may do nothing until a second person has agreed to its roles.
        """
        name = checked_name(name)
        person = checked_person(person)
        if roles_later:
            person = replace(person, roles=())
        password = passwords.invented()
        stored = await asyncio.to_thread(passwords.hashed, password)

        def work(connection: Connection) -> None:
            if connection.scalar(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name)):
                raise Unprocessable("这个用户名已经有人用了", field="name")
            self._insert(connection, name, person, stored, by, lasts=FIRST_LASTS)

        await self._database.write(work)
        return password

    async def change(self, name: str, wanted: Person, by: Actor, reason: str = "") -> None:
        """Name, number and roles; with other roles the account has to sign in again."""

        def work(connection: Connection) -> None:
            row = account_row(connection, name)
            person = checked_person(wanted, row.roles)
            before = {
                "display_name": row.display_name,
                "staff_number": row.staff_number,
                "roles": list(row.roles),
            }
            after = {
                "display_name": person.display_name,
                "staff_number": person.staff_number,
                "roles": list(person.roles),
            }
            if before == after:
                return
            if by.name == name and before["roles"] != after["roles"]:
                raise Forbidden("不能改自己的角色")
            keep_administrators(connection, row, person.roles)
            connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == row.id).values(**after))
            if before["roles"] != after["roles"]:
                end_all(connection, row.id)
            audit.record(
                connection, by, "account_changed", "account", name,
                before=before, after=after, reason=reason,
            )  # fmt: skip

        await self._database.write(work)

    async def set_active(self, name: str, active: bool, by: Actor, reason: str = "") -> None:
        """Shut or open an account; shut, it is out at once everywhere."""
        if not active and by.name == name:
            raise Forbidden("不能停用自己的账号")

        def work(connection: Connection) -> None:
            row = account_row(connection, name)
            if bool(row.active) == active:
                return
            if not active:
                keep_administrators(connection, row, ())
                end_all(connection, row.id)
            self._set(connection, row, active=active)
            act = "account_opened" if active else "account_shut"
            audit.record(connection, by, act, "account", name, reason=reason)

        await self._database.write(work)

    async def unlock(self, name: str, by: Actor) -> None:
        """Forget the wrong tries."""

        def work(connection: Connection) -> None:
            account_row(connection, name)
            forget_tries(connection, name)
            audit.record(connection, by, "account_unlocked", "account", name)

        await self._database.write(work)

    async def reset_password(self, name: str, by: Actor) -> str:
        """A new first password, told once; the account's sessions end."""
        if by.name == name:
            raise Forbidden("自己的密码在“改密码”里改")
        password = passwords.invented()
        stored = await asyncio.to_thread(passwords.hashed, password)

        def work(connection: Connection) -> None:
            row = account_row(connection, name)
            now = self._now()
            self._set(
                connection,
                row,
                password=stored,
                old_passwords=_older(row),
                password_changed_at=now,
                must_change=True,
                password_expires_at=now + FIRST_LASTS,
            )
            end_all(connection, row.id)
            forget_tries(connection, name)
            audit.record(connection, by, "password_reset", "account", name)

        await self._database.write(work)
        return password

    async def change_password(self, name: str, old: str, new: str, by: Actor, *, agent: str) -> str:
        """Their own; every session ends, and a new one begins: its cookie is returned."""
        settings = await self._sessions.settings()
        row = await self._database.read(lambda c: account_row(c, name))
        if not await asyncio.to_thread(passwords.fits, row.password, old):
            raise Unprocessable("现在的密码不对", field="old")
        about = (row.name, row.display_name, row.staff_number)
        wrong = passwords.objection(new, length=settings.password_length, about=about)
        if wrong:
            raise Unprocessable(wrong, field="new")
        used = [row.password, *row.old_passwords]
        if await asyncio.to_thread(passwords.was_used, used, new):
            raise Unprocessable(f"最近 {passwords.KEPT} 次用过的不能再用", field="new")
        stored = await asyncio.to_thread(passwords.hashed, new)

        def work(connection: Connection) -> str:
            current = account_row(connection, name)
            if current.password != row.password:
                raise Conflict("密码刚刚被改过，请重新登录")
            self._set(
                connection,
                current,
                password=stored,
                old_passwords=_older(current),
                password_changed_at=self._now(),
                must_change=False,
                password_expires_at=None,
            )
            end_all(connection, current.id)
            audit.record(connection, by, "password_changed", "account", name)
            return self._sessions.open(connection, current.id, by.address, agent)

        return await self._database.write(work)

    async def set_totp(self, name: str, secret: str, code: str, by: Actor) -> None:
        """Bind a telephone: the code proves that it has the secret."""
        step = self._totp.step_of(secret, code, self._now())
        if step is None:
            raise Unprocessable("口令不对；请看手机的时间准不准", field="code")

        def work(connection: Connection) -> None:
            row = account_row(connection, name)
            self._set(connection, row, totp=self._totp.seal(name, secret), totp_step=step)
            audit.record(connection, by, "totp_bound", "account", name)

        await self._database.write(work)

    async def drop_totp(self, name: str, by: Actor) -> None:
        """The telephone is lost, or no longer used."""

        def work(connection: Connection) -> None:
            row = account_row(connection, name)
            self._set(connection, row, totp="", totp_step=0)
            audit.record(connection, by, "totp_dropped", "account", name)

        await self._database.write(work)

    def _insert(
        self,
        connection: Connection,
        name: str,
        person: Person,
        stored: str,
        by: Actor,
        *,
        lasts: timedelta | None,
    ) -> None:
        now = self._now()
        told = {
            "display_name": person.display_name,
            "staff_number": person.staff_number,
            "roles": list(person.roles),
        }
        connection.execute(
            sa.insert(ACCOUNTS).values(
                name=name,
                **told,
                password=stored,
                old_passwords=[],
                password_changed_at=now,
                must_change=True,
                password_expires_at=now + lasts if lasts else None,
                totp="",
                totp_step=0,
                active=True,
                created_at=now,
                created_by=by.name,
            )
        )
        audit.record(connection, by, "account_made", "account", name, after=told)

    def _set(self, connection: Connection, row: Any, **values: Any) -> None:
        connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == row.id).values(**values))


def _older(row: Any) -> list[str]:
    return [row.password, *row.old_passwords][: passwords.KEPT - 1]
