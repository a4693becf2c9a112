"""How what was found is shown: an answer as curated, an article as a short quotation."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.models import Article, Citation, FaqEntry, Hit, Parts, Variant

LONGEST_QUOTE = 300
SENTENCE_ENDS = "。；！？\n"


def faq_hit(
    entry: FaqEntry,
    score: float,
    parts: Parts,
    *,
    version: int | None = None,
    variant: Variant | None = None,
) -> Hit:
    """A curated answer with the articles it rests on; `variant` is what is said in one region."""
    cited = variant.citation if variant and variant.citation else entry.citation
    return Hit(
        id=entry.id,
        kind=entry.kind,
        title=entry.question,
        answer=(variant.answer if variant else entry.answer).strip(),
        citation=cite(cited),
        score=score,
        parts=parts,
        version=version,
        region=variant.region if variant else entry.region,
    )


def cite(citations: Sequence[Citation]) -> str:
    """The sources in one line, each law named once: 《甲法》第一条、第二条；《乙法》第三条."""
    by_law: dict[str, list[str]] = {}
    for citation in citations:
        by_law.setdefault(citation.law.strip("《》"), []).append(citation.article)
    return "；".join(f"《{law}》" + "、".join(filter(None, by_law[law])) for law in by_law)


def article_hit(article: Article, score: float, parts: Parts) -> Hit:
    """An article, quoted; never put into other words."""
    return Hit(
        id=f"article-{article.id}",
        kind="article",
        title=f"{article.law} {article.number}".strip(),
        answer=quote(article.text),
        citation=str(article.citation),
        score=score,
        parts=parts,
    )


def quote(text: str, longest: int = LONGEST_QUOTE) -> str:
    """The beginning of a text, cut where a sentence ends; what is left out is marked."""
    if len(text) <= longest:
        return text
    # From the second half only: a first sentence of ten characters says nothing.
    end = max(text.rfind(sign, longest // 2, longest - 1) for sign in SENTENCE_ENDS)
    return text[: end + 1 if end >= 0 else longest - 1].rstrip() + "…"
