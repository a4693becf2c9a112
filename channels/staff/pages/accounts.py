"""Who may sign in, with which roles (`/staff/accounts`)."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts.account_rules import Person, checked_name
from channels.staff.accounts.accounts import Accounts, Listed
from channels.staff.accounts.office_acts import OfficeActs
from channels.staff.pages.testing_desk import text
from channels.staff.roles import ROLES, Right, titles
from channels.staff.shell import Shell, Signed
from channels.staff.words import office as words
from nlu.text.errors import Conflict, Forbidden, Unprocessable

PATH = "/staff/accounts"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form on an account as it was filled in."""

    name: str = ""
    display_name: str = ""
    staff_number: str = ""
    roles: tuple[str, ...] = ()
    reason: str = ""

    @property
    def person(self) -> Person:
        return Person(self.display_name, self.staff_number, self.roles)


def router(shell: Shell, accounts: Accounts, acts: OfficeActs) -> APIRouter:
    """The list, one account, and what is done to it."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    manager = Depends(shell.needs(Right.MANAGE_ACCOUNTS))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(
        request: Request, q: str = "", role: str = "", state: str = "", signed: Signed = manager
    ) -> Response:
        """Everybody, or those that a filter shows."""
        every = await accounts.listed()
        shown = [
            one
            for one in every
            if q.strip().lower() in f"{one.account.name} {one.account.display_name}".lower()
            and (not role or role in one.account.roles)
            and (not state or state == state_of(one))
        ]
        return await shell.page(
            request,
            signed,
            "accounts/list.html",
            words=words,
            shown=shown,
            q=q,
            role=role,
            state=state,
            roles=ROLES,
            titles=titles,
            state_of=state_of,
        )

    @routes.get("/new")
    async def blank(request: Request, signed: Signed = manager) -> Response:
        """The form for somebody new."""
        return await _new(request, signed, Filled())

    @routes.post("")
    async def add(request: Request, signed: Signed = manager, form: FormData = posted) -> Response:
        """Make it; its first password is shown on this answer and nowhere else."""
        filled = _read(form, text(form, "name", 64))
        try:
            password, waits = await acts.add(
                filled.name, filled.person, signed.actor, filled.reason
            )
        except (Conflict, Unprocessable) as error:
            return await _new(request, signed, filled, _errors(error))
        found = await accounts.get(checked_name(filled.name))
        return await _password(request, signed, found, password, waits=waits)

    @routes.get("/{name}")
    async def shown(request: Request, name: str, signed: Signed = manager) -> Response:
        """One account."""
        return await _one(request, signed, name)

    @routes.post("/{name}")
    async def change(
        request: Request, name: str, signed: Signed = manager, form: FormData = posted
    ) -> Response:
        """Name, number, roles."""
        filled = _read(form, name)
        try:
            waits = await acts.change(name, filled.person, signed.actor, filled.reason)
        except (Conflict, Forbidden, Unprocessable) as error:
            return await _one(request, signed, name, filled, _errors(error))
        return shell.back(request, f"{PATH}/{name}", words.PROPOSED if waits else words.CHANGED)

    @routes.post("/{name}/password", dependencies=[posted])
    async def reset(request: Request, name: str, signed: Signed = manager) -> Response:
        """A new first password, shown on this answer and nowhere else."""
        try:
            password = await accounts.reset_password(name, signed.actor)
        except Forbidden as error:
            return shell.back(request, f"{PATH}/{name}", error.detail, "danger")
        return await _password(request, signed, await accounts.get(name), password)

    @routes.post("/{name}/unlock", dependencies=[posted])
    async def unlock(request: Request, name: str, signed: Signed = manager) -> Response:
        """Forget the wrong tries."""
        return await _done(request, name, accounts.unlock(name, signed.actor), words.UNLOCKED)

    @routes.post("/{name}/totp", dependencies=[posted])
    async def drop(request: Request, name: str, signed: Signed = manager) -> Response:
        """Let go of a telephone."""
        return await _done(
            request, name, accounts.drop_totp(name, signed.actor), words.TOTP_DROPPED
        )

    @routes.post("/{name}/active")
    async def switch(
        request: Request, name: str, signed: Signed = manager, form: FormData = posted
    ) -> Response:
        """Shut it or open it, with a reason."""
        active, reason = text(form, "active") == "1", text(form, "reason")
        if not reason:
            return await _one(request, signed, name, errors={"active": words.REASON_NEEDED})
        move = accounts.set_active(name, active, signed.actor, reason)
        return await _done(request, name, move, words.OPENED if active else words.SHUT)

    async def _done(request: Request, name: str, move: Awaitable[None], said: str) -> Response:
        try:
            await move
        except (Conflict, Forbidden) as error:
            return shell.back(request, f"{PATH}/{name}", error.detail, "danger")
        return shell.back(request, f"{PATH}/{name}", said)

    async def _new(
        request: Request, signed: Signed, filled: Filled, errors: dict[str, str] | None = None
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "accounts/new.html",
            status_code=422 if errors else 200,
            words=words,
            roles=ROLES,
            filled=filled,
            errors=errors or {},
            two=await acts.needs_second(),
        )

    async def _one(
        request: Request,
        signed: Signed,
        name: str,
        filled: Filled | None = None,
        errors: dict[str, str] | None = None,
    ) -> Response:
        found = await accounts.get(name)
        account = found.account
        as_it_is = Filled(name, account.display_name, account.staff_number, account.roles)
        return await shell.page(
            request,
            signed,
            "accounts/one.html",
            status_code=422 if errors else 200,
            words=words,
            roles=ROLES,
            one=found,
            state=state_of(found),
            filled=filled or as_it_is,
            errors=errors or {},
            two=await acts.needs_second(),
            waiting=await acts.waiting(name),
            own=name == signed.account,
        )

    async def _password(
        request: Request, signed: Signed, found: Listed, password: str, *, waits: bool = False
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "accounts/password.html",
            words=words,
            one=found,
            password=password,
            waits=waits,
        )

    return routes


def state_of(one: Listed) -> str:
    """Under which name of `words.STATES` it stands."""
    if not one.account.active:
        return "shut"
    if one.locked:
        return "locked"
    return "first" if one.account.must_change else "active"


def _read(form: FormData, name: str) -> Filled:
    roles = tuple(str(one) for one in form.getlist("roles"))
    return Filled(
        name, text(form, "display_name", 64), text(form, "staff_number", 64), roles,
        text(form, "reason"),
    )  # fmt: skip


def _errors(error: Conflict | Forbidden | Unprocessable) -> dict[str, Any]:
    """Beside its field, or above the form."""
    field = error.field if isinstance(error, Unprocessable) else ""
    return {field or "form": error.detail}
