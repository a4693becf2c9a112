"""The staff console put together: services over the two bases, and the pages that show them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import starlette_admin
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.settings import Settings
from case_api.staff_client import StaffClient
from channels.staff import errors
from channels.staff.accounts.accounts import Accounts
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.sign_in import SignIn
from channels.staff.accounts.totp import Totp
from channels.staff.networks import Networks
from channels.staff.pages import (
    cases,
    entries,
    exports,
    home,
    imports,
    laws,
    office,
    sign_in,
    testing,
    unanswered,
)
from channels.staff.roles import Right
from channels.staff.shell import STATIC, Shell
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.effects import effects
from knowledge_base.entries.service import Entries
from knowledge_base.gold import Gold
from knowledge_base.groups import Groups
from knowledge_base.imports.exports import Exports
from knowledge_base.imports.service import Imports
from knowledge_base.laws.service import Laws
from knowledge_base.publishing import Publishing
from knowledge_base.question_sets import QuestionSets
from knowledge_base.runs import Runs
from knowledge_base.search import KnowledgeBase

_TABLER = Path(starlette_admin.__file__).parent / "static" / "css" / "vendor"


@dataclass(frozen=True, slots=True)
class Console:
    """What the rest of the app needs of it."""

    imports: Imports
    accounts: Accounts

    async def open(self, settings: Settings) -> str | None:
        """Begin to work: returns the password of `admin` when that was just made up here."""
        self.imports.begin()
        given = settings.admin_password.get_secret_value()
        made = await self.accounts.first(given)
        return None if given else made


async def install(
    app: FastAPI,
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    knowledge: KnowledgeBase,
    cases_http: httpx.AsyncClient,
) -> Console:
    """Add every page of `/staff` to the app; the tables must be there."""
    sessions = Sessions(database)
    totp = Totp(settings.kept_secret("staff").encode())
    accounts = Accounts(database, sessions, totp)
    proposals = Proposals(database)
    networks = Networks.read(settings.staff_networks, settings.trusted_proxies)
    shell = Shell(sessions, networks, proposals)

    publishing = Publishing(database, knowledge)
    all_entries = Entries(database, near=knowledge.near, today=lambda: knowledge.today)
    gold = Gold(database)
    groups = Groups(database, knowledge.closeness)

    async def take_over(by: Actor) -> None:
        await publishing.take_over("import", by)

    all_laws = Laws(database, take_over, lambda: knowledge.today)
    jobs = Imports(
        database, settings.data_dir / "imports", all_entries, take_over, lambda: knowledge.today
    )
    stack.push_async_callback(jobs.close)
    sheets = Exports(database, settings.data_dir / "exports", lambda: knowledge.today)
    client = StaffClient(cases_http, settings.token)

    for routes in (
        sign_in.router(shell, SignIn(database, sessions, totp), sessions, accounts, totp),
        home.router(shell, database),
        entries.router(
            shell, all_entries, publishing, gold, partial(effects, knowledge, database), groups,
            proposals,
        ),
        testing.router(
            shell, knowledge, all_entries, publishing, gold, Runs(database, knowledge),
            QuestionSets(database),
        ),
        unanswered.router(shell, groups, all_entries, knowledge),
        imports.router(shell, jobs, all_laws),
        exports.router(shell, sheets, all_entries, all_laws, proposals),
        laws.router(shell, all_laws),
        cases.router(shell, client, proposals),
        office.router(shell, database, accounts, sessions, proposals, all_entries.titles),
    ):  # fmt: skip
        app.include_router(routes)
    app.mount("/staff/assets", StaticFiles(directory=_TABLER), "staff-assets")
    app.mount("/staff/static", StaticFiles(directory=STATIC), "staff-static")
    errors.install(app, shell)
    _todos(shell, all_entries, groups, client)
    return Console(jobs, accounts)


def _todos(shell: Shell, entries: Entries, groups: Groups, client: StaffClient) -> None:
    """What waits, for the first page; each figure leads to the rows behind it."""

    async def in_review() -> int:
        return (await entries.counts()).by_status.get("in_review", 0)

    async def flagged() -> int:
        return (await entries.counts()).flagged

    async def cases_overdue() -> int:
        return (await client.standing()).overdue

    async def cases_near() -> int:
        return (await client.standing()).near

    async def waiting() -> int:
        return (await client.standing()).handoffs

    async def by_hand() -> int:
        return (await client.standing()).by_hand

    read, approve, handle = Right.READ_KNOWLEDGE, Right.APPROVE_KNOWLEDGE, Right.HANDLE_CASES
    edit = Right.EDIT_KNOWLEDGE
    shell.register_todo("条等审核", "/staff/review", in_review, approve)
    shell.register_todo("组市民没问到的", "/staff/unanswered", groups.open_count, edit)
    shell.register_todo("条问答有提醒", "/staff/faqs?flag=any", flagged, read)
    shell.register_todo("件已超期", "/staff/cases?colour=overdue", cases_overdue, handle)
    shell.register_todo("件快到期", "/staff/cases?colour=near", cases_near, handle)
    shell.register_todo("件等人工分办", cases.BY_HAND, by_hand, handle)
    shell.register_todo("人在等人工", "/staff/handoffs", waiting, handle)
