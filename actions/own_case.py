"""Tasks on one of the citizen's own cases: find out which, do it, say how it went."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from actions import unregistered
from actions.answers import is_cancel
from actions.base import Heard, TaskAction
from actions.services import Choice, Outcome, Turn
from case_api.schemas import CaseSummary
from nlu.text import case_code
from nlu.text.errors import Conflict, NotFound, TooManyTries

_SHOWN = 5
_NAMED = re.compile(
    r"^(?:就是?|是|那个)?(?P<name>[^,，。的]{2,8}?)的?(?:那|这)(?:一)?(?:件|个|回|次)"
)


class OwnCaseTask(TaskAction):
    """Asks which case where that is not clear, then hands over to `act`."""

    kind: ClassVar[str]

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        stored = {} if heard.entering else await self.services.desk.draft(turn, self.kind) or {}
        if is_cancel(turn.text) and not heard.entering:
            outcome.say(self.speech("say_stopped"))
            return self.end(outcome, turn)
        mention = case_code.find(turn.text)
        if mention is not None and not mention.valid:
            written = turn.text[mention.start : mention.end]
            outcome.say(self.speech("say_code_mistyped", written=written))
            return self.keep(outcome, turn, stored)
        code = mention.code if mention else stored.get("code")
        if code is None:
            mine = [case for case in await self.services.cases.mine(turn.viewer) if case.code]
            if not mine:
                half_told = await self._half_told(turn)
                await unregistered.deal(self.services, turn, outcome, half_told=half_told)
                return self.end(outcome, turn)
            code = await self._which(mine, turn, outcome)
        if code is None:
            return self.keep(outcome, turn, stored) if outcome.says else self.end(outcome, turn)
        # 「补充 MS-…：晚上也吵」 holds both the code and what is meant to be done with it.
        words = turn.text[: mention.start] + turn.text[mention.end :] if mention else turn.text
        try:
            return await self.act(turn, heard, str(code), words.strip(), stored, outcome)
        except NotFound:
            outcome.say(self.speech("say_not_yours"))
        except Conflict as conflict:
            outcome.say(self.speech("say_state_forbids", code=code, reason=conflict.detail))
        except TooManyTries as pause:
            minutes = max(1, -(-pause.retry_after // 60))
            outcome.say(self.speech("say_proof_pause", minutes=minutes))
        return self.end(outcome, turn)

    @abstractmethod
    async def act(
        self,
        turn: Turn,
        heard: Heard,
        code: str,
        words: str,
        stored: Mapping[str, Any],
        outcome: Outcome,
    ) -> Outcome:
        """Do it, or ask for what is missing; `words` are the citizen's without the code."""

    def keep(self, outcome: Outcome, turn: Turn, stored: Mapping[str, Any]) -> Outcome:
        """Stay, remembering what is known."""
        outcome.drafts[self.kind] = dict(stored)
        return self.stay(outcome, turn)

    def end(self, outcome: Outcome, turn: Turn) -> Outcome:
        """Leave, forgetting it."""
        outcome.drafts[self.kind] = None
        return self.leave(outcome, turn)

    async def _which(self, mine: Sequence[CaseSummary], turn: Turn, outcome: Outcome) -> str | None:
        """The citizen's only case, or the one that the words name (「路灯那件」); else asks."""
        if len(mine) == 1:
            return mine[0].code
        shown = mine[:_SHOWN]
        named = _NAMED.match(turn.text)
        if named is not None:
            views = [
                await self.services.cases.progress(str(one.code), turn.viewer) for one in shown
            ]
            meant = [view.code for view in views if named["name"] in f"{view.place}{view.text}"]
            if len(meant) == 1:
                return meant[0]
        choices = [Choice(f"{one.category} {one.place} {one.code}", str(one.code)) for one in shown]
        outcome.say(self.speech("ask_which_case"), choices)
        return None
