"""Batches of questions: run, read, compared; and the course of all runs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from channels.staff.pages.testing_desk import Desk, Pager, page_number, text
from channels.staff.pages.trend import chart
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import testing as words
from knowledge_base.judging import GOODNESS, Asked
from knowledge_base.question_sheets import read_file, read_lines
from knowledge_base.runs import Kind
from nlu.text.errors import TooLarge, Unprocessable

PATH = "/staff/batches"
LONGEST_PASTE = 400_000
COMPARED_WITH = 50
"""Earlier runs that one may be held against."""


def add(routes: APIRouter, desk: Desk) -> None:
    """`/staff/batches` and `/staff/runs`."""
    shell = desk.shell
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("/batches")
    async def listed(request: Request, signed: Signed = reader) -> Response:
        """A new batch, and the earlier ones."""
        return await _page(request, signed)

    @routes.post("/batches")
    async def run(request: Request, signed: Signed = reader, form: FormData = posted) -> Response:
        """Ask the questions, keep the run, show it."""
        kind, title = text(form, "set", 20), text(form, "title", 100)
        try:
            questions, usual = await _questions(kind, form)
            number = await desk.runs.batch(title or usual, questions, signed.actor)
        except (Unprocessable, TooLarge) as error:
            given = {
                "set": kind,
                "title": title,
                "lines": text(form, "lines", LONGEST_PASTE),
                "category": text(form, "category"),
            }
            return await _page(request, signed, given=given, error=error.detail)
        return shell.back(request, f"{PATH}/{number}")

    @routes.get("/batches/compare")
    async def compared(
        request: Request, signed: Signed = reader, a: int = 0, b: int = 0
    ) -> Response:
        """Two runs, question by question."""
        found = await desk.runs.compare(a, b)
        return await desk.page(request, signed, "compare.html", compared=found)

    @routes.get("/batches/{number}")
    async def one(
        request: Request, number: int, signed: Signed = reader, show: str = "losers"
    ) -> Response:
        """One run: its figures, and the questions behind them."""
        run = await desk.runs.get(number)
        rows = [
            one
            for one in run.judged
            if show == "all"
            or one.outcome == show
            or (show == "losers" and one in run.losers)
            or (show == "not_first" and one.right and one.rank != 1)
        ]
        rows.sort(key=lambda one: GOODNESS[one.outcome])
        page, size = page_number(request.query_params.get("page")), await desk.size(request)
        shown = rows[(page - 1) * size : page * size]
        others, _ = await desk.runs.page(run.line.kind, size=COMPARED_WITH)
        return await desk.page(
            request,
            signed,
            "run.html",
            run=run,
            rows=shown,
            titles=await desk.gold.titles([name for one in shown for name in one.right]),
            show=show,
            pager=Pager(f"{PATH}/{number}", {"show": show}, page, size, len(rows)),
            others=[line for line in others if line.id != number],
        )

    @routes.get("/runs")
    async def course(request: Request, signed: Signed = reader) -> Response:
        """How the figures went over time."""
        kind: Kind = "batch" if request.query_params.get("kind") == "batch" else "gate"
        title = request.query_params.get("title", "")[:200]
        page, size = page_number(request.query_params.get("page")), await desk.size(request)
        lines, total = await desk.runs.page(kind, page, size)
        titles = [line.title for line in reversed(await desk.runs.trend("batch"))]
        if kind == "batch" and not title:
            # Runs of different questions make no course: the set that was run last.
            title = titles[0] if titles else ""
        runs = await desk.runs.trend(kind, title)
        return await desk.page(
            request,
            signed,
            "runs.html",
            kind=kind,
            title=title,
            titles=list(dict.fromkeys(titles)),
            chart=chart(runs),
            lines=lines,
            pager=Pager("/staff/runs", {"kind": kind, "title": title}, page, size, total),
        )

    async def _questions(kind: str, form: FormData) -> tuple[list[Asked], str]:
        """The questions of a set, and what the batch is called when nobody names it."""
        known = await desk.sets.entry_ids()
        if kind == "paste":
            return read_lines(text(form, "lines", LONGEST_PASTE), known), words.SETS[kind]
        if kind == "file":
            file = form.get("file")
            if not isinstance(file, UploadFile) or not file.filename:
                raise Unprocessable(words.FILE_MISSING, field="file")
            return await read_file(await file.read(), file.filename, known), file.filename
        if kind == "category":
            category = text(form, "category", 50)
            found = await desk.sets.gold_of(category)
            usual = f"必答问题：{category}"
        elif kind == "recent":
            found, usual = await desk.sets.recent_answers(), words.SETS[kind]
        else:
            found, usual = await desk.sets.all_gold(), words.SETS["gold"]
        if not found:
            raise Unprocessable(words.NO_QUESTIONS, field="set")
        return found, usual

    async def _page(
        request: Request, signed: Signed, given: dict[str, Any] | None = None, error: str = ""
    ) -> Response:
        page, size = page_number(request.query_params.get("page")), await desk.size(request)
        lines, total = await desk.runs.page("batch", page, size)
        return await desk.page(
            request,
            signed,
            "batches.html",
            lines=lines,
            pager=Pager(PATH, {}, page, size, total),
            categories=await desk.entries.choices("category"),
            given=given or {"set": "gold"},
            error=error,
        )
