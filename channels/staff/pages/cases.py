"""The work list of cases: found, assigned in bulk, taken out as a file."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from case_api.desk_schemas import BulkAssignment
from case_api.staff_client import StaffClient
from channels.staff import case_files
from channels.staff.accounts.proposals import Proposals
from channels.staff.pages import case_export, case_page, handoffs
from channels.staff.pages.case_query import SIZES, Address
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import cases as words

BY_HAND = "/staff/cases?group=undecided&office=人工分办"
"""Those that nobody has yet given to an office."""
SHOWN_CHOSEN = 10


def router(shell: Shell, cases: StaffClient, proposals: Proposals | None = None) -> APIRouter:
    """`/staff/cases` and `/staff/handoffs`; `proposals`: where four eyes are asked for."""
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    handler = Depends(shell.needs(Right.HANDLE_CASES))
    posted = Depends(shell.form)

    async def address_of(text: str) -> Address:
        return Address.parse(text, size=int(await shell.setting("page_size")))

    @routes.get("/cases")
    async def work_list(request: Request, signed: Signed = handler) -> Response:
        """Filters, tabs, the table."""
        address = await address_of(request.url.query)
        page = await cases.page(address.query())
        last = max(1, -(-page.total // page.size))
        if page.page > last:
            return shell.back(request, address.url(page=str(last)))
        return await shell.page(
            request,
            signed,
            "cases/list.html",
            address=address,
            page=page,
            last=last,
            sizes=SIZES,
            sort=address.query().sort,
            groups=_groups(page.statuses),
            every=sum(page.statuses.values()),
            may_export=Right.EXPORT in signed.rights,
            words=words,
            official=case_files.official,
        )

    @routes.post("/cases/assignment")
    async def choose_office(
        request: Request, signed: Signed = handler, form: FormData = posted
    ) -> Response:
        """What is about to be assigned, and to whom; nothing has happened yet."""
        address = await address_of(str(form.get("address", "")))
        codes = _codes(form)
        if form.get("all") == "1":
            codes = (await cases.codes(address.query())).codes
        if not codes:
            return shell.back(request, address.url(), words.NOTHING_CHOSEN, "warning")
        offices = (await cases.page(address.query())).takers
        return await _office_page(request, signed, address, codes, offices)

    @routes.post("/cases/assignments")
    async def assign_all(
        request: Request, signed: Signed = handler, form: FormData = posted
    ) -> Response:
        """Done one by one; what was refused says why."""
        address = await address_of(str(form.get("address", "")))
        codes, office = _codes(form), str(form.get("office", "")).strip()
        if not codes:
            return shell.back(request, address.url(), words.NOTHING_CHOSEN, "warning")
        if not office:
            offices = (await cases.page(address.query())).takers
            error = words.OFFICE_NEEDED
            return await _office_page(request, signed, address, codes, offices, error=error)
        transferred = form.get("way") == "transfer"
        ask = BulkAssignment(
            codes=codes,
            office=office,
            transferred=transferred,
            note=str(form.get("note", ""))[:2_000],
            by=signed.name[:56],
        )
        result = await cases.assign_all(ask, signed.actor)
        return await shell.page(
            request,
            signed,
            "cases/assigned.html",
            address=address,
            office=office,
            way=words.MOVES["transfer" if transferred else "assign"],
            done=[row for row in result.results if row.done],
            refused=[row for row in result.results if not row.done],
        )

    async def _office_page(
        request: Request,
        signed: Signed,
        address: Address,
        codes: list[str],
        offices: list[str],
        *,
        error: str = "",
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "cases/assign.html",
            status_code=422 if error else 200,
            address=address,
            codes=codes,
            some=codes[:SHOWN_CHOSEN],
            offices=offices,
            error=error,
        )

    # After the fixed paths above, which a case's code must not swallow.
    case_export.add(routes, shell, cases, proposals)
    case_page.add(routes, shell, cases)
    handoffs.add(routes, shell, cases)
    return routes


def _groups(statuses: dict[str, int]) -> list[tuple[str, str, int]]:
    """The tabs: name, label, how many."""
    return [
        (name, label, sum(statuses.get(status, 0) for status in members))
        for name, (label, members) in words.GROUPS.items()
    ]


def _codes(form: FormData) -> list[str]:
    """Ticked one by one, or handed on in one field."""
    ticked = [str(code) for code in form.getlist("code")]
    return list(dict.fromkeys([*ticked, *str(form.get("codes", "")).split()]))
