"""FAQs and precedents from sheets: judged row by row, saved as drafts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date

import openpyxl

from knowledge_base.entries.records import EntryQuery
from knowledge_base.entries.service import Entries
from knowledge_base.imports.refused import template
from knowledge_base.imports.service import Imports
from knowledge_base.models import Citation, FaqEntry, Variant
from tests.knowledge_base.imports.conftest import (
    CURATOR,
    Brings,
    all_rows,
    done,
    fates,
    opened,
    sheet,
)

HEAD = ["类目*", "标题*", "内容*", "关键字", "其他问法", "依据", "有效期止"]


def entry(question: str = "路灯坏了怎么办？", answer: str = "打 12345。") -> FaqEntry:
    return FaqEntry(
        id="",
        question=question,
        phrasings=("路灯不亮",),
        answer=answer,
        citation=(Citation("路灯法", "第一条"),),
        category="城市管理",
        owner="城管局",
    )


async def questions(entries: Entries) -> dict[str, str]:
    lines = (await entries.page(EntryQuery(size=100))).lines
    return {line.question: line.status for line in lines}


async def test_the_template_filled_in_by_five_rows(
    entries: Entries, imports: Imports, brings: Brings
) -> None:
    await entries.save(entry("已经有的问题"), CURATOR)
    book = openpyxl.load_workbook(io.BytesIO(template("faq")))
    page = book.active
    assert page is not None
    titles = [str(cell.value).rstrip("*") for cell in page[1]]
    for at, values in enumerate(
        (
            {"标题": "新的问题", "内容": "新的答复", "类目": "城市管理"},
            {"标题": "已经有的问题", "内容": "改过的答复", "类目": "城市管理"},
            {"标题": "没有答复的问题", "类目": "城市管理"},
            {"标题": "公式的问题", "内容": "=1+1", "类目": "城市管理"},
            {"标题": "新的问题", "内容": "又来一遍", "类目": "城市管理"},
        ),
        2,
    ):
        for column, title in enumerate(titles, 1):
            page.cell(at, column).value = values.get(title)
    file = io.BytesIO()
    book.save(file)

    job = await brings("faq", {"问答.xlsx": file.getvalue()})
    rows = await all_rows(imports, job.id)
    assert [(row.fate, row.chosen) for row in rows] == [
        ("new", True),
        ("changed", False),
        ("invalid", False),
        ("new", True),
        ("twice", False),
    ]
    assert "内容" in rows[1].reason
    assert "内容：不能为空" in rows[2].reason
    assert "第 2 行" in rows[4].reason
    ended = await done(imports, job.id)
    assert ended.counts == {"imported": 2, "skipped": 1, "failed": 2}
    assert await questions(entries) == {
        "新的问题": "draft",
        "已经有的问题": "draft",
        "公式的问题": "draft",
    }
    (line,) = (await entries.page(EntryQuery(q="公式的问题"))).lines
    assert (await entries.get(line.id)).entry.answer == "=1+1"

    failed = opened(await imports.failed_rows_xlsx(job.id))
    assert failed[0][:2] == ["失败原因", "所在位置"]
    assert [row[1] for row in failed[1:]] == ["第 4 行", "第 6 行"]


async def test_an_existing_entry_is_overwritten_when_ticked_and_keeps_what_the_sheet_lacks(
    entries: Entries, imports: Imports, brings: Brings
) -> None:
    saved = await entries.save(entry(), CURATOR)
    rows = [["类目", "标题", "内容"], ["城市管理", "路灯坏了怎么办？", "请打 12345。"]]
    job = await brings("faq", {"问答.xlsx": sheet(rows)}, update=True)
    await done(imports, job.id)
    found = await entries.get(saved.entry.id)
    assert found.version == 2
    assert found.entry == replace(saved.entry, answer="请打 12345。")
    assert found.steps[-1].act == "imported"
    same = await brings("faq", {"问答.xlsx": sheet(rows)}, update=True)
    assert list((await fates(imports, same.id)).values()) == ["existing"]


async def test_somebody_elses_edit_after_the_preview_is_not_overwritten(
    entries: Entries, imports: Imports, brings: Brings
) -> None:
    saved = await entries.save(entry(), CURATOR)
    rows = [["类目", "标题", "内容"], ["城市管理", "路灯坏了怎么办？", "导入的。"]]
    job = await brings("faq", {"问答.xlsx": sheet(rows)}, update=True)
    await entries.save(replace(saved.entry, answer="人改的。"), CURATOR)
    ended = await done(imports, job.id)
    assert ended.counts == {"failed": 1}
    assert (await entries.get(saved.entry.id)).entry.answer == "人改的。"
    assert "没有存入" in (await all_rows(imports, job.id))[0].reason


async def test_every_column_arrives(entries: Entries, imports: Imports, brings: Brings) -> None:
    await entries.set_regions(["东区"], CURATOR)
    rows = [
        ["类目", "标题", "内容", "发文单位", "材料性质", "关键字", "其他问法", "依据", "地区",
         "责任单位", "有效期起", "有效期止", "没见过的列"],
        ["城管 / 路灯", "一问", "答", "市局", "办事指南", "灯，亮", "问法一\n问法二",
         "《甲法》第一条；《乙办法》", "东区", "城管局", date(2026, 1, 1), "2026年12月31日", "x"],
        ["城管", "日期不对", "答", "", "", "", "", "", "", "", "", "年底", ""],
        ["城管", "地区不对", "答", "", "", "", "", "", "西区", "", "", "", ""],
    ]  # fmt: skip
    job = await brings("faq", {"问答.xlsx": sheet(rows)})
    assert list((await fates(imports, job.id)).values()) == ["new", "invalid", "invalid"]
    reasons = [row.reason for row in await all_rows(imports, job.id)]
    assert "有效期止" in reasons[1]
    assert "西区" in reasons[2]
    await done(imports, job.id)
    (line,) = (await entries.page(EntryQuery())).lines
    found = (await entries.get(line.id)).entry
    assert found == FaqEntry(
        id=line.id,
        question="一问",
        phrasings=("问法一", "问法二"),
        answer="答",
        citation=(Citation("甲法", "第一条"), Citation("乙办法")),
        category="城管/路灯",
        region="东区",
        keywords=("灯", "亮"),
        material="办事指南",
        issuer="市局",
        owner="城管局",
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
    )


async def test_precedents_have_facts_and_handling(
    entries: Entries, imports: Imports, brings: Brings
) -> None:
    rows = [["类目", "标题", "案情", "办理"], ["路灯", "路灯长期不亮", "半年不亮。", "换了灯。"]]
    job = await brings("precedents", {"案例.xlsx": sheet(rows)})
    await done(imports, job.id)
    (line,) = (await entries.page(EntryQuery(kind="precedent"))).lines
    found = (await entries.get(line.id)).entry
    assert (found.facts, found.handling, found.answer) == ("半年不亮。", "换了灯。", "换了灯。")
    again = await brings("faq", {"问答.csv": "类目,标题,内容\n路灯,路灯长期不亮,答\n"})
    assert "典型案例" in (await all_rows(imports, again.id))[0].reason


async def test_csv_and_json_do_as_well(entries: Entries, imports: Imports, brings: Brings) -> None:
    objects = [
        {"question": "甲问", "answer": "甲答", "category": "类", "phrasings": ["甲问法"]},
        {"标题": "乙问", "内容": "乙答", "类目": "类"},
        {"question": "丙问", "phrasings": 3},
    ]
    job = await brings(
        "faq",
        {
            "一.csv": "类目\t标题\t内容\n类\t丁问\t丁答\n".encode("gb18030"),
            "二.json": json.dumps(objects),
            "三.csv": "随便\n什么\n",
        },
    )
    assert [row.fate for row in await all_rows(imports, job.id)] == [
        "new",
        "new",
        "new",
        "invalid",
        "invalid",
    ]
    await done(imports, job.id)
    assert set(await questions(entries)) == {"甲问", "乙问", "丁问"}


async def test_answers_by_region_come_from_one_cell(
    entries: Entries, imports: Imports, brings: Brings
) -> None:
    await entries.set_regions(["东区", "西区"], CURATOR)
    cell = "【东区】\n东区的答复\n依据：《甲法》第一条\n【西区】\n西区\n两行"
    rows = [["类目", "标题", "内容", "分地区答复"], ["类", "一问", "答", cell]]
    await done(imports, (await brings("faq", {"问答.xlsx": sheet(rows)})).id)
    (line,) = (await entries.page(EntryQuery())).lines
    assert (await entries.get(line.id)).entry.variants == (
        Variant("东区", "东区的答复", (Citation("甲法", "第一条"),)),
        Variant("西区", "西区\n两行"),
    )
