"""What the pages on four eyes say."""

from __future__ import annotations

from collections.abc import Mapping

ACTS: Mapping[str, str] = {
    "roles": "改角色",
    "switches": "关闭双人复核",
    "retire": "停用知识",
    "bulk": "批量改知识",
    "export": "导出知识",
    "export_cases": "导出诉求",
}
STATES: Mapping[str, str] = {
    "open": "待复核",
    "running": "执行中",
    "done": "已通过",
    "failed": "通过了，没有做成",
    "rejected": "已退回",
    "withdrawn": "已撤回",
}
TONES: Mapping[str, str] = {
    "open": "yellow",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "rejected": "red",
    "withdrawn": "secondary",
}
TABS: Mapping[str, str] = {"to_decide": "待我复核", "made": "我提出的", "ended": "已了结"}
EMPTY: Mapping[str, str] = {
    "to_decide": "没有等您复核的",
    "made": "您没有提出过",
    "ended": "还没有已了结的",
}

MADE = "已提交复核，由另一个人通过后才生效"
APPROVED = "已通过：{outcome}"
FAILED = "已通过，但没有做成：{outcome}"
REJECTED = "已退回"
WITHDRAWN = "已撤回"
TODO = "件等您复核"

OPINION_NEEDED = "退回要写明意见"
REASON_NEEDED = "请写明为什么，复核的人要看"
OWN = "自己提出的，要由另一个人复核"
NOT_YOURS = "您的角色不能复核这一件"
ONLY_PROPOSER = "只有提出的人能撤回"
DECIDED = "这一件已经处理过了"
SAME_OPEN = "同样的事已有一件在等复核"
UNKNOWN = "没有这一件"
BROKEN = "执行时中断，请核对后重新提出"
TOGETHER = "{maker} 提出，{approver} 复核"
