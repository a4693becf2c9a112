from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from starlette.datastructures import FormData

from channels.staff.pages.bubble import bubbles
from channels.staff.pages.entry_address import Address
from channels.staff.pages.entry_form import citation_line, of_entry, read_form
from channels.staff.words import entries as words
from knowledge_base.entries.contradictions import Item
from knowledge_base.entries.records import EntryQuery
from knowledge_base.models import Citation, FaqEntry, Variant

LAMP = FaqEntry(
    id="lamp",
    question="路灯坏了找谁",
    phrasings=("灯不亮", "没灯"),
    answer="第一行\n看 https://xf.gov.cn/a",
    citation=(Citation("路灯法", "第二条"), Citation("电力法")),
    category="市政设施",
    region="",
    variants=(Variant("甲县", "打甲县", (Citation("甲县办法", "第三条"),)),),
    keywords=("路灯", "照明"),
    material="热点问答",
    issuer="市城管局",
    owner="县城管局",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
)


def posted(entry: FaqEntry, **changes: str) -> FormData:
    """What a browser sends when the form is left as it was opened."""
    form = of_entry(entry, 3)
    fields: list[tuple[str, str]] = [
        (name, form.text(name).replace("\n", "\r\n"))
        for name in words.FIELDS
        if name not in ("citation", "variants", "kind")
    ]
    for cited in entry.citation:
        fields += [("law", cited.law), ("article", cited.article)]
    fields += [("law", ""), ("article", "")]
    for region in ("甲县", "乙县"):
        one = form.variant(region)
        fields += [
            ("variant_region", region),
            ("variant_answer", one.answer),
            ("variant_citation", "\r\n".join(map(str, one.citation))),
        ]
    fields += [("base_version", "3"), ("note", " 改了 "), ("spare", "2")]
    return FormData([*((n, v) for n, v in fields if n not in changes), *changes.items()])


def test_a_form_left_as_it_was_gives_the_same_entry() -> None:
    read = read_form(posted(LAMP), "lamp", "faq", ["甲县", "乙县"])
    assert read.entry == LAMP
    assert (read.base_version, read.note, read.problems) == (3, "改了", ())


def test_problems_stand_beside_their_fields_and_what_was_typed_stays() -> None:
    form = posted(LAMP, valid_until="明年", answer="")
    read = read_form(form, "lamp", "faq", ["甲县", "乙县"])
    assert set(read.errors) == {"valid_until", "answer"}
    assert read.text("valid_until") == "明年"
    assert read.first_wrong == "answer"
    unknown = read_form(posted(LAMP), "lamp", "faq", ["乙县"])
    assert "甲县" in unknown.errors["variants"]


@pytest.mark.parametrize(
    ("line", "law", "article"),
    [
        ("《信访工作条例》第十条", "信访工作条例", "第十条"),
        ("信访工作条例 第十条第二款", "信访工作条例", "第十条第二款"),
        ("信访工作条例", "信访工作条例", ""),
        ("《信访工作条例》", "信访工作条例", ""),
    ],
)
def test_a_citation_is_read_from_one_line(line: str, law: str, article: str) -> None:
    assert citation_line(line) == Citation(law, article)


def test_the_bubble_holds_what_the_citizen_is_sent() -> None:
    common, county = bubbles(LAMP)
    assert common.parts == (
        "第一行\n看 https://xf.gov.cn/a\n（依据：《路灯法》第二条；《电力法》）",
    )
    assert common.links == ("https://xf.gov.cn/a",)
    assert county.parts[0].startswith("（甲县）打甲县")
    assert "《甲县办法》第三条" in county.parts[0]
    long = bubbles(replace(LAMP, answer="这是一句话。" * 150, variants=()))[0]
    assert long.is_split
    assert len(long.parts) == 2
    assert all(len(part.encode()) <= 2_000 for part in long.parts)
    assert long.size == len("".join(long.parts).encode())


def test_a_typical_case_is_introduced_as_such() -> None:
    case = replace(LAMP, kind="precedent", citation=(), variants=())
    text = bubbles(case)[0].parts[0]
    assert text.startswith("有一件类似的事，给您参考：路灯坏了找谁\n")
    assert "（依据：本单位整理的问答）" in text


def test_an_address_keeps_the_filters_and_drops_what_makes_no_sense() -> None:
    address = Address.parse("q=%E7%81%AF&status=draft&flag=nonsense&page=3&size=7", "faq", 20)
    assert address.query == EntryQuery(q="灯", status="draft", kind="faq", page=3, size=20)
    assert address.url(page=4) == "/staff/faqs?q=%E7%81%AF&status=draft&page=4"
    assert address.url(q="", status="", page=1) == "/staff/faqs"
    assert Address.parse("size=50", "precedent", 20).url() == "/staff/precedents?size=50"
    assert Address.parse("page=-1", "faq", 20).query.page == 1


def test_items_are_marked_where_they_stand() -> None:
    items = [Item("phone", "12345", "12345"), Item("phone", "123", "123")]
    assert words.pieces("打12345或123", items) == [
        ("打", False),
        ("12345", True),
        ("或", False),
        ("123", True),
    ]
    assert words.pieces("<b>", []) == [("<b>", False)]
