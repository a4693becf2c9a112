"""Laws as curators see them: states, versions, what cites them, and taking one out."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries.service import Entries
from knowledge_base.importer import import_laws
from knowledge_base.laws.records import Change, LawQuery, LawState
from knowledge_base.laws.service import Laws
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.tables import AUDIT
from nlu.text.errors import Conflict, NotFound, Unprocessable
from tests.knowledge_base.imports.conftest import CURATOR, TODAY, Served, database, served

__all__ = ["database", "served"]  # fixtures


def text(name: str, day: str, *articles: str, effective: str = "") -> str:
    body = "\n\n".join(articles)
    return f"# {name}\n\n{day} 公布\n\n{effective}\n<!-- INFO END -->\n\n{body}\n"


@pytest.fixture
async def laws(database: Database, served: Served, tmp_path: Path) -> Laws:
    """灯法 in three versions, the last not in force yet, and one of a town."""
    folder = tmp_path / "texts"
    town = folder / "某市地方法规"
    town.mkdir(parents=True)
    for name, content in (
        (
            "灯法(2010-01-01).md",
            text("灯法", "2010年1月1日", "第一条 旧。", "第二条 不变。", "第三条 删。"),
        ),
        (
            "灯法(2020-01-01).md",
            text("灯法", "2020年1月1日", "第一条 新。", "第二条 不变。", "第四条 加。"),
        ),
        (
            "灯法(2026-05-01).md",
            text("灯法", "2026年5月1日", "第一条 将来。", effective="2026年9月1日 施行"),
        ),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    (town / "灯规(2020-01-01).md").write_text(text("灯规", "2020年1月1日", "第一条 市。"), "utf-8")
    await import_laws(database, [folder], today=TODAY)
    return Laws(database, served.take_over, lambda: TODAY)


async def test_the_list_tells_the_state_of_each_text(laws: Laws) -> None:
    lines = (await laws.page(LawQuery(q="灯法", sort="version"))).lines
    assert [(str(line.version), line.state) for line in lines] == [
        ("2026-05-01", "upcoming"),
        ("2020-01-01", "in_force"),
        ("2010-01-01", "superseded"),
    ]
    assert lines[2].superseded_by == "灯法（2020-01-01）"
    assert lines[1].articles == 3
    assert await laws.counts() == {"in_force": 2, "upcoming": 1, "superseded": 1, "retired": 0}


async def test_filters_and_pages(laws: Laws) -> None:
    async def names(query: LawQuery) -> list[str]:
        return [f"{line.law}{line.version}" for line in (await laws.page(query)).lines]

    state: LawState = "upcoming"
    assert await names(LawQuery(state=state)) == ["灯法2026-05-01"]
    assert await names(LawQuery(region="某市")) == ["灯规2020-01-01"]
    assert len(await names(LawQuery(region="-"))) == 3
    assert await laws.regions() == ["某市"]
    page = await laws.page(LawQuery(page=2, size=3))
    assert (len(page.lines), page.total) == (1, 4)


async def test_a_law_shows_its_versions_and_who_cites_it(laws: Laws, database: Database) -> None:
    entries = Entries(database, today=lambda: TODAY)
    await entries.save(
        FaqEntry(
            "e-1", "灯坏了怎么办？", (), "修。", (Citation("中华人民共和国灯法", "第一条"),), "灯"
        ),
        CURATOR,
    )
    (line,) = (await laws.page(LawQuery(q="灯法", state="in_force"))).lines
    record = await laws.get(line.id)
    assert [str(version.version) for version in record.versions] == [
        "2026-05-01",
        "2020-01-01",
        "2010-01-01",
    ]
    assert [(one.id, one.articles) for one in record.citing] == [("e-1", ("第一条",))]
    found, total = await laws.articles(line.id, "不变")
    assert ([article.number for article in found], total) == (["第二条"], 1)
    assert await laws.changes(record.versions[2].id, line.id) == [
        Change("第一条", "旧。", "新。"),
        Change("第四条", "", "加。"),
        Change("第三条", "删。", ""),
    ]
    with pytest.raises(NotFound):
        await laws.get(99_999)


async def test_a_law_is_taken_out_with_a_reason_and_brought_back(
    laws: Laws, database: Database, served: Served
) -> None:
    by = Actor("乙", "10.0.0.2")
    (line,) = (await laws.page(LawQuery(q="灯法", state="in_force"))).lines
    with pytest.raises(Unprocessable, match="原因"):
        await laws.retire(line.id, by, "  ")
    await laws.retire(line.id, by, "录错了")
    assert (await laws.get(line.id)).line.state == "retired"
    assert (await laws.counts())["retired"] == 1
    with pytest.raises(Conflict):
        await laws.retire(line.id, by, "再来一次")
    await laws.restore(line.id, by, "没错")
    assert (await laws.get(line.id)).line.state == "in_force"
    rows = await database.read(
        lambda c: c.execute(
            sa.select(AUDIT.c.act, AUDIT.c.by, AUDIT.c.reason).order_by(AUDIT.c.id)
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        ("law_retire", "乙", "录错了"),
        ("law_restore", "乙", "没错"),
    ]
    assert served.by == [by, by]
