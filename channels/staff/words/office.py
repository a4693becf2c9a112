"""What the pages on accounts, sessions and settings say."""

from __future__ import annotations

from collections.abc import Mapping

ROLES_OF = "账号 {account} 的角色"
ROLES = "角色"
ROLES_CHANGED = "{account} 的角色已改为：{roles}"
SWITCH_OFF = "关闭双人复核"
SWITCHED_OFF = "已关闭双人复核：{names}"
ON = "开"
OFF = "关"

REASON_NEEDED = "请写明为什么"
ROLE_NEEDED = "至少选一个角色"
OWN_ROLES = "不能改自己的角色"
CHANGED_SINCE = "提出以后这个账号的角色又变过，请重新提出"
TWO_NEEDED = "至少要有两个能用的管理员账号，才能打开“给账号授予或收回角色”的双人复核"
NOT_A_NUMBER = "请填数字"

ADDED = "账号已建好"
CHANGED = "已保存"
PROPOSED = "角色的变动已提交复核，由另一位管理员通过后才生效；其余已保存"
SWITCHES_PROPOSED = "其余已保存；关闭双人复核已提交，由另一位管理员通过后才生效"
UNLOCKED = "已解锁"
SHUT = "已停用，这个账号已从各处退出"
OPENED = "已启用"
TOTP_DROPPED = "已解除动态口令"
ENDED = "已强制退出"
ENDED_BEFORE = "这次登录已经结束了"

STATES: Mapping[str, str] = {
    "active": "正常",
    "locked": "锁定中",
    "first": "还没改初始密码",
    "shut": "已停用",
}
TONES: Mapping[str, str] = {
    "active": "green",
    "locked": "red",
    "first": "yellow",
    "shut": "secondary",
}
