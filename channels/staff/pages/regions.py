"""The regions of the office, and the answers that lack one of them (`/staff/regions`)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.entry_desk import Desk, rights
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from nlu.text.errors import Unprocessable

PATH = "/staff/regions"


def add(routes: APIRouter, desk: Desk) -> None:
    """The list, one a line."""
    shell, entries = desk.shell, desk.entries
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get(PATH)
    async def shown(request: Request, signed: Signed = reader) -> Response:
        """What there is, what is used, what is missing."""
        return await _page(request, signed, "\n".join(await entries.regions()))

    @routes.post(PATH)
    async def save(request: Request, signed: Signed = editor, form: FormData = posted) -> Response:
        """Replace the list."""
        typed = str(form.get("regions") or "")
        try:
            await entries.set_regions(typed.splitlines(), signed.actor)
        except Unprocessable as error:
            return await _page(request, signed, typed, error.detail)
        return shell.back(request, PATH, words.REGIONS_SAVED)

    async def _page(request: Request, signed: Signed, typed: str, error: str = "") -> Response:
        return await shell.page(
            request,
            signed,
            "entries/regions.html",
            **rights(signed),
            typed=typed,
            error=error,
            used=await entries.regions_in_use(),
            lacking=await entries.lacking_regions(),
        )
