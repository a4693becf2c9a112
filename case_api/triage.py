"""Matter → category → office; where the model is not sure, a person decides."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from case_api import triage_model, words
from case_api.categories import CATEGORIES, OTHER, Category
from case_api.features import Floats, Segmenter
from case_api.schemas import Triage as Routed
from case_api.triage_model import Model
from knowledge_base.encoder import Encoder

DATA = Path(__file__).parents[1] / "data"
PETITIONS = DATA / "triage" / "petitions.jsonl"
OFFICES = DATA / "routing" / "offices.toml"
TELLING = DATA / "routing" / "telling_words.toml"


@dataclass(frozen=True, slots=True)
class Area:
    """Where other offices are in charge."""

    named: tuple[str, ...]
    offices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Routing:
    """Which office takes which category, and where."""

    offices: Mapping[str, str]
    areas: tuple[Area, ...] = ()

    @classmethod
    def load(cls, path: Path = OFFICES) -> Routing:
        """Read the table; a category without an office, or an unknown one, is refused at start."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        offices = table["offices"]
        areas = tuple(
            Area(tuple(area["named"]), area["offices"]) for area in table.get("areas", [])
        )
        missing = set(CATEGORIES) - set(offices)
        unknown = {c for names in (offices, *(a.offices for a in areas)) for c in names}
        unknown -= set(CATEGORIES)
        if missing or unknown:
            raise ValueError(f"{path}: missing {sorted(missing)}, unknown {sorted(unknown)}")
        return cls(offices, areas)

    def office(self, category: str, place: str) -> str:
        """The office in charge at this place."""
        for area in self.areas:
            if category in area.offices and any(name in place for name in area.named):
                return area.offices[category]
        return self.offices[category]


class Triage:
    """Routes matters with a trained model."""

    def __init__(self, model: Model, routing: Routing, encoder: Encoder | None) -> None:
        if model.encoder != (encoder.fingerprint if encoder else ""):
            raise ValueError("the triage model was trained with another encoder")
        self._model = model
        self._routing = routing
        self._encoder = encoder

    @property
    def offices(self) -> list[str]:
        """All that a case may be given to."""
        areas = (office for area in self._routing.areas for office in area.offices.values())
        return sorted({*self._routing.offices.values(), *areas})

    @property
    def classes(self) -> tuple[str, ...]:
        """The categories, in the order of `kinds`' columns."""
        return self._model.classes

    async def route(self, text: str, place: str, *, category: Category | None = None) -> Routed:
        """Category and office; a category that somebody chose is taken as it is."""
        if category is not None:
            return Routed(
                category=category, office=self._routing.office(category, place), confidence=1.0
            )
        return await asyncio.to_thread(self._route, text, place)

    def kinds(self, told: Sequence[tuple[str, str]]) -> Floats:
        """The probability of every category for each (place, text); about a millisecond each."""
        # The place takes part: 「凤翔小学」 says as much as any word of the matter.
        texts = [f"{place} {text}" for place, text in told]
        return self._model.probabilities(texts, self._encoder)

    def _route(self, text: str, place: str) -> Routed:
        row = self.kinds([(place, text)])[0]
        best = int(row.argmax())
        category, confidence = self._model.classes[best], float(row[best])
        if confidence < self._model.floor:
            return _routed(category, words.BY_HAND, confidence)
        return _routed(category, self._routing.office(category, place), confidence)


def load_or_train(folder: Path, encoder: Encoder | None, petitions: Path = PETITIONS) -> Model:
    """The stored model if it is of these sentences and this encoder, else a new one, stored.

    Takes seconds when it trains: call it in a thread.
    """
    texts, labels = read_petitions(petitions)
    telling = read_telling_words()
    segmenter = Segmenter()
    wanted = triage_model.fingerprint(texts, labels, telling, segmenter, encoder)
    stored = Model.load(folder, segmenter)
    if stored is not None and stored.fingerprint == wanted:
        return stored
    model = triage_model.train(texts, labels, telling, segmenter, encoder)
    model.save(folder)
    return model


def read_petitions(path: Path = PETITIONS) -> tuple[list[str], list[str]]:
    """Training sentences and their categories."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    unknown = {row["category"] for row in rows} - set(CATEGORIES)
    if unknown:
        raise ValueError(f"{path}: unknown categories {sorted(unknown)}")
    return [row["text"] for row in rows], [row["category"] for row in rows]


def read_telling_words(path: Path = TELLING) -> Mapping[str, Sequence[str]]:
    """Words that give a category away, for every category."""
    table: dict[str, list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {category: table.get(category, []) for category in CATEGORIES}


def _routed(category: str, office: str, confidence: float) -> Routed:
    known: Category = next((c for c in CATEGORIES if c == category), OTHER)
    return Routed(category=known, office=office, confidence=round(confidence, 4))
