from __future__ import annotations

import numpy as np
import pytest

from knowledge_base.listwise import fit_listwise


def lists() -> tuple[list[np.ndarray], list[np.ndarray]]:
    random = np.random.default_rng(3)
    tables = [random.normal(size=(int(random.integers(3, 9)), 3)) for _ in range(200)]
    tables = [table * [1.0, 50.0, 1.0] for table in tables]
    right = [np.arange(len(table)) == (table @ [2.0, 0.04, 0.0]).argmax() for table in tables]
    return tables, right


def test_what_decides_is_found_whatever_its_scale() -> None:
    tables, right = lists()
    weights = np.array(fit_listwise(tables, right, [(None, None)] * 3))
    first = [int((table @ weights).argmax()) for table in tables]
    assert np.mean([one[at] for one, at in zip(right, first, strict=True)]) > 0.95
    assert weights[0] / weights[1] == pytest.approx(50, rel=0.2)


def test_a_bound_keeps_a_sign_from_counting_the_wrong_way() -> None:
    tables, right = lists()
    weights = fit_listwise([-table for table in tables], right, [(0.0, None)] * 3)
    assert weights[0] == weights[1] == 0


def test_a_list_without_a_right_one_teaches_nothing() -> None:
    tables, right = lists()
    empty = [*right, np.zeros(2, dtype=bool)]
    again = fit_listwise([*tables, np.full((2, 3), 1e6)], empty, [(None, None)] * 3)
    assert again == pytest.approx(fit_listwise(tables, right, [(None, None)] * 3))
