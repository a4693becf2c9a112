"""The pages on entries over a real base and the real shell, with people signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.tables import ACCOUNTS, migrate
from channels.staff.pages.entries import router
from channels.staff.shell import Shell
from knowledge_base.database import Database
from knowledge_base.effects import effects
from knowledge_base.entries.service import Entries
from knowledge_base.entries.store import utcnow
from knowledge_base.gold import Gold
from knowledge_base.publishing import Publishing
from knowledge_base.search import KnowledgeBase
from nlu.text.errors import MinshengError

ADDRESS = "http://desk"


@dataclass
class Desk:
    """Somebody's browser."""

    client: httpx.AsyncClient
    csrf: str

    async def opens(self, url: str) -> str:
        """A page's text; redirects are followed."""
        answer = await self.client.get(url, follow_redirects=True)
        assert answer.status_code == 200, (url, answer.status_code, answer.text[-300:])
        return unescape(answer.text)

    async def sends(self, url: str, **fields: Any) -> httpx.Response:
        """Post a form, as the page would; None leaves a field out."""
        data = {"csrf": self.csrf, **{k: v for k, v in fields.items() if v is not None}}
        return await self.client.post(url, data=data)

    async def gets(self, url: str, **fields: Any) -> str:
        """Post a form that shows a page and changes nothing."""
        answer = await self.sends(url, **fields)
        assert answer.status_code == 200, (url, answer.status_code, answer.text[-300:])
        return unescape(answer.text)

    async def does(self, url: str, **fields: Any) -> str:
        """Post a form that changes something; returns where the browser is sent."""
        answer = await self.sends(url, **fields)
        assert answer.status_code == 303, (url, answer.status_code, unescape(answer.text)[-2000:])
        return unquote(answer.headers["location"])

    async def refused(self, url: str, **fields: Any) -> int:
        """Post what one may not; returns the status."""
        return (await self.sends(url, **fields)).status_code


@dataclass
class World:
    """The office."""

    app: FastAPI
    database: Database
    kb: KnowledgeBase
    entries: Entries
    sessions: Sessions
    proposals: Proposals

    async def signs_in(self, name: str, *roles: str) -> Desk:
        """A new account with a browser that is signed in."""

        def write(connection: sa.Connection) -> tuple[str, str]:
            account = connection.scalar(
                sa.insert(ACCOUNTS)
                .values(
                    name=name, display_name=name, staff_number="0001", roles=list(roles),
                    password="", old_passwords=[], password_changed_at=utcnow(),
                    must_change=False, password_expires_at=None, totp="", totp_step=0,
                    active=True, created_at=utcnow(), created_by="system",
                )
                .returning(ACCOUNTS.c.id)
            )  # fmt: skip
            assert account is not None
            return self.sessions.open(connection, account, "10.0.0.1", "test"), ""

        token, _ = await self.database.write(write)
        found = await self.sessions.find(token, touch=False)
        assert found is not None
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=ADDRESS,
            cookies={"minsheng-staff": token},
        )
        return Desk(client, found.session.csrf)


@asynccontextmanager
async def office(folder: Path, files: Sequence[tuple[str, str]]) -> AsyncIterator[World]:
    """A base with these starter files, searched by words alone."""
    starter = folder / "starter"
    starter.mkdir()
    for name, text in files:
        (starter / name).write_text(text, encoding="utf-8")
    database = Database(f"sqlite:///{folder}/kb.db")
    kb = await KnowledgeBase.open(database, None, folder / "data", starter=starter)
    migrate(database.url)
    entries, sessions = Entries(database), Sessions(database)
    proposals = Proposals(database)
    app = FastAPI()
    app.include_router(
        router(
            Shell(sessions),
            entries,
            Publishing(database, kb),
            Gold(database),
            partial(effects, kb, database),
            proposals=proposals,
        )
    )

    @app.exception_handler(MinshengError)
    async def told(_request: Request, error: MinshengError) -> PlainTextResponse:
        return PlainTextResponse(error.detail, error.status)

    yield World(app, database, kb, entries, sessions, proposals)
    await kb.close()
    await database.close()
