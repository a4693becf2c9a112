"""Rating what was done: one to five, with a word about why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.base import Heard
from actions.own_case import OwnCaseTask
from actions.services import Outcome, Turn
from nlu.text.errors import Conflict
from nlu.text.normalise import normalise

_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_STARS = re.compile(
    r"(?<!\d)([1-5])(?:\s*(?:分|星|颗星|个星))?(?!\d)|([一二两三四五])\s*(?:分|星|颗星|个星)"
)
_FULL = re.compile(r"满分|十分满意|非常满意|特别满意|很满意|太满意|好评")
_WORDS = (
    (1, re.compile(r"很不满意|非常不满意|极不满意|太差|差评|极差|糟透|一点也?不满意")),
    (2, re.compile(r"不满意|不太满意|不咋地|不怎么样|不好|失望|敷衍")),
    (5, _FULL),
    (3, re.compile(r"一般|马马虎虎|凑合|还行|过得去|基本满意")),
    (4, re.compile(r"满意|挺好|不错|可以|蛮好")),
)


def find_stars(text: str) -> int | None:
    """One to five, said as a number or in words; None when neither."""
    plain = normalise(text)
    found = _STARS.search(plain)
    if found:
        return int(found[1]) if found[1] else _NUMBERS[found[2]]
    return next((stars for stars, words in _WORDS if words.search(plain)), None)


class Rating(OwnCaseTask):
    """Records the citizen's mark for their own case."""

    label = "validate_rating_form"
    slot = "rating_step"
    kind = "rating"

    async def act(
        self,
        turn: Turn,
        heard: Heard,
        code: str,
        words: str,
        stored: Mapping[str, Any],
        outcome: Outcome,
    ) -> Outcome:
        stars = find_stars(words) or stored.get("stars")
        if stars is None:
            if stored.get("asked") and self.starts_another(heard):
                return self.move_on(self.end(outcome, turn), heard)
            view = await self.services.cases.progress(code, turn.viewer)
            if view.access == "full" and view.status.value != "closed":
                return await self._too_early(turn, code, "", outcome)
            outcome.say(self.speech("ask_rating", code=code))
            return self.keep(outcome, turn, {"code": code, "asked": True})
        comment = words if len(words) > 3 else str(stored.get("comment", ""))
        try:
            await self.services.cases.rate(code, turn.viewer, int(stars), comment[:500])
        except Conflict:
            return await self._too_early(turn, code, comment, outcome)
        outcome.say(self.speech("say_rated_low" if int(stars) <= 2 else "say_rated"))
        return self.end(outcome, turn)

    async def _too_early(self, turn: Turn, code: str, comment: str, outcome: Outcome) -> Outcome:
        """Not closed yet, or rated already: what was said about it still reaches the office."""
        if comment:
            await self.services.cases.supplement(code, turn.viewer, comment, f"rating-{turn.row}")
        outcome.say(self.speech("say_rate_later_noted" if comment else "say_rate_later", code=code))
        return self.end(outcome, turn)

    def keep(self, outcome: Outcome, turn: Turn, stored: Mapping[str, Any]) -> Outcome:
        # 「很不满意，根本没人来」 said before the case is known is not asked for twice.
        told = dict(stored)
        stars = find_stars(turn.text)
        if "stars" not in told and stars is not None:
            told |= {"stars": stars, "comment": turn.text[:500]}
        return super().keep(outcome, turn, told)
