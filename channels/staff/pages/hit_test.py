"""The hit test: what a question finds and why, and what one more phrasing would change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.testing_desk import LONGEST, Desk, entry_url, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import testing as words
from knowledge_base.effects import Effects
from knowledge_base.entries.records import EntryRecord
from knowledge_base.models import FaqEntry
from knowledge_base.verdict import Explained
from nlu.text.errors import Conflict, NotFound, Unprocessable
from nlu.text.normalise import visible

PATH = "/staff/hit-test"


@dataclass(frozen=True, slots=True)
class Trial:
    """One more phrasing, tried and not saved."""

    entry: str = ""
    phrasing: str = ""
    record: EntryRecord | None = None
    changed: FaqEntry | None = None
    effects: Effects | None = None
    after: Explained | None = None
    error: str = ""
    field: str = ""


def add(routes: APIRouter, desk: Desk) -> None:
    """`/staff/hit-test`."""
    shell = desk.shell
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("/hit-test")
    async def shown(
        request: Request, signed: Signed = reader, q: str = "", place: str = ""
    ) -> Response:
        """Type a question, see what citizens would be told and why."""
        return await _page(request, signed, q, place)

    @routes.post("/hit-test")
    async def try_phrasing(
        request: Request, signed: Signed = reader, form: FormData = posted
    ) -> Response:
        """What one more phrasing would change; nothing is saved."""
        question, place = text(form, "q", LONGEST), text(form, "place", LONGEST)
        trial = await _tried(_entry_of(form), visible(text(form, "phrasing", LONGEST)))
        if trial.changed is not None:
            effects = await desk.publishing.effects(trial.changed)
            after = await desk.kb.explain(question or trial.phrasing, place, changed=trial.changed)
            trial = replace(trial, effects=effects, after=after)
        return await _page(request, signed, question or trial.phrasing, place, trial)

    @routes.post("/hit-test/draft")
    async def save(request: Request, signed: Signed = editor, form: FormData = posted) -> Response:
        """Keep the phrasing as a draft of the entry's next version."""
        question, place = text(form, "q", LONGEST), text(form, "place", LONGEST)
        trial = await _tried(_entry_of(form), visible(text(form, "phrasing", LONGEST)))
        changed = trial.changed
        if changed is None or trial.record is None:
            return await _page(request, signed, question, place, trial)
        base = text(form, "version")
        try:
            await desk.entries.save(
                changed,
                signed.actor,
                note=words.DRAFT_NOTE,
                base_version=int(base) if base.isdigit() else trial.record.version,
            )
        except (Conflict, Unprocessable) as error:
            trial = replace(trial, error=error.detail, field="entry")
            return await _page(request, signed, question, place, trial)
        said = words.SAVED_DRAFT.format(question=changed.question, phrasing=trial.phrasing)
        return shell.back(request, entry_url(changed.id, changed.kind), said)

    async def _tried(name: str, phrasing: str) -> Trial:
        trial = Trial(name, phrasing)
        if not name:
            return replace(trial, error=words.NEEDS_ENTRY, field="entry")
        if not phrasing:
            return replace(trial, error=words.NEEDS_PHRASING, field="phrasing")
        try:
            record = await desk.entries.get(name)
        except NotFound:
            return replace(trial, error=words.NO_ENTRY, field="entry")
        entry = record.entry
        if phrasing in entry.wordings:
            return replace(trial, error=words.HAS_PHRASING, field="phrasing", record=record)
        changed = replace(entry, phrasings=(*entry.phrasings, phrasing))
        return replace(trial, record=record, changed=changed)

    async def _page(
        request: Request, signed: Signed, q: str, place: str, trial: Trial | None = None
    ) -> Response:
        question, place = q.strip()[:LONGEST], place.strip()[:LONGEST]
        explained = await desk.kb.explain(question, place) if question else None
        return await desk.page(
            request,
            signed,
            "hit_test.html",
            q=question,
            place=place,
            explained=explained,
            trial=trial or Trial(),
            entries=[
                hit for hit in (explained.result.hits if explained else ()) if hit.kind != "article"
            ],
        )


def _entry_of(form: FormData) -> str:
    """The entry chosen among the hits, or the id that was typed."""
    return text(form, "entry", 100) or text(form, "other", 100)
