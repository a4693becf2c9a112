"""What the pages on testing and publishing say."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.judging import Outcome
from knowledge_base.verdict import Verdict

VERDICTS: Mapping[Verdict, str] = {
    "answered": "答",
    "which_region": "先问在哪个地区",
    "offered": "不直接答，给出相近的问法",
    "refused": "不答",
}
VERDICT_NOTES: Mapping[Verdict, str] = {
    "answered": "把握够，直接给出下面这段答复和依据。",
    "which_region": "各地规定不同，又不知道市民在哪里，所以先请他选地区。",
    "offered": "把握不够，请市民从下面几个问法里选一个；都不是就转给人工。",
    "refused": "没有把握够的内容，如实说不知道，可以转人工，这句话会进“市民没问到的”。",
}
VERDICT_TONES: Mapping[Verdict, str] = {
    "answered": "success",
    "which_region": "info",
    "offered": "warning",
    "refused": "secondary",
}
KINDS: Mapping[str, str] = {"faq": "问答", "precedent": "案例", "article": "法条"}
OUTCOMES: Mapping[Outcome, str] = {
    "right": "答对",
    "offered": "只给出相近问法",
    "missed": "没答上",
    "wrong": "答成别的",
    "refused": "不答（对）",
    "answered": "不该答却答了",
}
TONES: Mapping[Outcome, str] = {
    "right": "green",
    "offered": "yellow",
    "missed": "orange",
    "wrong": "red",
    "refused": "green",
    "answered": "red",
}
WAYS: Mapping[str, str] = {
    "gained": "变得答得上",
    "lost": "变得答不上",
    "other": "换成别的回答",
    "offered": "相近问法有变化",
}
ACTS: Mapping[str, str] = {
    "start": "启动",
    "approve": "发布",
    "retire": "停用",
    "rollback": "回退",
    "import": "法规导入",
    "day": "到日生效或失效",
}
RUN_KINDS: Mapping[str, str] = {"gate": "发布前检查", "batch": "批量测试"}
SOURCES: Mapping[str, str] = {"starter": "随程序带来", "staff": "本单位加的"}
SETS: Mapping[str, str] = {
    "gold": "全部必答与不答的问题",
    "category": "某一类目的必答问题",
    "recent": "市民最近得到的回答（没有点“没用”的）",
    "paste": "粘贴",
    "file": "上传表格",
}
FIGURES: tuple[tuple[str, str, str], ...] = (
    ("recall_at_1", "第一位就对", "应当回答的问题里，对的知识排在第一位的比例"),
    ("recall_at_3", "前三位有对的", "应当回答的问题里，对的知识排进前三位的比例"),
    ("mrr", "平均倒数排名", "对的排第一记 1，第二记 1/2，第三记 1/3……取平均"),
    ("answered_rightly", "直接答对", "应当回答的问题里，市民直接得到对的回答的比例"),
    ("wrong_refusals", "该答没答", "应当回答的问题里，没有直接回答的比例（包括只给出相近问法）"),
    ("right_refusals", "不答得对", "应当不答的问题里，真的没有回答的比例"),
    ("wrong_answers", "答错", "所有问题里，给了不对的回答的比例"),
)
SMALLER_IS_BETTER = ("wrong_refusals", "wrong_answers")

NO_QUESTIONS = "没有符合条件的问题，没有测试"
NEEDS_QUESTION = "请写要试的问题"
NEEDS_ENTRY = "请选要加问法的知识"
NEEDS_PHRASING = "请写新的问法"
HAS_PHRASING = "这条知识已经有这个问法"
NO_ENTRY = "没有这条知识，请填编号（例如 xf-time-limit）"
SAVED_DRAFT = "已存为草稿：《{question}》加了问法“{phrasing}”。提交审核、通过以后市民才会看到。"
DRAFT_NOTE = "在命中测试页加的问法"
GOLD_ADDED = "加了 {count} 个问题"
GOLD_NOT_ADDED = "；{count} 个没有加：{first}"
GOLD_REMOVED = "移除了 {count} 个问题"
GOLD_EMPTY = "请写至少一个问题，一行一个"
NOTHING_CHOSEN = "请先勾选"
ROLLED_BACK = "已回到第 {earlier} 版的内容，现在是第 {release} 版"
FILE_MISSING = "请选择文件"
TITLE_MISSING = "请写测试的名称，以后同名的可以连起来看"


def percent(value: float | None) -> str:
    """A rate as people read it."""
    return "—" if value is None else f"{value * 100:.1f}%"


def figure(name: str, value: float | None) -> str:
    """A figure in the form that is usual for it."""
    if name == "mrr" and value is not None:
        return f"{value:.3f}"
    return percent(value)


def points(before: float | None, after: float | None) -> str:
    """The difference of two rates, in points."""
    if before is None or after is None:
        return "—"
    difference = (after - before) * 100
    return "不变" if abs(difference) < 0.05 else f"{difference:+.1f}"


def took(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} 秒"
