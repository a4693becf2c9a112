"""The first page: what waits, for whom; and the heartbeat that every page sends."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from channels.staff.accounts.last_sign_in import last_sign_in
from channels.staff.shell import Shell, Signed
from channels.staff.words import home as words
from knowledge_base.database import Database


def router(shell: Shell, database: Database) -> APIRouter:
    """`/staff` and `/staff/alive`."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    anyone = Depends(shell.needs())

    @routes.get("")
    async def home(request: Request, signed: Signed = anyone) -> Response:
        """Numbers with the rows behind them."""
        return await shell.page(
            request,
            signed,
            "account/home.html",
            waiting=await shell.waiting(signed),
            last=await last_sign_in(database, signed.account),
            steps=[words.STEPS[role] for role in signed.roles if role in words.STEPS],
            words=words,
        )

    @routes.get("/alive")
    async def alive(request: Request, touch: int = 0) -> Response:
        """Whether one is still signed in, and for how long; a heartbeat is not work."""
        signed = await shell.signed(request, touch=bool(touch))
        if signed is None:
            return JSONResponse({"signed": False}, headers={"Cache-Control": "no-store"})
        waiting = await shell.waiting(signed)
        return JSONResponse(
            {
                "signed": True,
                "left": int(signed.found.idle_left.total_seconds()),
                "todo": sum(count for _, count in waiting),
            },
            headers={"Cache-Control": "no-store"},
        )

    return routes
