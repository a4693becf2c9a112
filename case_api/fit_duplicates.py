"""Fits the weights of `duplicates.toml` on our own pairs (`data/triage/pairs.jsonl`)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from case_api.duplicates import (
    AGAINST,
    QUESTIONS,
    SIGNALS,
    WEIGHTS,
    Duplicates,
    Matter,
    compare,
    likeness,
)
from case_api.features import Floats as Floats32
from knowledge_base.encoder import Encoder

PAIRS = Path(__file__).parents[1] / "data" / "triage" / "pairs.jsonl"
PULL = 0.002
"""Pull of the weights towards zero: a few hundred pairs carry no more."""
FOLDS = 5
REPEATS = 5
SAME_FROM = 0.5
STRANGERS = 200
"""Random pairs of the same matters added as new: most of what is met at work is like that."""
COPIES = 60
"""Matters paired with themselves: the same petition sent twice."""
STRANGER_WEIGHT = 0.25
DAY_ONE = datetime(2026, 1, 1, tzinfo=timezone.utc)
SIDES = ("one", "other")
Floats = NDArray[np.float64]
Labels = NDArray[np.str_]
Kinds = Callable[[Sequence[Matter]], Floats32]
"""Triage's probabilities, a row a matter."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights, and how well they did on pairs that they had not seen."""

    weights: Mapping[str, Mapping[str, float]]
    accuracy: float
    same_precision: float
    same_recall: float


def read_pairs(path: Path = PAIRS) -> tuple[list[tuple[Matter, Matter]], list[str]]:
    """Pairs of matters and what they are to one another."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = []
    for row in rows:
        days = {"one": 0, "other": row["days"]}
        owners = {"one": "a", "other": "a" if row["same_citizen"] else "b"}
        one, other = (
            Matter.of(
                row[side]["text"],
                row[side]["place"],
                DAY_ONE + timedelta(days=days[side]),
                owner=("wechat", "", owners[side]),
            )
            for side in SIDES
        )
        pairs.append((one, other))
    return pairs, [row["relation"] for row in rows]


def easy_pairs(
    pairs: Sequence[tuple[Matter, Matter]],
) -> tuple[list[tuple[Matter, Matter]], list[str]]:
    """Strangers and copies made of the written pairs: easy, but the bulk of what is met."""
    chance = random.Random(0)  # noqa: S311
    found: list[tuple[Matter, Matter]] = []
    while len(found) < STRANGERS:
        (one, _), (_, other) = chance.sample(list(pairs), 2)
        if compare(one, other, 0.0).place < 0.3:
            found.append((one, other))
    copies = [(one, one) for one, _ in chance.sample(list(pairs), COPIES)]
    return found + copies, ["new"] * STRANGERS + ["same"] * COPIES


def signals_of(
    pairs: Sequence[tuple[Matter, Matter]], kinds: Kinds, encoder: Encoder | None
) -> Floats:
    """One row of signals a pair."""
    ones, others = [one for one, _ in pairs], [other for _, other in pairs]
    alike = [likeness(a, b) for a, b in zip(kinds(ones), kinds(others), strict=True)]
    if encoder is None:
        cosines = np.zeros(len(pairs))
    else:
        vectors = encoder.encode([one.text for one in ones])
        cosines = (vectors * encoder.encode([other.text for other in others])).sum(axis=1)
    rows = [
        compare(one, other, float(cosine), kind)
        for (one, other), cosine, kind in zip(pairs, cosines, alike, strict=True)
    ]
    return np.array([[getattr(row, name) for name in SIGNALS] for row in rows])


def fit(
    pairs: Sequence[tuple[Matter, Matter]],
    relations: Sequence[str],
    kinds: Kinds,
    encoder: Encoder | None,
) -> Fitted:
    """Weights from all pairs, and figures from pairs held out in turn (the written ones only)."""
    from sklearn.model_selection import RepeatedStratifiedKFold

    easy, easy_relations = easy_pairs(pairs)
    rows, target = signals_of(pairs, kinds, encoder), np.array(relations)
    easy_rows, easy_target = signals_of(easy, kinds, encoder), np.array(easy_relations)
    guesses, truth = [], []
    # Of so few pairs one way of dividing them says little: several are averaged.
    folds = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=0)
    for fitted, held_out in folds.split(rows, target):
        weights = _weights(rows[fitted], target[fitted], easy_rows, easy_target)
        judge = Duplicates(weights, SAME_FROM)
        guesses += [judge.relation(list(row)) for row in rows[held_out]]
        truth += target[held_out].tolist()
    guessed, right = np.array(guesses), np.array(truth)
    same, found = right == "same", guessed == "same"
    return Fitted(
        weights=_weights(rows, target, easy_rows, easy_target),
        accuracy=float((guessed == right).mean()),
        same_precision=float(same[found].mean()),
        same_recall=float(found[same].mean()),
    )


def _weights(
    rows: Floats, target: Labels, easy_rows: Floats, easy_target: Labels
) -> dict[str, dict[str, float]]:
    every, labels = np.vstack([rows, easy_rows]), np.concatenate([target, easy_target])
    importance = np.concatenate([np.ones(len(rows)), np.full(len(easy_rows), STRANGER_WEIGHT)])
    linked = labels != "new"
    answers = {
        "linked": _logistic(every, linked, importance),
        "same": _logistic(every[linked], labels[linked] == "same", importance[linked]),
    }
    return {
        question: dict(zip(("constant", *SIGNALS), map(float, found), strict=True))
        for question, found in answers.items()
    }


def _logistic(rows: Floats, yes: NDArray[np.bool_], importance: Floats) -> Floats:
    """A logistic model whose weights keep their sign."""
    from scipy.optimize import minimize

    inputs = np.hstack([np.ones((len(rows), 1)), rows])
    sign = np.where(yes, 1.0, -1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = sign * (inputs @ weights)
        wrong = importance / (1 + np.exp(margins))
        pull = PULL * weights * np.array([0.0, *[1.0] * len(SIGNALS)])
        total = (importance * np.logaddexp(0, -margins)).mean() + (pull * weights).sum() / 2
        return float(total), -(inputs * (wrong * sign)[:, None]).mean(axis=0) + pull

    free = [(None, None)]
    bounds = free + [(None, 0) if name in AGAINST else (0, None) for name in SIGNALS]
    start = np.zeros(len(bounds))
    found: Floats = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return found


def write(with_encoder: Fitted, without_encoder: Fitted, path: Path = WEIGHTS) -> None:
    """As TOML, rounded: people read it."""
    lines = [
        "# Made by `python -m case_api duplicates fit` from data/triage/pairs.jsonl; not by hand.",
        "",
        "# From this probability on, a pair is called the same matter.",
        f"same_from = {SAME_FROM}",
    ]
    for name, fitted in (("with_encoder", with_encoder), ("without_encoder", without_encoder)):
        for question in QUESTIONS:
            lines += ["", f"[{name}.{question}]"]
            lines += [f"{key} = {value:.4f}" for key, value in fitted.weights[question].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
