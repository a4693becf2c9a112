"""Entries and typical cases: the list, and all that is done from it (`/staff/faqs`, …)."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from channels.staff.accounts.proposals import Proposals
from channels.staff.pages import entry_bulk, entry_edit, entry_page, regions, review
from channels.staff.pages.entry_acts import Acts
from channels.staff.pages.entry_address import SIZES
from channels.staff.pages.entry_desk import Desk, EffectsOf, labels, rights
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import entries as words
from knowledge_base.entries.service import Entries
from knowledge_base.gold import Gold
from knowledge_base.groups import Groups
from knowledge_base.models import EntryKind
from knowledge_base.publishing import Publishing


def router(
    shell: Shell,
    entries: Entries,
    publishing: Publishing,
    gold: Gold,
    effects: EffectsOf,
    groups: Groups | None = None,
    proposals: Proposals | None = None,
) -> APIRouter:
    """`/staff/faqs`, `/staff/precedents`, `/staff/review` and `/staff/regions`."""
    acts = Acts(entries, publishing, proposals)
    desk = Desk(shell, entries, publishing, gold, effects, acts, groups)
    routes = APIRouter(include_in_schema=False)
    for kind, base in words.BASES.items():
        pages = APIRouter(prefix=base)
        add(pages, desk, kind)
        entry_bulk.add(pages, desk, kind)
        entry_edit.add(pages, desk, kind)
        # Last: an entry's id must not swallow the fixed paths above.
        entry_page.add(pages, desk, kind)
        routes.include_router(pages)
    review.add(routes, desk)
    regions.add(routes, desk)
    return routes


def add(routes: APIRouter, desk: Desk, kind: EntryKind) -> None:
    """The list."""
    reader = Depends(desk.shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(desk.shell.needs(Right.EDIT_KNOWLEDGE))

    @routes.get("")
    async def listed(request: Request, signed: Signed = reader) -> Response:
        """Filters, the table, pages."""
        address = await desk.address(request.url.query, kind)
        page = await desk.entries.page(address.query)
        last = max(1, -(-page.total // address.query.size))
        if address.query.page > last:
            return desk.shell.back(request, address.url(page=last))
        return await desk.shell.page(
            request,
            signed,
            "entries/list.html",
            **labels(kind),
            **rights(signed),
            address=address,
            query=address.query,
            page=page,
            last=last,
            sizes=SIZES,
            categories=await desk.entries.choices("category"),
            owners=await desk.entries.choices("owner"),
            regions=await desk.entries.regions(),
        )

    @routes.get("/laws", dependencies=[editor])
    async def law_names(q: str = "") -> list[str]:
        """Names of laws in force, for filling in a citation."""
        return await desk.entries.law_names(q[:100])
