"""Adding to a case: words and pictures that came to mind afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.answers import without_openers
from actions.base import Heard
from actions.own_case import OwnCaseTask
from actions.services import Outcome, Turn
from case_api.schemas import AttachmentIn

_ASKS = re.compile(
    r"(?:我|想|要|再|给|对|这个|那个|刚才|之前|上次|的|件|案子?|事|编号|为|"
    r"补充|追加|添加|补交|补|加|一下|一点|点|些|几句|材料|证据|情况|内容|照片|图片|说明|信息|[\s,，。:：、！!])+"
)


def only_asks(words: str) -> bool:
    """True for 「我想补充材料」, which holds nothing to add yet."""
    return len(without_openers(_ASKS.sub("", words))) < 4


class Supplement(OwnCaseTask):
    """Adds what is said to the case."""

    label = "validate_supplement_form"
    slot = "supplement_step"
    kind = "supplement"

    async def act(
        self,
        turn: Turn,
        heard: Heard,
        code: str,
        words: str,
        stored: Mapping[str, Any],
        outcome: Outcome,
    ) -> Outcome:
        text = words
        if stored.get("text") and only_asks(words):
            text = str(stored["text"])
        if only_asks(text) and not turn.pictures:
            outcome.say(self.speech("ask_supplement_text"))
            return self.keep(outcome, turn, {"code": code})
        attachments = tuple(AttachmentIn(kind="image", reference=item) for item in turn.pictures)
        await self.services.cases.supplement(
            code,
            turn.viewer,
            text or self.speech("word_picture"),
            f"supplement-{turn.row}",
            attachments=attachments,
        )
        outcome.say(self.speech("say_supplemented", code=code))
        return self.end(outcome, turn)

    def keep(self, outcome: Outcome, turn: Turn, stored: Mapping[str, Any]) -> Outcome:
        # What was told before the case was known is kept until it is.
        told = dict(stored)
        if "text" not in told and not only_asks(turn.text):
            told["text"] = turn.text
        return super().keep(outcome, turn, told)
