"""A small logistic regression with bounds on its weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
RIDGE = 2e-4

Bound = tuple[float | None, float | None]


def fit_logistic(
    table: Floats, right: Floats, bounds: Sequence[Bound], counts: Floats | None = None
) -> tuple[list[float], float]:
    """Weights and bias; `counts` says how many times each row counts.

    Bounds keep a sign's meaning: more agreement never makes us less sure. A
    logistic left free trades one sign against another and overfits.
    """
    share = np.ones(len(right)) if counts is None else counts
    share = share / share.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = table @ weights[:-1] + weights[-1]
        value = share @ (np.logaddexp(0, sums) - right * sums)
        value += RIDGE / 2 * (weights[:-1] @ weights[:-1])
        off = share * (1 / (1 + np.exp(-sums)) - right)
        slope = np.append(table.T @ off + RIDGE * weights[:-1], off.sum())
        return float(value), np.asarray(slope, dtype=float)

    found = minimize(
        loss,
        np.zeros(table.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
    )
    return [float(weight) for weight in found.x[:-1]], float(found.x[-1])
