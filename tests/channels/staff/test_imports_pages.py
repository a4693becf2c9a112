"""Pages on imports, exports and laws: from a file to what citizens are answered, and back."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import openpyxl
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.tables import SETTINGS, migrate
from channels.staff.pages import exports as export_pages
from channels.staff.pages import imports as import_pages
from channels.staff.pages import laws as law_pages
from channels.staff.roles import Right
from channels.staff.shell import Shell
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries.service import Entries
from knowledge_base.imports.exports import Exports
from knowledge_base.imports.service import Imports
from knowledge_base.laws.service import Laws
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.search import KnowledgeBase
from knowledge_base.tables import AUDIT
from nlu.text.errors import MinshengError
from tests.channels.staff.entries_world import Desk, World

TODAY = date(2026, 6, 1)
LAW = """# 路灯条例

{day} 公布

<!-- INFO END -->

## 第一章 总则

第一条 路灯熄灭的，养护单位应当在{days}日内修复。

第二条 {second}
"""
Files = dict[str, bytes | str]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[World]:
    """An empty base behind the real shell, with imports that run."""
    starter = tmp_path / "starter"
    starter.mkdir()
    database = Database(f"sqlite:///{tmp_path}/kb.db")
    kb = await KnowledgeBase.open(
        database, None, tmp_path / "data", starter=starter, today=lambda: TODAY
    )
    migrate(database.url)

    async def served(by: Actor) -> None:
        await kb.take_over("import", by)

    entries, sessions = Entries(database), Sessions(database)
    imports = Imports(database, tmp_path / "imports", entries, served, lambda: TODAY)
    imports.begin()
    laws = Laws(database, served, lambda: TODAY)
    exports = Exports(database, tmp_path / "exports", lambda: TODAY)
    proposals = Proposals(database)
    shell, app = Shell(sessions, proposals=proposals), FastAPI()
    app.include_router(import_pages.router(shell, imports, laws))
    app.include_router(law_pages.router(shell, laws))
    app.include_router(export_pages.router(shell, exports, entries, laws, proposals))

    @app.exception_handler(MinshengError)
    async def told(_request: Request, error: MinshengError) -> PlainTextResponse:
        return PlainTextResponse(error.detail, error.status)

    yield World(app, database, kb, entries, sessions, proposals)
    await imports.close()
    await kb.close()
    await database.close()


@pytest.fixture
async def curator(office: World) -> Desk:
    return await office.signs_in("甲", "curator")


async def brings(desk: Desk, kind: str, files: Files, **fields: str) -> str:
    """Upload, wait for the preview; the address of the job."""
    answer = await desk.client.post(
        "/staff/imports",
        data={"csrf": desk.csrf, "kind": kind, **fields},
        files=[
            ("files", (name, content.encode() if isinstance(content, str) else content))
            for name, content in files.items()
        ],
    )
    assert answer.status_code == 303, answer.text[-800:]
    job = answer.headers["location"]
    await rested(desk, job)
    return str(job)


async def rested(desk: Desk, job: str) -> None:
    for _ in range(600):
        now = (await desk.client.get(f"{job}/progress")).json()
        if not now["moving"]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(now)


async def confirms(desk: Desk, job: str) -> str:
    """Confirm as the page shows it, and the page once it is done."""
    page = await desk.opens(job)
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    ticked = re.findall(r'name="ticked" value="(\d+)" checked', page)
    answer = await desk.client.post(
        f"{job}/rows",
        data={"csrf": desk.csrf, "act": "confirm", "shown": shown, "ticked": ticked},
    )
    assert answer.status_code == 303
    await rested(desk, job)
    return await desk.opens(job)


def law(day: str, days: str, second: str = "本条例自公布之日起施行。") -> str:
    return LAW.format(day=day, days=days, second=second)


async def test_a_law_and_a_broken_file_are_imported_and_answered_from(
    office: World, curator: Desk
) -> None:
    assert "还没有导入过" in await curator.opens("/staff/imports")
    job = await brings(
        curator, "laws", {"路灯条例.md": law("2019年1月1日", "三"), "坏.docx": b"PK\x03\x04"}
    )
    page = await curator.opens(job)
    assert "等您确认" in page
    assert "坏.docx 已损坏，打不开" in page
    assert "2019-01-01 · 2 条" in page
    assert not (await office.kb.search("路灯熄灭几日内修复")).hits

    page = await confirms(curator, job)
    assert "成功 1、失败 1" in page
    hit = (await office.kb.search("路灯熄灭几日内修复")).hits[0]
    assert (hit.title, "三日内" in hit.answer) == ("路灯条例", True) or "三日内" in hit.answer

    book = openpyxl.load_workbook(
        io.BytesIO((await curator.client.get(f"{job}/failed.xlsx")).content)
    )
    assert book.active is not None
    assert book.active["B2"].value == "坏.docx 已损坏，打不开"


async def test_a_newer_version_replaces_the_older_and_shows_what_it_changes(
    office: World, curator: Desk
) -> None:
    await office.entries.save(
        FaqEntry("e-1", "路灯几天修好？", (), "三日。", (Citation("路灯条例", "第二条"),), "城管"),
        Actor("甲"),
    )
    await confirms(curator, await brings(curator, "laws", {"a.md": law("2019年1月1日", "三")}))
    job = await brings(curator, "laws", {"a.md": law("2023年1月1日", "二", "费用由财政承担。")})
    assert "现有版本（2019-01-01）会被这一版（2023-01-01）替换，标为失效" in await curator.opens(
        job
    )
    await confirms(curator, job)
    answers = [hit.answer for hit in (await office.kb.search("路灯熄灭几日内修复")).hits]
    assert any("二日内" in answer for answer in answers), answers
    assert not any("三日内" in answer for answer in answers)

    listed = await curator.opens("/staff/laws?q=路灯")
    assert "有新版本（2023-01-01）" in listed
    assert listed.count("失效") > 1
    (newest, oldest) = re.findall(r'<td class="import-name"><a href="(/staff/laws/\d+)"', listed)
    shown = await curator.opens(newest)
    assert "历次版本（2）" in shown
    assert "路灯几天修好？" in shown
    changes = await curator.opens(f"{newest}/changes?old={oldest.rsplit('/', 1)[1]}")
    assert "改动 2 条，新增 0 条，删去 0 条" in changes
    assert "有知识引用" in changes


async def test_a_law_is_taken_out_with_a_reason(office: World, curator: Desk) -> None:
    await confirms(curator, await brings(curator, "laws", {"a.md": law("2019年1月1日", "三")}))
    page = await curator.gets("/staff/laws/1/retire", reason="")
    assert "请写明原因" in page
    assert "autofocus" in page
    assert await curator.does("/staff/laws/1/retire", reason="录错了") == "/staff/laws/1"
    assert not (await office.kb.search("路灯熄灭几日内修复")).hits
    assert "已停用" in await curator.opens("/staff/laws?state=retired")
    await curator.does("/staff/laws/1/restore", reason="没错")
    assert (await office.kb.search("路灯熄灭几日内修复")).hits
    reader = await office.signs_in("丙", "handler")
    assert await reader.refused("/staff/laws/1/retire", reason="不该我管") == 403


async def test_the_template_comes_back_filled_in(office: World, curator: Desk) -> None:
    template = await curator.client.get("/staff/imports/template/faq.xlsx")
    assert "%E6%A8%A1%E6%9D%BF.xlsx" in template.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    page = book.active
    assert page is not None
    assert [cell.value for cell in page[1]][:3] == ["类目*", "标题*", "内容*"]
    page.append(["城管", "垃圾几点收？", "=1+1", *[""] * 10])
    file = io.BytesIO()
    book.save(file)
    job = await brings(curator, "faq", {"问答.xlsx": file.getvalue()})
    page_of_job = await curator.opens(job)
    assert "第 3 行" in page_of_job
    assert "这是模板里的例子" in page_of_job
    done = await confirms(curator, job)
    assert "成功 1、失败 0、跳过 1" in done
    assert "查看草稿，提交审核" in done


async def test_ticks_are_kept_and_counted(curator: Desk) -> None:
    job = await brings(
        curator,
        "faq",
        {"问答.csv": "类目,标题,内容\n" + "".join(f"类,第{at}个问题,答\n" for at in range(45))},
    )
    page = await curator.opens(f"{job}?page=2")
    assert "已勾选 <b data-chosen>45</b> 条" in page
    assert "第 2 / 3 页" in page
    answer = await curator.sends(f"{job}/ticks", off="21")
    assert answer.json() == {"chosen": 44}
    assert (await curator.does(f"{job}/rows", act="none")).startswith(job)
    assert "<b data-chosen>0</b>" in await curator.opens(job)
    assert "没有勾选" in await _flash(curator, f"{job}/rows", act="confirm")
    await curator.does(f"{job}/rows", act="all", fate="new")
    back = await curator.does(f"{job}/rows", act="save", shown="0", place="page=1&size=20&fate=new")
    assert back == f"{job}?page=1&size=20&fate=new"
    assert "<b data-chosen>44</b>" in await curator.opens(job)


async def test_no_file_and_a_wrong_kind_are_told_beside_the_field(curator: Desk) -> None:
    page = await curator.gets("/staff/imports", kind="laws")
    assert 'id="files-error">请选择要导入的文件' in page
    job = await brings(curator, "laws", {"表.xlsx": b"PK"})
    assert "选错了地方" in await curator.opens(job)


async def test_with_four_eyes_somebody_else_confirms(office: World, curator: Desk) -> None:
    await office.database.write(
        lambda c: c.execute(sa.insert(SETTINGS).values(name="four_eyes", value={"import": True}))
    )
    job = await brings(curator, "laws", {"a.md": law("2019年1月1日", "三")})
    said = await _flash(curator, f"{job}/rows", act="confirm", shown="0", ticked="0")
    assert "另一个人" in said
    second = await office.signs_in("乙", "curator")
    assert "成功 1" in await confirms(second, job)


async def test_a_job_is_cancelled(curator: Desk) -> None:
    job = await brings(curator, "laws", {"a.md": law("2019年1月1日", "三")})
    await curator.does(f"{job}/cancel")
    assert "已取消" in await curator.opens(job)
    assert "已经结束" in await _flash(curator, f"{job}/cancel")


async def test_what_the_filter_shows_goes_out(office: World, curator: Desk) -> None:
    for at in range(3):
        await office.entries.save(
            FaqEntry(f"e-{at}", f"第{at}个问题", (), "答", (), "甲" if at else "乙"), Actor("甲")
        )
    page = await curator.opens("/staff/exports?kind=faq&category=甲")
    assert "类目：甲" in page
    assert "导出 2 条" in page
    filters = re.search(r'name="filters" value="([^"]*)"', page)
    assert filters
    answer = await curator.sends("/staff/exports", kind="faq", format="json", filters=filters[1])
    assert answer.headers["content-disposition"].startswith(
        "attachment; filename*=UTF-8''%E5%B8%B8"
    )
    assert [one["id"] for one in json.loads(answer.content)["faqs"]] == ["e-2", "e-1"]
    assert (await curator.sends("/staff/exports", kind="all", format="json")).status_code == 200
    assert "请选择" in await _flash(curator, "/staff/exports", kind="all", format="xlsx")
    acts = await office.database.read(
        lambda c: list(c.scalars(sa.select(AUDIT.c.after).where(AUDIT.c.act == "export")))
    )
    assert [row["rows"] for row in acts] == [2, 3]


async def test_with_four_eyes_an_export_waits_for_somebody_else(
    office: World, curator: Desk
) -> None:
    await office.database.write(
        lambda c: c.execute(sa.insert(SETTINGS).values(name="four_eyes", value={"export": True}))
    )
    await office.entries.save(FaqEntry("e-1", "一个问题", (), "答", (), "甲"), Actor("甲"))
    assert "申请导出 1 条" in await curator.opens("/staff/exports")
    asked = {"kind": "faq", "format": "json"}
    assert "alert-danger" in await _flash(curator, "/staff/exports", **asked, reason="")
    said = await _flash(curator, "/staff/exports", **asked, reason="上报")
    assert "等另一个人同意" in said
    done = await office.proposals.approve(1, Actor("乙"), frozenset({Right.APPROVE_KNOWLEDGE}))
    assert "已导出 1 条" in done.outcome
    link = re.search(r'href="(/staff/exports/kept/\w+)"', await curator.opens("/staff/exports"))
    assert link
    found = json.loads((await curator.client.get(link[1])).content)
    assert [one["id"] for one in found["faqs"]] == ["e-1"]
    other = await office.signs_in("乙", "curator")
    assert (await other.client.get(link[1])).status_code == 404


async def test_each_page_asks_for_its_right(office: World) -> None:
    approver = await office.signs_in("乙", "approver")
    assert (await approver.client.get("/staff/imports")).status_code == 403
    assert (await approver.client.get("/staff/imports/1/progress")).status_code == 401
    assert (await approver.client.get("/staff/laws")).status_code == 200
    stranger = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=office.app), base_url="http://desk"
    )
    for url in ("/staff/imports", "/staff/laws", "/staff/exports"):
        assert (await stranger.get(url)).headers["location"].startswith("/staff/sign-in")


async def _flash(desk: Desk, url: str, **fields: str) -> str:
    """Post what is refused, and what the page says then."""
    return await desk.opens(await desk.does(url, **fields))
