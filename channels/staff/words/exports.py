"""What the page on exports says."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "faq": "常见问答",
    "precedents": "典型案例",
    "laws": "法规政策",
    "all": "全部知识",
}
FORMATS: Mapping[str, Mapping[str, str]] = {
    "faq": {"xlsx": "Excel 表格（xlsx），列和导入模板一样", "json": "JSON，给别的程序用"},
    "precedents": {"xlsx": "Excel 表格（xlsx），列和导入模板一样", "json": "JSON，给别的程序用"},
    "laws": {
        "xlsx": "Excel 表格（xlsx），一页目录、一页条文；几千部要一分钟左右",
        "zip": "压缩包（zip），一部一个文件，可以再导入",
        "json": "JSON，给别的程序用",
    },
    "all": {"json": "JSON，问答、案例、法规都在里面"},
}
MEDIA: Mapping[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "zip": "application/zip",
}
ENTRY_FILTERS = {
    "q": "关键词",
    "status": "状态",
    "flag": "提醒",
    "category": "类目",
    "region": "地区",
    "owner": "责任单位",
}
LAW_FILTERS = {"q": "名称", "region": "地区", "state": "状态"}
CHOOSE_FORMAT = "请选择导出成什么文件"
PROPOSAL = "导出{what} {rows} 条（{name}）"
PROPOSED_WHAT = "导出什么"
PROPOSED_FILTERS = "条件"
PROPOSED_ROWS = "条数"
NO_FILTERS = "全部"
PROPOSED = "已提交，等另一个人同意；同意后文件会放在这一页"
READY = "已导出 {rows} 条，文件放在申请人的“导出”页，7 天内可以下载"
