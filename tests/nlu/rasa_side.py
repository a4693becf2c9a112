"""What the tests run inside Rasa's own environment; not a test itself.

`gateway PORT TRACKER` serves the gateway channel over a real tracker store, with an agent that
only echoes. `components` reads sentences from standard input and prints what is made of them.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import UserMessage, register
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.nlu.training_data.message import Message
from sanic import Sanic

from nlu.code_intent import CodeIntentClassifier
from nlu.gateway import GatewayInput
from nlu.petition_entities import PetitionEntityExtractor
from nlu.static_encoder import StaticEncoder

SECRET = "for-tests-only"


class EchoAgent:
    """Handles a message slowly, says two things, and counts how often it was asked."""

    def __init__(self, tracker: str) -> None:
        self.tracker_store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=tracker)
        self.handled = 0

    def is_ready(self) -> bool:
        return True

    async def handle_message(self, message: UserMessage) -> None:
        self.handled += 1
        await asyncio.sleep(0.2)
        tracker = await self.tracker_store.get_or_create_tracker(message.sender_id)
        tracker.update(
            UserUttered(
                message.text,
                {"name": "inform"},
                message_id=message.message_id,
                metadata=message.metadata,
            )
        )
        for text, data in (
            (
                f"第{self.handled}次：{message.text}",
                {"buttons": [{"title": "好", "payload": "好"}]},
            ),
            (json.dumps(message.metadata), {"custom": {"kind": "note"}}),
        ):
            uttered = BotUttered(text, data)
            tracker.update(uttered)
            await message.output_channel.send_response(message.sender_id, uttered.message())
        await self.tracker_store.save(tracker)


def gateway(port: int, tracker: str) -> None:
    app = Sanic("gateway_under_test")
    app.ctx.agent = EchoAgent(tracker)
    register([GatewayInput.from_credentials({"secret": SECRET})], app, "/webhooks/")
    app.run(host="127.0.0.1", port=port, access_log=False)


def components() -> None:
    sentences = json.loads(sys.stdin.read())
    context: Any = SimpleNamespace(node_name="test")
    entities = PetitionEntityExtractor.create(
        PetitionEntityExtractor.get_default_config(), context, context, context
    )
    intents = CodeIntentClassifier.create(
        CodeIntentClassifier.get_default_config(), context, context, context
    )
    found = []
    for sentence in sentences:
        other = {"entity": "phone", "start": 0, "end": 99, "value": "?", "extractor": "other"}
        message = Message(data={"text": sentence, "entities": [other]})
        message.set("intent_ranking", [{"name": "inform", "confidence": 0.9}])
        intents.process(entities.process([message]))
        found.append({"entities": message.get("entities"), "intent": message.get("intent")})
    vectors = StaticEncoder(Path("knowledge_base/default_encoder")).encode(sentences)
    sys.stdout.write(json.dumps({"found": found, "vectors": vectors.tolist()}))


if __name__ == "__main__":
    if sys.argv[1] == "gateway":
        gateway(int(sys.argv[2]), sys.argv[3])
    else:
        components()
