"""The form of an entry: what was typed, what it comes to, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.datastructures import FormData

from channels.staff.pages.entry_address import day
from channels.staff.words import entries as words
from knowledge_base.entries.checking import Problem, problems
from knowledge_base.models import Citation, EntryKind, FaqEntry, Variant

TEXTS = (
    *("question", "answer", "category", "region", "material", "issuer", "owner"),
    *("facts", "handling"),
)
SPARE_ROWS = 2
MOST_ROWS = 30
_CITATION = re.compile(
    r"^\s*《(?P<marked>[^《》]+)》\s*(?P<a>.*)$|^\s*(?P<law>.*?)\s*(?P<b>第.+条.*)?\s*$"
)
_SEPARATORS = re.compile(r"[,，、;；\n]+")


@dataclass(frozen=True, slots=True)
class EntryForm:
    """An entry as it stands in the form."""

    entry: FaqEntry
    base_version: int | None = None
    """The version that is being edited; None: a new entry."""
    note: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    """What could not be read, as it was typed, so that nothing is lost."""
    problems: tuple[Problem, ...] = ()
    spare: int = SPARE_ROWS
    """Empty rows for further citations."""
    group: int = 0
    """The group of questions asked in vain that this is written for; 0: none."""

    @property
    def errors(self) -> dict[str, str]:
        """The first problem of each field."""
        found: dict[str, str] = {}
        for one in self.problems:
            found.setdefault(one.field, one.message)
        return found

    @property
    def first_wrong(self) -> str:
        """The field that gets the cursor."""
        return next((name for name in words.FIELDS if name in self.errors), "")

    def text(self, name: str) -> str:
        """What stands in a field."""
        if name in self.typed:
            return self.typed[name]
        value = getattr(self.entry, name)
        if isinstance(value, tuple):
            return ("，" if name == "keywords" else "\n").join(value)
        return "" if value is None else str(value)

    def variant(self, region: str) -> Variant:
        """The answer of one region; empty when there is none."""
        found = (one for one in self.entry.variants if one.region == region)
        return next(found, Variant(region, ""))


def of_entry(entry: FaqEntry, version: int | None = None) -> EntryForm:
    """The form as it is opened."""
    return EntryForm(entry, version)


def new_form(kind: EntryKind) -> EntryForm:
    """The form of a new entry."""
    return EntryForm(FaqEntry("", "", (), "", (), "", kind=kind))


def read_form(form: FormData, id: str, kind: EntryKind, regions: Sequence[str]) -> EntryForm:
    """What was posted; its problems are told, and nothing typed is lost."""
    texts = {name: _text(form, name).strip() for name in TEXTS}
    typed: dict[str, str] = {}
    wrong: list[Problem] = []
    dates: dict[str, date | None] = {"valid_from": None, "valid_until": None}
    for name in dates:
        try:
            dates[name] = day(_text(form, name))
        except ValueError:
            typed[name] = _text(form, name)
            wrong.append(Problem(name, words.DATE_WRONG))
    entry = FaqEntry(
        id=id,
        phrasings=tuple(_lines(_text(form, "phrasings"))),
        citation=tuple(_citations(form)),
        kind=kind,
        variants=tuple(_variants(form)),
        keywords=tuple(filter(None, map(str.strip, _SEPARATORS.split(_text(form, "keywords"))))),
        valid_from=dates["valid_from"],
        valid_until=dates["valid_until"],
        **texts,
    )
    base = _text(form, "base_version")
    spare, group = _text(form, "spare"), _text(form, "group")
    return EntryForm(
        entry=entry,
        base_version=int(base) if base.isascii() and base.isdigit() else None,
        note=_text(form, "note").strip()[:500],
        typed=typed,
        problems=(*wrong, *problems(entry, regions)),
        spare=min(MOST_ROWS, int(spare)) if spare.isascii() and spare.isdigit() else SPARE_ROWS,
        group=int(group) if group.isascii() and group.isdigit() else 0,
    )


def citation_line(text: str) -> Citation:
    """《信访条例》第十条, 信访条例 第十条, or a law alone."""
    match = _CITATION.match(text)
    if match is None:
        return Citation(text.strip())
    law = match["marked"] or match["law"] or ""
    return Citation(law.strip(), (match["a"] or match["b"] or "").strip())


def _citations(form: FormData) -> Iterable[Citation]:
    laws, articles = form.getlist("law"), form.getlist("article")
    for law, article in zip(laws, articles, strict=False):
        name, number = str(law).strip().strip("《》"), str(article).strip()
        if name or number:
            yield Citation(name, number)


def _variants(form: FormData) -> Iterable[Variant]:
    regions, answers = form.getlist("variant_region"), form.getlist("variant_answer")
    bases = form.getlist("variant_citation")
    for region, answer, basis in zip(regions, answers, bases, strict=False):
        cited = tuple(citation_line(line) for line in _lines(str(basis)))
        if str(answer).strip() or cited:
            yield Variant(str(region).strip(), _even(str(answer)).strip(), cited)


def _text(form: FormData, name: str) -> str:
    return _even(str(form.get(name) or ""))


def _even(text: str) -> str:
    # Browsers send line breaks as CR LF.
    return text.replace("\r\n", "\n")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
