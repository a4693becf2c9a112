"""What the pages on entries share: the services behind them, and who may do what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from channels.staff.pages.entry_acts import Acts
from channels.staff.pages.entry_address import Address
from channels.staff.roles import Right
from channels.staff.shell import Shell, Signed
from channels.staff.words import entries as words
from knowledge_base.effects import Effects
from knowledge_base.entries.content import spelled
from knowledge_base.entries.records import EntryRecord
from knowledge_base.entries.service import Entries
from knowledge_base.gate import GateReport
from knowledge_base.gold import Gold
from knowledge_base.group_lines import Question, without_numbers
from knowledge_base.groups import Groups
from knowledge_base.models import EntryKind, FaqEntry
from knowledge_base.publishing import Publishing
from knowledge_base.releases import Overrule
from knowledge_base.serving import Fate
from nlu.text.errors import NotFound

EffectsOf = Callable[[FaqEntry], Awaitable[Effects]]


@dataclass(frozen=True, slots=True)
class Desk:
    """The services that the pages are views of."""

    shell: Shell
    entries: Entries
    publishing: Publishing
    gold: Gold
    effects: EffectsOf
    acts: Acts
    groups: Groups | None = None
    """What citizens asked in vain: an entry may be written for it."""

    async def record(self, id: str, kind: EntryKind) -> EntryRecord:
        """The entry, if it is of the kind whose pages these are."""
        record = await self.entries.get(id)
        if record.entry.kind != kind:
            raise NotFound("没有这条知识")
        return record

    async def titles(self, report: GateReport | None, fates: Iterable[Fate] = ()) -> dict[str, str]:
        """The questions of all entries that a report names."""
        changed = [*report.worse, *report.better] if report else []
        judged = [side for one in changed for side in (one.before, one.after)]
        named = {one.first for one in judged} | {one.first for one in fates}
        named |= {id for one in judged for id in one.right}
        return await self.entries.titles(sorted(named - {""}))

    async def address(self, text: str, kind: EntryKind) -> Address:
        """The list's filters, with the page size that is usual here."""
        return Address.parse(text, kind, int(await self.shell.setting("page_size")))


def rights(signed: Signed) -> dict[str, bool]:
    """What the buttons of a page depend on."""
    return {
        "may_edit": Right.EDIT_KNOWLEDGE in signed.rights,
        "may_approve": Right.APPROVE_KNOWLEDGE in signed.rights,
        "may_import": Right.IMPORT_KNOWLEDGE in signed.rights,
        "may_export": Right.EXPORT in signed.rights,
    }


def labels(kind: EntryKind) -> dict[str, Any]:
    """What the templates need to name things."""
    return {
        "words": words,
        "kind": kind,
        "base": words.BASES[kind],
        "noun": words.KINDS[kind],
        "fields": words.PRECEDENT_FIELDS if kind == "precedent" else words.FIELDS,
    }


def text(form: FormData, name: str, longest: int = 500) -> str:
    """One field of a posted form."""
    return str(form.get(name) or "").strip()[:longest]


def overrule(form: FormData, signed: Signed) -> Overrule | None:
    """The second confirmation, with its reason; None unless both are there."""
    reason = text(form, "reason")
    if form.get("overrule") == "1" and form.get("sure") == "1" and reason:
        return Overrule(reason, signed.account)
    return None


def chosen(form: FormData) -> list[str]:
    """Entries ticked one by one, or handed on in one field."""
    ticked = [str(id) for id in form.getlist("id")]
    return list(dict.fromkeys([*ticked, *str(form.get("ids") or "").split()]))


def wordings(questions: Iterable[Question]) -> tuple[str, ...]:
    """The different ways in which something was asked, the newest first.

    What holds a masked number is left out of each: nobody else will say that.
    """
    said = [without_numbers(one.text) for one in questions]
    return tuple({spelled(text): text for text in said if text}.values())
