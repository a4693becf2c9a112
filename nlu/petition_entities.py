"""Puts what `nlu.text.entities` finds into Rasa's messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.text.entities import find_entities


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PetitionEntityExtractor(GraphComponent):
    """Codes, telephone numbers, times, places, organisations, amounts, names, demands, by rules."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._zone = ZoneInfo(config["timezone"])

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`timezone` is where the citizens are: their "yesterday" counts."""
        return {"timezone": "Asia/Shanghai"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> PetitionEntityExtractor:
        """Nothing is trained and nothing is stored."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds what is found; where another extractor found the same stretch, ours stands."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                message.set(ENTITIES, self._merged(message.get(ENTITIES, []), text), True)
        return messages

    def _merged(self, others: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
        ours = [
            {
                "entity": entity.type,
                "start": entity.start,
                "end": entity.end,
                "value": entity.value,
                "valid": entity.valid,
                "extractor": type(self).__name__,
            }
            for entity in find_entities(text, datetime.now(self._zone))
        ]
        kept = [
            other
            for other in others
            if not any(
                one["entity"] == other["entity"]
                and one["start"] < other["end"]
                and other["start"] < one["end"]
                for one in ours
            )
        ]
        return sorted(ours + kept, key=lambda one: one["start"])
