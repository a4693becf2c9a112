"""What is searched: one release, loaded whole, beside the one that is searched meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from knowledge_base import releases, store, texts
from knowledge_base.article_ranking import article_text
from knowledge_base.collection import Collection, Passage, Source
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database, reading_engine, transact
from knowledge_base.encoder import Encoder
from knowledge_base.entries.regions import regions
from knowledge_base.entries.store import load_versions
from knowledge_base.faq_ranking import FaqRanker, Row
from knowledge_base.index import IndexFolder, Progress
from knowledge_base.models import FaqEntry, Hit
from knowledge_base.tokens import Tokeniser

ADDED_AT_ONCE = 500
"""Texts a transaction: citizens' writes do not wait behind a first start."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one question, in short; kept, so that it need not be asked again."""

    answered: bool
    first: str
    """The hit at the top; empty: nothing was found."""
    first_kind: str
    title: str
    """Of that hit."""
    score: float
    entries: tuple[str, ...]
    """The likeliest entries, in order."""
    offered: tuple[str, ...]
    """What the citizen is shown to choose from when there is no answer."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What is searched; replaced as a whole, never changed."""

    release: int | None
    """None: a candidate that nobody is served."""
    day: date
    entries: tuple[FaqEntry, ...]
    """Those valid on that day."""
    versions: Mapping[str, int]
    ranker: FaqRanker | None
    articles: Collection
    article_ids: NDArray[np.int64]
    wordings: Collection
    """Vectors of the texts of all entries of the release, under the ids of the pool."""
    text_ids: Mapping[str, int]
    regions_set: tuple[str, ...]
    """As staff have listed them."""
    region_names: tuple[str, ...]
    """Those, and what entries name beside them."""
    fates: dict[str, Fate] = field(default_factory=dict)
    """Questions of tests that were asked already: a state never changes, so neither do they."""
    article_hits: dict[str, list[Hit]] = field(default_factory=dict)
    """What the articles had to say to such questions; shared by states with the same articles."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A release as the tables have it."""

    base: str
    release: int
    day: date
    entries: tuple[FaqEntry, ...]
    """All of it, valid today or not: nothing has to be encoded at midnight."""
    versions: Mapping[str, int]
    text_ids: Mapping[str, int]
    articles: NDArray[np.int64]
    regions_set: tuple[str, ...]


def entry_texts(entry: FaqEntry) -> list[tuple[bool, str]]:
    """What an entry is found by: (whether it is the answer, the text); the answer stands first.

    Of a typical case, what had happened is what people ask about.
    """
    told = [entry.answer, entry.facts, " ".join(entry.keywords)]
    answer = "\n".join(part for part in told if part)
    return [(True, answer), *((False, wording) for wording in entry.wordings)]


def valid(entry: FaqEntry, day: date) -> bool:
    """Whether the entry holds on that day."""
    return (entry.valid_from or day) <= day <= (entry.valid_until or day)


def drop_old_layout(folder: Path) -> None:
    """Until 0.1 both kinds lay in one generation; what is left of it would never go away."""
    pointer = folder / "current"
    if pointer.exists():
        pointer.unlink(missing_ok=True)
        for path in folder.iterdir():
            if path.is_dir() and path.name not in ("faq", "articles"):
                shutil.rmtree(path, ignore_errors=True)


class Loader:
    """Makes the state of a release, or of one that somebody thinks of making."""

    def __init__(
        self,
        database: Database,
        encoder: Encoder | None,
        tokeniser: Tokeniser,
        concepts: Concepts,
        folder: Path,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._tokeniser = tokeniser
        self._concepts = concepts
        drop_old_layout(folder)
        # Apart from each other: a build of articles takes minutes, and entries do not wait.
        self._wordings = IndexFolder(folder / "faq", tokeniser, encoder)
        self._articles = IndexFolder(folder / "articles", tokeniser, encoder)

    async def contents(self, day: date) -> Contents:
        """Read the release in force; its texts get ids where they have none."""

        def read(
            connection: Connection,
        ) -> tuple[releases.Release, list[FaqEntry], list[int], tuple[str, ...]]:
            release = releases.served(connection)
            assert release is not None, "a release is made before anything is loaded"
            return (
                release,
                load_versions(connection, release.content.faqs),
                store.citable_article_ids(connection, release.content.documents),
                tuple(regions(connection)),
            )

        release, entries, articles, listed = await self._database.read(read)
        base = await self._database.read(store.base_id)
        wanted = list(dict.fromkeys(text for one in entries for _, text in entry_texts(one)))
        ids = await self._database.read(lambda connection: texts.known(connection, wanted))
        missing = [text for text in wanted if text not in ids]
        for start in range(0, len(missing), ADDED_AT_ONCE):
            chosen = missing[start : start + ADDED_AT_ONCE]
            await self._database.write(lambda connection, new=chosen: texts.add(connection, new))  # type: ignore[misc]
        if missing:
            ids |= await self._database.read(lambda connection: texts.known(connection, missing))
        return Contents(
            base, release.id, day, tuple(entries), release.content.faqs, ids,
            np.array(articles, dtype=np.int64), listed,
        )  # fmt: skip

    def missing_articles(self, contents: Contents) -> int:
        """How many articles the index on disk would have to take in."""
        return self._articles.missing(contents.base, {"articles": self._article_source(contents)})

    def load(
        self,
        contents: Contents,
        progress: Progress,
        near: Sequence[State] = (),
        articles_of: State | None = None,
    ) -> State:
        """The state of a release; what a state at hand has already made is used again.

        `articles_of` gives the articles while the new ones are being indexed elsewhere.
        """
        if articles_of is None:
            articles, article_ids = self.articles(contents, progress), contents.articles
        else:
            articles, article_ids = articles_of.articles, articles_of.article_ids
        by_id = {number: text for text, number in contents.text_ids.items()}

        def passages(ids: Sequence[int]) -> list[Passage]:
            return [Passage(number, by_id[number]) for number in ids]

        in_order = sorted(contents.entries, key=lambda one: one.id)
        entries = tuple(one for one in in_order if valid(one, contents.day))
        source = Source(np.array([*by_id], dtype=np.int64), passages, lexical=False)
        wordings = self._wordings.open(contents.base, {"faq": source}, progress)["faq"]
        same = next((one for one in near if one.entries == entries), None)
        laws = next((one for one in near if np.array_equal(one.article_ids, article_ids)), None)
        return State(
            contents.release,
            contents.day,
            entries,
            contents.versions,
            same.ranker if same else self._ranker(entries, contents.text_ids, wordings),
            articles,
            article_ids,
            wordings,
            contents.text_ids,
            contents.regions_set,
            _region_names(contents.regions_set, entries),
            fates=same.fates if same and same is laws else {},
            article_hits=laws.article_hits if laws else {},
        )

    def articles(self, contents: Contents, progress: Progress) -> Collection:
        """The index of articles on disk, brought up to date where it is not."""
        # An engine of its own: a build lasts minutes, and the readers are few.
        engine = reading_engine(self._database.url)
        try:
            source = self._article_source(contents, engine)
            return self._articles.open(contents.base, {"articles": source}, progress)["articles"]
        finally:
            engine.dispose()

    def changed(self, state: State, changes: Mapping[str, FaqEntry | None]) -> State:
        """The state that these entries would make; None takes an entry out."""
        kept = {one.id: one for one in state.entries}
        for name, entry in changes.items():
            if entry is None or not valid(entry, state.day):
                kept.pop(name, None)
            else:
                kept[name] = entry
        entries = tuple(kept[name] for name in sorted(kept))
        return State(
            None,
            state.day,
            entries,
            {name: number for name, number in state.versions.items() if name not in changes},
            self._ranker(entries, state.text_ids, state.wordings),
            state.articles,
            state.article_ids,
            state.wordings,
            state.text_ids,
            state.regions_set,
            _region_names(state.regions_set, entries),
            article_hits=state.article_hits,
        )

    def _ranker(
        self, entries: Sequence[FaqEntry], text_ids: Mapping[str, int], wordings: Collection
    ) -> FaqRanker | None:
        if not entries:
            return None
        rows = [
            Row(number, is_answer, text)
            for number, entry in enumerate(entries)
            for is_answer, text in entry_texts(entry)
        ]
        vectors = self._vectors([row.text for row in rows], text_ids, wordings)
        return FaqRanker(rows, len(entries), self._tokeniser, self._concepts, vectors)

    def _vectors(
        self, rows: Sequence[str], text_ids: Mapping[str, int], wordings: Collection
    ) -> NDArray[np.float32] | None:
        """Those on disk, and those of texts that nobody has published yet."""
        if self._encoder is None:
            return None
        new = list(dict.fromkeys(text for text in rows if text not in text_ids))
        found = np.zeros((len(rows), self._encoder.dimensions), dtype=np.float32)
        at = [place for place, text in enumerate(rows) if text in text_ids]
        stored = wordings.vectors([text_ids[rows[place]] for place in at])
        if stored is not None and at:
            found[at] = stored
        encoded = dict(zip(new, self._encoder.encode(new), strict=True))
        for place, text in enumerate(rows):
            if text in encoded:
                found[place] = encoded[text]
        return found

    def _article_source(self, contents: Contents, engine: sa.Engine | None = None) -> Source:
        def passages(ids: Sequence[int]) -> list[Passage]:
            assert engine is not None
            found = transact(engine, lambda connection: store.articles(connection, ids))
            return [Passage(one.id, article_text(one.law, one.chapter, one.text)) for one in found]

        return Source(contents.articles, passages)


def _region_names(named: Sequence[str], entries: Sequence[FaqEntry]) -> tuple[str, ...]:
    """Every region that staff have named, in the list or at an entry."""
    used = (
        region
        for entry in entries
        for region in (entry.region, *(variant.region for variant in entry.variants))
    )
    return tuple(dict.fromkeys(filter(None, (*named, *used))))
