"""The console's menu: what there is, under which name, for whom."""

from __future__ import annotations

from dataclasses import dataclass

from channels.staff.roles import Right


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu."""

    title: str
    url: str
    rights: tuple[Right, ...]
    """Any of these opens it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together."""

    title: str
    items: tuple[Item, ...]


PROPOSALS = (
    Right.MANAGE_ACCOUNTS,
    Right.MANAGE_SETTINGS,
    Right.APPROVE_KNOWLEDGE,
    Right.EDIT_KNOWLEDGE,
    Right.EXPORT,
)
"""Whoever may propose something that needs a second person, or be that person."""
GROUPS: tuple[Group, ...] = (
    Group(
        "知识",
        (
            Item("市民没问到的", "/staff/unanswered", (Right.READ_KNOWLEDGE,)),
            Item("常见问答", "/staff/faqs", (Right.READ_KNOWLEDGE,)),
            Item("典型案例", "/staff/precedents", (Right.READ_KNOWLEDGE,)),
            Item("法规", "/staff/laws", (Right.READ_KNOWLEDGE,)),
            Item("各地口径", "/staff/regions", (Right.READ_KNOWLEDGE,)),
            Item("审核", "/staff/review", (Right.READ_KNOWLEDGE,)),
            Item("导入", "/staff/imports", (Right.IMPORT_KNOWLEDGE,)),
            Item("导出", "/staff/exports", (Right.EXPORT,)),
        ),
    ),
    Group(
        "检验",
        (
            Item("命中测试", "/staff/hit-test", (Right.READ_KNOWLEDGE,)),
            Item("批量测试", "/staff/batches", (Right.READ_KNOWLEDGE,)),
            Item("必答问题", "/staff/gold", (Right.READ_KNOWLEDGE,)),
            Item("测试走势", "/staff/runs", (Right.READ_KNOWLEDGE,)),
            Item("发布记录", "/staff/releases", (Right.READ_KNOWLEDGE,)),
        ),
    ),
    Group(
        "办件",
        (
            Item("诉求办理", "/staff/cases", (Right.HANDLE_CASES,)),
            Item("等人工的", "/staff/handoffs", (Right.HANDLE_CASES,)),
        ),
    ),
    Group(
        "系统",
        (
            Item("双人复核", "/staff/proposals", PROPOSALS),
            Item("账号", "/staff/accounts", (Right.MANAGE_ACCOUNTS,)),
            Item("在线", "/staff/sessions", (Right.MANAGE_ACCOUNTS,)),
            Item("设置", "/staff/settings", (Right.MANAGE_SETTINGS,)),
            Item("操作记录", "/staff/audit", (Right.READ_AUDIT,)),
            Item("登录记录", "/staff/sign-ins", (Right.READ_AUDIT,)),
        ),
    ),
)
