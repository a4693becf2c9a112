"""The chat page in a real Chromium, and who is who behind it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import Browser, Page

from tests.service import Service


@pytest.fixture
async def page(browser: Browser, service: Service) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 375, "height": 740}, locale="zh-CN")
    page = await context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await page.goto(service.url)
    yield page
    assert errors == []
    assert all(url.startswith(service.url) for url in asked), "the page asks nobody else"
    await context.close()


async def say(page: Page, text: str) -> str:
    """Type, send, and wait for the answer's bubbles."""
    before = await page.locator(".turn:not(.mine)").count()
    await page.fill("#words", text)
    await page.press("#words", "Enter")
    await page.wait_for_function(
        "count => document.querySelectorAll('.turn:not(.mine)').length > count", arg=before
    )
    bubbles = await page.locator(".turn:not(.mine) .bubble").all_inner_texts()
    return "\n".join(bubbles[before:])


async def test_a_petition_is_filed_on_the_page_and_its_code_tells_the_progress(
    page: Page, service: Service
) -> None:
    reply = await say(
        page,
        "我要投诉，幸福里小区北门从上周起堆着建筑垃圾没人清，电话13800138000，希望尽快运走",
    )
    assert "确认提交" in reply
    before = await page.locator(".turn:not(.mine)").count()
    await page.get_by_role("button", name="确认提交").click()
    await page.wait_for_function(
        "count => document.querySelectorAll('.turn:not(.mine)').length > count", arg=before
    )
    bubbles = await page.locator(".turn:not(.mine) .bubble").all_inner_texts()
    code = bubbles[before].split("编号：")[1][:17]
    assert service.rows("SELECT 1 FROM cases WHERE code = ?", code)
    reply = await say(page, code.lower().replace("-", ""))
    assert code in reply
    assert "建筑垃圾" in reply


async def test_what_a_citizen_types_is_only_text(page: Page) -> None:
    await say(page, "<img src=x onerror=document.title='hacked'>")
    assert await page.title() == "民声 · 群众诉求"
    assert await page.locator(".mine .bubble img").count() == 0


async def test_large_type_stays_chosen_and_nothing_runs_off_the_side(page: Page) -> None:
    await page.get_by_role("button", name="大字").click()
    await page.reload()
    assert await page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"
    for width in (320, 375, 1366):
        await page.set_viewport_size({"width": width, "height": 640})
        sideways = await page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert not sideways, width


async def test_the_keyboard_alone_is_enough(page: Page) -> None:
    await page.focus("#words")
    await page.keyboard.type("你好")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "send"
    before = await page.locator(".turn:not(.mine)").count()
    await page.keyboard.press("Enter")
    await page.wait_for_function(
        "count => document.querySelectorAll('.turn:not(.mine)').length > count", arg=before
    )


async def test_a_bare_sender_owns_nothing(service: Service) -> None:
    """A knows B's sender, and files nothing, sees nothing and continues nothing of B's."""
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as b:
        await b.get("/")
        identity = b.cookies["minsheng"].rsplit(".", 1)[0]
        await b.post(
            "/web/messages",
            json={
                "sender": "b",
                "text": "我要投诉，柳荫街的公厕从上周起一直停水没法用，电话13300001111，希望修好",
            },
        )
        answer = await b.post("/web/messages", json={"sender": "b", "text": "确认提交"})
        code = answer.json()["replies"][0]["text"].split("编号：")[1][:17]
    for sender in ("b", identity):
        async with httpx.AsyncClient(base_url=service.url, trust_env=False) as a:
            for text in ("我的进度", code, "确认提交"):
                answer = await a.post("/web/messages", json={"sender": sender, "text": text})
                said = " ".join(reply["text"] for reply in answer.json()["replies"])
                assert "公厕" not in said
                assert "13300001111" not in said


async def test_a_bare_sender_may_file_and_proves_itself_by_the_query_code(
    service: Service,
) -> None:
    sender = secrets.token_hex(8)
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:

        async def tell(text: str) -> str:
            answer = await http.post("/web/messages", json={"sender": sender, "text": text})
            return " ".join(reply["text"] for reply in answer.json()["replies"])

        await tell("我要投诉，槐树街的路面从上周起塌陷没人修，电话13300002222，希望尽快修好")
        filed = await tell("确认提交")
        code, digits = filed.split("编号：")[1][:17], filed.split("查询码：")[1][:6]
        assert "查询码" in await tell(code)
        assert "塌陷" in await tell(digits)


async def test_another_sites_page_cannot_speak_for_a_citizen(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        response = await http.post(
            "/web/messages",
            json={"sender": "x", "text": "你好"},
            headers={"Origin": "https://evil.example"},
        )
    assert response.status_code == 403


async def test_a_flood_is_slowed_down_politely(service: Service) -> None:
    sender = secrets.token_hex(8)
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        for _ in range(40):
            response = await http.post("/web/messages", json={"sender": sender, "text": ""})
            if response.status_code == 429:
                break
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) >= 1
    assert response.headers["content-type"].startswith("application/problem+json")


async def test_the_same_message_id_gets_the_same_answer(service: Service) -> None:
    body = {"sender": secrets.token_hex(8), "text": "你好", "message_id": "m1"}
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        first = (await http.post("/web/messages", json=body)).json()
        again = (await http.post("/web/messages", json=body)).json()
    assert first == again
