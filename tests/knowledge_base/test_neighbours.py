"""Which questions are worth comparing with a new one."""

from __future__ import annotations

import numpy as np

from knowledge_base.closeness import Read
from knowledge_base.neighbours import NEAREST, Neighbours


def a_read(text: str, *vector: float) -> Read:
    bigrams = frozenset(text[at : at + 2] for at in range(len(text) - 1))
    found = np.array(vector, np.float32) if vector else None
    return Read(text, {}, bigrams, frozenset(), frozenset(), found)


def test_only_what_stands_before_a_question_is_its_neighbour() -> None:
    neighbours = Neighbours([a_read("电梯坏了"), a_read("电梯停了"), a_read("电梯不动")])

    assert neighbours.before(0) == []
    assert neighbours.before(1) == [0]
    assert neighbours.before(2) == [0, 1]


def test_of_very_many_the_nearest_by_words_and_by_meaning_are_kept() -> None:
    far = [a_read(f"甲{number}乙", 0.0, 1.0) for number in range(200)]
    by_words, by_meaning = a_read("工资拖欠", -1.0, 0.0), a_read("老板跑了", 1.0, 0.0)
    neighbours = Neighbours([*far, by_words, by_meaning, a_read("拖欠工资", 1.0, 0.0)])

    near = neighbours.before(202)

    assert {200, 201} <= set(near)
    assert len(near) <= 2 * NEAREST


def test_without_an_encoder_words_alone_tell() -> None:
    neighbours = Neighbours([a_read("电梯坏了"), a_read("噪音扰民"), a_read("电梯停了")])

    assert neighbours.before(2) == [0]
