"""Looks up which stored cases may be the same matter as one that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import RowMapping

from case_api import places, repository, words
from case_api.access import owns
from case_api.candidates.keeping import Keeping
from case_api.candidates.matters import Matters
from case_api.categories import UNSHARED
from case_api.deadlines import OFFICIAL_TIME
from case_api.duplicates import Duplicates, Judgement, Matter, likeness
from case_api.schemas import Similar, Viewer
from case_api.states import OPEN, Status
from case_api.triage import Triage
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder

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
        folder: Path | None = None,
    ) -> None:
        """`folder`: where the snapshot of candidates lies; without one they are in memory only."""
        self._database = database
        self._duplicates = duplicates
        self._keeping = Keeping(database, encoder, folder)
        self._matters = Matters(triage)

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
        await self._keeping.refresh(now)
        near = await asyncio.to_thread(self._keeping.near, text, place, JUDGED, now)
        stored = await self._database.read(
            lambda c: repository.cases_by_number(c, [seq for seq, _ in near])
        )
        offered = [
            (stored[seq], cosine)
            for seq, cosine in near
            if seq in stored and _offered(stored[seq], viewer, category)
        ]
        owner = (
            (viewer.channel, viewer.account, viewer.citizen)
            if viewer is not None and viewer.owns
            else None
        )
        told = Matter.of(text, place, now, category=category, owner=owner)
        judged = await asyncio.to_thread(self._judge, told, offered)
        return [_shown(row, judgement, viewer) for row, judgement in judged[:limit]]

    async def warm(self, now: datetime) -> None:
        """Take in what is stored already, so that the first citizen does not wait for it."""
        await self._keeping.refresh(now)
        await self._keeping.settled()

    async def forget(self, code: str) -> None:
        """Never find this case again: it was withdrawn or erased."""
        self._matters.forget(code)
        await self._keeping.forget(code)

    async def close(self) -> None:
        """Write down what is in memory only, so that the next start need not work it out again."""
        await self._keeping.close()

    def _judge(
        self, told: Matter, near: Sequence[tuple[RowMapping, float]]
    ) -> list[tuple[RowMapping, Judgement]]:
        """Those that are not new, the likeliest first; each comes with its cosine."""
        if not near:
            return []
        matters = self._matters.of([row for row, _ in near])
        cosines = [cosine for _, cosine in near]
        # Triage takes two milliseconds a matter, and likeness of kind can only raise what it
        # weighs: who is new with the highest likeness there is, is new with any.
        at_most = self._duplicates.judge(told, matters, cosines, [1.0] * len(near))
        open_ = [at for at, judged in enumerate(at_most) if judged.relation != "new"]
        if not open_:
            return []
        mine, *others = self._matters.kinds([told, *(matters[at] for at in open_)])
        judged = self._duplicates.judge(
            told,
            [matters[at] for at in open_],
            [cosines[at] for at in open_],
            [likeness(mine, other) for other in others],
        )
        kept = [
            (near[at][0], one)
            for at, one in zip(open_, judged, strict=True)
            if one.relation != "new"
        ]
        return sorted(kept, key=lambda pair: (pair[1].relation != "same", -pair[1].probability))


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
