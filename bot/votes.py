"""有用 or 没用 said to an answer: written down at once, without troubling the dialogue."""

from __future__ import annotations

import re

from bot.desk import TurnDesk
from bot.inbox import Inbox
from bot.letters import Letter
from channels.message import Option, Reply
from knowledge_base.asked import Asked, Asker
from nlu.text.speech import Speech

_USELESS = re.compile(r"(?:没用|没啥用|不管用|看不懂|没看懂|答非所问|说了等于没说|没帮上)")
_SHORT = 12


class Votes:
    """Hears a vote only right after an answer that asked for one: 「没用」 may mean much else."""

    def __init__(self, inbox: Inbox, desk: TurnDesk, asked: Asked, speech: Speech) -> None:
        self._inbox = inbox
        self._desk = desk
        self._asked = asked
        self._speech = speech
        self._useful = speech("option_useful")
        self._useless = speech("option_useless")

    async def heard(self, letter: Letter) -> list[Reply] | None:
        """What to say to a vote; None when the message is none."""
        said = await self._desk.meant(letter)
        if len(said) <= _SHORT and _USELESS.match(said):
            said = self._useless
        if said not in (self._useful, self._useless):
            return None
        offered = await self._inbox.last_options(letter.citizen, letter.row)
        if said not in [option.says for option in offered]:
            return None
        useful = said == self._useful
        if not await self._asked.vote(Asker(*letter.citizen), useful=useful):
            return None
        if useful:
            return [Reply(self._speech("say_voted_useful"))]
        human = self._speech("option_human")
        return [Reply(self._speech("say_voted_useless"), (Option(human, human),))]
