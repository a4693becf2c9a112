"""Laws: the list, one law with its articles and versions, and taking one out."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.testing_desk import (
    SIZES,
    Pager,
    entry_url,
    moment,
    page_number,
    text,
)
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import imports as words
from knowledge_base.laws.records import LawQuery, LawState, Sort
from knowledge_base.laws.service import Laws
from nlu.text.errors import Conflict, Forbidden, Unprocessable

PATH = "/staff/laws"
ARTICLES = 50


def router(shell: Shell, laws: Laws) -> APIRouter:
    """`/staff/laws`."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(request: Request, signed: Signed = reader) -> Response:
        """Filters, the table, pages."""
        query = law_query(request.query_params, int(await shell.setting("page_size")))
        found = await laws.page(query)
        return await shell.page(
            request,
            signed,
            "laws/list.html",
            words=words,
            moment=moment,
            query=query,
            found=found,
            counts=await laws.counts(),
            regions=await laws.regions(),
            sizes=SIZES,
            may_import=Right.IMPORT_KNOWLEDGE in signed.rights,
            may_export=Right.EXPORT in signed.rights,
            pager=Pager(PATH, law_filters(query), query.page, query.size, found.total),
        )

    @routes.get("/{law}")
    async def shown(request: Request, law: int, signed: Signed = reader) -> Response:
        """One text: articles, versions, what cites it."""
        return await _law(request, signed, law)

    @routes.get("/{law}/changes")
    async def changes(request: Request, law: int, old: int, signed: Signed = reader) -> Response:
        """Two versions side by side."""
        record = await laws.get(law)
        before = await laws.get(old)
        return await shell.page(
            request,
            signed,
            "laws/changes.html",
            words=words,
            new=record.line,
            old=before.line,
            changes=await laws.changes(old, law),
            citing=record.citing,
            entry_url=entry_url,
        )

    @routes.post("/{law}/{act}")
    async def move(
        request: Request, law: int, act: str, signed: Signed = reader, form: FormData = posted
    ) -> Response:
        """Take it out, or bring it back, with a reason."""
        if act not in ("retire", "restore") or not may_move(signed):
            raise Forbidden
        reason = text(form, "reason")
        try:
            record = await laws.get(law)
            change = laws.retire if act == "retire" else laws.restore
            await change(law, signed.actor, reason)
        except (Conflict, Unprocessable) as error:
            return await _law(request, signed, law, error.detail, reason)
        said = words.RETIRED if act == "retire" else words.RESTORED
        return shell.back(request, f"{PATH}/{law}", said.format(law=record.line.law))

    async def _law(
        request: Request, signed: Signed, law: int, error: str = "", reason: str = ""
    ) -> Response:
        record = await laws.get(law)
        q = request.query_params.get("q", "").strip()[:100]
        page = page_number(request.query_params.get("page"))
        articles, total = await laws.articles(law, q, page, ARTICLES)
        return await shell.page(
            request,
            signed,
            "laws/show.html",
            words=words,
            moment=moment,
            entry_url=entry_url,
            record=record,
            line=record.line,
            articles=articles,
            q=q,
            error=error,
            reason=reason,
            may_move=may_move(signed),
            pager=Pager(f"{PATH}/{law}", {"q": q}, page, ARTICLES, total),
        )

    return routes


def may_move(signed: Signed) -> bool:
    """Who brings laws in, or publishes, may take one out."""
    return bool({Right.IMPORT_KNOWLEDGE, Right.APPROVE_KNOWLEDGE} & signed.rights)


def law_query(given: Any, size: int) -> LawQuery:
    """The filters of the list as they stand in the address."""
    state, sort = given.get("state", ""), given.get("sort", "")
    wanted = given.get("size", "")
    return LawQuery(
        q=given.get("q", "").strip()[:100],
        region=given.get("region", "").strip()[:50],
        state=state if state in get_args(LawState) else "",
        sort=sort if sort in get_args(Sort) else "newest",
        page=page_number(given.get("page")),
        size=int(wanted) if wanted.isdigit() and int(wanted) in SIZES else size,
    )


def law_filters(query: LawQuery) -> dict[str, str]:
    """The same filters, page left out, as the address has them."""
    sort = "" if query.sort == "newest" else query.sort
    return {"q": query.q, "region": query.region, "state": query.state, "sort": sort}
