"""The work list taken out as a file: with a reason, and where the office wants it, by two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from case_api.desk_schemas import ExportIn
from case_api.staff_client import StaffClient
from channels.staff import case_files
from channels.staff.accounts.proposal_rows import Change, Proposal, Reader
from channels.staff.accounts.proposals import Proposals
from channels.staff.pages.case_query import Address
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import cases as words
from knowledge_base.audit import Actor
from nlu.text.errors import NotFound

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACT = "export_cases"
AGREED_FOR = timedelta(days=3)
"""So long a second person's word holds; the file is made, and logged, when it is fetched."""


def add(routes: APIRouter, shell: Shell, cases: StaffClient, proposals: Proposals | None) -> None:
    """`/staff/cases/export` and, for what a second person agreed to, `/staff/cases/exports/{n}`."""
    exporter = Depends(shell.needs(Right.HANDLE_CASES, Right.EXPORT))
    posted = Depends(shell.form)
    if proposals is not None:
        proposals.register(ACT, _agreed, Right.HANDLE_CASES)

    async def address_of(text: str) -> Address:
        return Address.parse(text, size=int(await shell.setting("page_size")))

    @routes.get("/cases/export")
    async def choose_columns(request: Request, signed: Signed = exporter) -> Response:
        """Which columns, and what for."""
        return await _page(request, signed, await address_of(request.url.query))

    @routes.post("/cases/export")
    async def export(
        request: Request, signed: Signed = exporter, form: FormData = posted
    ) -> Response:
        """The file of what the filter shows; with four eyes, the wish for it."""
        address = await address_of(str(form.get("address", "")))
        columns = [name for name in words.COLUMNS if name in form.getlist("column")]
        reason, unmasked = str(form.get("reason", "")).strip()[:500], form.get("unmasked") == "1"
        errors = {}
        if not reason:
            errors["reason"] = words.REASON_NEEDED
        if not columns:
            errors["column"] = words.COLUMNS_NEEDED
        if unmasked and Right.UNMASK not in signed.rights:
            errors["unmasked"] = words.NO_RIGHT_TO_UNMASK
        if errors:
            return await _page(
                request, signed, address, columns=columns, reason=reason, errors=errors
            )
        second = await shell.second("export")
        if second is None:
            return await _file(signed, address, columns, reason, unmasked)
        total = (await cases.page(address.query())).total
        await second.propose(
            ACT,
            words.EXPORT_TITLE.format(total=total, filter=_told(address), who=signed.name),
            {"address": address.text(), "columns": columns, "unmasked": unmasked},
            _changes(columns, unmasked, total),
            reason,
            signed.actor,
        )
        return shell.back(request, address.url(), words.EXPORT_PROPOSED)

    @routes.post("/cases/exports/{number}", dependencies=[posted])
    async def fetch(number: int, signed: Signed = exporter) -> Response:
        """The file that a second person agreed to; it shows what the filter shows now."""
        found = None if proposals is None else await proposals.get(number)
        if found is None or not _may_fetch(found, signed):
            raise NotFound(words.EXPORT_GONE)
        wish: Mapping[str, Any] = found.payload
        reason = words.EXPORT_AGREED.format(reason=found.reason, by=found.decided_by)
        address = await address_of(wish["address"])
        return await _file(signed, address, wish["columns"], reason[:500], wish["unmasked"])

    async def _file(
        signed: Signed, address: Address, columns: list[str], reason: str, unmasked: bool
    ) -> Response:
        ask = ExportIn(query=address.query(), reason=reason, columns=columns, unmasked=unmasked)
        taken = await cases.export(ask, signed.actor)
        name = words.FILE_NAME.format(moment=f"{case_files.official(taken.made_at):%Y%m%d_%H%M%S}")
        return Response(
            case_files.workbook(taken, columns, _who(signed)),
            media_type=XLSX,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _page(
        request: Request,
        signed: Signed,
        address: Address,
        *,
        columns: list[str] | None = None,
        reason: str = "",
        errors: dict[str, str] | None = None,
    ) -> Response:
        page = await cases.page(address.query().model_copy(update={"page": 1, "size": 1}))
        agreed: list[Proposal] = []
        if proposals is not None:
            made = await proposals.page("made", Reader(signed.account, signed.rights))
            agreed = [one for one in made.lines if _may_fetch(one, signed)]
        return await shell.page(
            request,
            signed,
            "cases/export.html",
            status_code=422 if errors else 200,
            address=address,
            total=page.total,
            columns=words.COLUMNS,
            chosen=words.USUAL_COLUMNS if columns is None else columns,
            reason=reason,
            errors=errors or {},
            agreed=agreed,
            by_two=await shell.second("export") is not None,
            may_unmask=Right.UNMASK in signed.rights,
        )


async def _agreed(_wish: Mapping[str, Any], _proposer: Actor, _approver: Actor) -> str:
    """Nothing is taken out yet: the proposer fetches the file, and that is logged."""
    return words.EXPORT_READY


def _may_fetch(one: Proposal, signed: Signed) -> bool:
    return (
        one.act == ACT
        and one.made_by == signed.account
        and one.state == "done"
        and one.decided_at is not None
        and datetime.now(timezone.utc) - one.decided_at < AGREED_FOR
    )


def _changes(columns: list[str], unmasked: bool, total: int) -> list[Change]:
    """What the second person reads."""
    return [
        Change(words.EXPORT_ROWS, "", str(total)),
        Change(words.EXPORT_COLUMNS, "", "、".join(words.COLUMNS[name] for name in columns)),
        Change(words.EXPORT_PERSONAL, "", words.CLEAR if unmasked else words.MASKED),
    ]


def _told(address: Address) -> str:
    """The filter as the second person reads it."""
    labels = {**words.STATUS, **words.COLOURS, **words.CHANNELS}
    shown = [
        words.GROUPS[value][0] if name == "group" else labels.get(value, value)
        for name, value in address.given
        if name not in ("sort", "page", "size")
    ]
    return "、".join(shown) or words.EVERYTHING


def _who(signed: Signed) -> str:
    return f"{signed.name} {signed.staff_number[-4:]}（{signed.account}）"
