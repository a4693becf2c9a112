"""The office's own pages put together: accounts, sessions, settings, four eyes, the trail."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter

from channels.staff.accounts.accounts import Accounts
from channels.staff.accounts.office_acts import OfficeActs
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.sign_in_log import SignInLog
from channels.staff.accounts.trail import Trail, people
from channels.staff.pages import accounts as account_pages
from channels.staff.pages import audit, console_settings, sign_ins
from channels.staff.pages import proposals as proposal_pages
from channels.staff.pages import sessions as session_pages
from channels.staff.pages.audit import Titles
from channels.staff.shell import Shell
from knowledge_base.database import Database


def router(
    shell: Shell,
    database: Database,
    accounts: Accounts,
    sessions: Sessions,
    proposals: Proposals,
    titles: Titles,
) -> APIRouter:
    """All of them; `titles` names entries by their ids."""
    acts = OfficeActs(database, accounts, proposals)
    trail = Trail(database)

    async def names() -> Mapping[str, str]:
        return await people(database)

    routes = APIRouter(include_in_schema=False)
    for pages in (
        proposal_pages.router(shell, proposals, names),
        account_pages.router(shell, accounts, acts),
        session_pages.router(shell, sessions),
        console_settings.router(shell, acts, proposals),
        audit.router(shell, trail, names, titles),
        sign_ins.router(shell, SignInLog(database), trail, names),
    ):
        routes.include_router(pages)
    return routes
