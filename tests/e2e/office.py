"""The people of an office and their browsers, for tests of the console."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from channels.staff.accounts import passwords
from channels.staff.accounts.accounts import Accounts, Person
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.tables import ACCOUNTS
from channels.staff.accounts.totp import Totp
from knowledge_base.audit import SYSTEM
from knowledge_base.database import Database
from tests.service import Service

PASSWORD = "Qing-He-Zhen-2026"
PEOPLE = {
    "jia": Person("甲", "A1001", ("curator",)),
    "yi": Person("乙", "A1002", ("approver",)),
    "bing": Person("丙", "A1003", ("handler",)),
    "ding": Person("丁", "A1004", ("auditor",)),
    "wu": Person("戊", "A1005", ("curator",)),
}


async def hire(service: Service) -> None:
    """Accounts for everybody, their first passwords changed."""
    database = Database(f"sqlite:///{service.data_dir / 'minsheng.db'}")
    try:
        accounts = Accounts(database, Sessions(database), Totp(b"k" * 32))
        for name, person in PEOPLE.items():
            await accounts.add(name, person, SYSTEM)
        settled = {
            "password": passwords.hashed(PASSWORD),
            "must_change": False,
            "password_expires_at": None,
        }
        await database.write(
            lambda c: c.execute(
                sa.update(ACCOUNTS).where(ACCOUNTS.c.name.in_(PEOPLE)).values(**settled)
            )
        )
    finally:
        await database.close()


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        await browser.close()


@dataclass
class Desk:
    """One person at the console."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def text(self) -> str:
        return await self.page.inner_text("main")

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).first.click()
        await self.page.wait_for_load_state()

    async def sign_in(self, name: str, password: str = PASSWORD) -> None:
        await self.page.fill("#name", name)
        await self.page.fill("#password", password)
        await self.press("登录")

    async def sideways(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(await self.page.evaluate(wide))


@asynccontextmanager
async def sitting(
    browser: Browser, service: Service, name: str = "", *, width: int = 1366, height: int = 768
) -> AsyncIterator[Desk]:
    """Somebody at the console, signed in when named; nothing may be asked of other hosts."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
    )
    page = await context.new_page()
    desk = Desk(page, service.url)
    page.on("request", lambda request: desk.asked.append(request.url))
    page.on("pageerror", lambda error: desk.errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    try:
        if name:
            await desk.go("/staff/sign-in")
            await desk.sign_in(name)
        yield desk
        assert desk.errors == []
        assert all(url.startswith((service.url, "data:", "blob:")) for url in desk.asked)
    finally:
        await context.close()
