"""A fitted forest of small decision trees as plain arrays: read without running anybody's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FIELDS = ("feature", "threshold", "left", "right", "value")


@dataclass(frozen=True, slots=True)
class Forest:
    """Gradient-boosted trees for a yes or no; nodes of all trees one after another."""

    feature: NDArray[np.int16]
    """Which column a node looks at; -1 at a leaf."""
    threshold: NDArray[np.float64]
    """Up to here (included) it goes left."""
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    """What a leaf adds to the log odds."""
    roots: NDArray[np.int32]
    base: float

    def probability(self, rows: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """One probability a row."""
        at = np.repeat(self.roots[None, :], len(rows), axis=0)
        line = np.arange(len(rows))[:, None]
        while (inner := self.feature[at] >= 0).any():
            seen = rows[line, np.maximum(self.feature[at], 0)]
            onward = np.where(seen <= self.threshold[at], self.left[at], self.right[at])
            at = np.where(inner, onward, at)
        odds = self.base + self.value[at].sum(axis=1, dtype=np.float64)
        probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
        return probabilities

    @classmethod
    def of(cls, fitted: Any) -> Forest:
        """From scikit-learn's HistGradientBoostingClassifier, fitted for two classes."""
        columns: dict[str, list[Any]] = {name: [] for name in _FIELDS}
        roots = []
        for (predictor,) in fitted._predictors:
            start = len(columns["feature"])
            roots.append(start)
            for node in predictor.nodes:
                leaf = bool(node["is_leaf"])
                columns["feature"].append(-1 if leaf else int(node["feature_idx"]))
                columns["threshold"].append(float(node["num_threshold"]))
                columns["left"].append(start + int(node["left"]))
                columns["right"].append(start + int(node["right"]))
                columns["value"].append(float(node["value"]) if leaf else 0.0)
        return cls(
            np.array(columns["feature"], np.int16),
            np.array(columns["threshold"], np.float64),
            np.array(columns["left"], np.int32),
            np.array(columns["right"], np.int32),
            np.array(columns["value"], np.float32),
            np.array(roots, np.int32),
            float(np.ravel(fitted._baseline_prediction)[0]),
        )

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """For `numpy.savez`."""
        kept: Sequence[str] = (*_FIELDS, "roots")
        found = {f"{name}_{field}": getattr(self, field) for field in kept}
        return found | {f"{name}_base": np.float64(self.base)}

    @classmethod
    def read(cls, stored: Mapping[str, Any], name: str) -> Forest:
        """From what `numpy.load` gives."""
        arrays = {field: stored[f"{name}_{field}"] for field in (*_FIELDS, "roots")}
        return cls(**arrays, base=float(stored[f"{name}_base"]))
