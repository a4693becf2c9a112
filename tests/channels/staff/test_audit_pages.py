from __future__ import annotations

import ast
import inspect
import io
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from case_api import moves
from channels.staff.accounts.sign_in_log import SignInLog, SignInQuery
from channels.staff.accounts.trail import CHINA, Trail, TrailQuery
from channels.staff.pages import audit_lines
from channels.staff.pages.sign_ins import browser
from channels.staff.words import audit as words
from knowledge_base import audit
from knowledge_base.audit import Actor, Entry
from knowledge_base.entries.records import Act as EntryAct
from knowledge_base.group_lines import State as GroupState
from knowledge_base.releases import Act as ReleaseAct
from knowledge_base.tables import AUDIT
from tests.channels.staff.office_world import Browser, World

ROOT = Path(__file__).resolve().parents[3]
JIA = Actor("jia", "10.2.3.4")
FAMILIES = {
    "faq_": get_args(EntryAct),
    "group_": get_args(GroupState),
    "release_": get_args(ReleaseAct),
    "proposal_": ("done", "failed"),
}
"""Acts whose names are put together: the part in front, and what may follow."""


def acts_in_the_code() -> Iterator[str]:
    """The names of every act that any floor writes into the trail."""
    for floor in ("knowledge_base", "case_api", "channels", "bot"):
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in ("record", "_record"):
                    yield from _acts(node)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _acts(call: ast.Call) -> Iterator[str]:
    told = call.args[2] if len(call.args) > 2 else None
    for node in (told.body, told.orelse) if isinstance(told, ast.IfExp) else (told,):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            front = node.values[0]
            assert isinstance(front, ast.Constant)
            yield from (f"{front.value}{end}" for end in FAMILIES[str(front.value)])


def test_every_act_in_the_code_has_its_words() -> None:
    found = set(acts_in_the_code())
    found |= {"account_shut", "account_opened"}
    # What staff do to a case is written under the name of the move.
    found |= {
        name
        for name, move in inspect.getmembers(moves, inspect.isfunction)
        if "ask" in inspect.signature(move).parameters
    }
    assert len(found) > 40
    assert found - words.ACTS.keys() == set()


def test_before_and_after_are_told_in_words_with_what_changed_alone() -> None:
    before = {"answer": "打12345。\n三日内修复。\n谢谢。", "phrasings": ["没灯", "灯坏了"]}
    after = {"answer": "打12345。\n两日内修复。\n谢谢。", "phrasings": ["没灯", "灯坏了", "黑"]}
    same = {"status": "draft"}
    entry = Entry(
        1, datetime.now(timezone.utc), "jia", "", "faq_edited", "faq", "lamp",
        {**before, **same}, {**after, **same}, "", "",
    )  # fmt: skip
    answer, phrasings = audit_lines.changed(entry)
    assert (answer.label, phrasings.label) == ("答复", "其他问法")
    assert [(piece.sign, piece.text) for piece in answer.pieces] == [
        (" ", "打12345。"), ("−", "三日内修复。"), ("+", "两日内修复。"), (" ", "谢谢。"),
    ]  # fmt: skip
    assert ("+", "黑") in [(piece.sign, piece.text) for piece in phrasings.pieces]


def test_values_have_names_too() -> None:
    entry = Entry(
        1, datetime.now(timezone.utc), "guan", "", "settings_changed", "settings", "console",
        {"four_eyes": {"publish": True, "roles": True}, "watermark": True},
        {"four_eyes": {"publish": False, "roles": True}, "watermark": False},
        "", "",
    )  # fmt: skip
    told = {one.label: [piece.text for piece in one.pieces] for one in audit_lines.changed(entry)}
    assert told["页面水印"] == ["是", "否"]
    assert len(told["双人复核"]) == 2
    assert told["双人复核"][0].endswith("：是")


async def writes(world: World, *rows: dict[str, Any]) -> None:
    def work(connection: sa.Connection) -> None:
        for row in rows:
            usual = {"actor": JIA, "act": "faq_edited", "kind": "faq", "object": "lamp"}
            audit.record(connection, **{**usual, **row})

    await world.database.write(work)


async def objects(world: World, **query: Any) -> list[str]:
    page = await Trail(world.database).page(TrailQuery(**query))
    return [line.object for line in page.lines]


async def test_the_trail_is_narrowed_down_by_who_what_and_words(timed: World) -> None:
    await writes(
        timed,
        {"object": "lamp", "after": {"answer": "三日内修复路灯"}, "reason": "国家改了期限"},
        {"object": "well", "actor": Actor("yi"), "act": "faq_approved"},
        {"object": "XF2026-1", "kind": "case", "act": "assign", "before": {"office": "县城管局"}},
    )
    assert await objects(timed) == ["XF2026-1", "well", "lamp"]
    assert await objects(timed, by="yi") == ["well"]
    assert await objects(timed, act="assign") == ["XF2026-1"]
    assert await objects(timed, kind="faq") == ["well", "lamp"]
    assert await objects(timed, object="xf2026") == ["XF2026-1"]
    assert await objects(timed, q="修复路灯") == ["lamp"]
    assert await objects(timed, q="期限 三日") == ["lamp"]
    assert await objects(timed, q="城管局") == ["XF2026-1"]
    assert await objects(timed, q="100%") == []
    assert await objects(timed, size=2, page=2) == ["lamp"]
    choices = await Trail(timed.database).choices()
    assert choices.people == ("jia", "yi")


async def test_days_begin_at_midnight_here(timed: World) -> None:
    await writes(timed, {})
    today = (await Trail(timed.database).page(TrailQuery())).lines[0].at.astimezone(
        CHINA
    ).date()  # fmt: skip
    assert await objects(timed, since=today, until=today) == ["lamp"]
    assert await objects(timed, until=today.replace(year=today.year - 1)) == []
    assert await objects(timed, since=today.replace(year=today.year + 1)) == []


async def test_a_row_that_was_changed_by_hand_is_found(timed: World) -> None:
    await writes(timed, *({"object": f"f{number}"} for number in range(5)))
    trail = Trail(timed.database)
    whole = await trail.check()
    assert (whole.total, whole.broken) == (5, None)
    change = sa.update(AUDIT).where(AUDIT.c.id == 3).values(by="nobody")
    await timed.database.write(lambda c: c.execute(change))
    assert (await trail.check()).broken == 3


async def test_a_row_that_was_taken_out_is_found(timed: World) -> None:
    await writes(timed, *({"object": f"f{number}"} for number in range(5)))
    await timed.database.write(lambda c: c.execute(sa.delete(AUDIT).where(AUDIT.c.id == 2)))
    assert (await Trail(timed.database).check()).broken == 3


async def test_the_auditor_reads_who_what_when_from_where_and_why(
    desks: World, jia: Browser, auditor: Browser
) -> None:
    await writes(
        desks,
        {"before": {"question": "路灯坏了"}, "after": {"question": "灯坏了"}, "reason": "短些"},
    )
    page = await auditor.opens("/staff/audit")
    for told in ("甲（jia）", "10.2.3.4", "修改", "问题 lamp", "− 路灯坏了", "+ 灯坏了", "短些"):
        assert told in page
    assert "没有符合条件的" in await auditor.opens("/staff/audit?by=yi")
    assert "修改" in await auditor.opens("/staff/audit?q=路灯&since=2026-01-01&page=1")


async def test_a_page_too_far_leads_to_the_last(desks: World, auditor: Browser) -> None:
    await writes(desks, {}, {}, {})
    answer = await auditor.http.get("/staff/audit?page=9&size=20&by=jia")
    assert answer.status_code == 303
    assert "by=jia" in answer.headers["location"]


async def test_checking_says_how_many_or_which(desks: World, auditor: Browser) -> None:
    await writes(desks, {}, {}, {})
    assert "完整，共 3 条" in await auditor.told("/staff/audit/check")
    await desks.database.write(lambda c: c.execute(sa.delete(AUDIT).where(AUDIT.c.id == 2)))
    assert "从第 3 条起对不上" in await auditor.told("/staff/audit/check")


async def test_the_export_holds_what_the_filter_shows_and_no_formula(
    desks: World, jia: Browser, auditor: Browser
) -> None:
    await writes(
        desks,
        {"reason": '=HYPERLINK("http://x")', "after": {"question": "灯"}},
        {"act": "faq_retired", "object": "well"},
    )
    answer = await auditor.sends("/staff/audit/export", status=200, filters="act=faq_edited")
    assert re.search(r"filename\*=UTF-8''.*\.xlsx", answer.headers["content-disposition"])
    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book["操作记录"].iter_rows(values_only=True))
    assert rows[0][:4] == ("序号", "时间", "谁", "地址")
    assert len(rows) == 2
    assert rows[1][2:5] == ("甲（jia）", "10.2.3.4", "修改")
    assert rows[1][8] == "标准问题：灯"
    assert str(rows[1][9]).startswith("'=")
    about = dict(book["说明"].iter_rows(min_row=2, max_col=2, values_only=True))
    assert "丁（ding）" in str(about["导出人"])
    assert about["筛选条件"] == "做了什么：修改"
    last = (await desks.trail())[-1]
    assert (last["act"], last["by"], last["after"]["rows"]) == ("export", "ding", 1)


async def test_sign_ins_are_listed_narrowed_down_and_taken_out(
    desks: World, jia: Browser, auditor: Browser
) -> None:
    await desks.sign_in.attempt("jia", "wrong", "", "10.9.9.9", "Mozilla/5.0 Firefox/115.0 Linux")
    await desks.sign_in.attempt("=cmd", "wrong", "", "10.9.9.9", "=1+1")
    page = await auditor.opens("/staff/sign-ins")
    for told in ("甲（jia）", "密码或口令不对", "没有这个账号", "10.9.9.9", "Firefox 115 · Linux"):
        assert told in page
    log = SignInLog(desks.database)
    assert (await log.page(SignInQuery(name="jia", outcome="wrong"))).total == 1
    assert (await log.page(SignInQuery(address="10.8."))).total == 0
    answer = await auditor.sends("/staff/sign-ins/export", status=200, filters="outcome=wrong")
    rows = list(load_workbook(io.BytesIO(answer.content))["登录记录"].iter_rows(values_only=True))
    assert len(rows) == 3
    assert rows[2][5] == "'=1+1"
    assert (await desks.trail())[-1]["object"] == "sign_ins"


@pytest.mark.parametrize(
    ("agent", "short"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/90.0.4430 Safari/537.36", "Chrome 90 · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Edg/120.0", "Edge 120 · Windows"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_short(agent: str, short: str) -> None:
    assert browser(agent) == short


@pytest.mark.parametrize("role", ["curator", "approver", "handler", "administrator"])
async def test_only_auditors_read_the_trail_and_nobody_deletes_from_it(
    desks: World, role: str
) -> None:
    await writes(desks, {})
    one = await desks.at_work("wu", "戊", role)
    for page in ("/staff/audit", "/staff/sign-ins"):
        await one.opens(page, status=403)
        await one.sends(f"{page}/export", status=403)
    assert (await one.http.delete("/staff/audit")).status_code == 405
    assert len(await desks.trail()) == 1


async def test_the_auditor_changes_nothing(desks: World, auditor: Browser) -> None:
    for page in ("accounts", "sessions", "settings", "proposals"):
        await auditor.opens(f"/staff/{page}", status=403)
    await auditor.sends("/staff/accounts/ding", status=403, roles=["administrator"])
    assert await desks.acts() == []
