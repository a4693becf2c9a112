"""The office's own pages over a real base and the real shell, with people signed in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html import unescape
from typing import Any
from urllib.parse import unquote

import httpx
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles

from channels.staff.accounts.accounts import Accounts
from channels.staff.accounts.passwords import hashed
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.sign_in import SignIn
from channels.staff.accounts.tables import ACCOUNTS, migrate
from channels.staff.accounts.totp import Totp
from channels.staff.pages import home, office, sign_in
from channels.staff.shell import STATIC, Shell
from knowledge_base.database import Database
from knowledge_base.tables import AUDIT
from nlu.text.errors import MinshengError

ADDRESS = "http://desk"
PASSWORD = "柳树下面的第3只猫在打盹"
STORED = hashed(PASSWORD)
START = datetime(2026, 11, 23, 1, 0, tzinfo=timezone.utc)


@dataclass
class Clock:
    """Time as the tests have it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Browser:
    """Somebody at work."""

    http: httpx.AsyncClient
    csrf: str

    async def opens(self, url: str, *, status: int = 200) -> str:
        """A page's text."""
        answer = await self.http.get(url)
        assert answer.status_code == status, (url, answer.status_code, answer.text[-500:])
        return unescape(answer.text)

    async def sends(self, url: str, *, status: int = 303, **fields: Any) -> httpx.Response:
        """Post a form as the page would."""
        answer = await self.http.post(url, data={"csrf": self.csrf, **fields})
        assert answer.status_code == status, (url, answer.status_code, unescape(answer.text)[-900:])
        return answer

    async def told(self, url: str, **fields: Any) -> str:
        """Post a form, follow to the page after it; its text."""
        answer = await self.sends(url, **fields)
        return await self.opens(unquote(answer.headers["location"]))


@dataclass
class World:
    """The office."""

    app: FastAPI
    database: Database
    sessions: Sessions
    accounts: Accounts
    sign_in: SignIn
    proposals: Proposals
    totp: Totp
    shell: Shell
    clock: Clock = field(default_factory=Clock)

    async def hires(self, name: str, display_name: str, *roles: str, **values: Any) -> int:
        """An account as if made long ago; returns its number."""
        row = {
            "name": name,
            "display_name": display_name,
            "staff_number": "A20260001",
            "roles": list(roles),
            "password": STORED,
            "old_passwords": [],
            "password_changed_at": self.clock(),
            "must_change": False,
            "password_expires_at": None,
            "totp": "",
            "totp_step": 0,
            "active": True,
            "created_at": self.clock(),
            "created_by": "system",
            **values,
        }

        def write(connection: sa.Connection) -> int:
            number: int = connection.execute(
                sa.insert(ACCOUNTS).values(**row).returning(ACCOUNTS.c.id)
            ).scalar_one()
            return number

        return await self.database.write(write)

    async def at_work(self, name: str, display_name: str, *roles: str) -> Browser:
        """The same, with a browser that is signed in."""
        number = await self.hires(name, display_name, *roles)
        return await self.browser(number)

    async def browser(self, account: int) -> Browser:
        """One more browser of an account."""
        token = await self.database.write(
            lambda c: self.sessions.open(c, account, "10.0.0.1", "Mozilla/5.0 Chrome/90.0 Windows")
        )
        found = await self.sessions.find(token, touch=False)
        assert found is not None
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=ADDRESS,
            cookies={"minsheng-staff": token},
        )
        return Browser(http, found.session.csrf)

    async def trail(self) -> list[dict[str, Any]]:
        """All rows, oldest first."""

        def read(connection: sa.Connection) -> list[dict[str, Any]]:
            rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).mappings()
            return [dict(row) for row in rows]

        return await self.database.read(read)

    async def acts(self) -> list[str]:
        return [row["act"] for row in await self.trail()]


@asynccontextmanager
async def office_at(url: str, *, clock: Clock | None = None) -> AsyncIterator[World]:
    """The console's own services and pages over this database."""
    migrate(url)
    database = Database(url)
    now = clock or Clock(datetime.now(timezone.utc))
    sessions = Sessions(database, now)
    totp = Totp(b"k" * 32)
    accounts = Accounts(database, sessions, totp, now)
    signing = SignIn(database, sessions, totp, now)
    proposals = Proposals(database, now)
    shell = Shell(sessions, proposals=proposals)
    app = FastAPI()

    @app.exception_handler(MinshengError)
    async def told(_request: Request, error: MinshengError) -> PlainTextResponse:
        return PlainTextResponse(error.detail, error.status)

    async def titles(ids: Any) -> dict[str, str]:
        return {id: f"问题 {id}" for id in ids}

    app.include_router(sign_in.router(shell, signing, sessions, accounts, totp))
    app.include_router(home.router(shell, database))
    app.include_router(office.router(shell, database, accounts, sessions, proposals, titles))
    app.mount("/staff/static", StaticFiles(directory=STATIC), "staff-static")
    yield World(app, database, sessions, accounts, signing, proposals, totp, shell, now)
    await database.close()


def first_password(page: str) -> str:
    """What a page shows once."""
    found = re.search(r"<code>([a-z0-9-]{19})</code>", page)
    assert found is not None, page
    return found[1]
