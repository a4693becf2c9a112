"""What the pages on testing share: the services behind them, and small helps for templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from channels.staff.pages.marking import marked
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import testing as words
from knowledge_base.entries.service import Entries
from knowledge_base.gold import Gold
from knowledge_base.publishing import Publishing
from knowledge_base.question_sets import QuestionSets
from knowledge_base.runs import Runs
from knowledge_base.search import CHINA, KnowledgeBase

SIZES = (20, 50, 100, 200)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """The services that the pages are views of."""

    shell: Shell
    kb: KnowledgeBase
    entries: Entries
    publishing: Publishing
    gold: Gold
    runs: Runs
    sets: QuestionSets

    async def page(
        self, request: Request, signed: Signed, template: str, **shown: Any
    ) -> HTMLResponse:
        """A page with what all of these need."""
        return await self.shell.page(
            request,
            signed,
            f"testing/{template}",
            words=words,
            moment=moment,
            marked=marked,
            entry_url=entry_url,
            may_edit=Right.EDIT_KNOWLEDGE in signed.rights,
            may_approve=Right.APPROVE_KNOWLEDGE in signed.rights,
            **shown,
        )

    async def size(self, request: Request) -> int:
        """How many rows a page shows: as asked for, or as is usual here."""
        wanted = request.query_params.get("size", "")
        if wanted.isdigit() and int(wanted) in SIZES:
            return int(wanted)
        return int(await self.shell.setting("page_size"))


@dataclass(frozen=True, slots=True)
class Pager:
    """Where one is in a list, and the way to other pages of it."""

    path: str
    given: Mapping[str, str]
    """Filters, as they stand in the address."""
    page: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    def url(self, **changes: Any) -> str:
        told = {**self.given, **{name: str(value) for name, value in changes.items()}}
        kept = {name: value for name, value in told.items() if value}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def moment(at: datetime) -> str:
    """A moment as it is written here."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def entry_url(name: str, kind: str = "faq") -> str:
    """The page of an entry."""
    return f"/staff/{'precedents' if kind == 'precedent' else 'faqs'}/{name}"


def text(form: FormData, name: str, longest: int = 500) -> str:
    """One field of a posted form."""
    return str(form.get(name) or "").strip()[:longest]


def numbers(form: FormData, name: str = "id") -> list[int]:
    """Rows that were ticked."""
    return [int(one) for one in map(str, form.getlist(name)) if one.isdigit() and len(one) < 12]


def page_number(text: str | None) -> int:
    """The page asked for in an address; what makes no sense is the first."""
    return max(1, int(text)) if text and text.isdigit() and len(text) < 7 else 1
