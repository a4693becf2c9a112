"""What citizens asked in vain, by meaning (`/staff/unanswered`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.entry_desk import wordings
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import unanswered as words
from knowledge_base.entries.content import spelled
from knowledge_base.entries.service import Entries
from knowledge_base.group_lines import GroupQuery, Sort, State
from knowledge_base.groups import Groups
from knowledge_base.search import KnowledgeBase
from nlu.text.errors import Unprocessable

PATH = "/staff/unanswered"
SIZES = (10, 20, 50)
NEAR = 5
"""Entries offered as the home of a group's wordings."""


def router(shell: Shell, groups: Groups, entries: Entries, kb: KnowledgeBase) -> APIRouter:
    """The pile, a group, and what is done with it."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("")
    async def listed(
        request: Request,
        query: Annotated[GroupQuery, Depends(_query)],
        signed: Signed = reader,
    ) -> Response:
        """Groups in one state; those that most citizens asked for first."""
        page = await groups.page(query)
        last = max(1, -(-page.total // query.size))
        if query.page > last:
            return shell.back(request, f"{PATH}?{_address(query, page=last)}")
        return await shell.page(
            request,
            signed,
            "unanswered/list.html",
            words=words,
            query=query,
            page=page,
            last=last,
            sizes=SIZES,
            areas=await groups.areas(),
            address=lambda **changed: f"{PATH}?{_address(query, **changed)}",
            may_edit=Right.EDIT_KNOWLEDGE in signed.rights,
        )

    @routes.post("/merge")
    async def merge(request: Request, signed: Signed = editor, form: FormData = posted) -> Response:
        """Groups that mean the same become one."""
        chosen = _numbers(form, "group")
        if len(chosen) < 2:
            return shell.back(request, PATH, words.NOTHING_CHOSEN, "warning")
        await groups.merge(chosen[0], chosen[1:], signed.actor)
        return shell.back(request, f"{PATH}/{chosen[0]}", words.MERGED)

    @routes.get("/{group}")
    async def shown(request: Request, group: int, signed: Signed = reader) -> Response:
        """One group: who asked what and when, and what can be done."""
        return await _group(request, signed, group)

    @routes.post("/{group}/dismissal")
    async def dismiss(
        request: Request, group: int, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Not for us; holds for the meaning."""
        try:
            await groups.decide(group, "dismissed", signed.actor, note=str(form.get("note") or ""))
        except Unprocessable as error:
            return await _group(request, signed, group, {error.field: words.REASON_NEEDED})
        return shell.back(request, PATH, words.DISMISSED)

    @routes.post("/{group}/reopening", dependencies=[posted])
    async def reopen(request: Request, group: int, signed: Signed = editor) -> Response:
        """Back onto the pile."""
        await groups.decide(group, "open", signed.actor)
        return shell.back(request, f"{PATH}/{group}", words.REOPENED)

    @routes.post("/{group}/split")
    async def split(
        request: Request, group: int, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Questions that mean something else get a group of their own."""
        chosen = _numbers(form, "question")
        if not chosen:
            return shell.back(request, f"{PATH}/{group}", words.NOTHING_CHOSEN, "warning")
        new = await groups.split(group, chosen, signed.actor)
        return shell.back(request, f"{PATH}/{new}", words.SPLIT)

    @routes.post("/{group}/phrasings")
    async def add(
        request: Request, group: int, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """The wordings become phrasings of an entry that answers them already."""
        entry = str(form.get("entry") or "").strip()
        if not entry:
            return await _group(request, signed, group, {"entry": words.ENTRY_NEEDED})
        _, questions = await groups.get(group)
        record = await entries.get(entry)
        known = set(map(spelled, record.entry.wordings))
        new = [text for text in wordings(questions) if spelled(text) not in known]
        if not new:
            await groups.decide(group, "added", signed.actor, faq=entry)
            return shell.back(request, f"/staff/faqs/{entry}", words.NOTHING_NEW, "warning")
        changed = replace(record.entry, phrasings=(*record.entry.phrasings, *new))
        saved = await entries.save(changed, signed.actor, base_version=record.version)
        await groups.decide(group, "added", signed.actor, faq=entry)
        told = words.ADDED.format(question=record.entry.question, version=saved.version)
        return shell.back(request, f"/staff/faqs/{entry}", told)

    async def _group(
        request: Request, signed: Signed, group: int, errors: dict[str, str] | None = None
    ) -> Response:
        line, questions = await groups.get(group)
        near = await kb.near(line.title)
        best = sorted(near, key=lambda id: -near[id])[:NEAR]
        named = [*best, *({line.faq, *(one.hit for one in questions)} - {""})]
        return await shell.page(
            request,
            signed,
            "unanswered/group.html",
            words=words,
            line=line,
            questions=questions,
            wordings=wordings(questions),
            near=best,
            titles=await entries.titles(sorted(set(named))),
            errors=errors or {},
            may_edit=Right.EDIT_KNOWLEDGE in signed.rights,
        )

    return routes


def _query(
    state: str = "open",
    q: Annotated[str, Query(max_length=100)] = "",
    area: Annotated[str, Query(max_length=50)] = "",
    reason: str = "",
    sort: str = "askers",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: int = 20,
) -> GroupQuery:
    """What the address says; a value that is none of ours counts as not given."""
    return GroupQuery(
        state=state if state in get_args(State) else "open",  # type: ignore[arg-type]
        q=q.strip(),
        area=area,
        reason=reason if reason in words.REASONS else "",
        sort=sort if sort in get_args(Sort) else "askers",  # type: ignore[arg-type]
        page=page,
        size=size if size in SIZES else 20,
    )


def _address(query: GroupQuery, **changed: Any) -> str:
    values = {
        name: getattr(query, name)
        for name in ("state", "q", "area", "reason", "sort", "page", "size")
    }
    plain = GroupQuery()
    values |= changed
    return urlencode({k: v for k, v in values.items() if v != getattr(plain, k)})


def _numbers(form: FormData, name: str) -> list[int]:
    found = [str(value) for value in form.getlist(name)]
    return list(dict.fromkeys(int(value) for value in found if value.isdecimal()))
