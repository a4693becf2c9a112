"""The only way into the Rasa server: the app's gateway, by a shared secret, each message once."""

from __future__ import annotations

import asyncio
import hmac
import json
import weakref
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from nlu import action_validation

SECRET_HEADER = "X-Minsheng-Secret"  # noqa: S105
_LARGEST_BODY = 64 * 1024
_LARGEST_TEXT = 8_000
_SAID = ("text", "buttons", "custom")


class GatewayInput(InputChannel):
    """Takes `{"sender", "message", "message_id", "metadata"}`, answers the list of bot messages.

    The same `message_id` again is not handled again: what was said to it the first time is said.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        # One at a time per sender: a repeat waits for the first. Idle senders are forgotten.
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        """Part of the address: /webhooks/gateway/webhook."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayInput:
        """Refuses to start without a secret."""
        secret = (credentials or {}).get("secret")
        if not secret or not isinstance(secret, str):
            raise InvalidConfigException("credentials.yml: nlu.gateway.GatewayInput needs a secret")
        action_validation.install()
        return cls(secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The one route there is."""
        routes = Blueprint("gateway_webhook", "nlu.gateway")

        @routes.listener("before_server_start")
        async def limit(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            app.config.REQUEST_MAX_SIZE = _LARGEST_BODY

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
            if not hmac.compare_digest(given, self._secret):
                return response.json({"error": "forbidden"}, status=403)
            body = _read(request.body)
            if body is None:
                return response.json({"error": "unreadable"}, status=400)
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return response.json(
                    {"error": "not ready"}, status=503, headers={"Retry-After": "5"}
                )
            sender = body["sender"]
            turn = self._turns.setdefault(sender, asyncio.Lock())
            async with turn:
                tracker = await agent.tracker_store.retrieve(sender)
                said = _said_before(tracker, body["message_id"]) if tracker else None
                if not said:
                    # Never heard, or heard when the action behind it could not be reached.
                    heard = Collector()
                    await on_new_message(
                        UserMessage(
                            text=body["message"],
                            output_channel=heard,
                            sender_id=sender,
                            input_channel=self.name(),
                            message_id=body["message_id"],
                            metadata=body["metadata"],
                        )
                    )
                    said = heard.said
            return response.json(said, dumps=json.dumps, ensure_ascii=False)

        return routes


class Collector(OutputChannel):
    """Keeps what the bot says, message by message, as the tracker keeps it."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The name of the channel that it answers for."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Takes the whole message, not one part at a time: nothing is split or doubled."""
        self.said.append(_plain(message))


def _read(raw: bytes) -> dict[str, Any] | None:
    """The body's fields, or None where one is missing or is not what it should be."""
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    fields = {name: body.get(name) for name in ("sender", "message", "message_id")}
    metadata = body.get("metadata") or {}
    if not all(isinstance(value, str) and value for value in fields.values()):
        return None
    if len(fields["message"]) > _LARGEST_TEXT or not isinstance(metadata, dict):
        return None
    return {**fields, "metadata": metadata}


def _said_before(tracker: DialogueStateTracker, message_id: str) -> list[dict[str, Any]] | None:
    """What followed this message in the stored conversation, or None where it never came."""
    events = list(tracker.events)
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, UserUttered) and event.message_id == message_id:
            return _until_next_user(events[index + 1 :])
    return None


def _until_next_user(events: Iterable[Event]) -> list[dict[str, Any]]:
    said = []
    for event in events:
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            said.append(_plain(event.message()))
    return said


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in _SAID if message.get(name)}
