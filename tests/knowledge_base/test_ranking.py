from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.concepts import Concepts
from knowledge_base.faq import read_starter
from knowledge_base.faq_ranking import FEATURES, FaqRanker, Row
from knowledge_base.faq_scoring import score_faq, signs, totals
from knowledge_base.fitting import FaqReport, fit_faq, read_foreign, read_gold
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking, Weights, load_weights, save_weights

ROWS = [
    Row(0, True, "打市政热线报修路灯。"),
    Row(0, False, "路灯不亮谁来修"),
    Row(0, False, "街上黑漆漆的"),
    Row(1, True, "向劳动监察投诉。"),
    Row(1, False, "老板拖欠工资"),
    Row(1, False, "工钱要不到"),
]
RANKING = Ranking({"words": 5.0, "characters": 5.0, "concepts": 5.0}, {"share": 4.0}, -2.0, 0.5)


@pytest.fixture
def ranker(tokeniser: Tokeniser) -> FaqRanker:
    concepts = Concepts({"拖欠工资|欠薪": ["工钱", "血汗钱"], "路灯": ["没灯"]})
    return FaqRanker(ROWS, 2, tokeniser, concepts, None)


def test_the_entry_that_says_the_same_comes_first(ranker: FaqRanker) -> None:
    assert score_faq(ranker.figures("路灯怎么不亮", None), RANKING, 2)[0].entry == 0


def test_a_concept_finds_what_shares_no_word(ranker: FaqRanker) -> None:
    figures = ranker.figures("血汗钱", None)
    column = figures.table[:, FEATURES.index("concepts")]
    assert column[1] > column[0] == 0


def test_a_wording_left_out_leaves_no_trace(ranker: FaqRanker, tokeniser: Tokeniser) -> None:
    rows = [row for at, row in enumerate(ROWS) if at != 2]
    concepts = Concepts({"拖欠工资|欠薪": ["工钱", "血汗钱"], "路灯": ["没灯"]})
    without = FaqRanker(rows, 2, tokeniser, concepts, None)
    left_out = ranker.figures("街上黑漆漆的", None, without=2)
    never = without.figures("街上黑漆漆的", None)
    # Lengths of entries stay as they were, so figures agree nearly, and zeros exactly.
    assert left_out.table == pytest.approx(never.table, abs=0.05)
    assert left_out.unknown == pytest.approx(never.unknown)


def test_a_question_of_unknown_words_has_unknown_words(ranker: FaqRanker) -> None:
    figures = ranker.figures("红烧肉", None)
    assert figures.unknown == 1
    assert signs(figures, totals(figures, RANKING))["coverage"] == 0


def test_the_longest_way_of_saying_is_found_first() -> None:
    concepts = Concepts({"电动自行车": ["电动车"], "汽车": ["车"]})
    assert concepts.find("电动车挡道") == ["电动自行车"]


def test_weights_are_read_back_and_the_other_part_stays(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    save_weights(path, Weights(RANKING, RANKING, "none"))
    save_weights(path, Weights(RANKING, RANKING, "abc"))
    assert load_weights("abc", path).faq == RANKING
    assert load_weights(None, path).articles == RANKING


def test_weights_fitted_for_another_encoder_are_not_used(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    save_weights(path, Weights(RANKING, RANKING, "abc"))
    assert load_weights("other", path).faq != RANKING


def test_a_probability_is_one_whatever_the_weights() -> None:
    wild = Ranking({}, {"share": 1e6}, 0.0, 0.5)
    assert 0 < wild.probability({"share": -1.0}) < 1e-6
    assert math.isclose(wild.probability({"share": 1.0}), 1, abs_tol=1e-6)


def test_gold_questions_name_entries_that_exist_and_foreign_ones_are_many() -> None:
    known = {entry.id for entry in read_starter()}
    assert all(set(question["faq"]) <= known for question in read_gold())
    assert sum(map(len, read_foreign().values())) >= 100


def test_a_fit_by_words_alone_answers_most_and_is_seldom_wrong(tokeniser: Tokeniser) -> None:
    ranking, report = fit_faq(tokeniser, Concepts.read(), None)
    assert isinstance(report, FaqReport)
    assert report.gold_hit >= 0.85
    assert report.wrong <= 0.02
    assert report.foreign_refused >= 0.95
    assert 0.3 <= ranking.floor <= 0.95


def test_a_few_near_wordings_count_together_and_one_left_out_is_none_of_them(
    tokeniser: Tokeniser,
) -> None:
    rows = [Row(0, True, "答"), *(Row(0, False, f"甲{number}") for number in range(7))]
    rows += [Row(1, True, "答"), Row(1, False, "乙")]
    cosines = [0.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.1, 0.1, 0.0, 0.4]
    vectors = np.array([[cosine, (1 - cosine**2) ** 0.5] for cosine in cosines], dtype=np.float32)
    ranker = FaqRanker(rows, 2, tokeniser, Concepts({}), vectors)
    asked = np.array([1.0, 0.0], dtype=np.float32)
    few = FEATURES.index("vector_few")
    assert ranker.figures("甲", asked).table[:, few] == pytest.approx([0.7, 0.4])
    assert ranker.figures("甲", asked, without=1).table[0, few] == pytest.approx(0.54)
    assert ranker.figures("乙", asked, without=9).table[1, few] == 0


def test_judges_that_disagree_are_told_from_those_that_agree(tokeniser: Tokeniser) -> None:
    vectors = np.array([[1, 0]] * 3 + [[0, 1]] * 3, dtype=np.float32)
    ranker = FaqRanker(ROWS, 2, tokeniser, Concepts({}), vectors)

    def agreement(vector: list[float]) -> float:
        figures = ranker.figures("路灯不亮谁来修", np.array(vector, dtype=np.float32))
        return signs(figures, totals(figures, RANKING))["agreement"]

    assert agreement([1, 0]) == 1
    assert agreement([0, 1]) == 0.5
