"""Sessions live here, not in the cookie: what is ended here is dead on every process at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.records import (
    AGENT_LENGTH,
    Account,
    Clock,
    account_of,
    moment,
    utcnow,
)
from channels.staff.accounts.settings import ConsoleSettings
from channels.staff.accounts.tables import ACCOUNTS, SESSIONS, SIGN_INS
from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database

LONGEST = timedelta(hours=8)
"""However busy one is: then one signs in again."""
TOUCH_AFTER = timedelta(seconds=20)
"""A session's last use is written this often at most, so that reading pages writes little."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that somebody is signed in with."""

    key: str
    """Names it for an administrator; opens nothing."""
    account: Account
    csrf: str
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a cookie leads to, with all that a request needs to know."""

    session: Session
    settings: ConsoleSettings
    idle_left: timedelta
    password_due: bool
    """Set by somebody else, or too old: it must be changed before anything else."""


class Sessions:
    """Opens, finds and ends them."""

    def __init__(self, database: Database, now: Clock = utcnow) -> None:
        self._database = database
        self._now = now

    async def find(self, token: str, *, touch: bool) -> Found | None:
        """The session behind a cookie; `touch`: somebody is at work, it is no heartbeat."""
        if not token:
            return None
        key = key_of(token)

        def look(connection: Connection) -> tuple[Session, ConsoleSettings] | None:
            found = _select(connection, SESSIONS.c.key == key)
            return (found[0], console_settings.read(connection)) if found else None

        found = await self._database.read(look)
        if found is None:
            return None
        session, settings = found
        now = self._now()
        left = session.seen_at + timedelta(minutes=settings.idle_minutes) - now
        if left <= timedelta(0) or now >= session.ends_at or not session.account.active:
            await self._database.write(lambda c: self._close(c, session, "idle"))
            return None
        if touch:
            left = timedelta(minutes=settings.idle_minutes)
            if now - session.seen_at > TOUCH_AFTER:
                await self._database.write(
                    lambda c: c.execute(
                        sa.update(SESSIONS).where(SESSIONS.c.key == key).values(seen_at=now)
                    )
                )
        age = now - session.account.password_changed_at
        too_old = settings.password_days > 0 and age > timedelta(days=settings.password_days)
        due = session.account.must_change or too_old
        return Found(session, settings, min(left, session.ends_at - now), due)

    async def settings(self) -> ConsoleSettings:
        """The console's settings in force."""
        return await self._database.read(console_settings.read)

    def open(self, connection: Connection, account: int, address: str, agent: str) -> str:
        """A new session in the caller's transaction; what the browser keeps is returned."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.ends_at < now))
        connection.execute(
            sa.insert(SESSIONS).values(
                key=key_of(token),
                account=account,
                csrf=secrets.token_urlsafe(32),
                address=address,
                agent=agent[:AGENT_LENGTH],
                created_at=now,
                seen_at=now,
                ends_at=now + LONGEST,
            )
        )
        return token

    async def sign_out(self, session: Session) -> None:
        """Its owner leaves."""
        await self._database.write(lambda c: self._close(c, session, "out"))

    async def listed(self) -> list[Session]:
        """Those that are alive, latest use first."""

        def look(connection: Connection) -> list[Session]:
            idle = timedelta(minutes=console_settings.read(connection).idle_minutes)
            now = self._now()
            found = _select(connection, SESSIONS.c.ends_at > now, SESSIONS.c.seen_at > now - idle)
            return sorted(found, key=lambda session: session.seen_at, reverse=True)

        return await self._database.read(look)

    async def end(self, key: str, by: Actor) -> bool:
        """Put somebody out; False when it had ended before."""

        def work(connection: Connection) -> bool:
            found = _select(connection, SESSIONS.c.key == key)
            if not found:
                return False
            self._close(connection, found[0], "ended")
            name = found[0].account.name
            before = {"address": found[0].address}
            audit.record(connection, by, "session_ended", "account", name, before=before)
            return True

        return await self._database.write(work)

    def _close(self, connection: Connection, session: Session, outcome: str) -> None:
        gone = connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.key == session.key))
        if gone.rowcount:
            connection.execute(
                sa.insert(SIGN_INS).values(
                    at=self._now(),
                    name=session.account.name,
                    address=session.address,
                    agent=session.agent,
                    outcome=outcome,
                )
            )


def end_all(connection: Connection, account: int) -> int:
    """End an account's sessions in the caller's transaction."""
    return connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.account == account)).rowcount


def key_of(token: str) -> str:
    """What is stored: whoever reads the table cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _select(connection: Connection, *where: sa.ColumnElement[bool]) -> list[Session]:
    ours = [column.label(f"s_{column.name}") for column in SESSIONS.c]
    rows = connection.execute(
        sa.select(ACCOUNTS, *ours).join(SESSIONS, SESSIONS.c.account == ACCOUNTS.c.id).where(*where)
    )
    return [
        Session(
            row.s_key,
            account_of(row),
            row.s_csrf,
            row.s_address,
            row.s_agent,
            moment(row.s_created_at),
            moment(row.s_seen_at),
            moment(row.s_ends_at),
        )
        for row in rows
    ]
