"""One entry: what it says, where it stands, what has to be looked at, and its history."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.bubble import bubbles
from channels.staff.pages.entry_desk import Desk, labels, overrule, rights, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from knowledge_base.entries.differences import diff
from knowledge_base.entries.flags import cited_by
from knowledge_base.entries.life import hands
from knowledge_base.gate import GateRefused
from knowledge_base.models import EntryKind
from nlu.text.errors import Conflict, Unprocessable


def add(routes: APIRouter, desk: Desk, kind: EntryKind) -> None:
    """`/{id}` and what is done there."""
    shell, entries = desk.shell, desk.entries
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    approver = Depends(shell.needs(Right.APPROVE_KNOWLEDGE))
    posted = Depends(shell.form)
    base = words.BASES[kind]

    @routes.get("/{id}")
    async def shown(request: Request, id: str, signed: Signed = reader) -> Response:
        """All of it on one page."""
        record = await desk.record(id, kind)
        return await shell.page(
            request,
            signed,
            "entries/show.html",
            **labels(kind),
            **rights(signed),
            record=record,
            entry=record.entry,
            bubbles=bubbles(record.entry),
            sources=await entries.sources(cited_by(record.entry)),
            history=await entries.history(id),
            gold=await desk.gold.of_entry(id),
            same=await entries.same_wordings(record.entry),
            is_mine=hands(record)[-1:] == [signed.account],
        )

    @routes.post("/{id}/submit")
    async def submit(
        request: Request, id: str, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """提交审核"""
        await desk.record(id, kind)
        try:
            await entries.submit(id, signed.actor, text(form, "note"))
        except Conflict as error:
            return shell.back(request, f"{base}/{id}", error.detail, "warning")
        return shell.back(request, f"{base}/{id}", words.SUBMITTED)

    @routes.post("/{id}/recall")
    async def recall(
        request: Request, id: str, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """撤回"""
        await desk.record(id, kind)
        try:
            await entries.recall(id, signed.actor, text(form, "note"))
        except Conflict as error:
            return shell.back(request, f"{base}/{id}", error.detail, "warning")
        return shell.back(request, f"{base}/{id}", words.RECALLED)

    @routes.post("/{id}/confirm")
    async def confirm(
        request: Request, id: str, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """核对过，仍然有效"""
        await desk.record(id, kind)
        try:
            await entries.confirm(id, signed.actor, text(form, "note"))
        except Conflict as error:
            return shell.back(request, f"{base}/{id}", error.detail, "warning")
        return shell.back(request, f"{base}/{id}", words.CONFIRMED)

    @routes.post("/{id}/retire")
    async def retire(
        request: Request, id: str, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """停用: what citizens are answered from goes at once, through the gate."""
        record = await desk.record(id, kind)
        reason = text(form, "reason")
        try:
            done = await desk.acts.retire([id], signed, reason, overrule(form, signed))
        except GateRefused as refused:
            return await shell.page(
                request,
                signed,
                "review/overrule.html",
                **labels(kind),
                titles_of=[record.entry.question],
                ids=[id],
                back=f"{base}/{id}",
                report=refused.report,
                titles=await desk.titles(refused.report),
                act="retire",
                action=f"{base}/{id}/retire",
                reason=reason,
            )
        except (Conflict, Unprocessable) as error:
            return shell.back(request, f"{base}/{id}", error.detail, "warning")
        return shell.back(request, f"{base}/{id}", words.RETIRED if done else words.PUT_UP)

    @routes.get("/{id}/history/{old:int}..{new:int}")
    async def difference(
        request: Request, id: str, old: int, new: int, signed: Signed = reader
    ) -> Response:
        """Two versions, and what differs."""
        record = await desk.record(id, kind)
        before, after = await entries.version(id, old), await entries.version(id, new)
        return await shell.page(
            request,
            signed,
            "entries/difference.html",
            **labels(kind),
            **rights(signed),
            record=record,
            old=old,
            new=new,
            diffs=await asyncio.to_thread(diff, before, after),
            history=await entries.history(id),
        )

    @routes.get("/{id}/history/{version:int}")
    async def old_version(
        request: Request, id: str, version: int, signed: Signed = reader
    ) -> Response:
        """A version as it was."""
        record = await desk.record(id, kind)
        entry = await entries.version(id, version)
        return await shell.page(
            request,
            signed,
            "entries/version.html",
            **labels(kind),
            **rights(signed),
            record=record,
            entry=entry,
            version=version,
            bubbles=bubbles(entry),
            sources=await entries.sources(cited_by(entry)),
        )

    @routes.get("/{id}/history", dependencies=[reader])
    async def choose_versions(request: Request, id: str, a: int = 1, b: int = 1) -> Response:
        """From the two choices of the history to the address that shows their difference."""
        old, new = sorted((a, b))
        return shell.back(request, f"{base}/{id}/history/{old}..{new}")

    @routes.post("/{id}/history/{version:int}/restore")
    async def restore(
        request: Request,
        id: str,
        version: int,
        signed: Signed = editor,
        form: FormData = posted,
    ) -> Response:
        """A draft with the content of an old version."""
        await desk.record(id, kind)
        try:
            record = await entries.restore(id, version, signed.actor, text(form, "note"))
        except (Conflict, Unprocessable) as error:
            return shell.back(request, f"{base}/{id}", error.detail, "warning")
        said = words.RESTORED.format(old=version, new=record.version)
        return shell.back(request, f"{base}/{id}", said)
