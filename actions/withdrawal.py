"""Withdrawing a case: asked once more, then done; the record stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.answers import is_no, is_yes
from actions.base import Heard
from actions.own_case import OwnCaseTask
from actions.services import Outcome, Turn

_SURE = re.compile(
    r"^(?:嗯+|好|对|是)?[ ,，]*(?:我)?"
    r"(?:确认|确定|同意|就是要|要|那就|就)?(?:撤回|撤销|撤诉|撤了|撤)[了吧的啊。！!]*$"
)
_KEEP = re.compile(r"不撤|别撤|先不|继续办|照常")


class Withdrawal(OwnCaseTask):
    """Withdraws only on the citizen's own plain confirmation in the turn itself."""

    label = "validate_withdrawal_form"
    slot = "withdrawal_step"
    kind = "withdrawal"

    async def act(
        self,
        turn: Turn,
        heard: Heard,
        code: str,
        words: str,
        stored: Mapping[str, Any],
        outcome: Outcome,
    ) -> Outcome:
        asked = stored.get("asked") == code
        if asked and (_KEEP.search(words) or is_no(words)):
            outcome.say(self.speech("say_kept", code=code))
            return self.end(outcome, turn)
        if asked and (_SURE.match(words) or is_yes(words)):
            await self.services.cases.withdraw(code, turn.viewer, str(stored.get("reason", "")))
            outcome.say(self.speech("say_withdrawn", code=code))
            return self.end(outcome, turn)
        if asked and self.starts_another(heard):
            return self.move_on(self.end(outcome, turn), heard)
        view = await self.services.cases.progress(code, turn.viewer)
        if view.status.value == "withdrawn":
            outcome.say(self.speech("say_withdrawn", code=code))
            return self.end(outcome, turn)
        outcome.say(
            self.speech("ask_withdraw_sure", code=code),
            [self.choice("option_withdraw"), self.choice("option_keep")],
        )
        return self.keep(outcome, turn, {"code": code, "asked": code, "reason": words[:200]})
