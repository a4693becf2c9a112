"""An entry as it lies in the tables: its JSON form, and the text that lists are searched in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from knowledge_base.models import Citation, FaqEntry, Variant
from nlu.text.normalise import normalise

TEXT_FIELDS = (
    *("question", "answer", "category", "kind", "region", "material", "issuer", "owner"),
    *("facts", "handling"),
)
DATE_FIELDS = ("valid_from", "valid_until")


def dump(entry: FaqEntry) -> dict[str, Any]:
    """What a version holds; the id is not part of it."""
    return {
        **{name: getattr(entry, name) for name in TEXT_FIELDS},
        "phrasings": list(entry.phrasings),
        "keywords": list(entry.keywords),
        "citation": _dump_citation(entry.citation),
        "variants": [
            {
                "region": variant.region,
                "answer": variant.answer,
                "citation": _dump_citation(variant.citation),
            }
            for variant in entry.variants
        ],
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else None,
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else None,
    }


def load(id: str, content: Mapping[str, Any]) -> FaqEntry:
    """The entry that `dump` wrote; fields that an older version did not know are left empty."""
    return FaqEntry(
        id=id,
        question=content["question"],
        phrasings=tuple(content.get("phrasings", ())),
        answer=content["answer"],
        citation=_load_citation(content.get("citation", ())),
        category=content.get("category", ""),
        kind=content.get("kind", "faq"),
        region=content.get("region", ""),
        variants=tuple(
            Variant(one["region"], one["answer"], _load_citation(one.get("citation", ())))
            for one in content.get("variants", ())
        ),
        keywords=tuple(content.get("keywords", ())),
        material=content.get("material", ""),
        issuer=content.get("issuer", ""),
        owner=content.get("owner", ""),
        valid_from=_day(content.get("valid_from")),
        valid_until=_day(content.get("valid_until")),
        facts=content.get("facts", ""),
        handling=content.get("handling", ""),
    )


def haystack(entry: FaqEntry) -> str:
    """All that an entry is found by, spelled evenly; every wording is a line of its own."""
    texts = [
        *entry.wordings,
        entry.id,
        *entry.keywords,
        entry.category,
        entry.region,
        entry.owner,
        entry.issuer,
        entry.material,
        entry.answer,
        *(str(cited) for cited in entry.citation),
        *(f"{variant.region} {variant.answer}" for variant in entry.variants),
        entry.facts,
        entry.handling,
    ]
    return as_lines(texts)


def as_lines(texts: Iterable[str]) -> str:
    """Each text on a line between line breaks, so that a whole one can be looked for."""
    return "\n" + "\n".join(filter(None, map(spelled, texts))) + "\n"


def spelled(text: str) -> str:
    """One spelling for looking things up: full-width, case and white space evened out."""
    return normalise(text).lower()


def _dump_citation(citation: Iterable[Citation]) -> list[dict[str, str]]:
    return [{"law": cited.law, "article": cited.article} for cited in citation]


def _load_citation(rows: Iterable[Mapping[str, str]]) -> tuple[Citation, ...]:
    return tuple(Citation(row["law"], row.get("article", "")) for row in rows)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
