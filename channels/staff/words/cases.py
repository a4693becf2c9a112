"""What the case pages say, and the labels of what they show."""

from __future__ import annotations

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "undecided": ("待受理", ("registered", "transferred", "assigned")),
    "handled": ("办理中", ("accepted", "in_progress", "extended")),
    "answered": ("已答复", ("answered",)),
    "closed": ("已办结", ("closed",)),
    "refused": ("不予受理", ("not_accepted", "no_longer_accepted")),
    "withdrawn": ("已撤回", ("withdrawn",)),
}
"""The tabs above the list, each with the statuses that it stands for."""

STATUS = {
    "registered": "已登记",
    "transferred": "已转送",
    "assigned": "已交办",
    "accepted": "已受理",
    "in_progress": "办理中",
    "extended": "已延期",
    "answered": "已答复",
    "closed": "已办结",
    "not_accepted": "不予受理",
    "no_longer_accepted": "不再受理",
    "withdrawn": "已撤回",
}
COLOURS = {"overdue": "已超期", "near": "快到期", "ok": "未到期", "none": "不计期限"}
CHANNELS = {"wechat": "微信公众号", "web": "网页对话", "mini": "小程序", "api": "接口"}
SORTS = {
    "due": "期限近的在前",
    "-due": "期限远的在前",
    "-created": "新登记的在前",
    "created": "早登记的在前",
    "-updated": "新变化的在前",
    "updated": "久未变化的在前",
}
MOVES = {
    "accept": "受理",
    "refuse": "不予受理",
    "assign": "交办",
    "transfer": "转送",
    "extend": "延期",
    "answer": "答复",
    "close": "办结",
}
DONE = {
    "accept": "已受理，60 日办理期限开始计算",
    "refuse": "已登记为不予受理，理由会告知信访人",
    "assign": "已交办",
    "transfer": "已转送",
    "extend": "已延期，理由会告知信访人",
    "answer": "已答复，信访人可以看到",
    "close": "已办结",
}
FIELDS = {"phone": "电话", "name": "姓名", "contact": "姓名和电话", "text": "诉求原文"}
WAYS = {"page": "页面查看", "print": "打印", "export": "导出"}
HANDOFF_REASONS = {
    "asked": "要求转人工",
    "danger": "可能有危险",
    "crisis": "可能有危险",
    "misunderstood": "几次没有听懂",
    "poison": "系统没能处理",
}
DECISIONS = {
    "unasked": "系统找到，未询问信访人",
    "different": "信访人说不是一件事",
    "follow": "信访人选择附议",
    "add": "信访人选择补充",
}
COLUMNS = {
    "code": "编号",
    "created_at": "登记时间",
    "status_label": "状态",
    "category": "类目",
    "office": "承办单位",
    "channel": "渠道",
    "urgent": "紧急",
    "place": "地点",
    "text": "诉求内容",
    "demand": "希望怎样解决",
    "name": "姓名",
    "phone": "电话",
    "due": "期限",
    "clock_name": "期限事项",
    "article": "依据条款",
    "colour": "期限状态",
    "days_left": "剩余天数",
    "accepted_at": "受理时间",
    "answered_at": "答复时间",
    "extended_days": "延期天数",
    "answer": "答复内容",
    "stars": "评价",
    "followers": "附议人数",
    "updated_at": "最近变化",
}
USUAL_COLUMNS = (
    "code",
    "created_at",
    "status_label",
    "category",
    "office",
    "place",
    "text",
    "name",
    "phone",
    "due",
    "colour",
)
PERSONAL = frozenset({"name", "phone"})

NOT_NOW = "这件当前“{status}”，不能{move}"
REASON_NEEDED = "请写明理由"
OFFICE_NEEDED = "请选择承办单位"
TEXT_NEEDED = "请写答复内容"
DAYS_WRONG = "延期天数应为 1 至 30"
COLUMNS_NEEDED = "至少选一列"
NOTHING_CHOSEN = "还没有选中诉求，请先在列表里打勾"
DATE_WRONG = "日期应写成 2026-11-22"
NO_RIGHT_TO_UNMASK = "没有查看完整姓名和电话的权限"
HANDOFF_DONE = "已处理完"

EXPORT_TITLE = "导出诉求 {total} 条（{filter}），{who}"
EXPORT_PROPOSED = "已提交复核；另一个人通过后，到导出页下载"
EXPORT_READY = "可以到诉求的导出页下载，三天内有效"
EXPORT_AGREED = "{reason}（{by} 复核）"
EXPORT_GONE = "没有这份导出，或者已经过期"
EXPORT_ROWS, EXPORT_COLUMNS, EXPORT_PERSONAL = "条数", "列", "姓名、电话和号码"
CLEAR, MASKED, EVERYTHING = "不遮住", "遮住", "全部"
FILE_NAME = "诉求列表_{moment}.xlsx"
SHEET_TITLE = "诉求列表"
WATERMARK = "{who} {moment} 导出，共 {rows} 条，内部资料，请勿外传"
PAGES = "第 &P 页，共 &N 页"
YES, NO = "是", ""
NO_NAME, NO_PHONE = "没有留姓名", "没有留电话"
ANONYMOUS = "（要求匿名）"


def due(colour: str, days: int | None) -> str:
    """已超期 2 天 · 快到期，还剩 3 天 · 还剩 12 天"""
    if days is None:
        return ""
    if colour == "overdue":
        return f"{COLOURS[colour]} {max(1, -days)} 天"
    left = f"还剩 {days} 天" if days else "今天到期"
    return f"{COLOURS[colour]}，{left}" if colour == "near" and days else left


def actor(name: str) -> str:
    """Who stands behind an event of the timeline."""
    if name == "citizen":
        return "信访人"
    return "系统" if name == "system" else name.removeprefix("staff:")
