"""Learns an order: weights by which the right ones of a list come first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge_base.logistic import Bound

Floats = NDArray[np.float64]
RIDGE = 1e-3


def fit_listwise(
    tables: Sequence[Floats],
    right: Sequence[NDArray[np.bool_]],
    bounds: Sequence[Bound],
    ridge: float = RIDGE,
) -> list[float]:
    """Weights that make a softmax over each list believe in its right ones.

    Lists may differ in length; those without a right one teach nothing. The ridge counts on
    features brought to one scale, so that none is spared for being measured in small numbers.
    """
    lists = [at for at, one in enumerate(right) if one.any()]
    rows = np.concatenate([tables[at] for at in lists])
    meant = np.concatenate([right[at] for at in lists]).astype(float)
    lengths = np.array([len(tables[at]) for at in lists])
    starts = np.cumsum([0, *lengths[:-1]])
    scale = rows.std(axis=0)
    scale[scale < 1e-9] = 1.0
    rows = rows / scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = rows @ weights
        top = np.repeat(np.maximum.reduceat(sums, starts), lengths)
        powers = np.exp(sums - top)
        share = powers / np.repeat(np.add.reduceat(powers, starts), lengths)
        belief = np.add.reduceat(share * meant, starts) + 1e-12
        value = -np.log(belief).mean() + ridge / 2 * (weights @ weights)
        off = (share - share * meant / np.repeat(belief, lengths)) / len(lists)
        return float(value), np.asarray(rows.T @ off + ridge * weights, dtype=float)

    start = np.zeros(rows.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=list(bounds))
    return [float(weight) for weight in found.x / scale]
