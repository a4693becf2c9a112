"""Exports: all that a filter shows, as a file; who took what stands in the trail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.datastructures import FormData

from channels.staff.accounts.proposal_rows import Change
from channels.staff.accounts.proposals import Proposals
from channels.staff.pages.entry_address import Address
from channels.staff.pages.laws import law_filters, law_query
from channels.staff.pages.testing_desk import text
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import entries as entry_words
from channels.staff.words import exports as words
from channels.staff.words import imports as law_words
from knowledge_base.audit import Actor
from knowledge_base.entries.service import Entries
from knowledge_base.imports.exports import Exports, File
from knowledge_base.imports.kept import Kept
from knowledge_base.laws.service import Laws
from knowledge_base.models import EntryKind
from nlu.text.errors import MinshengError

PATH = "/staff/exports"
ACT = SWITCH = "export"
"""The act that is proposed, and the switch of four eyes that asks for it."""
ENTRY_KINDS: dict[str, EntryKind] = {"faq": "faq", "precedents": "precedent"}


def router(
    shell: Shell,
    exports: Exports,
    entries: Entries,
    laws: Laws,
    proposals: Proposals | None = None,
) -> APIRouter:
    """`/staff/exports`; with `proposals` a second person may have to agree to an export."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    kept = Kept(exports.folder / "kept")
    exporter = Depends(shell.needs(Right.EXPORT, Right.READ_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("")
    async def shown(request: Request, signed: Signed = exporter) -> Response:
        """What would go out, and in which form."""
        asked = request.query_params
        kind = asked.get("kind", "faq")
        kind = kind if kind in words.KINDS else "faq"
        filters, rows, told = await _about(kind, request.url.query)
        return await shell.page(
            request,
            signed,
            "exports/page.html",
            words=words,
            kind=kind,
            filters=filters,
            rows=rows,
            told=told,
            second=await shell.second(SWITCH) is not None,
            kept=await asyncio.to_thread(kept.of, signed.account),
        )

    @routes.post("")
    async def taken(
        request: Request, signed: Signed = exporter, form: FormData = posted
    ) -> Response:
        """The file."""
        kind, format = text(form, "kind"), text(form, "format")
        filters = text(form, "filters", 1000)
        if format not in words.FORMATS.get(kind, ()):
            return shell.back(request, PATH, words.CHOOSE_FORMAT, "danger")
        second = await shell.second(SWITCH)
        if second is not None:
            return await _proposed(request, signed, second, (kind, format, filters), form)
        file = await _made(kind, format, filters)
        await exports.note(signed.actor, file, filters)
        return _sent(file.name, file.path, format, once=True)

    @routes.get("/kept/{token}")
    async def ready(token: str, signed: Signed = exporter) -> Response:
        """A file that a second person has agreed to."""
        file = await asyncio.to_thread(kept.get, token, signed.account)
        return _sent(file.name, file.path, file.name.rpartition(".")[2], once=False)

    async def _proposed(
        request: Request,
        signed: Signed,
        second: Proposals,
        wanted: tuple[str, str, str],
        form: FormData,
    ) -> Response:
        kind, format, filters = wanted
        _, rows, told = await _about(kind, filters)
        shown = "，".join(f"{name}：{value}" for name, value in told) or words.NO_FILTERS
        title = words.PROPOSAL.format(what=words.KINDS[kind], rows=rows, name=signed.name)
        changes = [
            Change(words.PROPOSED_WHAT, "", f"{words.KINDS[kind]}（{format}）"),
            Change(words.PROPOSED_FILTERS, "", shown),
            Change(words.PROPOSED_ROWS, "", str(rows)),
        ]
        payload = {"kind": kind, "format": format, "filters": filters}
        back = f"{PATH}?kind={kind}" + (f"&{filters}" if filters else "")
        try:
            await second.propose(ACT, title, payload, changes, text(form, "reason"), signed.actor)
        except MinshengError as error:
            return shell.back(request, back, error.detail, "danger")
        return shell.back(request, back, words.PROPOSED)

    async def _carry_out(payload: Mapping[str, Any], made: Actor, _by: Actor) -> str:
        file = await _made(payload["kind"], payload["format"], payload["filters"])
        await exports.note(made, file, payload["filters"])
        await asyncio.to_thread(kept.keep, file, made.name)
        return words.READY.format(rows=file.rows)

    if proposals is not None:
        proposals.register(ACT, _carry_out, Right.APPROVE_KNOWLEDGE)

    async def _about(kind: str, query: str) -> tuple[str, int, list[tuple[str, str]]]:
        if kind in ENTRY_KINDS:
            address = Address.parse(query, ENTRY_KINDS[kind], 20)
            page = await entries.page(address.query)
            return address.text(page=1), page.total, _entry_filters(address)
        if kind == "laws":
            found = law_query(_given(query), 20)
            total = (await laws.page(found)).total
            kept = {name: value for name, value in law_filters(found).items() if value}
            return "&".join(f"{name}={quote(value)}" for name, value in kept.items()), total, [
                (words.LAW_FILTERS[name], law_words.LAW_STATES.get(value, value))  # type: ignore[call-overload]
                for name, value in kept.items()
                if name in words.LAW_FILTERS
            ]  # fmt: skip
        counts = await entries.counts()
        return "", sum(counts.by_status.values()) + sum((await laws.counts()).values()), []

    async def _made(kind: str, format: Any, filters: str) -> File:
        if kind in ENTRY_KINDS:
            address = Address.parse(filters, ENTRY_KINDS[kind], 20)
            return await exports.entries(address.query, format)
        if kind == "laws":
            return await exports.laws(law_query(_given(filters), 20), format)
        return await exports.everything()

    return routes


def _sent(name: str, path: Path, format: str, *, once: bool) -> Response:
    return FileResponse(
        path,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        },
        media_type=words.MEDIA[format],
        background=BackgroundTask(path.unlink, missing_ok=True) if once else None,
    )


def _given(query: str) -> dict[str, str]:
    return dict(parse_qsl(query))


def _entry_filters(address: Address) -> list[tuple[str, str]]:
    query = address.query
    shown = {
        "q": query.q,
        "status": entry_words.STATUS_FILTER.get(query.status, ""),
        "flag": entry_words.FLAG_FILTER.get(query.flag, ""),
        "category": query.category,
        "region": query.region,
        "owner": query.owner,
    }
    return [(words.ENTRY_FILTERS[name], value) for name, value in shown.items() if value]
