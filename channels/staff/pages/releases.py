"""Releases: what citizens were served and since when, and the way back."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.testing_desk import Desk, Pager, page_number, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import testing as words
from nlu.text.errors import Conflict, Unprocessable

PATH = "/staff/releases"


def add(routes: APIRouter, desk: Desk) -> None:
    """`/staff/releases`."""
    shell = desk.shell
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    approver = Depends(shell.needs(Right.APPROVE_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("/releases")
    async def listed(request: Request, signed: Signed = reader) -> Response:
        """All of them, the newest first."""
        page, size = page_number(request.query_params.get("page")), await desk.size(request)
        lines, total = await desk.publishing.releases(page, size)
        return await desk.page(
            request,
            signed,
            "releases.html",
            lines=lines,
            served=desk.kb.release,
            pager=Pager(PATH, {}, page, size, total),
        )

    @routes.get("/releases/{number}")
    async def one(request: Request, number: int, signed: Signed = reader) -> Response:
        """What it changed."""
        return await _page(request, signed, number)

    @routes.post("/releases/{number}/rollback")
    async def roll_back(
        request: Request, number: int, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """回到这一版"""
        reason = text(form, "reason")
        try:
            published = await desk.publishing.rollback(number, signed.actor, reason)
        except Unprocessable as error:
            return await _page(request, signed, number, error=error.detail)
        except Conflict as error:
            return shell.back(request, f"{PATH}/{number}", error.detail, "warning")
        said = words.ROLLED_BACK.format(earlier=number, release=published.release)
        return shell.back(request, PATH, said)

    async def _page(request: Request, signed: Signed, number: int, error: str = "") -> Response:
        return await desk.page(
            request,
            signed,
            "release.html",
            change=await desk.publishing.change(number),
            served=desk.kb.release,
            error=error,
        )
