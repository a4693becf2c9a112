from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from openpyxl import load_workbook

from case_api import endpoints, problems
from case_api.app import Settings, migrate, open_service
from case_api.client import CaseApiClient, in_process
from case_api.schemas import NewCase, Viewer
from case_api.staff_client import StaffClient
from case_api.triage import load_or_train
from case_api.triage_model import Model
from channels.staff.accounts.proposal_rows import Reader
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.sessions import Sessions
from channels.staff.accounts.settings import save
from channels.staff.accounts.tables import ACCOUNTS
from channels.staff.accounts.tables import migrate as migrate_staff
from channels.staff.pages import cases as case_pages
from channels.staff.roles import Right
from channels.staff.shell import Shell
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.tables import AUDIT

TOKEN = "a-service-token-for-tests-only-0123456789"
PHONE = "13519351187"


@dataclass
class Browser:
    """Somebody of the staff at work."""

    http: httpx.AsyncClient
    csrf: str

    async def opens(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-500:])
        return unescape(answer.text)

    async def sends(self, path: str, *, status: int = 303, **fields: Any) -> httpx.Response:
        answer = await self.http.post(path, data={"csrf": self.csrf, **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-500:])
        return answer


@dataclass
class Office:
    """The console over a real case base."""

    app: FastAPI
    database: Database
    sessions: Sessions
    citizens: CaseApiClient
    proposals: Proposals
    filed: int = 0

    async def files(self, **fields: Any) -> str:
        """A citizen files a petition."""
        self.filed += 1
        usual = {
            "text": "楼下烤肉店每晚营业到三点",
            "place": "凤翔小区2号楼",
            "channel": "wechat",
            "citizen": "o-ma",
            "account": "wx1",
            "name": "马志强",
            "phone": PHONE,
            "category": "噪音扰民",
        }
        case = NewCase.model_validate({**usual, **fields})
        return (await self.citizens.create(case, f"key-{self.filed}")).code

    async def signs_in(self, account: str, name: str, roles: Sequence[str]) -> Browser:
        now = datetime.now(timezone.utc)
        row = {
            "name": account,
            "display_name": name,
            "staff_number": "A20261234",
            "roles": list(roles),
            "password": "",
            "old_passwords": [],
            "password_changed_at": now,
            "must_change": False,
            "totp": "",
            "totp_step": 0,
            "active": True,
            "created_at": now,
            "created_by": "system",
        }

        def write(connection: sa.Connection) -> str:
            made = connection.execute(sa.insert(ACCOUNTS).values(**row)).inserted_primary_key
            assert made is not None
            return self.sessions.open(connection, made[0], "10.0.0.1", "test")

        token = await self.database.write(write)
        found = await self.sessions.find(token, touch=False)
        assert found is not None
        http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://desk",
            cookies={"minsheng-staff": token},
        )
        return Browser(http, found.session.csrf)

    async def trail(self) -> list[dict[str, Any]]:
        def read(connection: sa.Connection) -> list[dict[str, Any]]:
            found = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).mappings()
            return [dict(row) for row in found]

        return await self.database.read(read)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_or_train(tmp_path_factory.mktemp("models"), None)


@pytest.fixture
async def office(tmp_path: Path, model: Model) -> AsyncIterator[Office]:
    url = f"sqlite:///{tmp_path}/office.db"
    migrate(url)
    migrate_staff(url)
    database = Database(url)
    app = FastAPI()
    problems.install(app)
    settings = Settings(data_dir=tmp_path, secret=b"s" * 32, model=model)
    service = await open_service(database, None, settings)
    app.include_router(endpoints.router(service, TOKEN), prefix="/api/v1")
    sessions = Sessions(database)
    proposals = Proposals(database)
    async with in_process(app) as http:
        shell = Shell(sessions, proposals=proposals)
        app.include_router(case_pages.router(shell, StaffClient(http, TOKEN), proposals))
        yield Office(app, database, sessions, CaseApiClient(http, TOKEN), proposals)
    await database.close()


@pytest.fixture
async def handler(office: Office) -> Browser:
    return await office.signs_in("liuhui", "刘慧", ["handler"])


def rows(page: str) -> list[str]:
    return re.findall(r'<tr id="(MS-[^"]+)"', page)


async def test_the_list_filters_sorts_and_pages_by_its_address(
    office: Office, handler: Browser
) -> None:
    codes = [await office.files(text=f"第{n}件", category="其他") for n in range(12)]
    lamp = await office.files(text="路灯不亮", place="文化路", category="市政设施")
    page = await handler.opens("/staff/cases?category=其他&sort=created&size=20&q=第")
    assert rows(page) == codes
    assert "共 12 条" in page
    assert rows(await handler.opens("/staff/cases?q=路灯")) == [lamp]
    third = await handler.opens("/staff/cases?category=其他&sort=created&size=5&page=3")
    assert rows(third) == codes[10:]
    link = re.search(rf'href="(/staff/cases/{codes[10]}\?back=[^"]+)"', third)
    assert link is not None
    case = await handler.opens(link.group(1))
    back = re.search(r'href="(/staff/cases\?[^"]*page=3[^"]*)"', case)
    assert back is not None
    assert "sort=created" in back.group(1)
    assert back.group(1).endswith(f"#{codes[10]}")


async def test_a_page_past_the_last_leads_to_the_last(office: Office, handler: Browser) -> None:
    await office.files()
    answer = await handler.http.get("/staff/cases?page=9")
    assert answer.status_code == 303
    assert "page=1" in answer.headers["location"]


async def test_the_case_page_shows_masked_facts_the_sum_and_the_allowed_moves(
    office: Office, handler: Browser
) -> None:
    code = await office.files(text=f"请打{PHONE}", urgent=True)
    page = await handler.opens(f"/staff/cases/{code}")
    assert PHONE not in page
    assert "马志强" not in page
    assert "135****1187" in page
    assert re.search(r"登记 \+ 1日 = \d+年", page)
    assert "第二十五条" in page
    for move in ("accept", "refuse", "assign", "transfer", "answer"):
        assert f'/staff/cases/{code}/moves/{move}"' in page
    assert f"/staff/cases/{code}/moves/close" not in page


async def test_what_makes_a_matter_urgent_is_labelled_and_told_in_the_citizens_words(
    office: Office, handler: Browser
) -> None:
    text = f"整栋楼漏电，二十多户停水四天，电话{PHONE}，老人爬不动楼"
    code = await office.files(text=text, category="其他")
    plain = await office.files(text="希望公园多装一张长椅", category="其他")
    listed = await handler.opens("/staff/cases")
    for label in ("危及安全", "牵涉多人", "老幼病残", "断水断电等"):
        assert re.search(rf'<span class="badge bg-\w+-lt">{label}</span>', listed)
    assert "久拖未决" not in listed
    page = await handler.opens(f"/staff/cases/{code}")
    assert re.search("<dt>危及安全</dt><dd>因为：“漏电”", page)
    assert re.search("<dt>牵涉多人</dt><dd>因为：“整栋楼”“二十多户”", page)
    assert "停水" in page.split("<dt>断水断电等</dt>")[1].split("</dd>")[0]
    assert PHONE not in page
    assert "因为：" not in await handler.opens(f"/staff/cases/{plain}")


async def test_every_move_is_done_by_its_form_in_the_name_of_who_is_signed_in(
    office: Office, handler: Browser
) -> None:
    code = await office.files()
    for move, fields in (
        ("transfer", {"office": "县城市管理局"}),
        ("assign", {"office": "县公安局", "note": "请先到现场"}),
        ("accept", {"office": "县公安局"}),
        ("extend", {"days": "30", "reason": "需要检测"}),
        ("answer", {"text": "已责令整改"}),
        ("close", {}),
    ):
        answer = await handler.sends(f"/staff/cases/{code}/moves/{move}", **fields)
        assert answer.headers["location"].startswith(f"/staff/cases/{code}")
    page = await handler.opens(f"/staff/cases/{code}")
    for told in ("已转送县城市管理局", "请先到现场", "延长30日：需要检测", "已责令整改", "已办结"):
        assert told in page
    trail = [row for row in await office.trail() if row["object"] == code]
    assert [row["act"] for row in trail] == [
        "assign",
        "assign",
        "accept",
        "extend",
        "answer",
        "close",
    ]
    assert {row["by"] for row in trail} == {"liuhui"}
    assert trail[-1]["before"]["status"] == "answered"
    assert trail[-1]["after"]["status"] == "closed"


@pytest.mark.parametrize(
    ("move", "fields", "told"),
    [
        ("refuse", {}, "请写明理由"),
        ("assign", {"note": "请先到现场"}, "请选择承办单位"),
        ("answer", {"text": " "}, "请写答复内容"),
        ("extend", {"days": "3", "reason": "复杂"}, "不能延期"),
        ("close", {}, "不能办结"),
    ],
)
async def test_what_is_missing_is_said_beside_the_field_and_what_was_typed_stays(
    office: Office, handler: Browser, move: str, fields: dict[str, str], told: str
) -> None:
    code = await office.files()
    answer = await handler.sends(f"/staff/cases/{code}/moves/{move}", status=422, **fields)
    assert told in answer.text
    assert fields.get("note", "") in answer.text
    assert await office.trail() == []


async def test_an_extension_is_at_most_thirty_days_with_a_reason(
    office: Office, handler: Browser
) -> None:
    path = f"/staff/cases/{await office.files()}/moves"
    await handler.sends(f"{path}/accept", office="县公安局")
    too_long = await handler.sends(f"{path}/extend", status=422, days="31", reason="复杂")
    assert "1 至 30" in too_long.text
    assert "复杂" in too_long.text
    without = await handler.sends(f"{path}/extend", status=422, days="30", reason="")
    assert "请写明理由" in without.text


async def test_a_case_that_somebody_else_has_moved_is_shown_anew(
    office: Office, handler: Browser
) -> None:
    code = await office.files()
    page = await handler.opens(f"/staff/cases/{code}")
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    other = await office.signs_in("wang", "王敏", ["handler"])
    await other.sends(f"/staff/cases/{code}/moves/accept", office="县公安局")
    answer = await handler.sends(
        f"/staff/cases/{code}/moves/answer", status=422, text="已办好", seen=seen.group(1)
    )
    assert "新的变化" in answer.text
    assert "已办好" in answer.text


async def test_a_phone_is_shown_once_for_a_reason(office: Office, handler: Browser) -> None:
    code = await office.files()
    path = f"/staff/cases/{code}/unmasking"
    refused = await handler.sends(path, status=422, field="phone", reason="")
    assert "请写明理由" in refused.text
    assert PHONE not in refused.text
    shown = await handler.sends(path, status=200, field="phone", reason="电话核实")
    assert PHONE in shown.text
    again = await handler.opens(f"/staff/cases/{code}")
    assert PHONE not in again
    assert "电话核实" in again
    (row,) = await office.trail()
    assert (row["act"], row["by"], row["reason"]) == ("unmask", "liuhui", "电话核实")


async def test_who_else_is_looking_is_named(office: Office, handler: Browser) -> None:
    code = await office.files()
    await handler.opens(f"/staff/cases/{code}")
    other = await office.signs_in("wang", "王敏", ["handler"])
    assert "刘慧</b> 正在看" in await other.opens(f"/staff/cases/{code}")
    beat = await handler.sends(f"/staff/cases/{code}/presence", status=200)
    assert beat.json() == {"names": ["王敏"]}


async def test_all_of_a_filter_are_assigned_with_a_result_for_each(
    office: Office, handler: Browser
) -> None:
    codes = [await office.files(text=f"第{n}件", category="其他") for n in range(23)]
    viewer = Viewer(channel="wechat", account="wx1", citizen="o-ma")
    await office.citizens.withdraw(codes[0], viewer)
    address = "category=其他&size=20"
    page = await handler.sends(
        "/staff/cases/assignment", status=200, address=address, code=codes[:3], all="1"
    )
    assert "23 条" in page.text
    chosen = re.search(r'name="codes" value="([^"]+)"', page.text)
    assert chosen is not None
    assert set(chosen.group(1).split()) == set(codes)
    nobody = await handler.sends(
        "/staff/cases/assignments", status=422, address=address, codes=chosen.group(1)
    )
    assert "请选择承办单位" in nobody.text
    done = await handler.sends(
        "/staff/cases/assignments",
        status=200,
        address=address,
        codes=chosen.group(1),
        office="县教育局",
        way="assign",
    )
    assert "成功 22 条" in done.text
    assert "已撤回" in done.text
    acts = [(row["act"], row["object"]) for row in await office.trail()]
    assert sorted(acts) == sorted(("assign", code) for code in codes[1:])


async def test_nothing_ticked_is_said_so(handler: Browser) -> None:
    answer = await handler.sends("/staff/cases/assignment", address="")
    assert answer.headers["location"].startswith("/staff/cases")


async def test_the_file_has_what_the_filter_shows_and_asks_for_a_reason(
    office: Office, handler: Browser
) -> None:
    code = await office.files(text="=1+1", category="其他")
    await office.files(category="教育")
    asked = {"address": "category=其他", "column": ["code", "phone", "text"]}
    refused = await handler.sends("/staff/cases/export", status=422, **asked, reason="")
    assert "请写明理由" in refused.text
    file = await handler.sends("/staff/cases/export", status=200, **asked, reason="月报")
    name = unquote(file.headers["content-disposition"])
    assert re.search(r"诉求列表_\d{8}_\d{6}\.xlsx", name)
    sheet = load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None
    found = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert str(found[0][0]).startswith("刘慧 1234")
    assert found[1:] == [["编号", "诉求内容", "电话"], [code, "'=1+1", "135****1187"]]
    clear = await handler.sends(
        "/staff/cases/export", status=200, **asked, reason="回访", unmasked="1"
    )
    sheet = load_workbook(io.BytesIO(clear.content)).active
    assert sheet is not None
    assert sheet["C3"].value == PHONE
    assert "导出" in await handler.opens(f"/staff/cases/{code}")
    assert [(row["act"], row["reason"]) for row in await office.trail()] == [
        ("export", "月报"),
        ("export", "回访"),
    ]


async def test_with_four_eyes_the_file_waits_for_a_second_person(
    office: Office, handler: Browser
) -> None:
    await office.files()
    settings = await office.sessions.settings()
    wanted = replace(settings, four_eyes={**settings.four_eyes, "export": True})
    await save(office.database, wanted, Actor("admin"))
    asked = {"address": "group=undecided", "column": ["code"], "reason": "月报"}
    sent = await handler.sends("/staff/cases/export", **asked)
    assert sent.headers["location"].startswith("/staff/cases")
    other = await office.signs_in("wang", "王敏", ["handler"])
    reader = Reader("wang", [Right.HANDLE_CASES])
    (line,) = (await office.proposals.page("to_decide", reader)).lines
    assert "导出诉求 1 条（待受理），刘慧" in line.title
    path = f"/staff/cases/exports/{line.id}"
    await handler.sends(path, status=404)
    await office.proposals.approve(line.id, Actor("wang"), [Right.HANDLE_CASES])
    assert path in await handler.opens("/staff/cases/export")
    await other.sends(path, status=404)
    file = await handler.sends(path, status=200)
    assert file.content.startswith(b"PK")
    exported = [row for row in await office.trail() if row["act"] == "export"]
    assert [(row["by"], row["reason"]) for row in exported] == [("liuhui", "月报（wang 复核）")]


async def test_a_notice_is_printed_without_menus_and_with_a_name_only_for_a_reason(
    office: Office, handler: Browser
) -> None:
    code = await office.files()
    await handler.sends(
        f"/staff/cases/{code}/moves/refuse", reason="已由法院审理", seen="", back=""
    )
    paper = await handler.opens(f"/staff/cases/{code}/print")
    assert "信访事项不予受理告知书" in paper
    assert "已由法院审理" in paper
    assert "马**：" in paper
    assert "刘慧 1234" in paper
    assert "desk-menu" not in paper
    clear = await handler.sends(
        f"/staff/cases/{code}/print", status=200, form="refuse", reason="送达"
    )
    assert "马志强：" in clear.text
    looks = await handler.opens(f"/staff/cases/{code}")
    assert "打印姓名和电话：送达" in looks


async def test_who_waits_is_seen_to(office: Office, handler: Browser) -> None:
    viewer = Viewer(channel="wechat", account="wx1", citizen="o-ma")
    await office.citizens.handoff(viewer, "asked", f"请回{PHONE}")
    await office.citizens.handoff(viewer, "crisis", "活不下去了", urgent=True)
    page = await handler.opens("/staff/handoffs")
    assert page.index("活不下去了") < page.index("请回135****1187")
    clear = await handler.sends("/staff/handoffs/1/unmasking", status=200, reason="回电")
    assert f"请回{PHONE}" in clear.text
    await handler.sends("/staff/handoffs/1/closure", note="已回电")
    assert "请回" not in await handler.opens("/staff/handoffs")
    assert "已回电" in await handler.opens("/staff/handoffs?done=1")


@pytest.mark.parametrize("roles", [["curator"], ["approver"], ["auditor"], ["administrator"]])
async def test_nobody_but_a_handler_reads_petitions(office: Office, roles: list[str]) -> None:
    code = await office.files()
    other = await office.signs_in("other", "其他人", roles)
    for path in ("/staff/cases", f"/staff/cases/{code}", "/staff/handoffs", "/staff/cases/export"):
        assert (await other.http.get(path)).status_code == 403
    for path in (f"/staff/cases/{code}/moves/accept", f"/staff/cases/{code}/unmasking"):
        await other.sends(path, status=403, reason="x", field="phone", office="县教育局")


async def test_without_signing_in_there_is_nothing(office: Office) -> None:
    code = await office.files()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=office.app), base_url="http://desk"
    ) as http:
        for path in ("/staff/cases", f"/staff/cases/{code}", f"/staff/cases/{code}/print"):
            answer = await http.get(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/staff/sign-in")
        assert (await http.post(f"/staff/cases/{code}/presence")).status_code == 401


async def test_a_form_from_elsewhere_is_refused(office: Office, handler: Browser) -> None:
    code = await office.files()
    path = f"/staff/cases/{code}/moves/accept"
    assert (await handler.http.post(path, data={"office": "县教育局"})).status_code == 403
    assert await office.trail() == []


async def test_a_page_left_open_does_not_keep_its_session(office: Office, handler: Browser) -> None:
    code = await office.files()
    before = await _seen(office)
    await handler.sends(f"/staff/cases/{code}/presence", status=200)
    assert await _seen(office) == before


async def _seen(office: Office) -> Any:
    query = sa.text("SELECT seen_at FROM staff_sessions")
    return await office.database.read(lambda c: c.execute(query).scalar_one())
