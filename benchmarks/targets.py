"""The three that are sent the same words: the whole bot, Rasa by itself, an echo.

Everything that can be made beforehand is (sealing, inbox rows, turn tokens), and answers are opened
afterwards, so that only sending and waiting lies within the measured time.
"""

from __future__ import annotations

import itertools
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from actions.tokens import TurnTokens
from benchmarks.load import Round
from benchmarks.wire import Answer, address, post
from bot.inbox import DONE, Inbox, Letter
from bot.voice import load_speech
from channels.message import Inbound
from channels.wechat.sandbox import Identity
from channels.wechat.sandbox.wire import envelope, shown
from knowledge_base.database import Database
from nlu.text.speech import Speech
from tests.service import IDENTITY, ROOT, Service, free_port

_NO_ANSWERS = ("say_rasa_down", "say_unreadable", "say_too_fast")


class WrongAnswer(Exception):
    """Something that a citizen would not call an answer: its time means nothing."""


class Target(Protocol):
    """Something that answers messages."""

    port: int
    times: int
    """How often over it is told the talks, so that a round is long enough to be measured."""

    async def prepare(self, talks: Sequence[Sequence[str]]) -> list[list[bytes]]:
        """The requests of one round, each talk by a citizen of its own."""

    async def finish(self, done: Round) -> int:
        """Check every answer of the round; how many did not come in time."""


class _Pushes:
    """Sealed pushes as WeChat sends them, and what is to be seen of the answers."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._ids = itertools.count(time.time_ns())
        self._citizens: list[str] = []

    def sealed(self, talks: Sequence[Sequence[str]]) -> list[list[bytes]]:
        self._citizens = ["o" + secrets.token_urlsafe(21)[:27] for _ in talks]
        return [
            [self._push(citizen, text) for text in talk]
            for citizen, talk in zip(self._citizens, talks, strict=True)
        ]

    def _push(self, citizen: str, text: str) -> bytes:
        now = int(time.time())
        fields: dict[str, str | int] = {
            "ToUserName": self._identity.original_id,
            "FromUserName": citizen,
            "CreateTime": now,
            "MsgType": "text",
            "Content": text,
            "MsgId": next(self._ids),
        }
        sent = envelope(self._identity, fields, now=now)
        return post(address("/wechat", sent.query), sent.body, content_type=sent.content_type)

    def seen(self, done: Round) -> list[list[str]]:
        """What each citizen reads; nothing where WeChat was told to wait."""
        return [
            [shown(self._identity, _good(answer), citizen) for answer in talk]
            for citizen, talk in zip(self._citizens, done.answers, strict=True)
        ]


class Callback:
    """The whole bot, through its encrypted callback."""

    times = 1

    def __init__(self, service: Service, speech: Speech | None = None) -> None:
        self.port = service.port
        self._pushes = _Pushes(IDENTITY)
        speech = speech or load_speech()
        self._no_answers = [speech(name) for name in _NO_ANSWERS]

    async def prepare(self, talks: Sequence[Sequence[str]]) -> list[list[bytes]]:
        """Sealed pushes with new message ids."""
        return self._pushes.sealed(talks)

    async def finish(self, done: Round) -> int:
        """Opens every answer."""
        late = 0
        for text in itertools.chain.from_iterable(self._pushes.seen(done)):
            late += not text
            if any(excuse in text for excuse in self._no_answers):
                raise WrongAnswer(text)
        return late


class RasaDirect:
    """The same Rasa server with the same actions, asked by itself at its gateway channel.

    Its actions work as in a real turn (drafts, searches, cases), because each message lies in the
    inbox already and its turn is signed. What is missing is what the bot adds around Rasa: WeChat's
    encryption, taking in each message once, keeping the answer until it is delivered, handing the
    words over to the citizen.
    """

    times = 1

    def __init__(self, service: Service, database: Database) -> None:
        self.port = service.rasa_port
        secret_of = service.data_dir / "secrets"
        self._secret = (secret_of / "rasa").read_text().strip()
        self._tokens = TurnTokens((secret_of / "turns").read_text().strip().encode())
        self._inbox = Inbox(database)
        self._letters: list[Letter] = []

    async def prepare(self, talks: Sequence[Sequence[str]]) -> list[list[bytes]]:
        """Puts the messages into the inbox and signs their turns."""
        return [await self._talk(talk) for talk in talks]

    async def _talk(self, talk: Sequence[str]) -> list[bytes]:
        citizen = "o" + secrets.token_urlsafe(21)[:27]
        requests = []
        for text in talk:
            letter = await self._inbox.take(
                Inbound(secrets.token_hex(8), "wechat", citizen, text, IDENTITY.appid), None
            )
            self._letters.append(letter)
            body = {
                "sender": citizen,
                "message": text,
                "message_id": str(letter.row),
                "metadata": {"turn": self._tokens.sign(letter.row)},
            }
            requests.append(
                post(
                    "/webhooks/gateway/webhook",
                    json.dumps(body, ensure_ascii=False).encode(),
                    content_type="application/json",
                    X_Minsheng_Secret=self._secret,
                )
            )
        return requests

    async def finish(self, done: Round) -> int:
        """Every answer must say something: an action whose turn was refused says nothing."""
        for letter in self._letters:
            await self._inbox.answer(letter, [], DONE)
        self._letters.clear()
        for answer in itertools.chain.from_iterable(done.answers):
            said = json.loads(_good(answer))
            if not said or not all(item.get("text") or item.get("custom") for item in said):
                raise WrongAnswer(str(said))
        return 0


class Echo:
    """FastAPI and wechatpy, nothing else (`benchmarks/echo_app.py`)."""

    times = 30

    def __init__(self, port: int) -> None:
        self.port = port
        self._pushes = _Pushes(IDENTITY)
        self._said: list[list[str]] = []

    async def prepare(self, talks: Sequence[Sequence[str]]) -> list[list[bytes]]:
        """The same sealed pushes as the bot gets."""
        self._said = [list(talk) for talk in talks]
        return self._pushes.sealed(talks)

    async def finish(self, done: Round) -> int:
        """It must have said what it was told."""
        if self._pushes.seen(done) != self._said:
            raise WrongAnswer("the echo said something else")
        return 0


@contextmanager
def echo_running() -> Iterator[Echo]:
    """The echo under uvicorn with one worker, like the bot."""
    port = free_port()
    environment = {
        **os.environ,
        "MINSHENG_WECHAT_APPID": IDENTITY.appid,
        "MINSHENG_WECHAT_TOKEN": IDENTITY.token,
        "MINSHENG_WECHAT_AES_KEY": IDENTITY.aes_key,
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "benchmarks.echo_app:app"),
            *("--port", str(port), "--no-access-log", "--log-level", "warning"),
        ],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
    )
    try:
        yield Echo(port)
    finally:
        process.terminate()
        process.wait(30)


def _good(answer: Answer) -> bytes:
    if answer.status != 200:
        raise WrongAnswer(f"{answer.status} {answer.body[:200]!r}")
    return answer.body
