"""The same change to many entries, with a result for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.entry_address import Address, day
from channels.staff.pages.entry_desk import Desk, chosen, labels, overrule, rights, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from knowledge_base.entries.records import BulkChange, EntryQuery, RowResult
from knowledge_base.gate import GateRefused
from knowledge_base.models import EntryKind
from nlu.text.errors import Conflict, Unprocessable

SHOWN = 10
FIELDS = ("category", "region", "owner", "valid_until")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form asks for; a field counts only when its box is ticked."""

    values: dict[str, str]
    ticked: frozenset[str]
    submits: bool
    note: str
    errors: dict[str, str] = field(default_factory=dict)

    def change(self) -> BulkChange:
        until: date | Literal[""] | None = None
        if "valid_until" in self.ticked:
            until = day(self.values["valid_until"]) or ""

        def value(name: str) -> str | None:
            return self.values[name] if name in self.ticked else None

        return BulkChange(
            category=value("category"), region=value("region"), owner=value("owner"),
            valid_until=until, submit=self.submits, note=self.note,
        )  # fmt: skip


def add(routes: APIRouter, desk: Desk, kind: EntryKind) -> None:
    """`/bulk`: what is to be done; `/bulk/change` and `/bulk/retire`: done."""
    shell, entries = desk.shell, desk.entries
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    approver = Depends(shell.needs(Right.APPROVE_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.post("/bulk")
    async def choose(
        request: Request, signed: Signed = reader, form: FormData = posted
    ) -> Response:
        """What was ticked; nothing has happened yet."""
        address = await desk.address(text(form, "address", 2_000), kind)
        ids = await entries.ids(address.query) if form.get("all") == "1" else chosen(form)
        if not ids:
            return shell.back(request, address.url(), words.NOTHING_CHOSEN, "warning")
        return await _page(request, signed, address, ids, _read(form))

    @routes.post("/bulk/change")
    async def change(
        request: Request, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Done one by one; what was refused says why."""
        address = await desk.address(text(form, "address", 2_000), kind)
        ids, asked = chosen(form), _read(form, checks=True)
        if not ids:
            return shell.back(request, address.url(), words.NOTHING_CHOSEN, "warning")
        if asked.errors:
            return await _page(request, signed, address, ids, asked)
        results = await desk.acts.change(ids, asked.change(), signed)
        if results is None:
            return shell.back(request, address.url(), words.PUT_UP)
        return await _results(request, signed, address, results)

    @routes.post("/bulk/retire")
    async def retire(
        request: Request, signed: Signed = approver, form: FormData = posted
    ) -> Response:
        """停用 of all at once: one release, or none."""
        address = await desk.address(text(form, "address", 2_000), kind)
        ids, reason = chosen(form), text(form, "reason")
        asked = _read(form)
        if not reason:
            asked = replace(asked, errors={"reason": words.REASON_NEEDED})
            return await _page(request, signed, address, ids, asked)
        lines = (await entries.page(EntryQuery(ids=tuple(ids), size=len(ids) or 1))).lines
        going = [line for line in lines if line.status != "retired"]
        try:
            done = not going or await desk.acts.retire(
                [line.id for line in going], signed, reason, overrule(form, signed)
            )
        except GateRefused as refused:
            return await shell.page(
                request,
                signed,
                "review/overrule.html",
                **labels(kind),
                titles_of=[line.question for line in going],
                ids=[line.id for line in going],
                report=refused.report,
                titles=await desk.titles(refused.report),
                act="retire",
                action=f"{words.BASES[kind]}/bulk/retire",
                back=address.url(),
                reason=reason,
            )
        except (Conflict, Unprocessable) as error:
            return shell.back(request, address.url(), error.detail, "warning")
        if not done:
            return shell.back(request, address.url(), words.PUT_UP)
        results = [
            RowResult(line.id, line.question, line in going, words.RETIRED_ALREADY)
            for line in lines
        ]
        return await _results(request, signed, address, results)

    async def _results(
        request: Request, signed: Signed, address: Address, results: Sequence[RowResult]
    ) -> Response:
        return await shell.page(
            request,
            signed,
            "entries/bulk_done.html",
            **labels(kind),
            address=address,
            done=[row for row in results if row.done],
            refused=[row for row in results if not row.done],
        )

    async def _page(
        request: Request, signed: Signed, address: Address, ids: Sequence[str], asked: _Asked
    ) -> Response:
        shown = await entries.page(EntryQuery(ids=tuple(ids[:SHOWN]), size=SHOWN))
        return await shell.page(
            request,
            signed,
            "entries/bulk.html",
            **labels(kind),
            **rights(signed),
            address=address,
            ids=ids,
            lines=shown.lines,
            asked=asked,
            categories=await entries.choices("category"),
            owners=await entries.choices("owner"),
            regions=await entries.regions(),
        )


def _read(form: FormData, *, checks: bool = False) -> _Asked:
    values = {name: text(form, name, 100) for name in FIELDS}
    ticked = frozenset(name for name in FIELDS if form.get(f"set_{name}") == "1")
    errors: dict[str, str] = {}
    if checks:
        if not ticked and form.get("submit") != "1":
            errors["set"] = words.NOTHING_TO_CHANGE
        if "category" in ticked and not values["category"]:
            errors["category"] = words.CATEGORY_NEEDED
        try:
            day(values["valid_until"])
        except ValueError:
            errors["valid_until"] = words.DATE_WRONG
    return _Asked(values, ticked, form.get("submit") == "1", text(form, "note"), errors)
