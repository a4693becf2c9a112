"""Reviews: what waits, what differs, what contradicts, what the gold questions say."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.bubble import bubbles
from channels.staff.pages.entry_desk import Desk, chosen, labels, overrule, rights, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from knowledge_base.entries.differences import diff
from knowledge_base.entries.flags import cited_by
from knowledge_base.entries.life import hands
from knowledge_base.entries.records import IN_REVIEW, EntryRecord
from knowledge_base.entries.service import ReviewTab
from knowledge_base.gate import GateRefused
from nlu.text.errors import Conflict, Forbidden, Unprocessable

PATH = "/staff/review"
NOTHING: dict[str, Any] = {
    "report": None, "refused": False, "error": "", "reason": "", "note": "", "opinion_error": "",
}  # fmt: skip
"""What the page of one entry shows besides, when nothing was tried yet."""


def add(routes: APIRouter, desk: Desk) -> None:
    """`/staff/review`."""
    shell, entries = desk.shell, desk.entries
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    approver = Depends(shell.needs(Right.APPROVE_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get(PATH)
    async def listed(
        request: Request,
        signed: Signed = reader,
        tab: ReviewTab | None = None,
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """待我审, 我发起, 已审."""
        may_approve = Right.APPROVE_KNOWLEDGE in signed.rights
        shown: ReviewTab = tab or ("waiting" if may_approve else "mine")
        size = int(await shell.setting("page_size"))
        lines, total = await entries.reviews(shown, signed.account, page, size)
        _, waiting = await entries.reviews("waiting", signed.account, 1, 1)
        return await shell.page(
            request,
            signed,
            "review/list.html",
            **rights(signed),
            words=words,
            tab=shown,
            lines=lines,
            total=total,
            waiting=waiting,
            page=page,
            last=max(1, -(-total // size)),
            size=size,
        )

    @routes.get(PATH + "/{id}")
    async def one(request: Request, id: str, signed: Signed = reader) -> Response:
        """What the reviewer decides on."""
        return await _page(request, signed, await entries.get(id))

    @routes.post(PATH + "/{id}/gate", dependencies=[posted])
    async def try_out(request: Request, id: str, signed: Signed = approver) -> Response:
        """The gold questions, asked as if it were published; nothing changes."""
        record = await entries.get(id)
        report = await desk.publishing.try_out({id: record.entry})
        return await _page(request, signed, record, report=report)

    @routes.post(PATH + "/{id}/approve")
    async def approve(
        request: Request, id: str, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """通过并发布"""
        record = await entries.get(id)
        if text(form, "version") != str(record.version):
            # What is published is what was looked at.
            return shell.back(request, f"{PATH}/{id}", words.NEWER_VERSION, "warning")
        note, reason = text(form, "note"), text(form, "reason")
        second = overrule(form, signed)
        if form.get("overrule") == "1" and second is None:
            said = words.SECOND_NEEDED if reason else words.REASON_NEEDED
            report = await desk.publishing.try_out({id: record.entry})
            return await _page(
                request, signed, record, report=report, error=said, reason=reason, note=note
            )
        try:
            await desk.publishing.approve(
                [id],
                signed.actor,
                four_eyes=await _four_eyes(),
                overrule=second,
                note=note,
            )
        except GateRefused as refused:
            return await _page(
                request, signed, record, report=refused.report, refused=True, note=note
            )
        except (Conflict, Forbidden, Unprocessable) as error:
            return shell.back(request, f"{PATH}/{id}", error.detail, "warning")
        url = f"{words.BASES[record.entry.kind]}/{id}"
        return shell.back(request, url, words.APPROVED)

    @routes.post(PATH + "/{id}/reject")
    async def reject(
        request: Request, id: str, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """退回"""
        note = text(form, "opinion")
        try:
            await entries.reject(id, signed.actor, note)
        except Unprocessable as error:
            return await _page(request, signed, await entries.get(id), opinion_error=error.detail)
        except Conflict as error:
            return shell.back(request, f"{PATH}/{id}", error.detail, "warning")
        return shell.back(request, PATH, words.REJECTED)

    @routes.post(PATH + "/approve")
    async def approve_many(
        request: Request, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """Several at once: one release, or none."""
        seen = dict(one.rpartition("@")[::2] for one in chosen(form))
        if not seen:
            return shell.back(request, PATH, words.NOTHING_CHOSEN, "warning")
        ids, reason = list(seen), text(form, "reason")
        records = [await entries.get(id) for id in ids]
        changed = next((one for one in records if seen[one.entry.id] != str(one.version)), None)
        if changed:
            said = f"{changed.entry.question}：{words.NEWER_VERSION}"
            return shell.back(request, PATH, said, "warning")
        try:
            await desk.publishing.approve(
                ids, signed.actor, four_eyes=await _four_eyes(), overrule=overrule(form, signed)
            )
        except GateRefused as refused:
            return await shell.page(
                request,
                signed,
                "review/overrule.html",
                **labels("faq"),
                titles_of=[one.entry.question for one in records],
                ids=[f"{id}@{version}" for id, version in seen.items()],
                back=PATH,
                report=refused.report,
                titles=await desk.titles(refused.report),
                act="approve",
                action=f"{PATH}/approve",
                reason=reason,
            )
        except (Conflict, Forbidden, Unprocessable) as error:
            return shell.back(request, PATH, error.detail, "warning")
        return shell.back(request, PATH, words.APPROVED_MANY.format(count=len(ids)))

    async def _four_eyes() -> bool:
        setting: Any = await shell.setting("four_eyes")
        return bool(setting.get("publish", True))

    async def _page(
        request: Request, signed: Signed, record: EntryRecord, **shown: Any
    ) -> Response:
        entry = record.entry
        old = await entries.published(entry.id)
        waits = record.status == IN_REVIEW
        mine = signed.account in hands(record)
        return await shell.page(
            request,
            signed,
            "review/one.html",
            **labels(entry.kind),
            **rights(signed),
            record=record,
            entry=entry,
            old=old,
            diffs=await asyncio.to_thread(diff, old, entry),
            flags=await entries.flags(entry),
            sources=await entries.sources(cited_by(entry)),
            bubbles=bubbles(entry),
            same=await entries.same_wordings(entry),
            contradictions=await entries.contradictions(entry) if waits else [],
            gold=await desk.gold.of_entry(entry.id),
            waits=waits,
            may_decide=waits
            and Right.APPROVE_KNOWLEDGE in signed.rights
            and not (mine and await _four_eyes()),
            is_mine=mine,
            titles=await desk.titles(shown.get("report")),
            **(NOTHING | shown),
        )
