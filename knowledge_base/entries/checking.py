"""What an entry must look like before it is stored, in words for the person who writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from knowledge_base.entries.content import dump, load, spelled
from knowledge_base.models import FaqEntry
from nlu.text.errors import Unprocessable

LONGEST_ANSWER = 2_000
LONGEST_QUESTION = 128
"""As the sheets of the 12345 offices have it: 标题 at most 128."""
LONGEST_WORDING = 200
MOST_WORDINGS = 200
MOST_CITATIONS = 30
LONGEST_KEYWORD = 20
MATERIALS = (
    *("办事指南", "法律法规", "热点问答", "日常咨询", "通知公告", "业务指引", "审批事项", "其他"),
)
"""材料性质, as the 12345 knowledge bases name them."""

_LINK = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?://)?[^\s，。；、）】》」]+")
_ALLOWED_LINK = re.compile(r"https?://[^\s/]+\.[^\s/]+.*|https?://[^\s/]+", re.IGNORECASE)
_NOT_A_LINK = re.compile(r"\d{1,2}:\d{2}|[A-Za-z]+:\d+$")

Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Name = Annotated[Text, StringConstraints(max_length=100)]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that has to be put right, and the field it stands in."""

    field: str
    message: str


class _Citation(BaseModel):
    model_config = ConfigDict(extra="forbid")
    law: Annotated[Text, StringConstraints(min_length=1, max_length=300)]
    article: Annotated[Text, StringConstraints(max_length=100)] = ""


class _Variant(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: Annotated[Text, StringConstraints(min_length=1, max_length=50)]
    answer: Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_ANSWER)]
    citation: Annotated[list[_Citation], Field(max_length=MOST_CITATIONS)] = []

    @field_validator("answer")
    @classmethod
    def _links(cls, text: str) -> str:
        return _with_plain_links(text)


class _Entry(BaseModel):
    """The shape of `content.dump`, with its limits; the regions known come in the context."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[Text, StringConstraints(min_length=2, max_length=LONGEST_QUESTION)]
    phrasings: Annotated[
        list[Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_WORDING)]],
        Field(max_length=MOST_WORDINGS),
    ]
    answer: Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_ANSWER)]
    citation: Annotated[list[_Citation], Field(max_length=MOST_CITATIONS)]
    category: Annotated[Text, StringConstraints(min_length=1, max_length=50)]
    kind: Literal["faq", "precedent"]
    region: Annotated[Text, StringConstraints(max_length=50)]
    variants: list[_Variant]
    keywords: Annotated[
        list[Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_KEYWORD)]],
        Field(max_length=20),
    ]
    material: Annotated[Text, StringConstraints(max_length=50)]
    issuer: Name
    owner: Name
    valid_from: date | None
    valid_until: date | None
    facts: Annotated[Text, StringConstraints(max_length=5_000)]
    handling: Annotated[Text, StringConstraints(max_length=5_000)]

    @field_validator("answer")
    @classmethod
    def _links(cls, text: str) -> str:
        return _with_plain_links(text)

    @field_validator("phrasings")
    @classmethod
    def _once(cls, phrasings: list[str]) -> list[str]:
        seen = set()
        for phrasing in phrasings:
            if spelled(phrasing) in seen:
                raise _error(f"“{phrasing}”写了两遍")
            seen.add(spelled(phrasing))
        return phrasings

    @field_validator("region")
    @classmethod
    def _known(cls, region: str, info: ValidationInfo) -> str:
        _check_region(region, info)
        return region

    @field_validator("variants")
    @classmethod
    def _each_region_once(cls, variants: list[_Variant], info: ValidationInfo) -> list[_Variant]:
        names = [one.region for one in variants]
        for name in names:
            _check_region(name, info)
            if names.count(name) > 1:
                raise _error(f"“{name}”写了两个答复")
        return variants

    @model_validator(mode="after")
    def _together(self) -> _Entry:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise _error("有效期的止日早于起日", "valid_until")
        if spelled(self.question) in set(map(spelled, self.phrasings)):
            raise _error("其他问法里有一条和标准问题一样", "phrasings")
        if self.region and self.variants:
            raise _error("已经限定一个地区的知识，不用再分地区答复", "variants")
        if any(spelled(word) == spelled(self.question) for word in self.keywords):
            raise _error("关键字不能和标准问题一样", "keywords")
        if self.kind == "precedent" and not self.facts:
            raise _error("典型案例要写基本情况", "facts")
        if self.kind == "precedent" and not self.handling:
            raise _error("典型案例要写办理情况", "handling")
        return self


def problems(entry: FaqEntry, regions: Sequence[str]) -> list[Problem]:
    """What is wrong with an entry; empty: it may be stored."""
    try:
        _read(entry, regions)
    except ValidationError as error:
        return list(_told(error))
    return []


def checked(entry: FaqEntry, regions: Sequence[str]) -> FaqEntry:
    """The entry as it is stored, with outer white space gone; `Unprocessable` names the field."""
    try:
        read = _read(entry, regions)
    except ValidationError as error:
        first = next(_told(error))
        raise Unprocessable(first.message, field=first.field) from error
    return load(entry.id, read.model_dump(mode="json"))


def links(text: str) -> list[str]:
    """Links in an answer, as WeChat makes them tappable."""
    found = (match[0].rstrip(".,;:!?)") for match in _LINK.finditer(text))
    return [link for link in found if not _NOT_A_LINK.fullmatch(link)]


def _read(entry: FaqEntry, regions: Sequence[str]) -> _Entry:
    return _Entry.model_validate(dump(entry), context={"regions": tuple(regions)})


def _with_plain_links(text: str) -> str:
    for link in links(text):
        if not _ALLOWED_LINK.fullmatch(link):
            raise _error(f"链接只能以 http:// 或 https:// 开头：{link[:60]}")
    return text


def _check_region(region: str, info: ValidationInfo) -> None:
    known = (info.context or {}).get("regions", ())
    if region and region not in known:
        raise _error(f"地区里没有“{region}”，请先在“各地口径”页登记")


def _error(message: str, field: str = "") -> PydanticCustomError:
    return PydanticCustomError("minsheng", "{message}", {"message": message, "field": field})


def _told(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors():
        context: dict[str, Any] = one.get("ctx", {})
        path = [str(part) for part in one["loc"]]
        field = context.get("field") or (path[0] if path else "")
        place = f"第 {int(path[1]) + 1} 行" if len(path) > 1 and path[1].isdigit() else ""
        yield Problem(field, place + _words(one["type"], context))


def _words(kind: str, context: dict[str, Any]) -> str:
    match kind:
        case "minsheng":
            return str(context["message"])
        case "string_too_short" if context["min_length"] <= 1:
            return "不能为空"
        case "string_too_short":
            return f"至少 {context['min_length']} 个字"
        case "string_too_long":
            return f"最多 {context['max_length']} 个字"
        case "too_long":
            return f"最多 {context['max_length']} 条"
    return "填写不正确"
