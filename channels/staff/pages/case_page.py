"""One case: what is known, what happened, what may be done now."""

from __future__ import annotations

from datetime import datetime, timezone
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from case_api.desk_schemas import Disclosure, Sheet, Unmasking
from case_api.staff_client import StaffClient
from channels.staff import case_files, notices
from channels.staff.pages import case_moves
from channels.staff.pages.case_query import LIST, Address
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import cases as words
from nlu.text.errors import Conflict, Unauthorised, Unprocessable


def add(routes: APIRouter, shell: Shell, cases: StaffClient) -> None:
    """`/staff/cases/{code}` and what hangs on it."""
    handler = Depends(shell.needs(Right.HANDLE_CASES))
    unmasker = Depends(shell.needs(Right.HANDLE_CASES, Right.UNMASK))
    posted = Depends(shell.form)

    @routes.get("/cases/{code}")
    async def case_page(
        request: Request, code: str, signed: Signed = handler, back: str = ""
    ) -> Response:
        """Everything masked."""
        return await _page(request, signed, await cases.sheet(code), back)

    @routes.post("/cases/{code}/moves/{move}")
    async def move(
        request: Request,
        code: str,
        move: case_moves.Move,
        signed: Signed = handler,
        form: FormData = posted,
    ) -> Response:
        """受理、不予受理、交办、转送、延期、答复、办结; what was typed stays when it is refused."""
        back = str(form.get("back", ""))
        sheet = await cases.sheet(code)
        errors = case_moves.wrong(move, form)
        if move.value not in case_moves.offered(sheet.moves):
            errors = {"": words.NOT_NOW.format(status=sheet.status_label, move=words.MOVES[move])}
        if not errors:
            try:
                await case_moves.carry_out(cases, sheet.code, move, form, signed)
            except (Conflict, Unprocessable) as error:
                errors = {"": error.detail}
                sheet = await cases.sheet(code)
        if errors:
            typed = {name: str(value) for name, value in form.items()}
            return await _page(
                request, signed, sheet, back, opened=move.value, errors=errors, typed=typed
            )
        return shell.back(request, _address(sheet.code, back), words.DONE[move.value])

    @routes.post("/cases/{code}/unmasking")
    async def unmask(
        request: Request, code: str, signed: Signed = unmasker, form: FormData = posted
    ) -> Response:
        """The page once more, with what was asked for in clear."""
        back, field = str(form.get("back", "")), str(form.get("field", ""))
        reason = str(form.get("reason", "")).strip()[:500]
        if not reason or field not in words.FIELDS:
            sheet = await cases.sheet(code)
            errors = {"reason": words.REASON_NEEDED}
            return await _page(request, signed, sheet, back, opened=f"show-{field}", errors=errors)
        ask = Unmasking.model_validate({"field": field, "reason": reason})
        shown = await cases.unmask(code, ask, signed.actor)
        # Read after the act: it stands in the list of who looked.
        return await _page(request, signed, await cases.sheet(code), back, shown=shown)

    @routes.post("/cases/{code}/presence")
    async def presence(request: Request, code: str) -> Response:
        """Called by the page every few seconds: still here; who else is?"""
        # Not touched: a page left open must not keep its session from ending.
        signed = await shell.signed(request, touch=False)
        if signed is None or Right.HANDLE_CASES not in signed.rights:
            raise Unauthorised
        await shell.form(request)
        names = await cases.look_on(code, signed.name[:56], signed.actor)
        return JSONResponse({"names": names}, headers={"Cache-Control": "no-store"})

    @routes.get("/cases/{code}/print")
    async def printed(
        request: Request, code: str, signed: Signed = handler, form: str = ""
    ) -> Response:
        """A notice or the working sheet, on A4, masked."""
        return await _paper(request, signed, await cases.sheet(code), form)

    @routes.post("/cases/{code}/print")
    async def printed_clear(
        request: Request, code: str, signed: Signed = unmasker, form: FormData = posted
    ) -> Response:
        """The same with name and phone; asked for with a reason, and written down."""
        kind, reason = str(form.get("form", "")), str(form.get("reason", "")).strip()[:500]
        sheet = await cases.sheet(code)
        if not reason:
            return await _paper(request, signed, sheet, kind, error=words.REASON_NEEDED)
        ask = Unmasking(field="contact", reason=reason, way="print")
        shown = await cases.unmask(code, ask, signed.actor)
        return await _paper(request, signed, sheet, kind, shown=shown)

    async def _page(
        request: Request,
        signed: Signed,
        sheet: Sheet,
        back: str,
        *,
        shown: Disclosure | None = None,
        opened: str = "",
        errors: dict[str, str] | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        address = Address.parse(back, size=int(await shell.setting("page_size")))
        return await shell.page(
            request,
            signed,
            "cases/case.html",
            status_code=422 if errors else 200,
            case=sheet,
            others=await cases.look_on(sheet.code, signed.name[:56], signed.actor),
            moves=case_moves.offered(sheet.moves),
            papers=notices.kinds(sheet),
            back=address.text(),
            list_url=f"{address.url()}#{sheet.code}",
            shown=shown,
            clear=_clear(shown),
            said=_said(shown),
            opened=opened,
            errors=errors or {},
            typed=typed or {},
            may_unmask=Right.UNMASK in signed.rights,
            words=words,
            official=case_files.official,
        )

    async def _paper(
        request: Request,
        signed: Signed,
        sheet: Sheet,
        kind: str,
        *,
        shown: Disclosure | None = None,
        error: str = "",
    ) -> Response:
        papers = notices.kinds(sheet)
        chosen = kind if kind in papers else next(iter(papers))
        return await shell.page(
            request,
            signed,
            "cases/print.html",
            status_code=422 if error else 200,
            case=sheet,
            papers=papers,
            chosen=chosen,
            printed=_mark(signed),
            paper=notices.write(chosen, sheet, _clear(shown)),
            unmasked=shown is not None,
            error=error,
            may_unmask=Right.UNMASK in signed.rights,
            words=words,
            official=case_files.official,
        )


def _mark(signed: Signed) -> str:
    """Who printed it and when: it deters, no more."""
    now = case_files.official(datetime.now(timezone.utc))
    return f"{signed.name} {signed.staff_number[-4:]} {now:%Y-%m-%d %H:%M}".replace("  ", " ")


def _clear(shown: Disclosure | None) -> dict[str, str]:
    """What was unmasked of the case itself, by its label."""
    values = [] if shown is None else shown.values
    return {value.what: value.value for value in values if value.event is None}


def _said(shown: Disclosure | None) -> dict[int, str]:
    """What was unmasked of what was said later, by the event's number."""
    values = [] if shown is None else shown.values
    return {value.event: value.value for value in values if value.event is not None}


def _address(code: str, back: str) -> str:
    address = Address.parse(back, size=20).text() if back else ""
    return f"{LIST}/{code}?back={quote(address)}" if address else f"{LIST}/{code}"
