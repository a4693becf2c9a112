"""What the pages on imports, exports and laws say."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.imports.records import Fate, Job, Kind, State
from knowledge_base.laws.records import LawLine, LawState
from knowledge_base.laws.records import Sort as LawSort

KINDS: Mapping[Kind, str] = {"laws": "法规政策", "faq": "常见问答", "precedents": "典型案例"}
UNITS: Mapping[Kind, str] = {"laws": "个文件", "faq": "条", "precedents": "条"}
ACCEPTED: Mapping[Kind, str] = {
    "laws": ".md,.txt,.html,.htm,.docx,.pdf,.zip",
    "faq": ".xlsx,.csv,.json,.zip",
    "precedents": ".xlsx,.csv,.json,.zip",
}
ACCEPTED_WORDS: Mapping[Kind, str] = {
    "laws": "仅允许导入 md、txt、html、docx、pdf，或装着这些文件的 zip；单个文件最大 50 MB。",
    "faq": "仅允许导入 xlsx、csv、json；一次最多 20000 行。",
    "precedents": "仅允许导入 xlsx、csv、json；一次最多 20000 行。",
}
AFTERWARDS: Mapping[Kind, str] = {
    "laws": "按章、节、条拆开；同一部法规有新版本的，旧版本保留、标为失效，答复群众只用现行的。",
    "faq": "导入的先是草稿，提交审核、通过以后才用来答复群众。",
    "precedents": "导入的先是草稿，提交审核、通过以后才用来答复群众。请先隐去姓名、电话、门牌。",
}
STATES: Mapping[State, str] = {
    "waiting": "排队中",
    "reading": "正在读取",
    "preview": "等您确认",
    "importing": "正在导入",
    "done": "已完成",
    "failed": "没有做完",
    "cancelled": "已取消",
}
STATE_TONES: Mapping[State, str] = {
    "waiting": "secondary",
    "reading": "info",
    "preview": "warning",
    "importing": "info",
    "done": "success",
    "failed": "danger",
    "cancelled": "secondary",
}
STALLED = "停住了"
STALLED_NOTE = "三分钟没有动静了，可能是程序重启过。点“接着做”从停下的地方继续。"
FATES: Mapping[Fate, str] = {
    "new": "新增",
    "newer": "新版本",
    "older": "历史版本",
    "changed": "已有，内容不同",
    "existing": "已有，一样",
    "twice": "重复",
    "invalid": "不能导入",
    "imported": "已导入",
    "skipped": "跳过",
    "failed": "失败",
}
FATE_TONES: Mapping[Fate, str] = {
    "new": "success",
    "newer": "success",
    "older": "secondary",
    "changed": "warning",
    "existing": "secondary",
    "twice": "danger",
    "invalid": "danger",
    "imported": "success",
    "skipped": "secondary",
    "failed": "danger",
}
LAW_STATES: Mapping[LawState, str] = {
    "in_force": "现行",
    "upcoming": "尚未施行",
    "superseded": "失效",
    "retired": "已停用",
}
LAW_TONES: Mapping[LawState, str] = {
    "in_force": "success",
    "upcoming": "info",
    "superseded": "secondary",
    "retired": "dark",
}
LAW_SORTS: Mapping[LawSort, str] = {
    "newest": "最近导入的在前",
    "version": "版本新的在前",
    "name": "按名称",
}
NATIONWIDE = "全国"
CHOOSE_FILE = "请选择要导入的文件"
STARTED = "文件已经收到，正在读取；读完会列出每一{unit}怎么处理，由您确认。"
SAVED_TICKS = "勾选已保存"
TICKED_ALL = "已勾选 {count} 项"
UNTICKED_ALL = "已去掉 {count} 项的勾选"
CONFIRMED = "开始导入，可以离开这一页，做完会留在列表里"
CANCELLED = "已取消"
RESUMED = "接着做"
RETIRED = "已停用《{law}》，不再用来答复群众"
RESTORED = "已恢复《{law}》"
SYSTEM = "系统"


def who(name: str) -> str:
    """An account's name; the program itself has none."""
    return SYSTEM if name in ("", "system") else name


def successor(line: LawLine) -> str:
    """What took the place of a law: its own newer version, or another law."""
    version = line.superseded_by.removeprefix(line.law).strip("（）")
    if line.superseded_by.startswith(line.law) and version:
        return f"有新版本（{version}）"
    return f"被《{line.superseded_by}》代替" if line.superseded_by else ""


def outcome(job: Job) -> str:
    """成功 n、失败 m，跳过 k."""
    counts = job.counts
    told = f"成功 {counts.get('imported', 0)}、失败 {counts.get('failed', 0)}"
    return told + (f"、跳过 {counts['skipped']}" if counts.get("skipped") else "")
