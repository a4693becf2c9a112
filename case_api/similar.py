"""Looks up which stored cases may be the same matter as one that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, RowMapping

from case_api import places, repository, words
from case_api.access import owns
from case_api.candidates import Candidates
from case_api.categories import UNSHARED
from case_api.deadlines import OFFICIAL_TIME
from case_api.duplicates import Duplicates, Judgement, Matter, likeness
from case_api.features import Floats
from case_api.schemas import Similar, Viewer
from case_api.states import OPEN, Status
from case_api.triage import Triage
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder

RECENT = timedelta(days=365)
BATCH = 2_000
LOOK_BACK = 64
"""Numbers looked at again: on PostgreSQL a lower one may be committed after a higher one."""
JUDGED = 60
SHOWN = 5
FOLLOWABLE = OPEN | {Status.ANSWERED}


class SimilarCases:
    """Candidates from recent cases, judged pair by pair."""

    def __init__(
        self,
        database: Database,
        duplicates: Duplicates,
        triage: Triage,
        encoder: Encoder | None,
    ) -> None:
        self._database = database
        self._duplicates = duplicates
        self._encoder = encoder
        self._candidates = Candidates(encoder.dimensions if encoder else 0)
        self._triage = triage
        self._kinds: dict[str, Floats] = {}
        self._refreshing = asyncio.Lock()

    async def find(
        self,
        text: str,
        place: str,
        *,
        category: str,
        viewer: Viewer | None,
        now: datetime,
        limit: int = SHOWN,
    ) -> list[Similar]:
        """The likeliest first; what is none of the viewer's business is left out."""
        await self._refresh(now)
        judged = await asyncio.to_thread(self._judge, text, place, category, viewer, now)
        codes = [matter.code for matter, _ in judged]
        rows = await self._database.read(lambda c: repository.cases_by_code(c, codes))
        shown = [
            _shown(rows[matter.code], judgement, viewer)
            for matter, judgement in judged
            if matter.code in rows and _offered(rows[matter.code], viewer, category)
        ]
        return shown[:limit]

    async def warm(self, now: datetime) -> None:
        """Take in what is stored already, so that the first citizen does not wait for it."""
        await self._refresh(now)

    async def _refresh(self, now: datetime) -> None:
        """Take in what was filed since the last look, by whichever process."""
        async with self._refreshing:
            while True:
                after = max(0, self._candidates.newest - LOOK_BACK)

                def unseen(connection: Connection, after: int = after) -> Sequence[RowMapping]:
                    return repository.filed_since(connection, after, now - RECENT, BATCH)

                rows = await self._database.read(unseen)
                new = [row for row in rows if row["code"] not in self._candidates]
                if new:
                    await asyncio.to_thread(self._take_in, new)
                if len(rows) < BATCH:
                    return

    def _take_in(self, rows: Sequence[RowMapping]) -> None:
        matters = [
            Matter.of(
                row["text"],
                row["place"],
                row["created_at"],
                code=row["code"],
                category=row["category"],
                owner=_filer(row) if row["proven"] else None,
            )
            for row in rows
        ]
        vectors = self._encoder.encode([m.text for m in matters]) if self._encoder else None
        for i, (row, matter) in enumerate(zip(rows, matters, strict=True)):
            self._candidates.add(row["seq"], matter, vectors[i] if vectors is not None else None)

    def _judge(
        self, text: str, place: str, category: str, viewer: Viewer | None, now: datetime
    ) -> list[tuple[Matter, Judgement]]:
        owner = (
            (viewer.channel, viewer.account, viewer.citizen)
            if viewer is not None and viewer.owns
            else None
        )
        told = Matter.of(text, place, now, category=category, owner=owner)
        vector = self._encoder.encode([told.text])[0] if self._encoder else None
        near = self._candidates.near(told, vector, JUDGED)
        kinds = self._kinds_of([told, *(matter for matter, _ in near)])
        found = [
            (matter, self._duplicates.judge(told, matter, cosine, likeness(kinds[0], kind)))
            for (matter, cosine), kind in zip(near, kinds[1:], strict=True)
        ]
        kept = [(matter, j) for matter, j in found if j.relation != "new"]
        return sorted(kept, key=lambda pair: (pair[1].relation != "same", -pair[1].probability))

    def _kinds_of(self, matters: Sequence[Matter]) -> list[Floats]:
        """What triage takes them for; weighed when a case is first compared, then kept."""
        new = [m for m in matters if m.code not in self._kinds]
        weighed = self._triage.kinds([(m.place, m.text) for m in new]) if new else ()
        found = {m.code: row for m, row in zip(new, weighed, strict=True)}
        # The one that is being told has no code yet, and is not kept.
        self._kinds.update((code, row) for code, row in found.items() if code)
        return [found[m.code] if m.code in found else self._kinds[m.code] for m in matters]


def _filer(row: RowMapping) -> tuple[str, str, str]:
    return row["channel"], row["account"], row["citizen"]


def _offered(row: RowMapping, viewer: Viewer | None, category: str) -> bool:
    status = Status(row["status"])
    if status is Status.WITHDRAWN:
        return False
    if viewer is None:
        return True
    if owns(row, viewer):
        return True
    return status in FOLLOWABLE and not ({row["category"], category} & UNSHARED)


def _shown(row: RowMapping, judgement: Judgement, viewer: Viewer | None) -> Similar:
    mine = viewer is not None and owns(row, viewer)
    relation: Literal["same", "related"] = "same" if judgement.relation == "same" else "related"
    return Similar(
        code=row["code"],
        relation=relation,
        probability=round(judgement.probability, 3),
        mine=mine,
        reasons=list(judgement.reasons),
        category=row["category"],
        place=row["place"] if mine else places.coarse(row["place"]),
        filed_on=row["created_at"].astimezone(OFFICIAL_TIME).date().isoformat(),
        status=Status(row["status"]),
        status_label=words.STATUS[row["status"]],
    )
