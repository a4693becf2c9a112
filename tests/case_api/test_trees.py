"""A stored forest says what the fitted one says."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from case_api.trees import Forest


def test_the_arrays_say_what_the_fitted_forest_says() -> None:
    chance = np.random.default_rng(0)
    rows = chance.random((400, 5))
    target = rows[:, 0] + rows[:, 1] * rows[:, 2] > 0.9
    fitted = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(rows, target)

    forest = Forest.of(fitted)
    again = Forest.read(forest.arrays("x"), "x")

    wanted = fitted.predict_proba(rows)[:, 1]
    assert np.allclose(forest.probability(rows), wanted, atol=1e-4)
    assert np.array_equal(again.probability(rows), forest.probability(rows))
