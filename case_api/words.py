"""The case API's words: labels, timeline entries, problem details (for staff and programs).

What the bot says to citizens is in `domain.yml`; it fills these labels in.
"""

from __future__ import annotations

STATUS = {
    "registered": "已登记",
    "accepted": "已受理",
    "not_accepted": "不予受理",
    "no_longer_accepted": "不再受理",
    "transferred": "已转送",
    "assigned": "已交办",
    "in_progress": "办理中",
    "extended": "已延期",
    "answered": "已答复",
    "closed": "已办结",
    "withdrawn": "已撤回",
}

EVENTS = {
    "registered": "已登记，编号 {code}",
    "routed": "已分到{office}",
    "to_hand": "内容需要人工判断，已转人工分办",
    "accepted": "{office}已受理",
    "not_accepted": "{office}不予受理：{reason}",
    "no_longer_accepted": "{office}不再受理：{reason}",
    "transferred": "已转送{office}",
    "assigned": "已交{office}办理",
    "extended": "办理期限延长{days}日：{reason}",
    "answered": "{office}已答复：{text}",
    "closed": "已办结",
    "withdrawn": "信访人撤回",
    "supplemented": "信访人补充了材料",
    "rated": "信访人评价 {stars} 星",
    "followed": "又有一人反映同一问题",
    "noted": "办理意见：{text}",
    "linked": "与 {other} 相似（{relation}，{probability:.0%}）",
    "proofs_paused": "有人多次尝试查询，已暂停凭查询码和手机尾号查询；本人账号不受影响",
}

BY_HAND = "人工分办"
"""Stands as the office where a person has yet to decide; no office has this name."""
BEFORE_ROUTING = "信访部门"

RELATION = {"same": "同一事项", "related": "相关事项"}

URGENCY = {
    "life": "危及安全",
    "many": "牵涉多人",
    "vulnerable": "老幼病残",
    "essential": "断水断电等",
    "waiting": "久拖未决",
}

DUE = "{office}最迟{date}前{promise}（《信访工作条例》{article}，{days}日内）"
DUE_URGENT = "情况紧急，{office}应在{date}前先行联系处理"
PROMISE = {
    "notice": "告诉您受理没有、怎么办",
    "handling": "办结并答复",
    "extension": "办结并答复（已延期）",
}
REVIEW = "对答复不服的，可在{date}前申请复查（依照《信访工作条例》第三十五条，收到答复后30日内）"

SOURCE = "《信访工作条例》{article}"
SUM_START = {"filed": "{date}登记", "accepted": "{date}受理", "answered": "{date}答复"}
SUM_DAYS = "{days}日"
SUM_EXTENSION = "延期{days}日"
SUM_RULE = "当日不计，从第二天起按日历天数算，最后一天 24 时为止；遇节假日不顺延"

REASON_VECTOR = "意思相近"
REASON_WORDS = "用词相近"
REASON_PLACE = "地点相同"
REASON_NEAR = "地点相近"
REASON_MINE = "同一人反映"
REASON_CATEGORY = "同类问题"
REASON_NUMBERS = "提到相同的数字"

MOVE_REFUSED = "案件当前为“{status}”，不能这样操作"
ALREADY_EXTENDED = "已经延期过一次，不能再延（信访工作条例 第三十四条）"
ALREADY_THERE = "已经由{office}承办"
CHANGED_SINCE = "这件在您打开之后有了新的变化，请看过再办"
NOTHING_TO_SHOW = "这件没有登记这一项"
HANDOFF_SEEN_TO = "已经有人处理完了"
TOO_MANY_ROWS = "符合条件的有 {total} 条，一次最多 {most} 条，请缩小范围"
ACTOR_MISSING = "缺少 X-Staff-Actor 请求头：要写明是谁"
ACTOR_BAD = "X-Staff-Actor、X-Staff-Address 应为百分号编码的 1–64 个可见字符"
TOLD = {
    "text": "诉求内容",
    "demand": "希望怎样解决",
    "place": "地点",
    "name": "姓名",
    "phone": "电话",
}
TOLD_LATER = "{date}{what}"
TOLD_WITH = {"supplemented": "补充", "withdrawn": "撤回说明", "rated": "评价"}
ALREADY_RATED = "这件已经评价过"
NOT_SHOWN = "没有找到，或者验证没有通过"
PROOF_SHAPE = {"query_code": "查询码是六位数字", "phone_tail": "手机尾号是四位数字"}
TOO_MANY_PROOFS = "尝试次数过多，请稍后再试"
NO_FREE_CODE = "暂时无法生成编号，请稍后再试"
LINK_UNKNOWN = "关联的编号不存在"
NO_TOKEN = "需要有效的服务令牌"  # noqa: S105
KEY_MISSING = "缺少 Idempotency-Key 请求头"
KEY_BAD = "Idempotency-Key 应为 1–200 个可见字符"
KEY_REUSED = "这个 Idempotency-Key 已用于内容不同的请求"
KEY_BUSY = "同一个 Idempotency-Key 的请求正在处理"
CURSOR_BAD = "cursor 无效"
CODE_HINT = "编号形如 MS-261122-7K3QF-X，请对照短信或聊天记录再核对一遍"
EXTENSION_TOO_LONG = "延期不得超过 30 日（信访工作条例 第三十四条）"
UNKNOWN_FIELD_VALUE = "取值不在允许范围内"
INVALID_BODY = "内容不符合要求"
INVALID_JSON = "请求正文不是有效的 JSON"
UNEXPECTED = "服务内部出错，已记录"
