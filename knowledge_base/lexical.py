"""BM25 over words and over character bigrams (tantivy)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tantivy

from nlu.text.errors import Unavailable

Field = Literal["words", "bigrams"]
WRITER_BYTES = 64_000_000


class LexicalIndex:
    """Passages by our own ids; two fields that are searched apart, so that scores can be weighed.

    What is given here is cut already: tantivy only splits at spaces.
    """

    def __init__(self, folder: Path) -> None:
        schema = (
            tantivy.SchemaBuilder()
            .add_integer_field("id", indexed=True, fast=True)
            .add_text_field("words", tokenizer_name="given", index_option="freq")
            .add_text_field("bigrams", tokenizer_name="given", index_option="freq")
            .build()
        )
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = tantivy.Index(schema, path=str(folder), reuse=True)
        except (ValueError, OSError) as error:
            raise Unavailable("检索索引无法打开") from error
        analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("given", analyzer)
        self._schema = schema
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def update(
        self,
        added: Iterable[tuple[int, Sequence[str], Sequence[str]]] = (),
        removed: Iterable[int] = (),
    ) -> None:
        """Remove ids, add (id, words, bigrams); on disk and searchable when this returns."""
        # One thread: fewer segments, and the same input gives the same index.
        writer = self._index.writer(heap_size=WRITER_BYTES, num_threads=1)
        try:
            for passage in removed:
                writer.delete_documents_by_term("id", passage)
            for passage, words, bigrams in added:
                document = tantivy.Document()
                document.add_integer("id", passage)
                document.add_text("words", " ".join(words))
                document.add_text("bigrams", " ".join(bigrams))
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except (ValueError, OSError) as error:
            raise Unavailable("检索索引无法写入") from error
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(
        self, field: Field, terms: Sequence[str] | Mapping[str, float], limit: int
    ) -> list[tuple[int, float]]:
        """Best passages and their BM25; a mapping gives terms with weights."""
        weights: Mapping[str, float] = terms if isinstance(terms, Mapping) else Counter(terms)
        clauses: list[tuple[Any, Any]] = []
        for term, weight in weights.items():
            query = tantivy.Query.term_query(self._schema, field, term, index_option="freq")
            if weight != 1:
                query = tantivy.Query.boost_query(query, weight)
            clauses.append((tantivy.Occur.Should, query))
        if not clauses:
            return []
        found = self._searcher.search(tantivy.Query.boolean_query(clauses), limit, count=False).hits
        ids = self._searcher.fast_field_values("id", [address for _, address in found])
        return [
            (int(passage), float(score)) for passage, (score, _) in zip(ids, found, strict=True)
        ]

    def document_frequency(self, field: Field, term: str) -> int:
        """In how many passages the term stands."""
        return int(self._searcher.doc_freq(field, term))
