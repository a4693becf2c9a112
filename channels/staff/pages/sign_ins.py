"""Who came in, who was refused, from where (`/staff/sign-ins`)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts.sign_in_log import SignInLine, SignInLog, SignInQuery
from channels.staff.accounts.trail import MOST, Trail
from channels.staff.pages import trail_query
from channels.staff.pages.audit import People
from channels.staff.pages.audit_files import Sheet, sheet_file
from channels.staff.pages.audit_lines import who
from channels.staff.pages.testing_desk import SIZES, text
from channels.staff.roles import Right
from channels.staff.shell import CHINA, Shell, Signed
from channels.staff.words import audit as words

PATH = "/staff/sign-ins"
NAMES = {"outcome": words.OUTCOMES}


def router(shell: Shell, log: SignInLog, trail: Trail, people: People) -> APIRouter:
    """Reading and taking out."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    auditor = Depends(shell.needs(Right.READ_AUDIT))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(request: Request, signed: Signed = auditor) -> Response:
        """Lines that a filter shows, newest first."""
        size = int(await shell.setting("page_size"))
        query = trail_query.parse(SignInQuery, request.url.query, size)
        page = await log.page(query)
        pager = trail_query.pager(PATH, query, page.total)
        if query.page > pager.last:
            return shell.back(request, pager.url(page=pager.last))
        known = await people()
        return await shell.page(
            request,
            signed,
            "audit/sign_ins.html",
            words=words,
            query=query,
            given=trail_query.given(query),
            page=page,
            pager=pager,
            sizes=sorted({*SIZES, size}),
            most=MOST,
            people=known,
            names={name: who(name, known) for name in known},
            browser=browser,
        )

    @routes.post("/export")
    async def export(signed: Signed = auditor, form: FormData = posted) -> Response:
        """What the filter shows, as a sheet; that it was taken stands in the trail."""
        query = trail_query.parse(SignInQuery, text(form, "filters", 1_000), 20)
        filters = trail_query.told(query, NAMES)
        lines = await log.export(query)
        await trail.note_export(signed.actor, "sign_ins", len(lines), filters)
        known = await people()
        rows = [_row(line, known) for line in lines]
        title = words.OBJECTS["trail", "sign_ins"]
        sheet = Sheet(words.SIGN_IN_FILE, title, words.SIGN_IN_COLUMNS, rows, filters)
        return await sheet_file(signed, sheet)

    return routes


def browser(agent: str) -> str:
    """Chrome 90 · Windows: what a user agent says, short."""
    names = {"Edg/": "Edge", "QQBrowser/": "QQ浏览器", "Firefox/": "Firefox", "Chrome/": "Chrome",
             "Version/": "Safari"}  # fmt: skip
    systems = ("Windows", "Android", "iPhone", "Mac OS", "Linux")
    found = next((mark for mark in names if mark in agent), "")
    version = agent.partition(found)[2].split(".")[0][:4] if found else ""
    system = next((one for one in systems if one in agent), "")
    shown = f"{names[found]} {version}" if found else agent[:40]
    return f"{shown} · {system}" if system and found else shown


def _row(line: SignInLine, people: Mapping[str, str]) -> tuple[object, ...]:
    return (
        line.at.astimezone(CHINA),
        line.name or words.NOBODY,
        people.get(line.name, ""),
        words.OUTCOMES.get(line.outcome, line.outcome),
        line.address,
        line.agent,
    )
