"""Writing an entry: the form, its preview, its effect, and saving."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.bubble import bubbles
from channels.staff.pages.entry_desk import Desk, labels, rights, wordings
from channels.staff.pages.entry_form import EntryForm, new_form, of_entry, read_form
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from knowledge_base.entries.checking import Problem
from knowledge_base.entries.content import spelled
from knowledge_base.entries.differences import diff
from knowledge_base.entries.flags import cited_by
from knowledge_base.entries.records import EntryRecord
from knowledge_base.models import EntryKind
from nlu.text.errors import Conflict, Unprocessable

MORE_ROWS = 3
UNSAVED = "unsaved"


def add(routes: APIRouter, desk: Desk, kind: EntryKind) -> None:
    """`/new` and `/{id}/edit`."""
    shell, entries = desk.shell, desk.entries
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("/new")
    async def new(
        request: Request, signed: Signed = editor, like: str = "", group: int = 0
    ) -> Response:
        """An empty form, or one filled from another entry, or with what was asked in vain."""
        form = new_form(kind)
        if like:
            record = await desk.record(like, kind)
            form = replace(form, entry=replace(record.entry, id="", phrasings=()))
        elif group and desk.groups is not None:
            line, questions = await desk.groups.get(group)
            others = [text for text in wordings(questions) if spelled(text) != spelled(line.title)]
            entry = replace(form.entry, question=line.title, phrasings=tuple(others))
            form = replace(form, entry=entry, group=group)
        return await _page(request, signed, form)

    @routes.post("/new")
    async def create(
        request: Request, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Save, or only look."""
        return await _posted(request, signed, form, None)

    @routes.get("/{id}/edit")
    async def edit(
        request: Request, id: str, signed: Signed = editor, redraft: int = 0
    ) -> Response:
        """The form with what is worked on; `redraft`: its citations as the law is now."""
        record = await desk.record(id, kind)
        if record.status == "in_review":
            return shell.back(request, f"{words.BASES[kind]}/{id}", words.IN_REVIEW_NOW, "warning")
        form = of_entry(record.entry, record.version)
        if redraft:
            drafted = await entries.redraft(id)
            form = replace(form, entry=drafted.entry, note=drafted.note)
        return await _page(request, signed, form, record)

    @routes.post("/{id}/edit")
    async def save(
        request: Request, id: str, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Save, or only look."""
        return await _posted(request, signed, form, await desk.record(id, kind))

    async def _posted(
        request: Request, signed: Signed, form: FormData, record: EntryRecord | None
    ) -> Response:
        read = read_form(form, record.entry.id if record else "", kind, await entries.regions())
        action = str(form.get("action") or "save")
        if action == "more":
            return await _page(
                request, signed, replace(read, problems=(), spare=read.spare + MORE_ROWS), record
            )
        if read.problems or action in ("preview", "effects"):
            return await _page(request, signed, read, record, looks=action)
        return await _save(request, signed, read, record, submits=action == "submit")

    async def _save(
        request: Request,
        signed: Signed,
        form: EntryForm,
        record: EntryRecord | None,
        *,
        submits: bool,
    ) -> Response:
        try:
            saved = await entries.save(
                form.entry, signed.actor, note=form.note, base_version=form.base_version
            )
            if form.group and desk.groups is not None:
                faq = saved.entry.id
                await desk.groups.decide(form.group, "drafted", signed.actor, faq=faq)
            if submits:
                await entries.submit(saved.entry.id, signed.actor, form.note)
        except Conflict as error:
            now = await entries.get(form.entry.id) if form.entry.id else record
            return await _page(request, signed, form, now, conflict=error.detail)
        except Unprocessable as error:
            wrong = replace(form, problems=(Problem(error.field, error.detail),))
            return await _page(request, signed, wrong, record)
        unchanged = record is not None and saved.version == record.version
        said = words.SAVED_AND_SUBMITTED if submits else words.SAVED
        if unchanged:
            said = words.SUBMITTED if submits else words.UNCHANGED
        url = f"{words.BASES[kind]}/{saved.entry.id}"
        return shell.back(request, url, said.format(version=saved.version))

    async def _page(
        request: Request,
        signed: Signed,
        form: EntryForm,
        record: EntryRecord | None = None,
        *,
        looks: str = "",
        conflict: str = "",
    ) -> Response:
        entry = form.entry
        shown: dict[str, Any] = {}
        if conflict and record and record.version != form.base_version:
            # Told what the other one wrote, the editor decides: saving again replaces it.
            shown["theirs"] = await asyncio.to_thread(diff, record.entry, entry)
            form = replace(form, base_version=record.version)
        if looks == "effects" and not form.problems:
            # A new entry has no id yet; it must have one to be told apart.
            found = await desk.effects(entry if entry.id else replace(entry, id=UNSAVED))
            fates = [side for one in found.recent for side in (one.before, one.after)]
            titles = await desk.titles(found.gold, fates)
            shown |= {"effects": found, "titles": titles | {found.entry.id: entry.question}}
        return await shell.page(
            request,
            signed,
            "entries/edit.html",
            **labels(kind),
            **rights(signed),
            form=form,
            entry=entry,
            record=record,
            looks=looks,
            conflict=conflict,
            bubbles=bubbles(entry),
            sources=await entries.sources(cited_by(entry)),
            same=await entries.same_wordings(entry) if looks or form.problems else [],
            regions=await entries.regions(),
            categories=await entries.choices("category"),
            owners=await entries.choices("owner"),
            **shown,
        )
