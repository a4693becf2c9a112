"""Who waits for a person: the urgent first, taken off the list when seen to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from case_api.staff_client import StaffClient
from channels.staff import case_files
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import cases as words
from nlu.text.errors import Conflict

PATH = "/staff/handoffs"


def add(routes: APIRouter, shell: Shell, cases: StaffClient) -> None:
    """`/staff/handoffs`."""
    handler = Depends(shell.needs(Right.HANDLE_CASES))
    unmasker = Depends(shell.needs(Right.HANDLE_CASES, Right.UNMASK))
    posted = Depends(shell.form)

    @routes.get("/handoffs")
    async def queue(
        request: Request,
        signed: Signed = handler,
        done: bool = False,
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """Those who wait, or those who were seen to."""
        return await _page(request, signed, done=done, page=page)

    @routes.post("/handoffs/{number}/closure")
    async def close(
        request: Request, number: int, signed: Signed = handler, form: FormData = posted
    ) -> Response:
        """处理完"""
        try:
            await cases.close_handoff(
                number, str(form.get("note", "")).strip()[:2_000], signed.actor
            )
        except Conflict as error:
            return shell.back(request, PATH, error.detail, "warning")
        return shell.back(request, PATH, words.HANDOFF_DONE)

    @routes.post("/handoffs/{number}/unmasking")
    async def unmask(
        request: Request, number: int, signed: Signed = unmasker, form: FormData = posted
    ) -> Response:
        """The words in clear, this once."""
        reason = str(form.get("reason", "")).strip()[:500]
        if not reason:
            return await _page(request, signed, asked=number, error=words.REASON_NEEDED)
        shown = await cases.unmask_handoff(number, reason, signed.actor)
        return await _page(request, signed, asked=number, clear=shown.values[0].value)

    async def _page(
        request: Request,
        signed: Signed,
        *,
        done: bool = False,
        page: int = 1,
        asked: int = 0,
        clear: str = "",
        error: str = "",
    ) -> Response:
        size = int(await shell.setting("page_size"))
        queue = await cases.queue(waiting=not done, page=page, size=size)
        return await shell.page(
            request,
            signed,
            "cases/handoffs.html",
            status_code=422 if error else 200,
            queue=queue,
            last=max(1, -(-queue.total // queue.size)),
            done=done,
            asked=asked,
            clear=clear,
            error=error,
            may_unmask=Right.UNMASK in signed.rights,
            words=words,
            official=case_files.official,
        )
