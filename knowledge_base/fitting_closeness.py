"""Fits when two questions count as one, on own-written groups (`same_questions.yml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import yaml

from knowledge_base.closeness import FITTED, SIGNS, Closeness, signs
from knowledge_base.concepts import CONCEPTS, Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.logistic import fit_logistic
from knowledge_base.tokens import Tokeniser

GROUPS = CONCEPTS.parent / "same_questions.yml"
HARDEST = 6
"""Most alike questions of other groups that each question is held against."""
OTHERS_JOINED = 0.06
"""Of those hardest pairs, how many may be taken for one meaning."""


@dataclass(frozen=True, slots=True)
class ClosenessReport:
    """How the fit did on its own pairs."""

    joined: float
    """Of the pairs of one meaning, how many are taken for one."""
    wrongly_joined: float
    """Of the hardest pairs of two meanings."""


def fit_closeness(
    tokeniser: Tokeniser, concepts: Concepts, encoder: Encoder | None, path: Path = GROUPS
) -> tuple[dict[str, float], ClosenessReport]:
    """Weights and threshold; pairs of one meaning weigh as much as those of two."""
    groups: list[list[str]] = yaml.safe_load(path.read_bytes())
    closeness = Closeness(tokeniser, concepts, encoder, {"bias": 0.0, "threshold": 0.5})
    read = [closeness.read(group) for group in groups]
    same = [signs(*pair) for group in read for pair in combinations(group, 2)]
    placed = [(number, one) for number, group in enumerate(read) for one in group]
    other: list[dict[str, float]] = []
    for number, one in placed:
        found = [signs(one, another) for place, another in placed if place != number]
        other += sorted(found, key=lambda pair: -sum(pair.values()))[:HARDEST]
    table = np.array([[pair[name] for name in SIGNS] for pair in [*same, *other]])
    right = np.array([1.0] * len(same) + [0.0] * len(other))
    weights, bias = fit_logistic(table, right, [(0.0, None)] * len(SIGNS))
    sure = 1 / (1 + np.exp(-(table @ np.array(weights) + bias)))
    threshold = float(np.quantile(sure[len(same) :], 1 - OTHERS_JOINED))
    fitted = dict(zip(SIGNS, map(float, weights), strict=True))
    report = ClosenessReport(
        float((sure[: len(same)] >= threshold).mean()),
        float((sure[len(same) :] >= threshold).mean()),
    )
    return {**fitted, "bias": float(bias), "threshold": threshold}, report


def save_closeness(fitted: Mapping[str, float], *, vectors: bool, path: Path = FITTED) -> None:
    """Write one part of the file; the other stays."""
    parts = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    parts["hybrid" if vectors else "lexical"] = dict(fitted)
    lines = ["# Fitted by `python -m knowledge_base fit`."]
    for name, part in sorted(parts.items()):
        lines += ["", f"[{name}]", *(f"{key} = {value:.4g}" for key, value in sorted(part.items()))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
