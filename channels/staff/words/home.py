"""What the first page says: what each line of the menu is for, and how the work goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

HINTS: Mapping[str, str] = {
    "/staff/unanswered": "群众问了、没答上的，按意思归成组",
    "/staff/faqs": "写、改、停用；每次改动都留版本",
    "/staff/precedents": "事实、办法、依据写成的案例",
    "/staff/laws": "法规条文，哪一版现行有效",
    "/staff/regions": "同一个问题，各地答法不同的",
    "/staff/review": "等审核的，看得到改了哪里",
    "/staff/imports": "法规文件、问答表格，先预览再导入",
    "/staff/exports": "问答、案例、法规导出成表格",
    "/staff/hit-test": "像群众那样问一句，看答不答、为什么",
    "/staff/batches": "一次问几百句，看答对多少",
    "/staff/gold": "每次发布前都要答对的问题",
    "/staff/runs": "历次测试的结果和走势",
    "/staff/releases": "发布过什么，可以退回以前的",
    "/staff/cases": "诉求的列表、分办、受理、答复",
    "/staff/handoffs": "说了“转人工”的群众",
    "/staff/proposals": "要第二个人同意才能做的事",
    "/staff/accounts": "建账号、给角色、重设密码、解锁",
    "/staff/sessions": "谁正登录着，可以请出去",
    "/staff/settings": "锁定、超时、密码、双人复核",
    "/staff/audit": "谁、何时、从哪里、改前改后",
    "/staff/sign-ins": "登录成功和失败的记录",
}
STEPS: Mapping[str, Sequence[str]] = {
    "curator": (
        "在“市民没问到的”里挑一组，点“生成草稿”；或在“常见问答”里新增",
        "写答复和依据，在“命中测试”里问一问",
        "提交审核；审核人通过后，几秒钟群众就能问到",
    ),
    "approver": (
        "在“审核”里打开一条，看改了哪里、有没有和别的答复矛盾",
        "通过就发布；有必答问题变差，会列出来请您决定",
        "发现不对，在“发布记录”里一键退回",
    ),
    "handler": (
        "在“诉求办理”里按期限从近到远办",
        "打开一件，选下一步：受理、交办、答复、办结",
        "要看群众的号码，写明理由；看过会记下来",
    ),
    "auditor": (
        "在“操作记录”里按人、时间、对象查",
        "点“核对”看记录有没有被动过",
        "可以导出；导出也会记下来",
    ),
    "administrator": (
        "在“账号”里给每个人建账号、给角色；初始密码只显示一次",
        "在“设置”里定锁定、超时、密码和双人复核",
        "有人被锁住，在“账号”里解锁",
    ),
}
TITLE = "{name}，您好"
