"""The frame around every page: what it lets through, and what it says when it does not."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from case_api import problems
from channels.staff import errors
from channels.staff.networks import Networks
from channels.staff.roles import Right
from channels.staff.shell import LARGEST_FORM, Shell, Signed, is_ours
from nlu.text.errors import Conflict
from tests.channels.staff.office_world import ADDRESS, PASSWORD, Browser, World


@pytest.fixture
async def framed(desks: World) -> World:
    """The office with the app's own errors, and two pages that go wrong."""
    problems.install(desks.app)
    errors.install(desks.app, desks.shell)
    routes = APIRouter(prefix="/staff")

    @routes.get("/busy")
    async def busy(_signed: Signed = Depends(desks.shell.needs())) -> Response:
        raise Conflict("乙正在改这一条")

    @routes.get("/broken")
    async def broken(_signed: Signed = Depends(desks.shell.needs())) -> Response:
        raise RuntimeError("13519351187")

    @routes.get("/told")
    async def told(request: Request) -> Response:
        return desks.shell.back(request, "/staff", "已保存《<b>路灯</b>》", "warning")

    desks.app.include_router(routes)
    return desks


def outside(app: FastAPI, address: str = "10.0.0.1") -> httpx.AsyncClient:
    """A browser that is not signed in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS)


async def test_every_page_forbids_foreign_scripts_and_is_kept_nowhere(jia: Browser) -> None:
    answer = await jia.http.get("/staff")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    page = answer.text
    assert " style=" not in page
    assert "onclick" not in page
    assert "<script>" not in page


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(framed: World) -> None:
    answer = await outside(framed.app).get("/staff/accounts?page=3")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/staff/sign-in?next=%2Fstaff%2Faccounts%3Fpage%3D3"


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("/staff", True),
        ("/staff/faqs?page=2", True),
        ("/staffroom", False),
        ("//evil.example/staff", False),
        ("https://evil.example/staff", False),
        ("/staff/\\evil.example", False),
    ],
)
def test_signing_in_leads_back_to_our_own_pages_alone(url: str, ours: bool) -> None:
    assert is_ours(url) is ours


async def test_errors_of_the_console_are_pages_with_a_way_back(framed: World, jia: Browser) -> None:
    missing = await jia.http.get("/staff/nowhere")
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/html")
    assert "没有找到" in missing.text
    assert 'href="/staff"' in missing.text
    assert "乙正在改这一条" in await jia.opens("/staff/busy", status=409)
    assert "不能打开这一页" in await jia.opens("/staff/audit", status=403)


async def test_an_unexpected_error_tells_nothing_of_what_it_was_about(
    framed: World, jia: Browser
) -> None:
    browser = outside(framed.app)
    browser.cookies = jia.http.cookies
    answer = await browser.get("/staff/broken")
    assert answer.status_code == 500
    assert "出了问题" in answer.text
    assert "13519351187" not in answer.text


async def test_elsewhere_errors_stay_as_programs_read_them(framed: World) -> None:
    answer = await outside(framed.app).get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == problems.MEDIA_TYPE


async def test_the_menu_holds_what_one_may_open(
    jia: Browser, bing: Browser, auditor: Browser, admin: Browser
) -> None:
    assert "/staff/faqs" in await jia.opens("/staff")
    assert "/staff/cases" not in await jia.opens("/staff")
    assert "/staff/cases" in await bing.opens("/staff")
    watching = await auditor.opens("/staff")
    assert "/staff/audit" in watching
    assert "/staff/faqs" not in watching
    assert "/staff/settings" not in watching
    managing = await admin.opens("/staff")
    assert "/staff/accounts" in managing
    assert "/staff/cases" not in managing
    assert "/staff/audit" not in managing


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_what_another_site_posts_is_refused(
    framed: World, jia: Browser, headers: dict[str, str]
) -> None:
    answer = await jia.http.post("/staff/sign-out", data={"csrf": jia.csrf}, headers=headers)
    assert answer.status_code == 403
    assert "甲" in await jia.opens("/staff")


async def test_a_form_without_our_token_is_refused(framed: World, jia: Browser) -> None:
    for csrf in ("", "x" * 43):
        answer = await jia.http.post("/staff/sign-out", data={"csrf": csrf})
        assert answer.status_code == 403


async def test_a_form_of_unknown_or_too_great_length_is_not_read(
    framed: World, jia: Browser
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"csrf=" + jia.csrf.encode()

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await jia.http.post("/staff/sign-out", content=endless(), headers=kind)
    assert answer.status_code == 400
    length = {**kind, "Content-Length": str(LARGEST_FORM + 1)}
    answer = await jia.http.post("/staff/sign-out", content=b"csrf=x", headers=length)
    assert answer.status_code == 413


async def test_a_word_about_what_was_done_is_said_once_and_never_as_markup(
    framed: World, jia: Browser
) -> None:
    answer = await jia.http.get("/staff/told")
    assert answer.headers["location"] == "/staff"
    first = (await jia.http.get("/staff")).text
    assert "alert-warning" in first
    assert "《&lt;b&gt;路灯" in first
    assert "路灯" not in (await jia.http.get("/staff")).text


async def test_from_outside_the_office_even_signing_in_is_refused_in_chinese(
    framed: World,
) -> None:
    shell = Shell(framed.sessions, Networks.read("10.0.0.0/24", ""))
    app = FastAPI()
    problems.install(app)
    errors.install(app, shell)
    routes = APIRouter(prefix="/staff")

    @routes.get("/sign-in")
    async def door(request: Request) -> str:
        return shell.admitted(request)

    app.include_router(routes)
    refused = await outside(app, "203.0.113.5").get("/staff/sign-in")
    assert refused.status_code == 403
    assert "办公网" in unescape(refused.text)
    assert (await outside(app, "10.0.0.77").get("/staff/sign-in")).status_code == 200


async def test_figures_of_the_first_page_lead_to_the_rows_behind_them(
    desks: World, jia: Browser, bing: Browser
) -> None:
    async def three() -> int:
        return 3

    desks.shell.register_todo("条等审核", "/staff/review", three, Right.READ_KNOWLEDGE)
    desks.shell.register_todo("件已超期", "/staff/cases?colour=red", three, Right.HANDLE_CASES)
    page = await jia.opens("/staff")
    assert 'href="/staff/review"><b>3</b>条等审核' in page
    assert "件已超期" not in page
    assert "件已超期" in await bing.opens("/staff")
    alive = (await jia.http.get("/staff/alive")).json()
    assert (alive["signed"], alive["todo"]) == (True, 3)


async def test_the_first_page_tells_of_the_last_time_and_of_wrong_tries_since(
    desks: World,
) -> None:
    await desks.hires("jia", "甲", "curator")
    for password in ("right", "wrong", "wrong", "right"):
        await sign_in(desks, "jia", password)
    browser = outside(desks.app)
    browser.cookies.set("minsheng-staff", await sign_in(desks, "jia", "right"))
    page = (await browser.get("/staff")).text
    assert "上次登录" in page
    assert "没登录成" not in page
    await sign_in(desks, "jia", "wrong")
    browser.cookies.set("minsheng-staff", await sign_in(desks, "jia", "right"))
    assert "此后有 1 次没登录成" in (await browser.get("/staff")).text


async def sign_in(desks: World, name: str, password: str) -> str:
    """The cookie; empty when it was wrong."""
    told = PASSWORD if password == "right" else "something else"
    outcome = await desks.sign_in.attempt(name, told, "", "10.0.0.8", "Chrome/90")
    return getattr(outcome, "token", "")


async def test_personal_pages_carry_the_name_of_who_looks(jia: Browser) -> None:
    page = await jia.opens("/staff")
    found = re.search(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    assert found is not None
    svg = base64.b64decode(found[1]).decode()
    assert "甲 0001" in svg
