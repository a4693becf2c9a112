"""Signing in and out, the own password, the second factor (`/staff/sign-in`, …)."""

from __future__ import annotations

import hmac
import secrets
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from channels.staff import shell as frame
from channels.staff.accounts import passwords
from channels.staff.accounts.accounts import Accounts
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.sign_in import Expired, Locked, SignedIn, SignIn, Wrong
from channels.staff.accounts.totp import Totp
from channels.staff.shell import Shell, Signed
from channels.staff.words import sign_in as words
from nlu.text.errors import Conflict, Forbidden, Unprocessable

CHINA = ZoneInfo("Asia/Shanghai")
LONGEST = 200


def router(
    shell: Shell, sign_in: SignIn, sessions: Sessions, accounts: Accounts, totp: Totp
) -> APIRouter:
    """What stands before the console."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    anyone = Depends(shell.needs())
    posted = Depends(shell.form)

    @routes.get("/sign-in")
    async def ask(request: Request, next: str = "/staff", idle: int = 0) -> Response:
        """Name and password."""
        shell.admitted(request)
        return await _door(request, next, told=words.IDLE if idle else "")

    @routes.post("/sign-in")
    async def enter(request: Request) -> Response:
        """Try; the same words for a wrong name and for a wrong password."""
        address = shell.admitted(request)
        frame.same_site(request)
        form = await request.form(max_files=0, max_fields=8, max_part_size=4_000)
        target = str(form.get("next") or "/staff")
        given = str(form.get("door") or "")
        held = request.cookies.get(_door_cookie(request), "")
        if not held or not hmac.compare_digest(given.encode(), held.encode()):
            return await _door(request, target)
        outcome = await sign_in.attempt(
            _field(form, "name"),
            _field(form, "password"),
            _field(form, "code"),
            address,
            request.headers.get("user-agent", ""),
        )
        match outcome:
            case SignedIn(token):
                return _let_in(request, token, target)
            case Wrong(left):
                error = words.WRONG.format(left=left)
            case Locked(until):
                error = words.LOCKED.format(until=until.astimezone(CHINA).strftime("%H:%M"))
            case Expired():
                error = words.EXPIRED
        return await _door(request, target, error=error, name=_field(form, "name"))

    @routes.post("/sign-out", dependencies=[posted])
    async def leave(request: Request, signed: Signed = anyone) -> Response:
        """The session ends here and everywhere."""
        await sessions.sign_out(signed.found.session)
        response = RedirectResponse(frame.SIGN_IN, 303)
        response.delete_cookie(frame.cookie(request), path="/")
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    @routes.get("/password")
    async def password_form(request: Request, signed: Signed = anyone) -> Response:
        return await _password(request, signed)

    @routes.post("/password")
    async def change(
        request: Request, signed: Signed = anyone, form: FormData = posted
    ) -> Response:
        """One's own password; all other sessions end."""
        new = _field(form, "new")
        if new != _field(form, "again"):
            return await _password(request, signed, {"again": words.TWICE})
        try:
            token = await accounts.change_password(
                signed.account,
                _field(form, "old"),
                new,
                signed.actor,
                agent=request.headers.get("user-agent", ""),
            )
        except Unprocessable as error:
            return await _password(request, signed, {error.field: error.detail})
        response = shell.back(request, "/staff", words.CHANGED)
        _set_cookie(request, response, token)
        return response

    @routes.get("/totp")
    async def totp_form(request: Request, signed: Signed = anyone) -> Response:
        return await _totp(request, signed, totp.invent())

    @routes.post("/totp")
    async def bind(request: Request, signed: Signed = anyone, form: FormData = posted) -> Response:
        """Bind a telephone, or let go of it."""
        if signed.found.session.account.has_totp:
            if signed.found.settings.totp == "required":
                raise Forbidden(words.TOTP_NEEDED)
            await accounts.drop_totp(signed.account, signed.actor)
            return shell.back(request, frame.TOTP, words.DROPPED)
        secret = _field(form, "secret")
        if signed.found.settings.totp == "off":
            raise Conflict("本单位没有启用动态口令")
        try:
            await accounts.set_totp(signed.account, secret, _field(form, "code"), signed.actor)
        except Unprocessable as error:
            return await _totp(request, signed, secret, error.detail)
        return shell.back(request, "/staff", words.BOUND)

    async def _door(
        request: Request, target: str, *, error: str = "", told: str = "", name: str = ""
    ) -> Response:
        settings = await sign_in.settings()
        door = secrets.token_urlsafe(24)
        response = shell.render(
            "account/sign_in.html",
            status_code=401 if error else 200,
            next=target if frame.is_ours(target) else "/staff",
            door=door,
            error=error,
            told=told,
            name=name,
            with_code=settings.totp != "off",
        )
        # Signing somebody in unawares, as another, is an attack too: the form must be ours.
        _keep(request, response, _door_cookie(request), door)
        return response

    async def _password(
        request: Request, signed: Signed, errors: dict[str, str] | None = None
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "account/password.html",
            personal=False,
            errors=errors or {},
            due=signed.found.password_due,
            words=words,
            rule=passwords.rule(signed.found.settings.password_length),
        )

    async def _totp(request: Request, signed: Signed, secret: str, error: str = "") -> Response:
        settings = signed.found.settings
        return await shell.page(
            request,
            signed,
            "account/totp.html",
            personal=False,
            bound=signed.found.session.account.has_totp,
            off=settings.totp == "off",
            required=settings.totp == "required",
            secret=secret,
            picture=totp.picture(signed.account, secret),
            error=error,
            words=words,
        )

    return routes


def _let_in(request: Request, token: str, target: str) -> Response:
    response = RedirectResponse(target if frame.is_ours(target) else "/staff", 303)
    _set_cookie(request, response, token)
    response.delete_cookie(_door_cookie(request), path="/")
    return response


def _set_cookie(request: Request, response: Response, token: str) -> None:
    _keep(request, response, frame.cookie(request), token)


def _keep(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


def _door_cookie(request: Request) -> str:
    name = "minsheng-staff-door"
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _field(form: FormData, name: str) -> str:
    return str(form.get(name) or "")[:LONGEST]
