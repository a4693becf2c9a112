"""The text of the notices that are printed, in the form of 信访 documents."""

from __future__ import annotations

TITLES = {
    "register": "信访事项登记告知书",
    "accept": "信访事项受理告知书",
    "refuse": "信访事项不予受理告知书",
    "no_longer": "信访事项不再受理告知书",
    "transfer": "信访事项转送告知书",
    "assign": "信访事项交办告知书",
    "extend": "信访事项延期办理告知书",
    "answer": "信访事项处理意见书",
    "sheet": "信访事项办理单",
}
"""In the order in which they are offered."""

STATES = {
    "register": ("registered",),
    "accept": ("accepted", "in_progress"),
    "refuse": ("not_accepted",),
    "no_longer": ("no_longer_accepted",),
    "transfer": ("transferred",),
    "assign": ("assigned",),
    "extend": ("extended",),
    "answer": ("answered", "closed"),
}
"""In which states there is something of the kind to tell; the sheet is for all."""

NUMBER = "编号：{code}"
TO = "{name}："
NO_NAME = "信访人"
CLOSING = "特此告知。"

OPENING = "您于{filed}通过{channel}反映的信访事项（{subject}）已收悉。"
TALE = 60
BODY = {
    "register": (
        "该事项已于{filed}登记。依照《信访工作条例》的规定，{office}应当在规定期限内告知您是否受理。",
    ),
    "accept": (
        "经审查，该事项属于{office}的职责范围，现决定予以受理。",
        "依照《信访工作条例》第三十四条，该事项应当自受理之日起60日内办结；情况复杂的，"
        "经批准可以适当延长办理期限，延长期限不超过30日，并告知您延期理由。",
    ),
    "refuse": ("经审查，现决定不予受理。理由如下：", "{reason}"),
    "no_longer": ("经审查，现决定不再受理。理由如下：", "{reason}"),
    "transfer": ("该事项已转送{office}处理，请您与该单位联系，或者凭编号查询办理情况。",),
    "assign": ("该事项已交{office}办理，您可以凭编号查询办理情况。",),
    "extend": (
        "该事项由{office}办理。因下列原因，依照《信访工作条例》第三十四条，"
        "决定将办理期限延长{days}日：",
        "{reason}",
    ),
    "answer": (
        "经{office}调查处理，现答复如下：",
        "{answer}",
        "如不服本处理意见，您可以自收到之日起30日内，依照《信访工作条例》第三十五条，"
        "请求原办理机关、单位的上一级机关、单位复查。",
    ),
}
SUM = "期限：{sum}（依据{source}）。{rule}。"

FACTS = "基本情况"
COURSE = "办理经过"
EMPTY = ("拟办意见", "领导批示", "办理结果")
"""Left blank, to be written on by hand."""
LABELS = {
    "code": "编号",
    "filed": "登记时间",
    "channel": "来信渠道",
    "category": "类目",
    "name": "信访人",
    "phone": "联系电话",
    "place": "地点",
    "office": "承办单位",
    "status": "当前状态",
    "due": "办理期限",
    "text": "诉求内容",
    "demand": "希望怎样解决",
}
