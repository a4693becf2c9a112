"""What the office decides about the console (`/staff/settings`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts import passwords
from channels.staff.accounts.office_acts import SWITCHES, OfficeActs
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.settings import FOUR_EYES, NUMBERS, TOTP, ConsoleSettings
from channels.staff.pages.testing_desk import text
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import office as words
from nlu.text.errors import Conflict, Unprocessable

PATH = "/staff/settings"


def router(shell: Shell, acts: OfficeActs, proposals: Proposals) -> APIRouter:
    """One page with all of them."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    manager = Depends(shell.needs(Right.MANAGE_SETTINGS))
    posted = Depends(shell.form)

    @routes.get("")
    async def shown(request: Request, signed: Signed = manager) -> Response:
        """As they are."""
        settings = signed.found.settings
        return await _page(request, signed, settings, _numbers(settings))

    @routes.post("")
    async def save(request: Request, signed: Signed = manager, form: FormData = posted) -> Response:
        """Put them in force, on every process at once."""
        now = signed.found.settings
        given = {number.name: text(form, number.name, 10) for number in NUMBERS}
        wanted = replace(
            now,
            totp=text(form, "totp", 20),
            one_session=form.get("one_session") == "1",
            watermark=form.get("watermark") == "1",
            four_eyes={name: form.get(f"four_eyes_{name}") == "1" for name in FOUR_EYES},
        )
        reason = text(form, "reason")
        wrong = [name for name, value in given.items() if not _is_number(value)]
        if wrong:
            errors = dict.fromkeys(wrong, words.NOT_A_NUMBER)
            return await _page(request, signed, wanted, given, reason, errors)
        numbers: dict[str, Any] = {name: int(value) for name, value in given.items()}
        try:
            waits = await acts.save(replace(wanted, **numbers), signed.actor, reason)
        except (Conflict, Unprocessable) as error:
            field = error.field if isinstance(error, Unprocessable) else ""
            told = {field or "form": error.detail}
            return await _page(request, signed, wanted, given, reason, told)
        return shell.back(request, PATH, words.SWITCHES_PROPOSED if waits else words.CHANGED)

    async def _page(
        request: Request,
        signed: Signed,
        settings: ConsoleSettings,
        given: Mapping[str, str],
        reason: str = "",
        errors: Mapping[str, str] | None = None,
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "settings/page.html",
            status_code=422 if errors else 200,
            words=words,
            settings=settings,
            given=given,
            reason=reason,
            errors=errors or {},
            numbers=NUMBERS,
            totp=TOTP,
            four_eyes=FOUR_EYES,
            two=await acts.needs_second(),
            waiting=await proposals.opened(SWITCHES, words.SWITCH_OFF),
            rule=passwords.rule(signed.found.settings.password_length),
        )

    return routes


def _numbers(settings: ConsoleSettings) -> dict[str, str]:
    return {number.name: str(getattr(settings, number.name)) for number in NUMBERS}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7
