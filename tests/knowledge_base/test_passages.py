from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.passages import PassageWords, PassageWordsBuilder


class Directions:
    """Words as unit vectors: 工钱 lies between 报酬 and nothing else."""

    dimensions = 3
    fingerprint = "directions"

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        known = {"报酬": (1.0, 0.0, 0.0), "工钱": (0.8, 0.6, 0.0), "路灯": (0.0, 0.0, 1.0)}
        return np.array([known.get(text, (0.0, 0.0, 0.0)) for text in texts], dtype=np.float32)


def same(_word: str) -> float:
    return 1.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    builder = PassageWordsBuilder(tmp_path / "words")
    builder.add(7, "劳动法", ["支付", "报酬"])
    builder.add(3, "路灯法", ["路灯", "熄灭", "熄灭", "养护"])
    builder.add(9, "劳动法", ["工钱"])
    builder.save(Directions())
    return tmp_path / "words"


def test_a_word_is_near_itself_and_less_near_one_of_like_meaning(folder: Path) -> None:
    words = PassageWords(folder)
    near = words.nearness({"工钱": 1.0}, [3, 7, 9], same)
    assert near == pytest.approx([0.0, 0.8, 1.0], abs=1e-3)


def test_rare_words_count_for_more_and_unknown_ones_for_nothing(folder: Path) -> None:
    words = PassageWords(folder)
    rarity = {"路灯": 3.0, "报酬": 1.0, "红烧肉": 9.0}.__getitem__
    asked = {"路灯": 1.0, "报酬": 1.0, "红烧肉": 1.0}
    assert words.nearness(asked, [3, 7], rarity) == pytest.approx([0.75, 0.25], abs=1e-3)
    assert words.nearness({"红烧肉": 1.0}, [3, 7], rarity) == [0.0, 0.0]
    assert words.nearness(asked, [], rarity) == []


def test_titles_and_lengths_come_in_the_order_asked_for(folder: Path) -> None:
    words = PassageWords(folder)
    assert words.titles([9, 3]) == ["劳动法", "路灯法"]
    assert words.lengths([3, 7]) == [3, 2]


def test_an_older_generation_that_shares_the_files_still_reads_what_it_held(
    folder: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "older"
    shared.mkdir()
    for file in folder.iterdir():
        (shared / file.name).hardlink_to(file)
    builder = PassageWordsBuilder(folder, removed=[7])
    builder.add(8, "消防法", ["火灾", "报酬"])
    builder.save(Directions())

    new, old = PassageWords(folder), PassageWords(shared)
    assert (len(new), len(old)) == (3, 3)
    assert new.titles([3, 8, 9]) == ["路灯法", "消防法", "劳动法"]
    assert new.nearness({"火灾": 1.0, "报酬": 1.0}, [8, 9], same) == pytest.approx(
        [1.0, 0.4], abs=1e-3
    )
    assert old.titles([7]) == ["劳动法"]
    assert old.nearness({"报酬": 1.0}, [7], same) == pytest.approx([1.0], abs=1e-3)


def test_without_an_encoder_only_the_word_itself_is_near(tmp_path: Path) -> None:
    builder = PassageWordsBuilder(tmp_path)
    builder.add(1, "劳动法", ["报酬"])
    builder.add(2, "劳动法", ["工钱"])
    builder.save(None)
    assert PassageWords(tmp_path).nearness({"工钱": 1.0}, [1, 2], same) == [0.0, 1.0]
