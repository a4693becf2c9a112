"""Tells intents by words, runs of characters, meaning and shape, with one logistic regression each.

Rasa's own LogisticRegressionClassifier sees raw counts, has no setting for its strength and took
twenty times as long to train; DIET takes longer still. The figures: docs/quality.md「意图」.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from nlu import intent_features
from nlu.encoder_featurizer import EncoderFeaturizer
from nlu.ngrams import Weights, runs
from nlu.text.normalise import normalise

_NUMBERS = "numbers.npz"
_TERMS = "terms.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PetitionIntentClassifier(IntentClassifier, GraphComponent):
    """Trains in seconds; stored as plain arrays and words, so that loading runs no foreign code."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
        self._characters = Weights([], np.empty(0))
        self._words = Weights([], np.empty(0))
        self._slopes = np.empty((0, 0))
        self._offsets = np.empty(0)

    @classmethod
    def required_components(cls) -> list[type]:
        """Its tokens and sentence vectors are read."""
        return [EncoderFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength` is C; `meaning`, `shape` weigh those features; `ranking` intents are told."""
        return {"strength": 50.0, "meaning": 0.5, "shape": 0.2, "ranking": 5}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:  # noqa: ARG003
        """Rasa sees changes of this file only; what the features are made of counts as well."""
        here = Path(__file__).parent
        digest = hashlib.sha256()
        for source in sorted([*here.glob("*.py"), *here.glob("text/*.py")]):
            digest.update(source.read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> PetitionIntentClassifier:
        """Not trained yet."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns vocabulary and weights from the examples that have an intent."""
        examples = [
            one for one in training_data.intent_examples if one.get(INTENT) and one.get(TEXT)
        ]
        if len({one.get(INTENT) for one in examples}) < 2:
            raise RasaException("the intent classifier needs examples of two intents at least")
        self._characters = Weights.learn([list(runs(_text(one))) for one in examples], 2)
        self._words = Weights.learn([_words(one) for one in examples], 2)
        model = LogisticRegression(
            C=self._config["strength"],
            class_weight="balanced",
            solver="liblinear",
            multi_class="ovr",
            tol=1e-2,
            random_state=7,
        )
        model.fit(self._features(examples), [one.get(INTENT) for one in examples])
        self._intents = [str(name) for name in model.classes_]
        slopes, offsets = model.coef_, model.intercept_
        if len(self._intents) == 2:
            slopes, offsets = np.vstack([-slopes, slopes]), np.hstack([-offsets, offsets])
        self._slopes, self._offsets = slopes.astype(np.float32), offsets.astype(np.float32)
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the likeliest intent and the ranking; confidences sum to 1."""
        told = [message for message in messages if message.get(TEXT)]
        if not told or not self._intents:
            return messages
        scores = self._features(told) @ self._slopes.T + self._offsets
        chances = 1 / (1 + np.exp(-np.clip(scores, -40, 40)))
        chances /= chances.sum(axis=1, keepdims=True)
        for message, row in zip(told, chances, strict=True):
            order = np.argsort(-row)[: self._config["ranking"]]
            ranking = [{"name": self._intents[at], "confidence": float(row[at])} for at in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for the examples, as later components may ask."""
        self.process(training_data.training_examples)
        return training_data

    def _features(self, messages: list[Message]) -> csr_matrix:
        meanings = []
        for message in messages:
            dense = message.get_dense_features(TEXT)[1]
            if dense is None:
                # Only punctuation or blanks: no word has a meaning.
                dense_row = np.zeros(self._meaning_width(messages))
            else:
                dense_row = np.asarray(dense.features)[0]
            meanings.append(dense_row)
        shapes = np.array([intent_features.shape(message.get(TEXT)) for message in messages])
        return hstack(
            [
                self._characters.rows([runs(_text(message)) for message in messages]),
                self._words.rows([_words(message) for message in messages]),
                csr_matrix(np.array(meanings) * self._config["meaning"]),
                csr_matrix(shapes * self._config["shape"]),
            ]
        ).tocsr()

    def _meaning_width(self, messages: list[Message]) -> int:
        if self._slopes.size:
            others = len(self._characters.vocabulary) + len(self._words.vocabulary)
            return int(self._slopes.shape[1]) - others - len(intent_features.NAMES)
        known = (message.get_dense_features(TEXT)[1] for message in messages)
        return next(
            int(np.asarray(dense.features).shape[1]) for dense in known if dense is not None
        )

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            np.savez(
                folder / _NUMBERS,
                slopes=self._slopes,
                offsets=self._offsets,
                characters=self._characters.rarity.astype(np.float32),
                words=self._words.rarity.astype(np.float32),
            )
            terms = {
                "intents": self._intents,
                "characters": self._characters.vocabulary,
                "words": self._words.vocabulary,
            }
            (folder / _TERMS).write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
        **kwargs: Any,  # noqa: ARG003
    ) -> PetitionIntentClassifier:
        """Reads the arrays (no pickles allowed) and the words."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            terms = json.loads((folder / _TERMS).read_text(encoding="utf-8"))
            with np.load(folder / _NUMBERS, allow_pickle=False) as numbers:
                component._slopes, component._offsets = numbers["slopes"], numbers["offsets"]
                component._characters = Weights(terms["characters"], numbers["characters"])
                component._words = Weights(terms["words"], numbers["words"])
        component._intents = terms["intents"]
        return component


def _text(message: Message) -> str:
    return normalise(message.get(TEXT)).lower()


def _words(message: Message) -> list[str]:
    return [token.text.lower() for token in message.get(TOKENS_NAMES[TEXT], [])]
