"""What the trail's names mean: acts, kinds of objects, fields, outcomes of sign-ins."""

from __future__ import annotations

from collections.abc import Mapping

from channels.staff.accounts.settings import FOUR_EYES, TOTP
from channels.staff.roles import ROLES
from channels.staff.words import cases as case_words
from channels.staff.words import entries as entry_words
from channels.staff.words.proposals import ACTS as PROPOSALS

ACTS: Mapping[str, str] = {
    # Entries and what they are grouped, tested and released by.
    **{f"faq_{act}": label for act, label in entry_words.ACTS.items()},
    "faq_confirm": "核对有效",
    "group_open": "放回待处理",
    "group_drafted": "生成草稿",
    "group_added": "加为问法",
    "group_dismissed": "忽略",
    "group_merge": "合并问题组",
    "group_split": "拆分问题组",
    "regions_set": "改地区名单",
    "release_start": "首次上线",
    "release_approve": "发布上线",
    "release_retire": "停用生效",
    "release_rollback": "回退到以前的版本",
    "release_import": "导入后上线",
    "release_day": "按日期生效或失效",
    "gold_add": "加必答问题",
    "gold_remove": "删必答问题",
    "run_batch": "批量测试",
    "import_start": "上传导入文件",
    "import_confirm": "确认导入",
    "import_cancel": "取消导入",
    "import_resume": "继续导入",
    "import_done": "导入完成",
    "law_retire": "停用法规",
    "law_restore": "恢复法规",
    "starter": "更新自带内容",
    "export": "导出",
    # Cases: the moves' own names.
    "accept": "受理",
    "refuse": "不予受理",
    "assign": "交办",
    "extend": "延期",
    "answer": "答复",
    "close": "办结",
    "unmask": "查看隐去的信息",
    # The office itself.
    "account_made": "建账号",
    "account_changed": "改账号",
    "account_shut": "停用账号",
    "account_opened": "启用账号",
    "account_unlocked": "解锁账号",
    "password_reset": "重设密码",
    "password_changed": "改自己的密码",
    "totp_bound": "绑定动态口令",
    "totp_dropped": "解除动态口令",
    "session_ended": "强制退出",
    "settings_changed": "改设置",
    "proposal_made": "提出，待复核",
    "proposal_approved": "复核通过",
    "proposal_done": "复核后已执行",
    "proposal_failed": "复核后没有做成",
    "proposal_rejected": "复核退回",
    "proposal_withdrawn": "撤回所提",
}
KINDS: Mapping[str, str] = {
    "faq": "问答",
    "precedent": "典型案例",
    "question_group": "问题组",
    "setting": "知识设置",
    "release": "发布",
    "gold": "必答问题",
    "run": "测试",
    "import": "导入",
    "knowledge": "知识库",
    "law": "法规",
    "case": "诉求",
    "handoff": "转人工",
    "account": "账号",
    "settings": "后台设置",
    "proposal": "双人复核",
    "trail": "操作记录",
}
OBJECTS: Mapping[tuple[str, str], str] = {
    ("gold", "refuse"): "应当不答的",
    ("case", "list"): "诉求列表",
    ("settings", "console"): "",
    ("setting", "regions"): "",
    ("trail", "audit"): "操作记录",
    ("trail", "sign_ins"): "登录记录",
}
"""Objects whose names are the program's own."""
FIELDS: Mapping[str, str] = {
    **entry_words.FIELDS,
    **case_words.FIELDS,
    "status": "状态",
    "version": "版本",
    "published_version": "群众看到的版本",
    "state": "状态",
    "title": "名称",
    "note": "说明",
    "faq": "对应问答",
    "into": "并入",
    "groups": "问题组",
    "taken_out": "拆出的问题",
    "regions": "地区",
    "release": "发布版本",
    "faqs": "问答",
    "documents": "法规",
    "content": "内容",
    "questions": "问题",
    "right": "应答",
    "rows": "行数",
    "filters": "筛选条件",
    "chosen": "勾选",
    "update": "覆盖已有",
    "law": "法规名称",
    "article": "条",
    "documents_added": "新生效的法规",
    "documents_removed": "不再生效的法规",
    "added": "新增",
    "changed": "更新",
    "retired": "停用",
    "imported": "导入",
    "failed": "失败",
    "skipped": "跳过",
    "office": "承办单位",
    "due": "期限",
    "extended_days": "延期天数",
    "field": "查看的内容",
    "way": "方式",
    "columns": "列",
    "filter": "筛选条件",
    "worse": "变差的必答问题",
    "run": "测试编号",
    "overruled_by": "坚持发布的人",
    "unmasked": "含隐去的信息",
    "display_name": "姓名",
    "staff_number": "工号",
    "roles": "角色",
    "address": "地址",
    "idle_minutes": "多久不操作就退出（分钟）",
    "lock_tries": "连续错几次就锁定",
    "lock_minutes": "锁定多久（分钟）",
    "password_length": "密码至少多长",
    "password_days": "密码多久要换（天）",
    "page_size": "列表每页几行",
    "totp": "动态口令",
    "one_session": "一个账号只能在一处登录",
    "watermark": "页面水印",
    "four_eyes": "双人复核",
    "act": "事项",
    "changes": "变动",
    "made_by": "提出人",
    "outcome": "结果",
}
OUTCOMES: Mapping[str, str] = {
    "in": "登录成功",
    "wrong": "密码或口令不对",
    "locked": "锁定中，没有受理",
    "disabled": "账号已停用",
    "expired": "初始密码过期",
    "out": "自己退出",
    "idle": "久不操作，自动退出",
    "ended": "被管理员退出",
}
OUTCOME_TONES: Mapping[str, str] = {
    "in": "green",
    "wrong": "red",
    "locked": "red",
    "disabled": "red",
    "expired": "yellow",
    "ended": "yellow",
}

VALUES: Mapping[str, Mapping[str, str]] = {
    "status": {**entry_words.STATUS, **case_words.STATUS},
    "state": {
        "open": "待处理",
        "drafted": "已生成草稿",
        "added": "已加为问法",
        "dismissed": "已忽略",
        "done": "已完成",
        "failed": "没有做成",
    },
    "kind": {"faq": "常见问答", "precedent": "典型案例", "precedents": "典型案例", "laws": "法规"},
    "field": case_words.FIELDS,
    "way": case_words.WAYS,
    "columns": case_words.COLUMNS,
    "totp": TOTP,
    "four_eyes": FOUR_EYES,
    "roles": {role.name: role.title for role in ROLES.values()},
    "act": PROPOSALS,
}
"""What values are called, by the field that they stand in."""

EMPTY = "（空）"
NONE = "无"
YES, NO = "是", "否"
SYSTEM = "系统"
NOBODY = "没有这个账号"
WHOLE = (
    "完整，共 {total} 条，前后都对得上。最后一条的校验值是 {last}，"
    "与以前导出的文件核对，可以知道后面有没有被删过。"
)
BROKEN = (
    "不完整：从第 {number} 条起对不上（共 {total} 条），它或它前面的被改过或删过。"
    "请保留现场并报告。"
)
TOO_MANY = "符合条件的超过 {most} 条，只导出最近的 {most} 条；请缩小日期范围分几次导出"

TRAIL_FILE = "操作记录_{moment}.xlsx"
SIGN_IN_FILE = "登录记录_{moment}.xlsx"
ABOUT = "说明"
ABOUT_ROWS = (("导出人", "who"), ("导出时间", "when"), ("筛选条件", "filters"), ("行数", "rows"))
TRAIL_COLUMNS = (
    ("序号", 8),
    ("时间", 18),
    ("谁", 18),
    ("地址", 18),
    ("做了什么", 18),
    ("对象种类", 12),
    ("对象", 28),
    ("改前", 50),
    ("改后", 50),
    ("理由", 30),
    ("校验值", 20),
)
SIGN_IN_COLUMNS = (
    ("时间", 18),
    ("账号", 18),
    ("姓名", 14),
    ("结果", 18),
    ("地址", 18),
    ("浏览器", 60),
)
FILTERS: Mapping[str, str] = {
    "by": "谁",
    "act": "做了什么",
    "kind": "对象种类",
    "object": "对象",
    "since": "从",
    "until": "到",
    "q": "关键词",
    "name": "账号",
    "outcome": "结果",
    "address": "地址",
}
ALL = "全部"
