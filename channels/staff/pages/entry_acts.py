"""Acts on entries that the office may want two people for: retiring, and changing many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from channels.staff.accounts.proposal_rows import Change
from channels.staff.accounts.proposals import Proposals
from channels.staff.pages.entry_address import day
from channels.staff.roles import Right
from channels.staff.shell import Signed
from channels.staff.words import entries as words
from knowledge_base.audit import Actor
from knowledge_base.entries.records import BulkChange, EntryQuery, RowResult
from knowledge_base.entries.service import Entries
from knowledge_base.gate import GateRefused
from knowledge_base.publishing import Publishing
from knowledge_base.releases import Overrule

RETIRE, BULK = "retire", "bulk"
LISTED = 50
"""Entries that a proposal names one by one."""


class Acts:
    """Does them at once, or puts them up for a second person."""

    def __init__(
        self, entries: Entries, publishing: Publishing, proposals: Proposals | None
    ) -> None:
        self._entries = entries
        self._publishing = publishing
        self._proposals = proposals
        if proposals is not None:
            proposals.register(RETIRE, self._retire_proposed, Right.APPROVE_KNOWLEDGE)
            proposals.register(BULK, self._change_proposed, Right.APPROVE_KNOWLEDGE)

    async def retire(
        self, ids: Sequence[str], signed: Signed, reason: str, overrule: Overrule | None
    ) -> bool:
        """Retire entries; False: it was put up, and a second person has to agree.

        Raises `GateRefused` either way when gold questions get worse and nobody overrules that.
        """
        if self._proposals is None or not await self._proposals.needed("retire"):
            await self._publishing.retire(ids, signed.actor, reason, overrule)
            return True
        lines = (await self._entries.page(_these(ids))).lines
        going = {line.id: None for line in lines if line.published_version is not None}
        if going and overrule is None:
            report = await self._publishing.try_out(going)
            if report.worse:
                raise GateRefused(report, 0)
        changes = [Change(line.question, words.STATUS[line.status], words.STATUS["retired"])
                   for line in lines]  # fmt: skip
        payload = {
            "ids": list(ids),
            "reason": reason,
            "overrule": overrule.reason if overrule else "",
        }
        title = _title(words.RETIRE_TITLE, [line.question for line in lines])
        await self._proposals.propose(RETIRE, title, payload, _shown(changes), reason, signed.actor)
        return False

    async def change(
        self, ids: Sequence[str], wanted: BulkChange, signed: Signed
    ) -> list[RowResult] | None:
        """Change many; None: it was put up, and a second person has to agree."""
        if self._proposals is None or not await self._proposals.needed("bulk"):
            return await self._entries.bulk(ids, wanted, signed.actor)
        lines = (await self._entries.page(_these(ids))).lines
        changes = [
            Change(f"{line.question} · {words.FIELDS[name]}", str(getattr(line, name) or ""), new)
            for line in lines
            for name, new in _values(wanted).items()
        ]
        if wanted.submit:
            changes += [
                Change(line.question, words.STATUS[line.status], words.STATUS["in_review"])
                for line in lines
            ]
        payload = {"ids": list(ids), "change": {**asdict(wanted), **_values(wanted)}}
        title = _title(words.BULK_TITLE, [line.question for line in lines])
        await self._proposals.propose(
            BULK, title, payload, _shown(changes), wanted.note or title, signed.actor
        )
        return None

    async def _retire_proposed(
        self, payload: Mapping[str, Any], proposer: Actor, approver: Actor
    ) -> str:
        overrule = Overrule(payload["overrule"], proposer.name) if payload["overrule"] else None
        await self._publishing.retire(payload["ids"], approver, payload["reason"], overrule)
        return words.RETIRED

    async def _change_proposed(
        self, payload: Mapping[str, Any], proposer: Actor, _approver: Actor
    ) -> str:
        told = dict(payload["change"])
        if told["valid_until"]:
            told["valid_until"] = day(told["valid_until"])
        # The proposer's: so the second person may still review what comes of it.
        results = await self._entries.bulk(payload["ids"], BulkChange(**told), proposer)
        refused = [f"{row.question}（{row.reason}）" for row in results if not row.done]
        done = words.BULK_DONE.format(done=len(results) - len(refused), refused=len(refused))
        return done + ("：" + "；".join(refused) if refused else "")


def _these(ids: Sequence[str]) -> EntryQuery:
    return EntryQuery(ids=tuple(ids), size=max(1, len(ids)), sort="question")


def _values(wanted: BulkChange) -> dict[str, str]:
    """The fields that change, as text."""
    names = ("category", "region", "owner", "valid_until")
    values = {name: getattr(wanted, name) for name in names}
    return {name: str(value) for name, value in values.items() if value is not None}


def _title(pattern: str, questions: Sequence[str]) -> str:
    named = questions[0][:60] if questions else ""
    return pattern.format(named=named, count=len(questions))


def _shown(changes: Sequence[Change]) -> list[Change]:
    if len(changes) <= LISTED:
        return list(changes)
    rest = words.AND_MORE.format(count=len(changes) - LISTED)
    return [*changes[:LISTED], Change(rest, "", "")]
