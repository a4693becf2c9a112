"""How well pairs are told apart, with a third of each relation whatever there is of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from case_api.duplicates import SAME_FROM

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one set of pairs."""

    average_precision: float
    """Of "same", over all thresholds."""
    accuracy: float
    """Of the three relations as they are decided."""
    precision: float
    """Of what is called the same…"""
    recall: float
    """…and how much of the same is called so."""
    recall_at_95: float
    """Recall of "same" at the lowest threshold that keeps a precision of 0.95."""


def quality_of(relations: Sequence[str], same: Floats, linked: Floats) -> Quality:
    """Every relation weighs a third: the set may hold more of one than of another."""
    counts = Counter(relations)
    weights = np.array([1 / counts[relation] for relation in relations])
    truth = np.array([relation == "same" for relation in relations])
    order = np.argsort(-same, kind="stable")
    hit, all_ = np.cumsum(weights[order] * truth[order]), np.cumsum(weights[order])
    precision, recall = hit / all_, hit / hit[-1]
    called = same >= SAME_FROM
    guesses = np.where(called, "same", np.where(linked >= SAME_FROM, "related", "new"))
    right = guesses == np.array(relations)
    found = float(weights[called & truth].sum())
    enough = recall[precision >= 0.95]
    return Quality(
        average_precision=float((precision * np.diff(recall, prepend=0.0)).sum()),
        accuracy=float((weights * right).sum() / weights.sum()),
        precision=found / max(1e-9, float(weights[called].sum())),
        recall=found / float(weights[truth].sum()),
        recall_at_95=float(enough.max()) if len(enough) else 0.0,
    )
