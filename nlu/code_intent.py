"""A message that is nothing but a case code asks how that case stands, whatever a model thinks."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.text import case_code


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CodeIntentClassifier(GraphComponent):
    """Overrules the classifiers before it for a code on its own, right or mistyped."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._intent = config["intent"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`intent` is what a code on its own means."""
        return {"intent": "check_progress"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> CodeIntentClassifier:
        """Nothing is trained and nothing is stored."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent with full confidence, first in the ranking."""
        for message in messages:
            text = message.get(TEXT)
            mention = case_code.find(text) if text else None
            if mention is not None and case_code.is_alone(text, mention):
                sure = {"name": self._intent, "confidence": 1.0}
                others = [
                    {**one, "confidence": 0.0}
                    for one in message.get(INTENT_RANKING_KEY, [])
                    if one["name"] != self._intent
                ]
                message.set(INTENT, sure, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [sure, *others], add_to_output=True)
        return messages
