"""The console in a real Chromium, over the running service: from sign-in to the citizen's phone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser

from channels.wechat.sandbox import Phone, Sandbox
from tests.e2e.office import PASSWORD, sitting
from tests.service import Service

MAIN_PAGES = {
    "jia": (
        *("/staff", "/staff/unanswered", "/staff/faqs", "/staff/faqs/new", "/staff/faqs/xf-review"),
        *("/staff/precedents", "/staff/laws", "/staff/imports", "/staff/exports"),
        *("/staff/hit-test?q=信访多久办结", "/staff/batches", "/staff/gold", "/staff/releases"),
    ),
    "bing": ("/staff/cases", "/staff/handoffs"),
    "ding": ("/staff/audit", "/staff/sign-ins"),
}
LAW = """# 路灯养护条例

{day} 县人民代表大会常务委员会通过

<!-- INFO END -->

## 第一章 总则

第一条 为了照亮道路，制定本条例。

## 第二章 养护

第二条 路灯熄灭的，养护单位应当自接到报告之日起{within}日内修复。

{third}
"""


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something that another process does within seconds."""
    for _ in range(int(seconds * 5)):
        if true():
            return
        await asyncio.sleep(0.2)
    raise AssertionError("it did not come")


async def answers(phone: Phone, question: str, wanted: str, seconds: float = 15) -> str:
    """Ask until the answer holds these words: a publish takes seconds to reach every process."""
    reply = ""
    for _ in range(int(seconds)):
        reply = await phone.says(question)
        if wanted in reply:
            return reply
        await asyncio.sleep(1)
    raise AssertionError(reply)


async def test_wrong_tries_are_counted_aloud_and_then_lock_for_a_time(
    browser: Browser, office: Service
) -> None:
    async with sitting(browser, office) as desk:
        await desk.go("/staff/faqs")
        assert "/staff/sign-in" in desk.page.url
        for left in (4, 3, 2, 1):
            await desk.sign_in("wu", "Cuo-De-Mima-1")
            assert f"还有 {left} 次机会" in await desk.text()
        await desk.sign_in("wu", "Cuo-De-Mima-1")
        assert "已锁定到" in await desk.text()
        await desk.sign_in("wu", PASSWORD)
        assert "已锁定到" in await desk.text(), "the right one is refused while locked"
        # The same words for a name that does not exist.
        for left in (4, 3, 2, 1):
            await desk.sign_in("nobody", "Cuo-De-Mima-1")
            assert f"还有 {left} 次机会" in await desk.text()
        await desk.sign_in("nobody", "Cuo-De-Mima-1")
        assert "已锁定到" in await desk.text()


async def test_what_was_asked_in_vain_becomes_an_answer_in_wechat(
    browser: Browser, office: Service, wechat: Sandbox
) -> None:
    asked = (
        "县图书馆星期一开门吗",
        "图书馆周一开不开门啊",
        "县图书馆周一开门吗，我电话13900001234",
    )
    for question in asked:
        assert "周一闭馆" not in await wechat.citizen().says(question)
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/unanswered?q=图书馆")
        row = curator.page.locator("tbody tr").first
        assert "3" in await row.locator("td b").inner_text(), "three citizens"
        await row.get_by_role("link", name="处理").click()
        assert "13900001234" not in await curator.text()
        await curator.page.get_by_role("link", name="生成草稿").first.click()
        assert "图书馆" in await curator.page.input_value("#question")
        phrasings = await curator.page.input_value("#phrasings")
        assert "周一" in phrasings
        assert "*" not in phrasings
        await curator.page.fill(
            "#answer", "县图书馆周一闭馆，周二到周日上午9点到下午5点开门，免费进。"
        )
        await curator.page.fill("#category", "教育")
        await curator.press("看看影响")
        assert not office.rows("SELECT 1 FROM kb_faqs WHERE question LIKE '%图书馆%'"), "not yet"
        await curator.press("保存并提交审核")
        assert "提交审核" in await curator.text()
        faq = curator.page.url.rsplit("/", 1)[1].partition("?")[0]
        await curator.go("/staff/unanswered?q=图书馆")
        assert "没有符合条件的" in await curator.text()
        await curator.go(f"/staff/review/{faq}")
        assert await curator.page.get_by_role("button", name="通过并发布").count() == 0
    async with sitting(browser, office, "yi") as approver:
        await approver.go(f"/staff/review/{faq}")
        assert "周一闭馆" in await approver.text()
        await approver.press("通过并发布")
        told = await approver.text()
        assert "已通过并发布" in told, told[300:1500]
    reply = await answers(wechat.citizen(), "县图书馆星期一开门吗", "周一闭馆")
    assert "有用" in reply
    acts = [row["act"] for row in office.rows("SELECT act FROM audit_trail WHERE object = ?", faq)]
    assert len(acts) >= 3, "made, submitted, approved"


async def test_a_dismissal_holds_for_the_meaning(
    browser: Browser, office: Service, wechat: Sandbox
) -> None:
    for question in ("养蜂要不要办手续？", "请问养蜂办手续吗"):
        await wechat.citizen().says(question)
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/unanswered?q=养蜂")
        await curator.page.locator("tbody tr").first.get_by_role("link", name="处理").click()
        await curator.press("忽略")
        assert "请写明为什么忽略" in await curator.text()
        await curator.page.fill("#note", "由农业的公众号答")
        await curator.press("忽略")
        await wechat.citizen().says("养蜂的手续要办吗？")
        await curator.go("/staff/unanswered?q=养蜂")
        assert "没有符合条件的" in await curator.text()
        await curator.go("/staff/unanswered?state=dismissed&q=养蜂")
        assert "由农业的公众号答" in await curator.text()


async def test_a_publish_that_harms_a_gold_question_is_named_overruled_and_taken_back(
    browser: Browser, office: Service, wechat: Sandbox
) -> None:
    before = await wechat.citizen().says("信访事项一般多久能办完？")
    assert "60日" in before
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/faqs/xf-time-limit/edit")
        await curator.page.fill("#question", "信访大厅的花草谁浇水？")
        await curator.page.fill("#phrasings", "大厅里的花谁浇")
        await curator.page.fill("#answer", "由保洁员浇水。")
        await curator.press("保存并提交审核")
    async with sitting(browser, office, "yi") as approver:
        await approver.go("/staff/review/xf-time-limit")
        await approver.press("通过并发布")
        told = await approver.text()
        assert "变差" in told
        assert (
            office.rows("SELECT published_version AS v FROM kb_faqs WHERE id = 'xf-time-limit'")[0][
                "v"
            ]
            == 1
        ), "nothing is published before it is confirmed"
        await approver.page.fill("#overrule-reason", "试一试闸门")
        await approver.page.check("input[name=sure]")
        await approver.press("仍然发布")
        assert "已通过并发布" in await approver.text()
        (release,) = office.rows("SELECT * FROM kb_releases ORDER BY id DESC LIMIT 1")
        assert release["worse"] > 0
        assert (release["overruled_by"], release["overrule_reason"]) == ("yi", "试一试闸门")
        await approver.go(f"/staff/releases/{release['base']}")
        await approver.page.fill(
            "#back textarea, #back input[type=text], #back input[name=reason]", "退回"
        )
        await approver.page.locator("#back button[type=submit]").click()
        await approver.page.wait_for_load_state()
    assert "60日" in await answers(wechat.citizen(), "信访事项一般多久能办完？", "60日")


async def test_a_law_comes_in_beside_a_broken_file_and_its_successor_flags_who_cites_it(
    browser: Browser, office: Service, tmp_path: Path, wechat: Sandbox
) -> None:
    old = tmp_path / "路灯养护条例(2019-01-01).md"
    old.write_text(
        LAW.format(day="2019年1月1日", within="三", third="第三条 报修电话由养护单位公布。"),
        encoding="utf-8",
    )
    broken = tmp_path / "坏的.docx"
    broken.write_bytes(b"PK\x03\x04 not a document")
    new = tmp_path / "路灯养护条例(2024-06-01).md"
    new.write_text(LAW.format(day="2024年6月1日", within="一", third=""), encoding="utf-8")
    name = f"路灯报修{secrets.token_hex(3)}"

    async with sitting(browser, office, "jia") as curator:

        async def bring(*files: Path) -> str:
            await curator.go("/staff/imports?kind=laws")
            await curator.page.set_input_files("input[name=files]", [str(file) for file in files])
            await curator.press("上传并预览")
            await curator.page.get_by_role("button", name="确认导入").wait_for(timeout=30_000)
            preview = await curator.text()
            await curator.press("确认导入")
            await curator.page.get_by_text("答复群众时用的是现行版本").wait_for(timeout=30_000)
            return preview

        preview = await bring(old, broken)
        assert "路灯养护条例" in preview
        assert "坏的.docx" in preview
        assert office.rows("SELECT 1 FROM kb_documents WHERE law = '路灯养护条例' AND in_force")
        await curator.go("/staff/faqs/new")
        await curator.page.fill("#question", f"{name}的电话哪里查？")
        await curator.page.fill("#answer", "养护单位公布了报修电话。")
        await curator.page.fill("#category", "市政设施")
        await curator.page.locator("input[name=law]").first.fill("路灯养护条例")
        await curator.page.locator("input[name=article]").first.fill("第三条")
        await curator.press("保存草稿")
        await bring(new)
        versions = office.rows(
            "SELECT version, in_force FROM kb_documents WHERE law = '路灯养护条例' ORDER BY version"
        )
        assert [bool(row["in_force"]) for row in versions] == [False, True]
        await curator.go(f"/staff/faqs?q={name}")
        assert "依据条文已不在" in await curator.text()
        await curator.page.get_by_role("link", name=f"{name}的电话哪里查？").click()
        told = await curator.text()
        assert "报修电话由养护单位公布" in told, "the text that was"
        assert "现行文本里没有这一条" in told
        await curator.page.get_by_role("link", name="按现行条文起草修改").click()
        await curator.page.wait_for_load_state()
        assert "请核对答复" in await curator.page.input_value("input[name=note]")


async def test_the_hit_test_says_first_what_the_citizen_would_see(
    browser: Browser, office: Service
) -> None:
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/hit-test?q=信访事项一般多久能办完")
        assert "市民会看到：答" in await curator.text()
        assert "过了界限" in await curator.text()
        await curator.go("/staff/hit-test?q=股票推荐")
        assert "市民会看到：不答" in await curator.text()


async def test_text_that_was_not_saved_survives_the_time_out(
    browser: Browser, office: Service
) -> None:
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/faqs/new")
        await curator.page.fill("#question", "写到一半的问题")
        await curator.page.fill("#answer", "写到一半的答复")
        await curator.page.wait_for_timeout(600)
        office.change("UPDATE staff_sessions SET seen_at = '2020-01-01 00:00:00'")
        await curator.page.evaluate("window.dispatchEvent(new Event('online'))")
        await curator.page.wait_for_url("**/staff/sign-in?**")
        assert "没保存的内容" in await curator.text()
        await curator.page.go_back()
        await curator.page.wait_for_url("**/staff/sign-in?**")
        await curator.sign_in("jia")
        await curator.go("/staff/faqs/new")
        assert await curator.page.input_value("#answer") == "写到一半的答复"
        assert "已经放回来了" in await curator.text()


async def test_a_broken_line_is_told_and_nothing_typed_is_lost(
    browser: Browser, office: Service
) -> None:
    async with sitting(browser, office, "jia") as curator:
        await curator.go("/staff/faqs/new")
        await curator.page.fill("#answer", "断线时写的")
        await curator.page.context.set_offline(True)
        await curator.page.get_by_text("连接中断，正在重连").wait_for()
        await curator.page.context.set_offline(False)
        await curator.page.get_by_text("连接中断，正在重连").wait_for(state="hidden")
        assert await curator.page.input_value("#answer") == "断线时写的"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1093, 614), (683, 384)])
async def test_no_main_page_scrolls_sideways(
    browser: Browser, office: Service, width: int, height: int
) -> None:
    # 1093 × 614: Windows at 125 %; 683 × 384: the browser at 200 %.
    for name, paths in MAIN_PAGES.items():
        async with sitting(browser, office, name, width=width, height=height) as desk:
            wide = {}
            for path in paths:
                await desk.go(path)
                if over := await desk.sideways():
                    wide[path] = over
            assert wide == {}


async def test_pages_send_a_policy_and_are_kept_nowhere(browser: Browser, office: Service) -> None:
    async with sitting(browser, office, "jia") as curator:
        answer = await curator.page.goto(f"{office.url}/staff/faqs")
        assert answer is not None
        headers = await answer.all_headers()
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        denied = await curator.page.goto(f"{office.url}/staff/cases")
        assert denied is not None
        assert denied.status == 403
        assert "没有权限" in await curator.text()
