"""The app's sentence encoder as a dense feature of Rasa's messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import (
    DENSE_FEATURIZABLE_ATTRIBUTES,
    FEATURIZER_CLASS_ALIAS,
    TOKENS_NAMES,
)
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.static_encoder import StaticEncoder, fingerprint


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Meaning beside words: what is said in other words still lies near its examples."""

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = StaticEncoder(Path(config["encoder"]))
        self._scale = float(config["scale"])

    @classmethod
    def required_components(cls) -> list[type]:
        """Token vectors stand at the tokenizer's tokens."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`encoder` is a folder below the working directory; `scale` its weight against words."""
        return {
            **DenseFeaturizer.get_default_config(),
            "encoder": "knowledge_base/default_encoder",
            "scale": 1.0,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """New weights make a new model even where no setting changed."""
        return fingerprint(Path(config.get("encoder", cls.get_default_config()["encoder"])))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """Reads the encoder from its folder; nothing of it goes into the model."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Fails before training, not after, where the encoder is missing."""
        fingerprint(Path(config["encoder"]))

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds one vector a sentence and one a token."""
        for message in messages:
            for attribute in DENSE_FEATURIZABLE_ATTRIBUTES:
                self._add(message, attribute)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples."""
        self.process(training_data.training_examples)
        return training_data

    def _add(self, message: Message, attribute: str) -> None:
        text, tokens = message.get(attribute), message.get(TOKENS_NAMES[attribute])
        if not text or not tokens:
            return
        vectors = self._encoder.encode([text, *(token.text for token in tokens)]) * self._scale
        for kind, values in (
            (FEATURE_TYPE_SEQUENCE, vectors[1:]),
            (FEATURE_TYPE_SENTENCE, np.ascontiguousarray(vectors[:1])),
        ):
            message.add_features(
                Features(values, kind, attribute, self._config[FEATURIZER_CLASS_ALIAS])
            )
