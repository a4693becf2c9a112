"""Who may do what: rights, roles that bundle them, and which roles never meet in one account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from nlu.text.errors import Unprocessable


class Right(str, Enum):
    """One thing that a page may ask for; the value is stored nowhere."""

    READ_KNOWLEDGE = "read_knowledge"
    EDIT_KNOWLEDGE = "edit_knowledge"
    APPROVE_KNOWLEDGE = "approve_knowledge"
    IMPORT_KNOWLEDGE = "import_knowledge"
    EXPORT = "export"
    HANDLE_CASES = "handle_cases"
    UNMASK = "unmask"
    READ_AUDIT = "read_audit"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_SETTINGS = "manage_settings"


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of rights under a name that an office knows."""

    name: str
    title: str
    duty: str
    """In one line, for whoever gives it to somebody."""
    rights: frozenset[Right]


CURATOR = Role(
    "curator",
    "编辑",
    "写问答、导入法规、整理市民没问到的；自己不能发布",
    frozenset({Right.READ_KNOWLEDGE, Right.EDIT_KNOWLEDGE, Right.IMPORT_KNOWLEDGE, Right.EXPORT}),
)
APPROVER = Role(
    "approver",
    "审核",
    "审核问答，发布、停用、退回到以前的版本",
    frozenset({Right.READ_KNOWLEDGE, Right.APPROVE_KNOWLEDGE, Right.EXPORT}),
)
HANDLER = Role(
    "handler",
    "办件",
    "看诉求、分办、受理、答复；看群众的号码要写理由",
    frozenset({Right.READ_KNOWLEDGE, Right.HANDLE_CASES, Right.UNMASK, Right.EXPORT}),
)
AUDITOR = Role(
    "auditor",
    "审计",
    "看操作记录和登录记录，可以导出；什么都不能改",
    frozenset({Right.READ_AUDIT}),
)
ADMINISTRATOR = Role(
    "administrator",
    "管理员",
    "管账号和设置；看不到诉求，也删不了操作记录",
    frozenset({Right.MANAGE_ACCOUNTS, Right.MANAGE_SETTINGS}),
)
ROLES: Mapping[str, Role] = {
    role.name: role for role in (CURATOR, APPROVER, HANDLER, AUDITOR, ADMINISTRATOR)
}


def rights_of(roles: Iterable[str]) -> frozenset[Right]:
    """All that these roles allow; a name that is no role allows nothing."""
    bundles = [ROLES[name].rights for name in roles if name in ROLES]
    return frozenset().union(*bundles)


def titles(roles: Iterable[str]) -> str:
    """The roles as staff read them."""
    return "、".join(ROLES[name].title for name in ROLES if name in set(roles)) or "没有角色"


def checked(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles in their usual order; refuses unknown ones and those that must not meet.

    GB/T 22239 separates duties: who watches does nothing else, and who
    gives out accounts does not read petitions.
    """
    wanted = set(roles)
    if wanted - ROLES.keys():
        raise Unprocessable("没有这个角色", field="roles")
    if AUDITOR.name in wanted and len(wanted) > 1:
        raise Unprocessable("审计只看不改，不能兼任别的角色", field="roles")
    if {ADMINISTRATOR.name, HANDLER.name} <= wanted:
        raise Unprocessable("管理员不看诉求，不能兼任办件", field="roles")
    return tuple(name for name in ROLES if name in wanted)
