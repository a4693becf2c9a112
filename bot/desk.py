"""The app's memory behind the actions: turns by their token, drafts, and what was said in each."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from actions.services import Outcome, Recorded, Turn
from actions.tokens import TurnTokens
from bot.inbox import PENDING, Inbox
from bot.letters import Letter
from bot.tables import drafts, outcomes
from case_api.schemas import Viewer
from channels.message import Option, Reply, utcnow
from knowledge_base.database import Database
from nlu.text.errors import Forbidden
from nlu.text.normalise import visible


class TurnDesk:
    """Implements `actions.services.Desk` over the conversation's tables."""

    def __init__(
        self,
        database: Database,
        letters: Inbox,
        tokens: TurnTokens,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._database = database
        self._letters = letters
        self._tokens = tokens
        self._clock = clock

    async def open_turn(self, token: str) -> Turn:
        """The turn of a message whose dialogue is under way; `Forbidden` for any other token."""
        letter = await self._letters.get(self._tokens.verify(token))
        if letter is None or letter.dialogue != PENDING:
            raise Forbidden
        return as_turn(letter, await self.meant(letter))

    async def meant(self, letter: Letter) -> str:
        """The words that count: a chosen number stands for the option it names."""
        text = visible(letter.inbound.text or "")
        number = chosen_number(text)
        if number is not None:
            options = await self._letters.last_options(letter.citizen, letter.row)
            if number <= len(options):
                return options[number - 1].says
        return text

    async def recall(self, turn: Turn, action: str) -> Recorded | None:
        """What was recorded for this action in this turn."""
        row = await self._database.read(
            lambda connection: connection.execute(
                select(outcomes.c.box, outcomes.c.events).where(
                    outcomes.c.row == turn.row, outcomes.c.action == action
                )
            ).one_or_none()
        )
        return Recorded(row.box, list(row.events)) if row is not None else None

    async def record(self, turn: Turn, action: str, outcome: Outcome) -> Recorded:
        """Drafts, words and events of one action, in one transaction."""
        box = secrets.token_urlsafe(12) if outcome.says else None
        says = [
            {"text": say.text, "options": [[item.title, item.says] for item in say.choices]}
            for say in outcome.says
        ]

        def store(connection: Connection) -> None:
            connection.execute(
                insert(outcomes).values(
                    row=turn.row, action=action, box=box, events=outcome.events, says=says
                )
            )
            for kind, content in outcome.drafts.items():
                self._keep_draft(connection, turn, kind, content)

        await self._database.write(store)
        return Recorded(box, outcome.events)

    async def draft(self, turn: Turn, kind: str) -> Mapping[str, Any] | None:
        """The citizen's draft of this kind."""
        return await self._database.read(
            lambda connection: connection.execute(
                select(drafts.c.content).where(_draft(turn, kind))
            ).scalar_one_or_none()
        )

    async def unbox(self, box: str, letter: Letter) -> list[Reply]:
        """The words in a box; only those said in this very turn, so that nobody gets another's."""
        says = await self._database.read(
            lambda connection: connection.execute(
                select(outcomes.c.says).where(outcomes.c.box == box, outcomes.c.row == letter.row)
            ).scalar_one_or_none()
        )
        return [
            Reply(say["text"], tuple(Option(*item) for item in say["options"]))
            for say in says or ()
        ]

    def _keep_draft(
        self, connection: Connection, turn: Turn, kind: str, content: Mapping[str, Any] | None
    ) -> None:
        if content is None:
            connection.execute(delete(drafts).where(_draft(turn, kind)))
            return
        values = {"content": dict(content), "updated_at": self._clock()}
        changed = connection.execute(update(drafts).where(_draft(turn, kind)).values(values))
        if not changed.rowcount:
            connection.execute(
                insert(drafts).values(
                    channel=turn.viewer.channel,
                    account=turn.viewer.account,
                    citizen=turn.viewer.citizen,
                    kind=kind,
                    **values,
                )
            )


def as_turn(letter: Letter, text: str) -> Turn:
    """What an action may know of a message."""
    inbound = letter.inbound
    return Turn(
        row=letter.row,
        viewer=Viewer(
            channel=inbound.channel,
            account=inbound.account,
            citizen=inbound.citizen,
            owns=inbound.owns,
        ),
        text=text,
        place=inbound.place.label if inbound.place else None,
        pictures=tuple(item.reference for item in inbound.attachments if item.kind == "image"),
        danger=letter.danger,
        received_at=inbound.received_at,
    )


def chosen_number(text: str) -> int | None:
    """1 to 9 when the message is nothing but the number of an option (「2」「选2」「第二个」)."""
    core = text.strip(" .。、,，)）(（!！")
    for word in ("我选", "选择", "选", "回复", "第"):
        core = core.removeprefix(word)
    core = core.removesuffix("吧").removesuffix("个").removesuffix("项").strip()
    if len(core) != 1:
        return None
    if core in "123456789":
        return int(core)
    position = "一二三四五六七八九".find(core)
    return position + 1 if position >= 0 and core != text else None


def _draft(turn: Turn, kind: str) -> Any:
    return and_(
        drafts.c.channel == turn.viewer.channel,
        drafts.c.account == turn.viewer.account,
        drafts.c.citizen == turn.viewer.citizen,
        drafts.c.kind == kind,
    )
