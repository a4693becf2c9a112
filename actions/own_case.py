"""Tasks on one of the citizen's own cases: find out which, do it, say how it went."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from actions.answers import is_cancel
from actions.base import Heard, TaskAction
from actions.services import Choice, Outcome, Turn
from nlu.text import case_code
from nlu.text.errors import Conflict, NotFound, TooManyTries


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
            code = await self._only_case(turn, outcome)
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

    async def _only_case(self, turn: Turn, outcome: Outcome) -> str | None:
        """The citizen's only case; else asks which, or says that there is none."""
        mine = [case for case in await self.services.cases.mine(turn.viewer) if case.code]
        if len(mine) == 1:
            return mine[0].code
        choices = [Choice(f"{case.code} {case.category}", str(case.code)) for case in mine[:5]]
        outcome.say(self.speech("ask_which_case"), choices)
        return None
