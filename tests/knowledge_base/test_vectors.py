from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.vectors import FaissIndex, Ids, Vectors
from nlu.text.errors import Unavailable

DIMENSIONS = 24


def rows(count: int, seed: int = 0) -> Vectors:
    found = np.random.default_rng(seed).normal(size=(count, DIMENSIONS))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def ids(*numbers: int) -> Ids:
    return np.array(numbers, dtype=np.int64)


def filled(count: int, **limits: int) -> FaissIndex:
    index = FaissIndex(DIMENSIONS, **limits)
    half = count // 2
    vectors = rows(count)
    index.add(np.arange(1000, 1000 + half), vectors[:half])
    index.add(np.arange(1000 + half, 1000 + count), vectors[half:])
    return index


ENGINES = pytest.mark.parametrize(
    ("engine", "limits"),
    [
        ("flat", {}),
        ("half", {"flat_up_to": 100}),
        ("lists", {"flat_up_to": 100, "half_floats_up_to": 200}),
    ],
)


@ENGINES
def test_the_same_promises_hold_at_every_size(engine: str, limits: dict[str, int]) -> None:
    index = filled(800, **limits)
    assert index.engine == engine
    assert len(index) == 800
    query = rows(800)[5]
    assert index.search(query, 3)[0][0] == 1005
    assert index.search(query, 1)[0][1] == pytest.approx(1, abs=0.02)
    assert index.scores(query, ids(1005, 1006))[0] == pytest.approx(1, abs=0.02)
    assert index.remove(ids(1005, 77)) == 1
    assert 1005 not in {number for number, _ in index.search(query, 10)}


@ENGINES
def test_what_was_saved_is_loaded_searched_and_changed(
    engine: str, limits: dict[str, int], tmp_path: Path
) -> None:
    filled(800, **limits).save(tmp_path / "index")
    index = FaissIndex.load(tmp_path / "index")
    query = rows(800)[700]
    assert (index.engine, len(index), index.dimensions) == (engine, 800, DIMENSIONS)
    assert index.search(query, 1)[0][0] == 1700
    index.add(ids(5), -rows(1, seed=3))
    assert index.remove(ids(1700)) == 1
    assert index.search(-rows(1, seed=3)[0], 1)[0][0] == 5
    index.save(tmp_path / "index")
    assert len(FaissIndex.load(tmp_path / "index")) == 800


def test_an_id_added_again_is_replaced() -> None:
    index = FaissIndex(DIMENSIONS)
    index.add(ids(1), rows(1, seed=1))
    index.add(ids(1), rows(1, seed=2))
    assert len(index) == 1
    assert index.search(rows(1, seed=2)[0], 1)[0] == (1, pytest.approx(1, abs=1e-4))


def test_large_ids_of_the_caller_are_kept() -> None:
    index = FaissIndex(DIMENSIONS)
    index.add(ids(2**62), rows(1))
    assert index.search(rows(1)[0], 5)[0][0] == 2**62
    assert 2**62 in index


def test_an_empty_index_finds_nothing_and_can_be_saved(tmp_path: Path) -> None:
    index = FaissIndex(DIMENSIONS)
    assert index.search(rows(1)[0], 5) == []
    index.save(tmp_path / "index")
    assert len(FaissIndex.load(tmp_path / "index")) == 0


def test_an_unknown_id_has_no_score() -> None:
    with pytest.raises(KeyError):
        filled(10).scores(rows(1)[0], ids(1))


def test_a_spoilt_file_is_said_to_be_unavailable(tmp_path: Path) -> None:
    (tmp_path / "index").write_bytes(b"not an index at all")
    with pytest.raises(Unavailable):
        FaissIndex.load(tmp_path / "index")
