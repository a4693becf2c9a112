"""Who did what, when, from where, and what was there before (`/staff/audit`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts.trail import MOST, Trail, TrailPage, TrailQuery
from channels.staff.pages import audit_lines, trail_query
from channels.staff.pages.audit_files import Sheet, sheet_file
from channels.staff.pages.testing_desk import SIZES, text
from channels.staff.roles import Right
from channels.staff.shell import CHINA, Shell, Signed
from channels.staff.words import audit as words
from knowledge_base.audit import Entry

PATH = "/staff/audit"
NAMES = {"act": words.ACTS, "kind": words.KINDS}
ENTRY_KINDS = ("faq", "precedent")
Titles = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
People = Callable[[], Awaitable[Mapping[str, str]]]


def router(shell: Shell, trail: Trail, people: People, titles: Titles) -> APIRouter:
    """Reading, checking, taking out; `titles` names entries by their ids."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    auditor = Depends(shell.needs(Right.READ_AUDIT))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(request: Request, signed: Signed = auditor) -> Response:
        """Rows that a filter shows, newest first."""
        size = int(await shell.setting("page_size"))
        query = trail_query.parse(TrailQuery, request.url.query, size)
        page = await trail.page(query)
        pager = trail_query.pager(PATH, query, page.total)
        if query.page > pager.last:
            return shell.back(request, pager.url(page=pager.last))
        choices, known = await trail.choices(), await people()
        return await shell.page(
            request,
            signed,
            "audit/list.html",
            words=words,
            lines=audit_lines,
            query=query,
            given=trail_query.given(query),
            page=page,
            pager=pager,
            sizes=sorted({*SIZES, size}),
            most=MOST,
            choices=choices,
            people=known,
            names={name: audit_lines.who(name, known) for name in choices.people},
            titles=await _titles(page),
        )

    @routes.post("/check", dependencies=[auditor, posted])
    async def check(request: Request) -> Response:
        """检查完整性: every row follows from the one before."""
        found = await trail.check()
        if found.broken is not None:
            told = words.BROKEN.format(number=found.broken, total=found.total)
            return shell.back(request, PATH, told, "danger")
        return shell.back(
            request, PATH, words.WHOLE.format(total=found.total, last=found.last[:16])
        )

    @routes.post("/export")
    async def export(signed: Signed = auditor, form: FormData = posted) -> Response:
        """What the filter shows, as a sheet; that it was taken stands in the trail."""
        query = trail_query.parse(TrailQuery, text(form, "filters", 1_000), 20)
        filters = trail_query.told(query, NAMES)
        rows = await trail.export(query)
        await trail.note_export(signed.actor, "audit", len(rows), filters)
        known = await people()
        return await sheet_file(
            signed,
            Sheet(
                words.TRAIL_FILE,
                words.KINDS["trail"],
                words.TRAIL_COLUMNS,
                [_row(row, known) for row in rows],
                filters,
            ),
        )

    async def _titles(page: TrailPage) -> Mapping[str, str]:
        named = {line.object for line in page.lines if line.kind in ENTRY_KINDS}
        return await titles(sorted(named - {""}))

    return routes


def _row(entry: Entry, people: Mapping[str, str]) -> tuple[object, ...]:
    return (
        entry.id,
        entry.at.astimezone(CHINA),
        audit_lines.who(entry.by, people),
        entry.address,
        words.ACTS.get(entry.act, entry.act),
        words.KINDS.get(entry.kind, entry.kind),
        audit_lines.subject(entry, {}),
        audit_lines.side(entry, "before"),
        audit_lines.side(entry, "after"),
        entry.reason,
        entry.hash,
    )
