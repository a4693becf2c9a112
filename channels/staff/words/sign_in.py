"""Sentences of signing in, passwords, the second factor, the home page."""

from __future__ import annotations

WRONG = "用户名、密码或动态口令不对，还有 {left} 次机会"
LOCKED = "错的次数太多，已锁定到 {until}。着急请找管理员解锁。"
EXPIRED = "这个初始密码已经过期，请找管理员重设"
IDLE = "很久没有操作，已经退出。没保存的内容留在这台电脑上，登录后会放回来。"
CHANGED = "密码已改好，别处的登录都已退出"
MUST_CHANGE = "这个密码是别人设的，或已到期。请先改成只有您自己知道的。"
TWICE = "两次输入的新密码不一样"
BOUND = "动态口令已绑定，下次登录要填"
DROPPED = "已取消动态口令"
TOTP_NEEDED = "本单位要求绑定动态口令，绑定后才能继续"
OUT = "已退出登录"

ERRORS = {
    403: "没有权限",
    404: "没有找到",
    409: "现在不能这样做",
    413: "内容太大",
    422: "内容不对",
    429: "太频繁了",
    500: "出了问题",
    503: "暂时不可用",
}
UNEXPECTED = "程序出了问题，已经记下。请稍后再试，或告诉系统管理员。"
INVALID = "地址或内容不对"
