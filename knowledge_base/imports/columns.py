"""The columns of an entry's sheet, as the knowledge bases of the 12345 offices have them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.entries.checking import LONGEST_KEYWORD, LONGEST_QUESTION, MATERIALS
from knowledge_base.models import EntryKind


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet."""

    title: str
    field: str
    hint: str
    example: str
    width: int = 20
    required: bool = False
    choices: tuple[str, ...] = ()


_SHARED_AFTER = (
    Column(
        "关键字",
        "keywords",
        f"几个之间用逗号分开，每个最多 {LONGEST_KEYWORD} 个字；不能和标题一样",
        "路灯,照明,报修",
        22,
    ),
    Column(
        "其他问法",
        "phrasings",
        "群众会怎么问，一行一种（在单元格里换行用 Alt+回车）",
        "路灯坏了找谁\n小区门口路灯不亮怎么办",
        36,
    ),
    Column(
        "依据",
        "citation",
        "《法规名称》第几条，一行一条；没有就空着",
        "《信访工作条例》第十七条",
        30,
    ),
    Column("地区", "region", "只在某个地区适用才填，名称和“地区”页里登记的一样", "", 12),
    Column("责任单位", "owner", "谁负责核对这条是否还有效", "市城市管理局", 18),
    Column("有效期起", "valid_from", "日期，如 2026-01-01；没有就空着", "2026-01-01", 13),
    Column(
        "有效期止", "valid_until", "日期，如 2026-12-31；过了这天不再用来答复", "2027-12-31", 13
    ),
)
_ID = Column("编号", "id", "导出的表格里有；新增的不填。填了，就按编号更新那一条", "", 16)
_CATEGORY = Column(
    "类目", "category", "写到最末一级，上下级用 / 分开", "城市管理/市政设施", 20, True
)
_TITLE = Column(
    "标题",
    "question",
    f"标准问题，不能重复，最多 {LONGEST_QUESTION} 个字",
    "路灯不亮怎么报修？",
    32,
    True,
)
_ISSUER = Column("发文单位", "issuer", "内容出自哪个单位", "市城市管理局", 18)
_MATERIAL = Column("材料性质", "material", "从下拉框里选", "办事指南", 14, choices=MATERIALS)
_VARIANTS = Column(
    "分地区答复",
    "variants",
    "各地答复不同时填：先写一行【地区】，下面写那里的答复；依据写在“依据：”开头的一行",
    "",
    36,
)

FAQ_COLUMNS: tuple[Column, ...] = (
    _CATEGORY,
    _TITLE,
    Column(
        "内容",
        "answer",
        "答复群众的原话，最多 2000 个字；链接直接写 https://…",
        "路灯不亮可以拨打 12345，城管部门三日内修复。",
        48,
        True,
    ),
    _ISSUER,
    _MATERIAL,
    *_SHARED_AFTER,
    _VARIANTS,
    _ID,
)
PRECEDENT_COLUMNS: tuple[Column, ...] = (
    _CATEGORY,
    Column(
        "标题",
        "question",
        f"案例名称，不能重复，最多 {LONGEST_QUESTION} 个字",
        "路灯长期不亮的投诉",
        32,
        True,
    ),
    Column(
        "案情",
        "facts",
        "发生了什么；不写姓名、电话、门牌",
        "某小区门口路灯半年不亮，居民多次反映。",
        48,
        True,
    ),
    Column(
        "办理", "handling", "怎么办的，结果如何", "养护单位当天更换灯具，并纳入每周巡查。", 48, True
    ),
    Column(
        "内容",
        "answer",
        "对问起同类事情的群众怎么说；空着就用“办理”里的话",
        "这类情况可以拨打 12345，一般三日内修复。",
        40,
    ),
    _ISSUER,
    _MATERIAL,
    *_SHARED_AFTER,
    _ID,
)
ALSO_CALLED = {
    "类别": "类目",
    "分类": "类目",
    "标准问题": "标题",
    "问题": "标题",
    "答案": "内容",
    "答复": "内容",
    "关键词": "关键字",
    "相似问法": "其他问法",
    "相似问题": "其他问法",
    "法律依据": "依据",
    "有效期开始": "有效期起",
    "有效期结束": "有效期止",
    "生效日期": "有效期起",
    "失效日期": "有效期止",
    "基本案情": "案情",
    "办理情况": "办理",
    "办理结果": "办理",
    "ID": "编号",
}


def columns_of(kind: EntryKind) -> tuple[Column, ...]:
    """The sheet of FAQs or that of precedents."""
    return FAQ_COLUMNS if kind == "faq" else PRECEDENT_COLUMNS


def header_of(cells: Sequence[str], columns: Sequence[Column]) -> dict[str, int] | None:
    """Which column stands where, when these cells are a header; else None."""
    known = {column.title for column in columns}
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        # A star marks what must be filled in; a note in brackets explains.
        title = re.sub(r"[*＊\s]|[(（].*[)）]", "", cell)
        title = ALSO_CALLED.get(title, title)
        if title in known:
            found.setdefault(title, at)
    return found if "标题" in found and len(found) > 1 else None
