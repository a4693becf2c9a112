"""Who is signed in right now, and putting somebody out (`/staff/sessions`)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts.sessions import Sessions
from channels.staff.pages.sign_ins import browser
from channels.staff.pages.testing_desk import text
from channels.staff.roles import Right, titles
from channels.staff.shell import Shell, Signed
from channels.staff.words import office as words

PATH = "/staff/sessions"


def router(shell: Shell, sessions: Sessions) -> APIRouter:
    """The list, and ending one of it."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    manager = Depends(shell.needs(Right.MANAGE_ACCOUNTS))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(request: Request, signed: Signed = manager) -> Response:
        """Every browser that somebody is at work with."""
        return await shell.page(
            request,
            signed,
            "accounts/sessions.html",
            words=words,
            sessions=await sessions.listed(),
            mine=signed.found.session.key,
            titles=titles,
            browser=browser,
        )

    @routes.post("/end")
    async def end(request: Request, signed: Signed = manager, form: FormData = posted) -> Response:
        """强制退出: the next thing they click leads to the sign-in page."""
        ended = await sessions.end(text(form, "key", 64), signed.actor)
        if not ended:
            return shell.back(request, PATH, words.ENDED_BEFORE, "warning")
        return shell.back(request, PATH, words.ENDED)

    return routes
