"""The console's shell: who is signed in, what they may see, and the frame around every page."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Found, Sessions
from channels.staff.menu import GROUPS, Group
from channels.staff.networks import Networks
from channels.staff.roles import Right, rights_of, titles
from channels.staff.watermark import watermark
from knowledge_base.audit import Actor
from nlu.text.errors import BadRequest, Forbidden, TooLarge

CHINA = ZoneInfo("Asia/Shanghai")
TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
SIGN_IN = "/staff/sign-in"
PASSWORD = "/staff/password"  # noqa: S105  (a page)
TOTP = "/staff/totp"
FREE = (PASSWORD, TOTP, "/staff/sign-out")
"""What one may open while something is still to be done before the rest."""
LARGEST_FORM = 300 * 1024 * 1024
"""Laws come in by the thousand; single files have limits of their own."""
MOST_FILES = 6_000
LONGEST_FIELD = 2 * 1024 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'"
)
COUNT_LASTS = 10.0
"""Seconds that a figure of the home page counts as fresh."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    # Not "no-referrer": browsers would then hide the Origin of our own forms as well.
    "Referrer-Policy": "same-origin",
}
Count = Callable[[], Awaitable[int]]
CountFor = Callable[["Signed"], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is at work on this request."""

    account: str
    name: str
    staff_number: str
    roles: tuple[str, ...]
    rights: frozenset[Right]
    address: str
    csrf: str
    found: Found

    @property
    def actor(self) -> Actor:
        """As the audit trail knows them."""
        return Actor(self.account, self.address)

    @property
    def titles(self) -> str:
        """Their roles in words."""
        return titles(self.roles)


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits on the home page."""

    label: str
    url: str
    count: CountFor
    rights: frozenset[Right]
    """Any of these."""
    own: bool = False
    """The figure differs from person to person."""


class Shell:
    """Handed to every page; see `Shell.needs`, `Shell.form`, `Shell.page`, `Shell.back`."""

    def __init__(
        self,
        sessions: Sessions,
        networks: Networks | None = None,
        proposals: Proposals | None = None,
    ) -> None:
        self._sessions = sessions
        self._networks = networks or Networks()
        self._proposals = proposals
        self._todos: list[Todo] = []
        self._counts: dict[str, tuple[float, int]] = {}
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.filters["moment"] = moment
        self._env.filters["day"] = day

    def register_todo(self, label: str, url: str, count: Count, right: Right) -> None:
        """Have the home page count something for those who may see it."""
        self._todos.append(Todo(label, url, lambda _signed: count(), frozenset({right})))

    def register_own_todo(self, label: str, url: str, count: CountFor, *rights: Right) -> None:
        """The same for what waits for one person, for those who have any of these rights."""
        self._todos.append(Todo(label, url, count, frozenset(rights), own=True))

    async def waiting(self, signed: Signed) -> list[tuple[Todo, int]]:
        """What waits for this one, with how many; every page asks, so figures may be a bit old."""
        mine = [todo for todo in self._todos if todo.rights & signed.rights]
        return [(todo, await self._counted(todo, signed)) for todo in mine]

    async def _counted(self, todo: Todo, signed: Signed) -> int:
        if todo.own:
            return await todo.count(signed)
        known = self._counts.get(todo.url)
        if known is None or time.monotonic() - known[0] > COUNT_LASTS:
            known = self._counts[todo.url] = (time.monotonic(), await todo.count(signed))
        return known[1]

    def needs(self, *rights: Right) -> Callable[[Request], Awaitable[Signed]]:
        """A dependency: whoever asks, signed in and with all of these rights."""

        async def dependency(request: Request) -> Signed:
            signed = await self.signed(request)
            if signed is None:
                raise HTTPException(303, headers={"Location": sign_in_url(request)})
            detour = _detour(signed)
            if detour and request.url.path not in FREE:
                raise HTTPException(303, headers={"Location": detour})
            if not set(rights) <= signed.rights:
                raise Forbidden("您的角色不能打开这一页")
            return signed

        return dependency

    def needs_any(self, *rights: Right) -> Callable[[Request], Awaitable[Signed]]:
        """A dependency like `needs`, for pages that one of several rights opens."""
        anyone = self.needs()

        async def dependency(request: Request) -> Signed:
            signed = await anyone(request)
            if not set(rights) & signed.rights:
                raise Forbidden("您的角色不能打开这一页")
            return signed

        return dependency

    async def signed(self, request: Request, *, touch: bool = True) -> Signed | None:
        """Who is signed in, if anybody is; looked up once a request."""
        address = self.admitted(request)
        known: Signed | None = getattr(request.state, "signed", None)
        if known is not None:
            return known
        found = await self._sessions.find(request.cookies.get(cookie(request), ""), touch=touch)
        if found is None:
            return None
        account = found.session.account
        signed = Signed(
            account=account.name,
            name=account.display_name,
            staff_number=account.staff_number,
            roles=account.roles,
            rights=rights_of(account.roles),
            address=address,
            csrf=found.session.csrf,
            found=found,
        )
        request.state.signed = signed
        return signed

    def admitted(self, request: Request) -> str:
        """The browser's address, if the console may be reached from there."""
        address = self._networks.address_of(request)
        if not self._networks.admits(address):
            raise Forbidden("后台只能从办公网打开")
        return address

    async def form(self, request: Request) -> FormData:
        """A dependency: the posted form, sent by one of our own pages."""
        same_site(request)
        signed = await self.signed(request)
        if signed is None:
            raise HTTPException(303, headers={"Location": sign_in_url(request)})
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            # Browsers always tell it; what does not could be endless.
            raise BadRequest
        if int(length) > LARGEST_FORM:
            raise TooLarge(f"一次最多 {LARGEST_FORM // 1024 // 1024} MB，请分几次传")
        form = await request.form(
            max_files=MOST_FILES, max_fields=MOST_FILES * 2, max_part_size=LONGEST_FIELD
        )
        given = str(form.get("csrf") or "")
        if not hmac.compare_digest(given.encode(), signed.csrf.encode()):
            raise Forbidden("页面放得太久了，请返回刷新后再试")
        return form

    async def setting(self, name: str) -> Any:
        """One of the console's settings."""
        return getattr(await self._sessions.settings(), name)

    async def second(self, switch: str) -> Proposals | None:
        """Where to propose what this switch of four eyes covers; None: it is done at once."""
        if self._proposals is None or not await self._proposals.needed(switch):
            return None
        return self._proposals

    async def page(
        self,
        request: Request,
        signed: Signed,
        template: str,
        *,
        status_code: int = 200,
        personal: bool = True,
        **shown: Any,
    ) -> HTMLResponse:
        """A page in the frame; `personal` False leaves the watermark out."""
        settings = signed.found.settings
        mark = watermark(signed.name, signed.staff_number, datetime.now(CHINA))
        values = {
            "signed": signed,
            "menu": menu(signed),
            "path": request.url.path,
            "flash": _flash(request),
            "idle": {
                "left": int(signed.found.idle_left.total_seconds()),
                "warn": min(120, settings.idle_minutes * 30),
            },
            "mark": mark if settings.watermark and personal else "",
            **shown,
        }
        response = self.render(template, status_code=status_code, **values)
        if values["flash"]:
            response.delete_cookie(flash_cookie(request))
        return response

    def render(self, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
        """A template without the frame's values, for pages before signing in."""
        text = self._env.get_template(template).render(**values)
        return HTMLResponse(text, status_code, headers=HEADERS)

    def back(
        self, request: Request, url: str, flash: str = "", kind: str = "success"
    ) -> RedirectResponse:
        """After a form: on to a page, with a sentence about what was done."""
        response = RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})
        if flash:
            told = base64.urlsafe_b64encode(json.dumps([kind, flash[:500]]).encode()).decode()
            response.set_cookie(
                flash_cookie(request),
                told,
                max_age=60,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        return response


def menu(signed: Signed) -> list[Group]:
    """What of the menu this one may open."""
    groups = [
        Group(group.title, tuple(i for i in group.items if signed.rights & set(i.rights)))
        for group in GROUPS
    ]
    return [group for group in groups if group.items]


def cookie(request: Request) -> str:
    """Browsers take the __Host- prefix over TLS only."""
    return _name(request, "minsheng-staff")


def flash_cookie(request: Request) -> str:
    return _name(request, "minsheng-staff-flash")


def sign_in_url(request: Request) -> str:
    """Where to sign in, and come back from; after a form, to the page that held it."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":
        referer = urlsplit(request.headers.get("referer", ""))
        target = referer.path + (f"?{referer.query}" if referer.query else "")
    return f"{SIGN_IN}?next={quote(target if is_ours(target) else '/staff', safe='')}"


def is_ours(url: str) -> bool:
    """A page of the console, and nothing that a browser reads as another host."""
    return (url == "/staff" or url.startswith(("/staff/", "/staff?"))) and "\\" not in url


def same_site(request: Request) -> None:
    """Refuse what another site's page sends in somebody's name."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden


def moment(value: datetime) -> str:
    """2026-11-22 14:05, as the clock on the wall shows."""
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _detour(signed: Signed) -> str:
    if signed.found.password_due:
        return PASSWORD
    settings = signed.found.settings
    if settings.totp == "required" and not signed.found.session.account.has_totp:
        return TOTP
    return ""


def _flash(request: Request) -> Mapping[str, str] | None:
    try:
        raw = base64.urlsafe_b64decode(request.cookies.get(flash_cookie(request), ""))
        kind, text = json.loads(raw)
    except (ValueError, TypeError):
        return None
    return {"kind": kind if kind in ("success", "warning", "danger") else "info", "text": str(text)}


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.url.scheme == "https" else name
