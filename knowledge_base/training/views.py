"""Pairs of texts with one meaning, cut from law texts and from the own-written groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from knowledge_base.training.corpus import Article, Asked, Group, Question, sentences

Ids = npt.NDArray[np.int32]
LONGEST = 160
"""Words of a passage that take part; the rest of a long article repeats its beginning."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two views of one matter; pairs of one matter are never each other's negatives."""

    left: Ids
    right: Ids
    matter: int


@dataclass(frozen=True, slots=True)
class TokenisedArticle:
    """An article as word ids, sentence by sentence."""

    heading: Ids
    sentences: tuple[Ids, ...]

    @property
    def all(self) -> Ids:
        """The whole text."""
        return np.concatenate(self.sentences)


def tokenise(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Ids]:
    """Word ids of each text."""
    found: list[Ids] = []
    for start in range(0, len(texts), 4000):
        batch = tokenizer.encode_batch(list(texts[start : start + 4000]), add_special_tokens=False)
        found += [np.array(encoding.ids, dtype=np.int32) for encoding in batch]
    return found


def tokenise_articles(tokenizer: Tokenizer, articles: Sequence[Article]) -> list[TokenisedArticle]:
    """Articles in the same order; one without a long sentence counts as a single sentence."""
    parts = [sentences(article.text) or [article.text] for article in articles]
    headings = tokenise(tokenizer, [article.heading for article in articles])
    flat = iter(tokenise(tokenizer, [sentence for part in parts for sentence in part]))
    return [
        TokenisedArticle(heading, tuple(next(flat) for _ in part))
        for heading, part in zip(headings, parts, strict=True)
    ]


def thin(ids: Ids, keep: float, random: np.random.Generator) -> Ids:
    """Some of the words, never none."""
    if len(ids) < 3:
        return ids
    chosen = ids[random.random(len(ids)) < keep]
    return chosen if len(chosen) else ids[:1]


class LawViews:
    """Pairs out of single articles: a piece asks, the rest answers."""

    def __init__(self, articles: Sequence[TokenisedArticle]) -> None:
        self._articles = [a for a in articles if sum(map(len, a.sentences)) >= 8]

    def draw(self, count: int, random: np.random.Generator) -> list[Pair]:
        """`count` pairs of different articles."""
        chosen = random.choice(len(self._articles), size=count, replace=False)
        return [self._pair(int(i), random) for i in chosen]

    def _pair(self, number: int, random: np.random.Generator) -> Pair:
        article = self._articles[number]
        if random.random() < 0.2:
            return Pair(article.heading, thin(article.all[:LONGEST], 0.7, random), -1)
        at = int(random.integers(len(article.sentences)))
        piece = article.sentences[at]
        length = int(random.integers(5, 21))
        start = int(random.integers(max(1, len(piece) - length + 1)))
        asking = thin(piece[start : start + length], 0.7, random)
        rest = [s for i, s in enumerate(article.sentences) if i != at]
        # Most often the asking words are missing from the answer: what remains is their company.
        if rest and random.random() < 0.5:
            body = np.concatenate(rest)
        elif random.random() < 0.5:
            body = np.concatenate([piece[:start], piece[start + length :], *rest])
        else:
            body = thin(article.all, 0.7, random)
        body = np.concatenate([article.heading, body[:LONGEST]])
        return Pair(asking, body, -1)


class WrittenViews:
    """Pairs out of what was written for this project: a group's texts and its articles."""

    def __init__(self, matters: Sequence[tuple[Sequence[Ids], Sequence[Ids]]]) -> None:
        """Each matter: what people say, and the passages that answer."""
        self.matters = [(list(said), list(answers)) for said, answers in matters]

    def __len__(self) -> int:
        return len(self.matters)

    def draw(self, count: int, random: np.random.Generator) -> list[Pair]:
        """`count` pairs of different matters as far as they reach."""
        count = min(count, len(self.matters))
        chosen = random.choice(len(self.matters), size=count, replace=False)
        return [self._pair(int(i), random) for i in chosen]

    def _pair(self, number: int, random: np.random.Generator) -> Pair:
        said, answers = self.matters[number]
        left = said[int(random.integers(len(said)))]
        if answers and (len(said) == 1 or random.random() < 0.5):
            right = answers[int(random.integers(len(answers)))][:LONGEST]
            right = thin(right, 0.8, random)
        else:
            others = [text for text in said if text is not left]
            right = others[int(random.integers(len(others)))]
            right = thin(right, 0.85, random)
        return Pair(thin(left, 0.85, random), right, number)


def written(
    tokenizer: Tokenizer,
    groups: Sequence[Group],
    questions: Sequence[Question],
    articles: Sequence[Article],
    asked: Sequence[Asked] = (),
) -> WrittenViews:
    """The own-written matters, tokenised, with the text of the articles that they name."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for article in articles:
        if article.national:
            text = f"{article.heading} {article.text}"
            by_name.setdefault((article.law, article.number), []).append(text)

    def passages(named: Sequence[tuple[str, str]]) -> list[str]:
        # Where old and new versions share a number with other words, nobody knows which was meant.
        return [by_name[name][0] for name in named if len(by_name.get(name, ())) == 1]

    raw = [(list(group.texts), passages(group.articles)) for group in groups]
    raw += [(list(q.phrasings), [q.answer, *passages(q.articles)]) for q in questions]
    raw += [([one.question], list(one.passages)) for one in asked]
    matters = [
        (tokenise(tokenizer, said), tokenise(tokenizer, answers))
        for said, answers in raw
        if len(said) + len(answers) >= 2
    ]
    return WrittenViews(matters)
