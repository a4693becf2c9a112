"""Labels and sentences of the pages on what citizens asked in vain."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.group_lines import Sort, State

STATES: Mapping[State, str] = {
    "open": "待处理",
    "drafted": "已起草",
    "added": "已并入",
    "dismissed": "已忽略",
}
REASONS = {"refused": "没答上", "useless": "点了没用", "handoff": "随后转人工"}
SORTS: Mapping[Sort, str] = {
    "askers": "问的人多的在前",
    "times": "次数多的在前",
    "newest": "最近问的在前",
}
OUTCOMES = {
    "answered": "答了",
    "offered": "列了几个相近的",
    "refused": "没答",
    "picked": "从列出的里选了",
}
CHANNELS = {"wechat": "公众号", "miniprogram": "小程序", "web": "网页"}

DISMISSED = "已忽略；意思相近的问题以后不再列出来"
REOPENED = "已放回待处理"
MERGED = "已合并为一组"
SPLIT = "已拆出单独一组"
ADDED = "已加为“{question}”的问法，成了第 {version} 版草稿；提交审核、发布以后群众就能问到"
NOTHING_NEW = "这些问法那条问答里都有了"
NOTHING_CHOSEN = "还没有选中，请先打勾"
REASON_NEEDED = "请写明为什么忽略"
ENTRY_NEEDED = "请选一条问答"
"""Said where a form lacks what it needs."""
