"""Labels and sentences of the pages on entries, typical cases, reviews and regions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from knowledge_base.entries.checking import MATERIALS
from knowledge_base.entries.contradictions import Item
from knowledge_base.entries.records import Act, Flag, FlagKind
from knowledge_base.models import EntryKind

if TYPE_CHECKING:
    from knowledge_base.serving import Fate

CHINA = ZoneInfo("Asia/Shanghai")

KINDS: Mapping[EntryKind, str] = {"faq": "问答", "precedent": "典型案例"}
LISTS: Mapping[EntryKind, str] = {"faq": "常见问答", "precedent": "典型案例"}
BASES: Mapping[EntryKind, str] = {"faq": "/staff/faqs", "precedent": "/staff/precedents"}

STATUS = {"draft": "草稿", "in_review": "待审", "approved": "已通过", "retired": "已停用"}
STATUS_COLOURS = {
    "draft": "secondary",
    "in_review": "warning",
    "approved": "success",
    "retired": "dark",
}
STATUS_FILTER = {
    "draft": "草稿",
    "in_review": "待审",
    "approved": "已通过",
    "retired": "已停用",
    "published": "群众看得到的",
    "changed": "发布后又改过的",
}
FLAGS: Mapping[FlagKind, str] = {
    "expired": "已过有效期",
    "expiring": "30 天内到期",
    "not_yet_valid": "还没到生效日",
    "law_repealed": "依据已失效",
    "article_missing": "依据条文已不在",
    "article_changed": "依据条文有改动",
    "overdue": "一年没有核对",
    "no_citation": "没有写依据",
    "no_gold": "没有必答问题",
    "law_not_imported": "依据原文未导入",
}
FLAG_COLOURS: Mapping[FlagKind, str] = {
    "expired": "danger",
    "law_repealed": "danger",
    "article_missing": "danger",
    "article_changed": "warning",
    "expiring": "warning",
    "overdue": "warning",
}
FLAG_FILTER: Mapping[str, str] = {
    "any": "答复可能有问题的",
    **{str(name): label for name, label in FLAGS.items()},
}
SORTS: Mapping[str, str] = {
    "newest": "最近改动的在前",
    "oldest": "久未改动的在前",
    "question": "按问题",
    "category": "按类目",
    "valid_until": "快到期的在前",
    "id": "按编号",
}
ACTS: Mapping[Act, str] = {
    "created": "新建",
    "edited": "修改",
    "restored": "恢复旧版",
    "imported": "导入",
    "submitted": "提交审核",
    "recalled": "撤回",
    "rejected": "退回",
    "approved": "通过并发布",
    "retired": "停用",
    "confirmed": "核对过，仍有效",
    "published": "随回退重新发布",
    "withdrawn": "随回退撤下",
}
FIELDS = {
    "question": "标准问题",
    "phrasings": "其他问法",
    "answer": "答复",
    "variants": "分地区答复",
    "citation": "依据",
    "category": "类目",
    "region": "适用地区",
    "keywords": "关键字",
    "owner": "责任单位",
    "issuer": "发文单位",
    "material": "材料性质",
    "valid_from": "有效期起",
    "valid_until": "有效期止",
    "facts": "基本情况",
    "handling": "办理情况",
    "kind": "种类",
}
PRECEDENT_FIELDS = {**FIELDS, "question": "案例标题", "answer": "给群众的说明"}
MATERIAL_CHOICES = MATERIALS
TABS = {"waiting": "待我审", "mine": "我发起", "decided": "已审"}
ITEMS = {
    "amount": "金额",
    "date": "日期",
    "duration": "时限",
    "phone": "电话",
    "office": "单位",
}
OUTCOMES = {
    "right": "答对",
    "offered": "列出供选",
    "missed": "没答上",
    "wrong": "答错",
    "refused": "拒答",
    "answered": "误答",
}

SAVED = "已保存为第 {version} 版草稿"
UNCHANGED = "内容没有变化，没有产生新版本"
SUBMITTED = "已提交审核"
SAVED_AND_SUBMITTED = "已保存为第 {version} 版，并提交审核"
IN_REVIEW_NOW = "这条正在待审，请先撤回，再修改"
NEWER_VERSION = "已经有了新版本，请重新看过再审"
APPROVED_MANY = "{count} 条已通过并发布"
CATEGORY_NEEDED = "类目不能空着"
RECALLED = "已撤回，可以继续修改"
REJECTED = "已退回，意见已告知提交人"
APPROVED = "已通过并发布，群众几秒内就会得到新答复"
RETIRED = "已停用，群众不会再得到这条答复"
RETIRE_TITLE = "停用“{named}”等 {count} 条"
BULK_TITLE = "批量修改“{named}”等 {count} 条"
BULK_DONE = "成功 {done} 条，没有处理 {refused} 条"
AND_MORE = "……还有 {count} 处"
PUT_UP = "已经提出，要另一个人在“待我复核”里同意后才会做"
RETIRED_ALREADY = "已经停用了"
CONFIRMED = "已记下：核对过，仍然有效"
RESTORED = "已把第 {old} 版的内容恢复为第 {new} 版草稿，提交审核后才会发布"
REGIONS_SAVED = "地区已保存"
NOTHING_CHOSEN = "还没有选中条目，请先在列表里打勾"
NOTHING_TO_CHANGE = "请至少选一项要改的内容"
REASON_NEEDED = "请写明原因"
SECOND_NEEDED = "仍要发布，请勾选确认"
DATE_WRONG = "日期应写成 2026-11-22"
TRY_AGAIN = "请改正标红的地方再保存；您写的内容都还在"
CITATION_LINE_WRONG = "依据应写成“《法规名》第几条”，一行一条"

SOURCE_LINE = "（依据：{citation}）"
NO_SOURCE = "本单位整理的问答"
PRECEDENT_OPENING = "有一件类似的事，给您参考：{title}"
PRECEDENT_ENDING = "您的事结果怎样，要看具体情况；要登记就直接说出了什么事。"


def flag(one: Flag) -> str:
    """A flag in full, for the page of an entry."""
    match one.kind:
        case "expired":
            return f"有效期到 {one.day} 为止，群众已经得不到这条答复"
        case "expiring":
            return f"有效期到 {one.day} 为止，快到期了"
        case "not_yet_valid":
            return f"{one.day} 起才生效，在那以前群众得不到这条答复"
        case "law_repealed":
            by = f"，由{one.successor}代替" if one.successor else ""
            return f"依据{one.citation}已失效{by}"
        case "article_missing":
            return f"现行文本里没有{one.citation}"
        case "article_changed":
            return f"{one.citation}在这条答复写好以后改过"
        case "overdue":
            return f"从 {one.day} 起没有人核对过"
        case "no_citation":
            return "没有写依据，群众会看到“本单位整理的问答”"
        case "no_gold":
            return "没有必答问题：改动以后是否还答得上，没有东西可测"
        case "law_not_imported":
            return f"{one.citation}的原文没有导入，无法核对是否仍然有效"
    return FLAGS[one.kind]


def when(at: datetime) -> str:
    """2026-11-22 14:30, as the clock on the wall has it."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def who(account: str) -> str:
    """Who did it; the program itself has no account."""
    return "系统" if account == "system" else account


def pieces(text: str, items: Iterable[Item]) -> list[tuple[str, bool]]:
    """A text cut where the items stand in it, each piece with whether it is one."""
    found = sorted({item.text for item in items if item.text}, key=len, reverse=True)
    if not found:
        return [(text, False)]
    cut = re.split("(" + "|".join(map(re.escape, found)) + ")", text)
    return [(piece, number % 2 == 1) for number, piece in enumerate(cut) if piece]


def fate(one: Fate, titles: Mapping[str, str]) -> str:
    """What becomes of a question: 答“…”, 列出供选, 不答."""
    if one.answered:
        return f"答“{titles.get(one.first, '法规条文')}”"
    return "列出几个供选" if one.offered else "不答"
