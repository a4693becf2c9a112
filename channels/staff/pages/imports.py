"""Imports: bring files, look through what they would do, confirm, see what became of them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, get_args
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from channels.staff.pages.testing_desk import SIZES, Pager, moment, numbers, page_number, text
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import imports as words
from knowledge_base.imports.records import (
    KINDS,
    REFUSED,
    TICKABLE,
    Fate,
    Kind,
    Options,
    Upload,
)
from knowledge_base.imports.refused import template
from knowledge_base.imports.service import Imports
from knowledge_base.laws.service import Laws
from nlu.text.errors import Conflict, MinshengError, NotFound, Unauthorised

PATH = "/staff/imports"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def router(shell: Shell, imports: Imports, laws: Laws) -> APIRouter:
    """`/staff/imports`."""
    routes = APIRouter(prefix=PATH, include_in_schema=False)
    importer = Depends(shell.needs(Right.IMPORT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("")
    @routes.get("/new")
    async def listed(request: Request, signed: Signed = importer) -> Response:
        """The box to bring files with, and the jobs so far."""
        return await _list(request, signed, _kind(request.query_params.get("kind")))

    @routes.post("")
    async def start(
        request: Request, signed: Signed = importer, form: FormData = posted
    ) -> Response:
        """Take the files in."""
        kind = _kind(text(form, "kind"))
        uploads = [
            # The browser tells the folders of a folder that was picked.
            Upload(file.filename, file.file)
            for file in (*form.getlist("files"), *form.getlist("folder"))
            if isinstance(file, UploadFile) and file.filename
        ]
        options = Options(text(form, "region", 50), bool(form.get("update")))
        if not uploads:
            return await _list(request, signed, kind, words.CHOOSE_FILE, options)
        try:
            job = await imports.start(kind, uploads, options, signed.actor)
        except MinshengError as error:
            return await _list(request, signed, kind, error.detail, options)
        unit = words.UNITS[kind]
        return shell.back(request, f"{PATH}/{job}", words.STARTED.format(unit=unit))

    @routes.get("/template/{name}.xlsx", dependencies=[importer])
    async def sheet(name: str) -> Response:
        """The sheet to fill in."""
        if name not in ("faq", "precedents"):
            raise NotFound
        content = template("faq" if name == "faq" else "precedent")
        title = "常见问答" if name == "faq" else "典型案例"
        return _file(content, f"{title}导入模板.xlsx")

    @routes.get("/{job}")
    async def shown(request: Request, job: int, signed: Signed = importer) -> Response:
        """How far it is; what each file or row would do, or has done."""
        return await _job(request, signed, job)

    async def watching(request: Request) -> None:
        """A page that asks by itself is nobody at work: it must not keep a session alive."""
        signed = await shell.signed(request, touch=False)
        if signed is None or Right.IMPORT_KNOWLEDGE not in signed.rights:
            raise Unauthorised

    @routes.get("/{job}/progress", dependencies=[Depends(watching)])
    async def progress(job: int) -> dict[str, Any]:
        """How far it is, for the page that shows it."""
        found = await imports.job(job)
        return {"state": found.state, "done": found.done, "total": found.total,
                "moving": found.moving}  # fmt: skip

    @routes.post("/{job}/ticks", dependencies=[importer])
    async def tick(job: int, form: FormData = posted) -> dict[str, int]:
        """Ticks of single rows, as they are made."""
        await imports.choose(job, ticked=numbers(form, "on"), unticked=numbers(form, "off"))
        return {"chosen": (await imports.rows(job, size=1)).chosen}

    @routes.post("/{job}/rows")
    async def rows(
        request: Request, job: int, signed: Signed = importer, form: FormData = posted
    ) -> Response:
        """Keep the ticks of the page shown, tick all, or confirm."""
        act, fate = text(form, "act"), text(form, "fate")
        back = f"{PATH}/{job}" + (f"?fate={fate}" if fate in get_args(Fate) else "")
        try:
            if act in ("all", "none"):
                count = await imports.choose_all(job, fate, act == "all")
                said = words.TICKED_ALL if act == "all" else words.UNTICKED_ALL
                return shell.back(request, back, said.format(count=count))
            shown, ticked = numbers(form, "shown"), set(numbers(form, "ticked"))
            await imports.choose(
                job,
                ticked=[one for one in shown if one in ticked],
                unticked=[one for one in shown if one not in ticked],
            )
            if act != "confirm":
                return shell.back(request, _place(form, back), words.SAVED_TICKS)
            setting: Any = await shell.setting("four_eyes")
            await imports.confirm(job, signed.actor, four_eyes=bool(setting["import"]))
        except MinshengError as error:
            return shell.back(request, back, error.detail, "danger")
        return shell.back(request, f"{PATH}/{job}", words.CONFIRMED)

    @routes.post("/{job}/cancel", dependencies=[posted])
    async def cancel(request: Request, job: int, signed: Signed = importer) -> Response:
        """Stop it; what is imported stays."""
        return await _moved(request, job, imports.cancel(job, signed.actor), words.CANCELLED)

    @routes.post("/{job}/resume", dependencies=[posted])
    async def resume(request: Request, job: int, signed: Signed = importer) -> Response:
        """Go on where it stopped."""
        return await _moved(request, job, imports.resume(job, signed.actor), words.RESUMED)

    @routes.get("/{job}/failed.xlsx", dependencies=[importer])
    async def failed(job: int) -> Response:
        """The rows that were refused, each with its reason."""
        return _file(await imports.failed_rows_xlsx(job), f"导入失败的行_{job}.xlsx")

    async def _moved(request: Request, job: int, move: Awaitable[None], said: str) -> Response:
        try:
            await move
        except Conflict as error:
            return shell.back(request, f"{PATH}/{job}", error.detail, "danger")
        return shell.back(request, f"{PATH}/{job}", said)

    async def _list(
        request: Request,
        signed: Signed,
        kind: Kind,
        error: str = "",
        options: Options | None = None,
    ) -> Response:
        size = await _size(request, shell)
        page = page_number(request.query_params.get("page"))
        found = await imports.jobs(page, size)
        return await shell.page(
            request,
            signed,
            "imports/list.html",
            words=words,
            moment=moment,
            kind=kind,
            error=error,
            options=options or Options(),
            regions=await laws.regions(),
            jobs=found.jobs,
            sizes=SIZES,
            pager=Pager(PATH, {"kind": kind, "size": str(size)}, page, size, found.total),
        )

    async def _job(request: Request, signed: Signed, number: int) -> Response:
        job = await imports.job(number)
        asked = request.query_params
        fate = asked.get("fate", "")
        q = asked.get("q", "").strip()[:100]
        size = await _size(request, shell)
        page = page_number(asked.get("page"))
        fates = REFUSED if fate == "refused" else (fate,) if fate in get_args(Fate) else ()
        found = await imports.rows(number, fates, q, page, size)
        return await shell.page(
            request,
            signed,
            "imports/job.html",
            words=words,
            moment=moment,
            job=job,
            found=found,
            fate=fate,
            q=q,
            tickable=TICKABLE,
            sizes=SIZES,
            pager=Pager(
                f"{PATH}/{number}", {"fate": fate, "q": q, "size": str(size)}, page, size,
                found.total,
            ),
        )  # fmt: skip

    return routes


def _kind(name: str | None) -> Kind:
    return next((kind for kind in KINDS if kind == name), "laws")


async def _size(request: Request, shell: Shell) -> int:
    wanted = request.query_params.get("size", "")
    if wanted.isdigit() and int(wanted) in SIZES:
        return int(wanted)
    return int(await shell.setting("page_size"))


def _place(form: FormData, back: str) -> str:
    """The page and filter of the list that was sent, for coming back to it."""
    given = text(form, "place", 300)
    path = back.partition("?")[0]
    return f"{path}?{given}" if given and "/" not in given else back


def _file(content: bytes, name: str) -> Response:
    told = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": told})
