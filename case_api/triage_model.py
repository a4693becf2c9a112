"""The trained part of triage: texts in, a calibrated probability for each category out.

A linear model over character n-grams, words, sentence vectors and telling words,
of the whole telling and of its first sentence; fitted in seconds at set-up from
sentences written for this project. Stored as arrays, so that loading it runs
nobody's code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from case_api.features import Bag, Floats, Segmenter, grams, opening, telling_words
from knowledge_base.encoder import Encoder

VERSION = "1"
"""Part of every fingerprint: raise it when features change."""
OPENING_WEIGHT = 0.5
VECTOR_WEIGHT = 0.6
TELLING_WEIGHT = 0.4
PENALTY = 0.6
FOLDS = 5
WANTED_ACCURACY = 0.9
FLOORS = (0.4, 0.8)
"""However well the training sentences separate, real ones are worse: a lower bound too."""
TEMPERATURES = np.geomspace(0.05, 2.0, 40)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns texts into rows of features."""

    grams: Bag
    words: Bag
    telling: tuple[tuple[str, ...], ...]
    segmenter: Segmenter

    @classmethod
    def fit(
        cls, texts: Sequence[str], telling: tuple[tuple[str, ...], ...], segmenter: Segmenter
    ) -> Reader:
        """Learn the terms of these texts."""
        return cls(
            grams=Bag.fit([grams(text) for text in texts]),
            words=Bag.fit([segmenter.words(text) for text in texts]),
            telling=telling,
            segmenter=segmenter,
        )

    def rows(self, texts: Sequence[str], encoder: Encoder | None) -> csr_matrix:
        """All features side by side, each kind at its weight."""
        openings = [opening(text) for text in texts]
        blocks = [
            self.grams.matrix([grams(text) for text in texts]),
            self.grams.matrix([grams(text) for text in openings]) * OPENING_WEIGHT,
            self.words.matrix([self.segmenter.words(text) for text in texts]),
        ]
        if self.telling:
            blocks.append(csr_matrix(telling_words(texts, self.telling) * TELLING_WEIGHT))
        if encoder is not None:
            for told in (texts, openings):
                blocks.append(csr_matrix(encoder.encode(told) * VECTOR_WEIGHT))
        return hstack(blocks, format="csr")


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted classifier."""

    classes: tuple[str, ...]
    reader: Reader
    weights: Floats
    bias: Floats
    temperature: float
    floor: float
    """Below this probability a person decides."""
    encoder: str
    """Fingerprint of the encoder it was fitted with; "" without one."""
    fingerprint: str

    def probabilities(self, texts: Sequence[str], encoder: Encoder | None) -> Floats:
        """One row a text, in the order of `classes`."""
        rows = self.reader.rows(texts, encoder)
        return softmax((rows @ self.weights.T + self.bias) / self.temperature)

    def save(self, folder: Path) -> None:
        """Write beside and swap, so that a reader never sees half a model."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {
            "classes": self.classes,
            "grams": list(self.reader.grams.terms),
            "words": list(self.reader.words.terms),
            "telling": self.reader.telling,
            "temperature": self.temperature,
            "floor": self.floor,
            "encoder": self.encoder,
            "fingerprint": self.fingerprint,
        }
        partial = folder / "triage.partial.npz"
        np.savez(
            partial,
            grams_idf=self.reader.grams.idf,
            words_idf=self.reader.words.idf,
            weights=self.weights.astype(np.float16),
            bias=self.bias,
            about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8),
        )
        partial.replace(folder / "triage.npz")

    @classmethod
    def load(cls, folder: Path, segmenter: Segmenter) -> Model | None:
        """None where there is none."""
        path = folder / "triage.npz"
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            bags = {
                kind: Bag({term: i for i, term in enumerate(about[kind])}, stored[f"{kind}_idf"])
                for kind in ("grams", "words")
            }
            telling = tuple(tuple(group) for group in about["telling"])
            return cls(
                classes=tuple(about["classes"]),
                reader=Reader(bags["grams"], bags["words"], telling, segmenter),
                weights=stored["weights"].astype(np.float32),
                bias=stored["bias"],
                temperature=about["temperature"],
                floor=about["floor"],
                encoder=about["encoder"],
                fingerprint=about["fingerprint"],
            )


def fingerprint(
    texts: Sequence[str],
    labels: Sequence[str],
    telling: Mapping[str, Sequence[str]],
    segmenter: Segmenter,
    encoder: Encoder | None,
) -> str:
    """Same fingerprint, same model."""
    digest = hashlib.sha256(VERSION.encode() + segmenter.fingerprint.encode())
    digest.update(json.dumps([texts, labels, telling], ensure_ascii=False, sort_keys=True).encode())
    digest.update((encoder.fingerprint if encoder else "").encode())
    return digest.hexdigest()[:16]


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    telling: Mapping[str, Sequence[str]],
    segmenter: Segmenter,
    encoder: Encoder | None,
    *,
    calibrate: bool = True,
) -> Model:
    """Fit, then learn from held-out sentences how sure the model may be."""
    classes = tuple(sorted(set(labels)))
    groups = tuple(tuple(telling[c]) for c in classes) if telling else ()
    reader = Reader.fit(texts, groups, segmenter)
    rows = reader.rows(texts, encoder)
    target = np.array([classes.index(label) for label in labels])
    weights, bias = _fit(rows, target, len(classes))
    temperature, floor = _calibrate(rows, target, len(classes)) if calibrate else (0.3, FLOORS[0])
    return Model(
        classes=classes,
        reader=reader,
        weights=weights,
        bias=bias,
        temperature=temperature,
        floor=floor,
        encoder=encoder.fingerprint if encoder else "",
        fingerprint=fingerprint(texts, labels, telling, segmenter, encoder),
    )


def softmax(scores: NDArray[np.floating[Any]]) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def _fit(rows: csr_matrix, target: Floats, classes: int) -> tuple[Floats, Floats]:
    # Imported here: serving needs none of it.
    from sklearn.svm import LinearSVC

    svm = LinearSVC(C=PENALTY, random_state=0).fit(rows, target)
    weights, bias = svm.coef_.astype(np.float32), svm.intercept_.astype(np.float32)
    if classes == 2:  # one row then, for the second class
        weights, bias = np.vstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return weights, bias


def _calibrate(rows: csr_matrix, target: Floats, classes: int) -> tuple[float, float]:
    """Temperature by likelihood; the floor from which held-out sentences are mostly right."""
    from sklearn.model_selection import StratifiedKFold

    scores = np.zeros((rows.shape[0], classes), dtype=np.float32)
    for fitted, held_out in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(
        rows, target
    ):
        weights, bias = _fit(rows[fitted], target[fitted], classes)
        scores[held_out] = rows[held_out] @ weights.T + bias
    at = np.arange(len(target))
    losses = [-np.log(softmax(scores / t)[at, target] + 1e-9).mean() for t in TEMPERATURES]
    temperature = float(TEMPERATURES[int(np.argmin(losses))])
    sure = softmax(scores / temperature)
    right = sure.argmax(axis=1) == target
    top = sure.max(axis=1)
    for floor in np.arange(FLOORS[0], FLOORS[1], 0.02):
        above = top >= floor
        if above.any() and right[above].mean() >= WANTED_ACCURACY:
            return temperature, float(floor)
    return temperature, FLOORS[1]
