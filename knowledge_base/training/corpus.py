"""What the encoder learns from: law texts (public domain) and pairs written for this project."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.evaluation import read_articles as read_passages
from knowledge_base.evaluation import read_questions

_SENTENCE = re.compile(r"[^。；！？\n]+[。；！？]?")


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a law."""

    law: str
    chapter: str
    number: str
    text: str
    national: bool
    """Local rules repeat national ones; some views use only the national."""

    @property
    def heading(self) -> str:
        """Where the article stands, in words."""
        return f"{self.law} {self.chapter}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    """Texts written for this project that all speak of one matter, and the articles about it."""

    texts: tuple[str, ...]
    articles: tuple[tuple[str, str], ...] = ()
    """(law's name, article's number), looked up in the law texts while training."""


def read_articles(path: Path) -> list[Article]:
    """Every article once; where versions of a law repeat a text word for word, the first."""
    found: dict[str, Article] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            text = str(row["text"]).strip()
            national = not str(row["file"]).startswith("DLC")
            # Local rules copy national articles word for word: the national one stays.
            if text and (text not in found or (national and not found[text].national)):
                found[text] = Article(
                    law=row["law"],
                    chapter=row["chapter"] or "",
                    number=row["article"] or "",
                    text=text,
                    national=national,
                )
    return list(found.values())


def sentences(text: str) -> list[str]:
    """The clauses of an article that are long enough to mean something alone."""
    return [s for s in (m.strip() for m in _SENTENCE.findall(text)) if len(s) >= 12]


def read_groups(folder: Path) -> list[Group]:
    """The own-written pairs: JSON lines of {"texts": […], "articles": [[law, number], …]}."""
    return [group for path in sorted(folder.glob("*.jsonl")) for group in _groups(path)]


def _groups(path: Path) -> Iterator[Group]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row = json.loads(line)
            if len(row["texts"]) + len(row.get("articles", [])) < 2:
                raise ValueError(f"{path}:{number}: a group needs two sides")
            yield Group(
                texts=tuple(row["texts"]),
                articles=tuple((law, article) for law, article in row.get("articles", [])),
            )


@dataclass(frozen=True, slots=True)
class Asked:
    """A lay legal question of a public set, and the articles that answer it."""

    question: str
    passages: tuple[str, ...]


def read_asked(
    laws: Path, questions: Path, *, skip: int, without: tuple[int, int] | None = None
) -> list[Asked]:
    """Questions after the first `skip`, which nothing learns from.

    `without` (k, n) leaves out every n-th, beginning with the k-th: a model that has not seen
    those is needed to fit weights with.
    """
    chosen = read_questions(questions)[skip:]
    if without is not None:
        chosen = [one for at, one in enumerate(chosen) if at % without[1] != without[0]]
    texts = {passage.id: passage.text for passage in read_passages(laws, national_only=False)}
    return [Asked(one.text, tuple(texts[at] for at in sorted(one.right))) for one in chosen]


@dataclass(frozen=True, slots=True)
class Question:
    """One curated question of the knowledge base."""

    phrasings: tuple[str, ...]
    """The question itself first."""
    answer: str
    articles: tuple[tuple[str, str], ...]


def read_faq(folder: Path) -> list[Question]:
    """The starter questions, own-written like the pairs; none when the folder is empty."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            found.append(
                Question(
                    phrasings=(row["question"], *row.get("phrasings", ())),
                    answer=str(row["answer"]).strip(),
                    articles=tuple(
                        (str(c["law"]), str(c["article"]))
                        for c in row.get("citation") or ()
                        if isinstance(c, dict) and c.get("law") and c.get("article")
                    ),
                )
            )
    return found
