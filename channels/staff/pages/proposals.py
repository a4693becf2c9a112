"""Four eyes: what waits for a second person, what one proposed, what became of it."""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.accounts.proposal_rows import Proposal, Reader
from channels.staff.accounts.proposals import Pile, Proposals
from channels.staff.menu import PROPOSALS
from channels.staff.pages.audit import People
from channels.staff.pages.audit_lines import who
from channels.staff.pages.testing_desk import SIZES, Pager, page_number, text
from channels.staff.shell import Shell, Signed
from channels.staff.words import proposals as words
from nlu.text.errors import Conflict, Forbidden, NotFound, Unprocessable

PATH = "/staff/proposals"


def router(shell: Shell, proposals: Proposals, people: People) -> APIRouter:
    """The three piles, one proposal, and what is decided about it."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    anyone = Depends(shell.needs_any(*PROPOSALS))
    posted = Depends(shell.form)
    shell.register_own_todo(
        words.TODO, PATH, lambda signed: proposals.waiting(_reader(signed)), *PROPOSALS
    )

    @routes.get("")
    async def listed(request: Request, signed: Signed = anyone) -> Response:
        """A pile, newest first."""
        asked = request.query_params
        pile: Pile = next((one for one in get_args(Pile) if one == asked.get("pile")), "to_decide")
        usual = int(await shell.setting("page_size"))
        size = next((one for one in SIZES if str(one) == asked.get("size")), usual)
        number = page_number(asked.get("page"))
        page = await proposals.page(pile, _reader(signed), number, size)
        pager = Pager(PATH, {"pile": pile, "size": str(size)}, number, size, page.total)
        if number > pager.last:
            return shell.back(request, pager.url(page=pager.last))
        return await shell.page(
            request,
            signed,
            "proposals/list.html",
            words=words,
            pile=pile,
            page=page,
            pager=pager,
            sizes=sorted({*SIZES, usual}),
            people=await people(),
            who=who,
        )

    @routes.get("/{number:int}")
    async def shown(request: Request, number: int, signed: Signed = anyone) -> Response:
        """What would be different, and who wants it why."""
        return await _one(request, signed, number)

    @routes.post("/{number:int}/approve", dependencies=[posted])
    async def approve(request: Request, number: int, signed: Signed = anyone) -> Response:
        """通过: it is done now."""
        try:
            done = await proposals.approve(number, signed.actor, signed.rights)
        except (Conflict, Forbidden) as error:
            return shell.back(request, f"{PATH}/{number}", error.detail, "danger")
        if done.state == "done":
            said = words.APPROVED.format(outcome=done.outcome)
            return shell.back(request, f"{PATH}/{number}", said)
        said = words.FAILED.format(outcome=done.outcome)
        return shell.back(request, f"{PATH}/{number}", said, "danger")

    @routes.post("/{number:int}/reject")
    async def reject(
        request: Request, number: int, signed: Signed = anyone, form: FormData = posted
    ) -> Response:
        """退回, with an opinion."""
        opinion = text(form, "opinion")
        try:
            await proposals.reject(number, signed.actor, signed.rights, opinion)
        except Unprocessable as error:
            return await _one(request, signed, number, {error.field: error.detail})
        except (Conflict, Forbidden) as error:
            return shell.back(request, f"{PATH}/{number}", error.detail, "danger")
        return shell.back(request, PATH, words.REJECTED)

    @routes.post("/{number:int}/withdraw", dependencies=[posted])
    async def withdraw(request: Request, number: int, signed: Signed = anyone) -> Response:
        """撤回, by its proposer."""
        try:
            await proposals.withdraw(number, signed.actor)
        except (Conflict, Forbidden) as error:
            return shell.back(request, f"{PATH}/{number}", error.detail, "danger")
        return shell.back(request, f"{PATH}/{number}", words.WITHDRAWN)

    async def _one(
        request: Request, signed: Signed, number: int, errors: dict[str, str] | None = None
    ) -> Response:
        found: Proposal = await proposals.get(number)
        reader = _reader(signed)
        if not proposals.may_see(found, reader):
            raise NotFound(words.UNKNOWN)
        return await shell.page(
            request,
            signed,
            "proposals/one.html",
            status_code=422 if errors else 200,
            words=words,
            one=found,
            may_decide=proposals.may_decide(found, reader),
            mine=found.made_by == signed.account,
            errors=errors or {},
            people=await people(),
            who=who,
        )

    return routes


def _reader(signed: Signed) -> Reader:
    return Reader(signed.account, signed.rights)
