"""Talking to Rasa: one message in, what it wants said out. Nothing it says is believed."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import httpx

from actions.tokens import TurnTokens
from bot.desk import TurnDesk
from bot.letters import Letter
from channels.message import Option, Reply
from nlu.text import case_code
from nlu.text.entities import find_entities
from nlu.text.errors import MinshengError, Unavailable

_STANDS_FOR = {"phone": "13800000000", "id_number": "110101199003070000"}
"""What Rasa gets to see instead: as good for understanding, and nobody's."""
_STANDS_FOR_CODE = "MS-260101-00000-0"
_LONGEST = 2000


class DialogueFailed(MinshengError):
    """Rasa answered, but not with something that can be used."""

    status = 502
    title = "对话没有处理成功"


class Dialogue:
    """The gateway channel of the Rasa server (`nlu/gateway.py`)."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        secret: str,
        tokens: TurnTokens,
        desk: TurnDesk,
        timeout: float,
    ) -> None:
        self._http = http
        self._secret = secret
        self._tokens = tokens
        self._desk = desk
        self._timeout = timeout

    async def talk(self, letter: Letter) -> list[Reply]:
        """What Rasa wants said to this message.

        The same letter again gets the same answer, without being handled twice. Raises
        `Unavailable` when Rasa is down or silent, `DialogueFailed` when its answer is no answer.
        """
        body = {
            "sender": self._sender(letter),
            "message": self._words(letter, await self._desk.meant(letter)),
            "message_id": str(letter.row),
            "metadata": {"turn": self._tokens.sign(letter.row)},
        }
        try:
            response = await self._http.post(
                "/webhooks/gateway/webhook",
                json=body,
                headers={"X-Minsheng-Secret": self._secret},
                timeout=self._timeout,
            )
        except httpx.HTTPError as error:
            raise Unavailable from error
        if response.status_code in (502, 503, 504):
            raise Unavailable
        if response.status_code != 200:
            raise DialogueFailed(f"Rasa answered {response.status_code}")
        try:
            said = response.json()
        except ValueError as error:
            raise DialogueFailed from error
        if not isinstance(said, list):
            raise DialogueFailed
        replies: list[Reply] = []
        for item in said:
            replies += await self._read(item, letter)
        return replies

    async def is_up(self) -> bool:
        """Whether Rasa answers at all."""
        try:
            return (await self._http.get("/", timeout=2.0)).status_code == 200
        except httpx.HTTPError:
            return False

    async def _read(self, item: Any, letter: Letter) -> list[Reply]:
        if not isinstance(item, dict):
            return []
        custom = item.get("custom")
        if isinstance(custom, dict) and isinstance(custom.get("box"), str):
            return await self._desk.unbox(custom["box"], letter)
        text = item.get("text")
        if not isinstance(text, str) or not text.strip():
            return []
        options = tuple(
            Option(str(button.get("title", "")), str(button.get("title", "")))
            for button in item.get("buttons") or ()
            if isinstance(button, dict)
        )
        return [Reply(text.strip()[:_LONGEST], options)]

    def _sender(self, letter: Letter) -> str:
        # An openid is personal data; Rasa needs to tell conversations apart, not people.
        identity = "\0".join(letter.citizen).encode()
        return hmac.new(self._secret.encode(), identity, hashlib.sha256).hexdigest()[:32]

    def _words(self, letter: Letter, text: str) -> str:
        if not text:
            return "/report_issue" if letter.inbound.event == "scan" else "/inform"
        return shield(text, letter)


def shield(text: str, letter: Letter) -> str:
    """The words with numbers that lead to a person replaced; a slash at the start is only a slash.

    Rasa takes a message that begins with "/" as an intent by name.
    """
    mention = case_code.find(text)
    if mention is not None:
        # A mistyped code keeps being one; the app reads the real one itself.
        text = text[: mention.start] + _STANDS_FOR_CODE + text[mention.end :]
    found = find_entities(text, letter.inbound.received_at)
    for entity in sorted(found, key=lambda item: item.start, reverse=True):
        if entity.type in _STANDS_FOR:
            text = text[: entity.start] + _STANDS_FOR[entity.type] + text[entity.end :]
    return text.lstrip("/").strip() or "……"
