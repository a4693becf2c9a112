"""The figures of telling duplicates apart, on pairs whose figures can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from case_api.duplicate_quality import quality_of


def test_a_perfect_order_has_an_average_precision_of_one() -> None:
    same = np.array([0.9, 0.8, 0.2, 0.1])
    found = quality_of(["same", "same", "related", "new"], same, np.array([0.9, 0.9, 0.8, 0.1]))
    assert found.average_precision == pytest.approx(1.0)
    assert found.accuracy == pytest.approx(1.0)
    assert (found.precision, found.recall) == (pytest.approx(1.0), pytest.approx(1.0))
    assert found.recall_at_95 == pytest.approx(1.0)


def test_every_relation_weighs_a_third_however_many_there_are() -> None:
    relations = ["same", *["new"] * 98, "related"]
    same = np.array([0.6, *[0.1] * 98, 0.9])
    found = quality_of(relations, same, same)
    assert found.precision == pytest.approx(0.5)
    assert found.average_precision == pytest.approx(0.5)
