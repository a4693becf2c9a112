"""Articles in order: what the search finds, what decides, and what a fit learns from questions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.article_ranking import article_text, expand, rank_articles
from knowledge_base.collection import Collection, Passage, Question, Source, build_collection
from knowledge_base.concepts import Concepts
from knowledge_base.evaluation import GoldQuestion
from knowledge_base.fitting_articles import ArticleFit
from knowledge_base.long_questions import rank_for_letter
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

CODE, PORT = "中华人民共和国民法典", "某某市港口条例"
TOPICS = ("租金", "工钱", "噪音", "垃圾", "遗产", "彩礼", "押金", "维修", "停电", "道路")
CONCEPTS = Concepts({"拖欠": ["不给"]})


def passages() -> list[Passage]:
    found = []
    for number, topic in enumerate(TOPICS):
        texts = {CODE: f"{topic}应当按照约定支付。", PORT: f"{topic}{topic}由港口支付{topic}。"}
        for place, (law, text) in enumerate(texts.items()):
            found.append(Passage(2 * number + place, article_text(law, "第一章 总则", text)))
    return found


def collect(folder: Path, tokeniser: Tokeniser, held: list[Passage]) -> Collection:
    source = Source(
        np.array([one.id for one in held]), lambda ids: [one for one in held if one.id in ids]
    )
    build_collection(folder, source, tokeniser, None, lambda _done: None)
    return Collection(folder, lexical=True, with_vectors=False)


@pytest.fixture
def collection(tmp_path: Path, tokeniser: Tokeniser) -> Collection:
    return collect(tmp_path, tokeniser, passages())


def ask(text: str, tokeniser: Tokeniser) -> Question:
    return Question(text, *expand(text, tokeniser, CONCEPTS), None)


def test_a_candidate_knows_its_law_and_how_near_its_words_come(
    collection: Collection, tokeniser: Tokeniser
) -> None:
    first = collection.candidates(ask("租金", tokeniser), 1)[0]
    assert (first.title, first.near) == (PORT, 1.0)
    assert first.length > 5


def test_a_law_that_people_ask_about_goes_before_one_that_nobody_asks_about(
    collection: Collection, tokeniser: Tokeniser
) -> None:
    question = ask("租金怎么支付", tokeniser)
    words = Ranking({"bigrams": 1.0}, {}, 0.0, 0.5)
    assert rank_articles(collection, question, words)[0].id == 1
    asked = Ranking({"bigrams": 1.0, "asked": 1.0}, {}, 0.0, 0.5, {CODE: 30.0})
    ranked = rank_articles(collection, question, asked)
    assert ranked[0].id == 0
    assert sum(one.score for one in ranked) == pytest.approx(1)
    assert all(one.score > 0 for one in ranked)


def test_a_fit_learns_which_laws_are_asked_about_and_judges_itself_on_unseen_questions(
    collection: Collection, tokeniser: Tokeniser
) -> None:
    laws = {one.id: one.text.partition("\n")[0] for one in passages()}
    fit = ArticleFit(
        lambda number: set(tokeniser.words(passages()[number].text)),
        laws.__getitem__,
        tokeniser,
        CONCEPTS,
    )
    questions = [
        GoldQuestion(f"{topic}怎么支付", frozenset([2 * number]))
        for number, topic in enumerate(TOPICS)
    ]
    fit.ask(collection, None, questions, ["红烧肉怎么做", "明天会下雨吗"])
    ranking, report = fit.fit()
    assert report.found.hit_at_1 == 1
    assert ranking.laws == {CODE: 10}
    assert ranking.weights["local"] <= 0 <= ranking.weights["asked"]
    assert "vector" not in ranking.weights


def test_a_letter_finds_its_reply_by_the_names_it_repeats(
    tmp_path: Path, tokeniser: Tokeniser
) -> None:
    held = [
        Passage(0, "您好，您反映的问题已收悉。关于路灯的问题，已经修好。"),
        Passage(1, "您好，您反映的问题已收悉。关于凤凰城小区垃圾的问题，已经清运。"),
        Passage(2, "您好，您反映的问题已收悉。关于噪音的问题，已经处理。"),
    ]
    letter = "您好，我反映的问题请尽快处理，凤凰城小区没人管，凤凰城小区门口很臭，盼望答复，谢谢"
    replies = collect(tmp_path, tokeniser, held)
    ranked = rank_for_letter(replies, letter, tokeniser, None, limit=2)
    assert ranked[0][0] == 1
    assert len(ranked) == 2
