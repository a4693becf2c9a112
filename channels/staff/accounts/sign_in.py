"""Signing in: who is it really, how many tries are left, and nothing told about who exists."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts import passwords
from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.records import AGENT_LENGTH, Clock, aware, utcnow
from channels.staff.accounts.sessions import Sessions, end_all
from channels.staff.accounts.settings import ConsoleSettings
from channels.staff.accounts.tables import ACCOUNTS, SIGN_INS, TRIES
from channels.staff.accounts.totp import Totp
from knowledge_base.database import Database

ANYWHERE = ""
ANYWHERE_FACTOR = 4
"""From all addresses together so many times more tries: one stranger cannot lock a colleague out
at once, and many addresses do not give many more tries."""
FORGET = timedelta(days=1)
_AT_ONCE = asyncio.Semaphore(2)
"""Hashing takes memory and a core: sign-ins wait for each other, citizens do not."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """It went well."""

    token: str
    """For the cookie."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Name, password or code is wrong: which of them is not told."""

    left: int


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many wrong tries."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """The first password was right, but was not changed in time."""


Outcome = SignedIn | Wrong | Locked | Expired


class SignIn:
    """The only way to a session."""

    def __init__(
        self, database: Database, sessions: Sessions, totp: Totp, now: Clock = utcnow
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._totp = totp
        self._now = now

    async def settings(self) -> ConsoleSettings:
        """What the page must know before anybody is signed in."""
        return await self._database.read(console_settings.read)

    async def attempt(
        self, name: str, password: str, code: str, address: str, agent: str
    ) -> Outcome:
        """Try once; every outcome is kept in the log of sign-ins."""
        name = plain_name(name)

        def look(connection: Connection) -> tuple[Any, datetime | None]:
            row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name))
            return row.one_or_none(), locked_until(connection, name, address, self._now())

        row, locked = await self._database.read(look)
        right, step = False, 0
        if locked is None:
            async with _AT_ONCE:
                stored = row.password if row else ""
                right = await asyncio.to_thread(passwords.fits, stored, password)
            step = self._step(row, code) or 0 if row else 0
            right = right and bool(row) and row.active and bool(step or not row.totp)
        return await self._database.write(
            lambda c: self._settle(c, row, name, right, step, address, agent)
        )

    def _step(self, row: Any, code: str) -> int | None:
        secret = self._totp.open(row.name, row.totp) if row.totp else ""
        return self._totp.step_of(secret, code, self._now(), row.totp_step)

    def _settle(
        self,
        connection: Connection,
        row: Any,
        name: str,
        right: bool,
        step: int,
        address: str,
        agent: str,
    ) -> Outcome:
        settings = console_settings.read(connection)
        now = self._now()

        def log(outcome: str) -> None:
            told = row.name if row else ""
            values = {"at": now, "name": told, "address": address, "agent": agent[:AGENT_LENGTH]}
            connection.execute(sa.insert(SIGN_INS).values(**values, outcome=outcome))

        # Asked again: a try running beside this one may have been the last.
        until = locked_until(connection, name, address, now)
        if until is not None:
            log("locked")
            return Locked(until)
        if not right:
            return self._count(connection, name, address, settings, log)
        expires = aware(row.password_expires_at)
        if row.must_change and expires is not None and expires < now:
            log("expired")
            return Expired()
        if step and not self._take_step(connection, row.id, step):
            return self._count(connection, name, address, settings, log)
        forget_tries(connection, name)
        if settings.one_session:
            end_all(connection, row.id)
        token = self._sessions.open(connection, row.id, address, agent)
        log("in")
        return SignedIn(token)

    def _take_step(self, connection: Connection, account: int, step: int) -> bool:
        """A code counts once, whoever of two is first."""
        taken = connection.execute(
            sa.update(ACCOUNTS)
            .where(ACCOUNTS.c.id == account, ACCOUNTS.c.totp_step < step)
            .values(totp_step=step)
        )
        return bool(taken.rowcount)

    def _count(
        self,
        connection: Connection,
        name: str,
        address: str,
        settings: ConsoleSettings,
        log: Any,
    ) -> Outcome:
        now = self._now()
        log("wrong")
        connection.execute(sa.delete(TRIES).where(TRIES.c.last_at < now - FORGET))
        until = now + timedelta(minutes=settings.lock_minutes)
        left = settings.lock_tries
        for place, most in (
            (address, settings.lock_tries),
            (ANYWHERE, settings.lock_tries * ANYWHERE_FACTOR),
        ):
            failed = _failed(connection, name, place, now) + 1
            locked = until if failed >= most else None
            where = (TRIES.c.name == hidden(name), TRIES.c.address == place)
            connection.execute(sa.delete(TRIES).where(*where))
            connection.execute(
                sa.insert(TRIES).values(
                    name=hidden(name),
                    address=place,
                    failed=failed,
                    last_at=now,
                    locked_until=locked,
                )
            )
            left = min(left, most - failed)
        return Wrong(left) if left > 0 else Locked(until)


def plain_name(name: str) -> str:
    """A name as it is stored: NFKC, no spaces around, lower case."""
    return unicodedata.normalize("NFKC", name).strip().lower()[:64]


def hidden(name: str) -> str:
    """Under what a name's tries are counted; what people type there is sometimes a password."""
    return hashlib.sha256(name.encode()).hexdigest()


def _failed(connection: Connection, name: str, address: str, now: datetime) -> int:
    """Wrong tries that still count: a lock that has run out starts afresh."""
    row = connection.execute(
        sa.select(TRIES).where(TRIES.c.name == hidden(name), TRIES.c.address == address)
    ).one_or_none()
    if row is None:
        return 0
    until = aware(row.locked_until)
    return 0 if until is not None and until <= now else int(row.failed)


def locked_until(
    connection: Connection, name: str, address: str | None, now: datetime
) -> datetime | None:
    """Until when this name is refused from this address (None: from any); None: it is not."""
    query = sa.select(sa.func.max(TRIES.c.locked_until)).where(
        TRIES.c.name == hidden(name), TRIES.c.locked_until > now
    )
    if address is not None:
        query = query.where(TRIES.c.address.in_((address, ANYWHERE)))
    return aware(connection.scalar(query))


def forget_tries(connection: Connection, name: str) -> None:
    """A right try, or an administrator, starts the count afresh."""
    connection.execute(sa.delete(TRIES).where(TRIES.c.name == hidden(name)))
