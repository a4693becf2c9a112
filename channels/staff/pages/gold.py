"""Gold questions: what each entry must answer, and what must be refused."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from channels.staff.pages.testing_desk import Desk, Pager, numbers, page_number, text
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import testing as words
from knowledge_base.gold import GoldQuery
from knowledge_base.judging import Asked, judge
from nlu.text.errors import NotFound, Unprocessable

PATH = "/staff/gold"
LONGEST_LIST = 20_000


def add(routes: APIRouter, desk: Desk) -> None:
    """`/staff/gold`."""
    shell = desk.shell
    reader = Depends(shell.needs(Right.READ_KNOWLEDGE))
    editor = Depends(shell.needs(Right.EDIT_KNOWLEDGE))
    posted = Depends(shell.form)

    @routes.get("/gold")
    async def listed(request: Request, signed: Signed = reader) -> Response:
        """The lists, with how each question fares now."""
        return await _page(request, signed)

    @routes.post("/gold")
    async def add_questions(
        request: Request, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Add questions, one a line."""
        must = "refuse" if form.get("must") == "refuse" else "answer"
        entry, lines = text(form, "entry", 100), text(form, "questions", LONGEST_LIST)
        questions = [line.strip() for line in lines.splitlines() if line.strip()]
        errors: dict[str, str] = {}
        if must == "answer" and not entry:
            errors["entry"] = words.NEEDS_ENTRY
        if not questions:
            errors["questions"] = words.GOLD_EMPTY
        if not errors:
            try:
                added, refused = await desk.gold.add(
                    questions, [entry] if must == "answer" else [], signed.actor
                )
            except Unprocessable as error:
                errors["entry"] = error.detail
        if errors:
            given = {"must": must, "entry": entry, "questions": lines}
            return await _page(request, signed, errors=errors, given=given)
        said = words.GOLD_ADDED.format(count=len(added))
        if refused:
            first = f"“{refused[0][0][:20]}”{refused[0][1]}"
            said += words.GOLD_NOT_ADDED.format(count=len(refused), first=first)
        address = f"{PATH}?must={must}" + (f"&entry={entry}" if must == "answer" else "")
        return shell.back(request, address, said, "warning" if refused else "success")

    @routes.post("/gold/removal")
    async def remove(
        request: Request, signed: Signed = editor, form: FormData = posted
    ) -> Response:
        """Take those ticked out of the lists."""
        back = _inside(text(form, "back", 1000))
        chosen = numbers(form)
        if not chosen:
            return shell.back(request, back, words.NOTHING_CHOSEN, "warning")
        try:
            gone = await desk.gold.remove(chosen, signed.actor, text(form, "entry", 100))
        except NotFound as error:
            return shell.back(request, back, error.detail, "warning")
        return shell.back(request, back, words.GOLD_REMOVED.format(count=gone))

    async def _page(
        request: Request,
        signed: Signed,
        errors: dict[str, str] | None = None,
        given: dict[str, str] | None = None,
    ) -> Response:
        params = request.query_params
        query = GoldQuery(
            q=params.get("q", "").strip()[:100],
            must="refuse" if (given or params).get("must") == "refuse" else "answer",
            entry=params.get("entry", "").strip()[:100],
            category=params.get("category", "").strip()[:50],
            source=params.get("source", "").strip()[:16],
            page=page_number(params.get("page")),
            size=await desk.size(request),
        )
        found = await desk.gold.page(query)
        fates = await desk.kb.run_questions([one.question for one in found.questions])
        filters = {
            name: getattr(query, name) for name in ("must", "q", "entry", "category", "source")
        }
        return await desk.page(
            request,
            signed,
            "gold.html",
            query=query,
            page=found,
            judged={
                one.id: judge(Asked(one.question, one.right), fates[one.question])
                for one in found.questions
            },
            counts={
                "answer": (await desk.gold.page(GoldQuery(must="answer", size=1))).total,
                "refuse": (await desk.gold.page(GoldQuery(must="refuse", size=1))).total,
            },
            categories=await desk.entries.choices("category"),
            pager=Pager(PATH, filters, query.page, query.size, found.total),
            errors=errors or {},
            given=given or {"entry": query.entry},
        )


def _inside(address: str) -> str:
    """The list that one came from; nothing else is gone back to."""
    return address if address.split("?")[0] == PATH else PATH
