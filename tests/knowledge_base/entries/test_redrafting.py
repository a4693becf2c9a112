"""When a law changes, the entry's citations follow its words; what is lost is said."""

from __future__ import annotations

from datetime import date

from knowledge_base.database import Database
from knowledge_base.entries.records import ArticleText, Flag
from knowledge_base.entries.redrafting import redraft
from knowledge_base.models import Citation, FaqEntry, Variant
from tests.knowledge_base.entries.conftest import PutLaw

REPAIR = "路灯熄灭的，养护单位应当自接到报告之日起三日内修复，并向报告人说明原因。"
PHONE = "报修电话由养护单位在路灯杆上公布，昼夜有人接听。"
OLD = Citation("路灯养护条例", "第三条")
ENTRY = FaqEntry(
    "lamp", "路灯坏了找谁", (), "打杆上的电话。", (OLD,), "市政",
    variants=(Variant("清河县", "打县里的电话。", (OLD,)),),
)  # fmt: skip


def gone(text: str) -> Flag:
    old = ArticleText("路灯养护条例", "第三条", text, date(2019, 1, 1))
    return Flag("article_missing", citation=OLD, old=old)


async def test_an_article_that_moved_is_found_again_by_its_words(
    database: Database, put_law: PutLaw
) -> None:
    moved_text = PHONE.replace("昼夜", "全天")
    await put_law(
        "路灯养护条例", [("第一条", REPAIR), ("第二条", moved_text)], version=date(2024, 6, 1)
    )
    drafted = await database.read(lambda c: redraft(c, ENTRY, [gone(PHONE)]))
    now = Citation("路灯养护条例", "第二条")
    assert drafted.entry.citation == (now,)
    assert drafted.entry.variants[0].citation == (now,)
    assert "改为《路灯养护条例》第二条" in drafted.note
    assert drafted.entry.answer == ENTRY.answer, "words are a person's to change"


async def test_an_article_that_is_gone_is_no_longer_cited(
    database: Database, put_law: PutLaw
) -> None:
    await put_law("路灯养护条例", [("第一条", REPAIR)], version=date(2024, 6, 1))
    drafted = await database.read(lambda c: redraft(c, ENTRY, [gone("本条例自公布之日起施行。")]))
    assert drafted.entry.citation == ()
    assert "没有找到对应的条" in drafted.note


async def test_a_repealed_laws_article_is_found_in_the_law_that_took_its_place(
    database: Database, put_law: PutLaw
) -> None:
    await put_law(
        "城市照明条例", [("第一条", "为了照亮道路。"), ("第二条", PHONE)], version=date(2024, 6, 1)
    )
    old = ArticleText("路灯养护条例", "第三条", PHONE, None)
    flag = Flag("law_repealed", citation=OLD, successor="城市照明条例（2024-06-01）", old=old)
    drafted = await database.read(lambda c: redraft(c, ENTRY, [flag]))
    assert drafted.entry.citation == (Citation("城市照明条例", "第二条"),)


async def test_an_article_that_reads_otherwise_stays_cited_and_is_to_be_checked(
    database: Database, put_law: PutLaw
) -> None:
    await put_law("路灯养护条例", [("第三条", REPAIR)], version=date(2024, 6, 1))
    drafted = await database.read(
        lambda c: redraft(c, ENTRY, [Flag("article_changed", citation=OLD)])
    )
    assert drafted.entry == ENTRY
    assert "请核对答复" in drafted.note
