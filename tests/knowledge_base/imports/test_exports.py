"""What goes out is what was there, opens without surprises, and comes back in."""

from __future__ import annotations

import io
import json
import re
import stat
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from knowledge_base.database import Database
from knowledge_base.entries.records import EntryQuery
from knowledge_base.entries.service import Entries
from knowledge_base.imports.cells import plain, safe
from knowledge_base.imports.exports import Exports, File, file_name
from knowledge_base.imports.service import Imports
from knowledge_base.laws.records import LawQuery
from knowledge_base.laws.service import Laws
from knowledge_base.migrations import HISTORY, VERSION_TABLE, upgrade
from knowledge_base.models import Citation, FaqEntry, Variant
from tests.knowledge_base.imports.conftest import (
    CURATOR,
    TODAY,
    Brings,
    Served,
    all_rows,
    done,
    fates,
    law,
    opened,
)

FULL = FaqEntry(
    id="",
    question="路灯坏了怎么办？",
    phrasings=("=路灯不亮", "灯黑了"),
    answer="=1+1 不是公式\n第二行，电话 13800138000",
    citation=(Citation("路灯法", "第一条"), Citation("照明办法")),
    category="城管/路灯",
    variants=(
        Variant("东区", "东区修。", (Citation("甲法", "第二条"),)),
        Variant("西区", "西区修。"),
    ),
    keywords=("灯", "亮"),
    material="办事指南",
    issuer="市局",
    owner="@城管局",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
)
PRECEDENT = FaqEntry(
    id="",
    question="路灯长期不亮的投诉",
    phrasings=(),
    answer="可以投诉。",
    citation=(),
    category="路灯",
    kind="precedent",
    facts="半年不亮。",
    handling="-换了灯。",
)


@pytest.fixture
def exports(database: Database, tmp_path: Path) -> Exports:
    return Exports(database, tmp_path / "exports", lambda: TODAY)


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[Imports, Entries]]:
    """Another, empty base to import into."""
    url = f"sqlite:///{tmp_path}/elsewhere.db"
    upgrade(url, HISTORY, VERSION_TABLE)
    database = Database(url)
    entries = Entries(database, today=lambda: TODAY)
    imports = Imports(database, tmp_path / "elsewhere", entries, Served().take_over, lambda: TODAY)
    imports.begin()
    await entries.set_regions(["东区", "西区"], CURATOR)
    yield imports, entries
    await imports.close()
    await database.close()


async def brought(imports: Imports, kind: str, name: str, file: File) -> int:
    from knowledge_base.imports.records import Options, Upload
    from tests.knowledge_base.imports.conftest import rested

    job = await imports.start(kind, [Upload(name, file.path)], Options(), CURATOR)  # type: ignore[arg-type]
    await rested(imports, job)
    return job


@pytest.mark.parametrize("format", ["xlsx", "json"])
async def test_entries_go_out_and_come_back_the_same(
    format: str, entries: Entries, exports: Exports, elsewhere: tuple[Imports, Entries]
) -> None:
    await entries.set_regions(["东区", "西区"], CURATOR)
    there, other = elsewhere
    for kind, entry in (("faq", FULL), ("precedents", PRECEDENT)):
        saved = (await entries.save(entry, CURATOR)).entry
        file = await exports.entries(EntryQuery(kind=entry.kind), format)  # type: ignore[arg-type]
        assert file.rows == 1
        job = await brought(there, kind, f"导出.{format}", file)
        assert list((await fates(there, job)).values()) == ["new"], await all_rows(there, job)
        await done(there, job)
        assert (await other.get(saved.id)).entry == saved


async def test_a_sheet_opens_with_days_as_days_and_no_formula(
    entries: Entries, exports: Exports
) -> None:
    await entries.set_regions(["东区", "西区"], CURATOR)
    await entries.save(FULL, CURATOR)
    file = await exports.entries(EntryQuery(kind="faq"), "xlsx")
    assert re.fullmatch(r"常见问答_\d{8}_\d{6}\.xlsx", file.name)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    book = openpyxl.load_workbook(io.BytesIO(file.path.read_bytes()))
    page = book.active
    assert page is not None
    head = [cell.value for cell in page[1]]
    cells = dict(zip(head, page[2], strict=True))
    assert cells["有效期止"].value == datetime(2027, 1, 1)
    assert cells["有效期止"].number_format == "yyyy-mm-dd"
    assert {cell.data_type for cell in page[2]} <= {"s", "d", "n"}
    assert str(cells["内容"].value).startswith("'=1+1")
    assert cells["责任单位"].value == "'@城管局"
    assert cells["状态"].value == "草稿"


async def test_only_what_the_filter_shows_goes_out_and_all_of_it(
    entries: Entries, exports: Exports
) -> None:
    for at in range(30):
        await entries.save(
            FaqEntry(f"e-{at}", f"第{at}个问题", (), "答", (), "甲" if at < 25 else "乙"), CURATOR
        )
    file = await exports.entries(EntryQuery(kind="faq", category="甲", page=2, size=10), "xlsx")
    assert file.rows == 25
    assert len(opened(file.path.read_bytes())) == 26


async def test_laws_go_out_as_texts_that_can_be_imported_again(
    database: Database,
    imports: Imports,
    brings: Brings,
    exports: Exports,
    elsewhere: tuple[Imports, Entries],
    law_text: str,
) -> None:
    files = {
        "路灯法(2019-01-01).md": law_text,
        "上海地方法规/路灯条例(2020-01-01).md": law("路灯条例", "2020年1月1日", "亮。"),
        "关于路灯的意见(2021-01-01).md": "# 关于路灯的意见\n<!-- INFO END -->\n要照亮。\n要省电。",
    }
    await done(imports, (await brings("laws", dict(files))).id)
    file = await exports.laws(LawQuery(), "zip")
    assert file.rows == 3
    there, _ = elsewhere
    job = await brought(there, "laws", "法规.zip", file)
    await done(there, job)
    ours = Laws(database, Served().take_over, lambda: TODAY)
    theirs = Laws(there.database, Served().take_over, lambda: TODAY)
    for line in (await ours.page(LawQuery())).lines:
        (other,) = (await theirs.page(LawQuery(q=line.law))).lines
        assert (other.region, other.version, other.state) == (
            line.region,
            line.version,
            line.state,
        )
        assert await theirs.articles(other.id) == await ours.articles(line.id)


async def test_laws_go_out_as_a_sheet_and_as_json(
    imports: Imports, brings: Brings, exports: Exports
) -> None:
    files: dict[str, bytes | str | Path] = {"灯法.md": law("灯法", "2020年1月1日", "=亮")}
    await done(imports, (await brings("laws", files)).id)
    file = await exports.laws(LawQuery(q="灯"), "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(file.path.read_bytes()))
    laws, articles = (list(page.iter_rows(values_only=True)) for page in book.worksheets)
    assert laws[1][:7] == ("灯法", None, "全国", datetime(2020, 1, 1), None, "现行", None)
    assert articles[1][4:] == ("第一条", "'=亮")
    found = json.loads((await exports.laws(LawQuery(), "json")).path.read_bytes())
    assert [(one["law"], one["articles"][0]["text"]) for one in found] == [("灯法", "=亮")]


async def test_everything_is_one_file_that_both_kinds_can_be_taken_from(
    entries: Entries,
    imports: Imports,
    brings: Brings,
    exports: Exports,
    elsewhere: tuple[Imports, Entries],
) -> None:
    await entries.set_regions(["东区", "西区"], CURATOR)
    await entries.save(FULL, CURATOR)
    await entries.save(PRECEDENT, CURATOR)
    files: dict[str, bytes | str | Path] = {"灯法.md": law("灯法", "2020年1月1日", "亮")}
    await done(imports, (await brings("laws", files)).id)
    file = await exports.everything()
    assert file.rows == 3
    found = json.loads(file.path.read_bytes())
    assert [len(found[key]) for key in ("faqs", "precedents", "laws")] == [1, 1, 1]
    there, _ = elsewhere
    for kind in ("faq", "precedents"):
        job = await brought(there, kind, "知识库.json", file)
        assert list((await fates(there, job)).values()) == ["new"]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-", "@a", "\tx", "\rx", "'=1", "普通", "'引"])
def test_what_a_spreadsheet_would_run_is_guarded_and_freed_again(text: str) -> None:
    assert safe(text)[0] not in "=+-@\t\r"
    if not text.startswith("'"):
        assert plain(safe(text)) == text


def test_a_file_is_called_by_what_it_is_and_when() -> None:
    assert file_name("法规", "xlsx", datetime(2026, 6, 1, 8, 5, 9)) == "法规_20260601_080509.xlsx"
