from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base import store
from knowledge_base.database import Database
from knowledge_base.importer import import_laws, settle_versions
from knowledge_base.migrations import upgrade
from knowledge_base.search import SCRIPTS, VERSION_TABLE

TODAY = date(2026, 6, 1)


def law(name: str, day: str, text: str, effective: str = "") -> str:
    return f"# {name}\n\n{day} 公布\n{effective}\n<!-- INFO END -->\n\n第一条 {text}\n"


@pytest.fixture
async def tables(database: Database) -> Database:
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    return database


async def in_force(database: Database) -> dict[str, str]:
    """Text of the first article → name of its law."""
    numbers = await database.read(store.in_force_article_ids)
    found = await database.read(lambda connection: store.articles(connection, numbers))
    return {article.text: article.law for article in found}


async def test_the_newest_version_wins_and_the_older_is_kept(
    tables: Database, tmp_path: Path
) -> None:
    (tmp_path / "灯法(2010-01-01).md").write_text(law("灯法", "2010年1月1日", "旧"))
    (tmp_path / "灯法(2020-01-01).md").write_text(law("灯法", "2020年1月1日", "新"))
    report = await import_laws(tables, [tmp_path], today=TODAY)
    assert (report.imported, report.articles) == (2, 2)
    assert await in_force(tables) == {"新": "灯法"}
    older = await tables.read(
        lambda connection: connection.scalar(
            sa.select(store.DOCUMENTS.c.superseded_by).where(~store.DOCUMENTS.c.in_force)
        )
    )
    assert older == "灯法（2020-01-01）"


async def test_a_version_that_is_not_in_force_yet_does_not_win(
    tables: Database, tmp_path: Path
) -> None:
    (tmp_path / "灯法(2010-01-01).md").write_text(law("灯法", "2010年1月1日", "旧"))
    (tmp_path / "灯法(2026-01-01).md").write_text(
        law("灯法", "2026年1月1日", "新", "2026年9月1日 施行")
    )
    await import_laws(tables, [tmp_path], today=TODAY)
    assert await in_force(tables) == {"旧": "灯法"}
    await tables.write(lambda connection: settle_versions(connection, date(2026, 9, 1)))
    assert await in_force(tables) == {"新": "灯法"}


async def test_a_law_that_another_one_ends_is_not_cited(tables: Database, tmp_path: Path) -> None:
    (tmp_path / "灯条例(2010-01-01).md").write_text(law("灯条例", "2010年1月1日", "旧"))
    (tmp_path / "光法(2020-01-01).md").write_text(
        law("光法", "2020年1月1日", "新。《灯条例》同时废止。")
    )
    await import_laws(tables, [tmp_path], today=TODAY)
    assert set((await in_force(tables)).values()) == {"光法"}


async def test_the_petition_rule_of_2005_is_known_to_be_repealed(
    tables: Database, tmp_path: Path
) -> None:
    (tmp_path / "信访条例(2005-01-10).md").write_text(law("信访条例", "2005年1月10日", "旧"))
    await import_laws(tables, [tmp_path], today=TODAY)
    assert await in_force(tables) == {}


async def test_a_towns_rule_and_a_law_of_the_same_name_live_side_by_side(
    tables: Database, tmp_path: Path
) -> None:
    (tmp_path / "灯法(2010-01-01).md").write_text(law("灯法", "2010年1月1日", "全国"))
    town = tmp_path / "某市地方法规"
    town.mkdir()
    (town / "灯法(2020-01-01).md").write_text(law("灯法", "2020年1月1日", "本市"))
    await import_laws(tables, [tmp_path], today=TODAY)
    assert set(await in_force(tables)) == {"全国", "本市"}


async def test_a_broken_file_is_reported_and_stops_nothing_else(
    tables: Database, laws: Path
) -> None:
    (laws / "a-broken.md").write_bytes(b"\xff\xfe\xfa\x81\x00\xff")
    report = await import_laws(tables, [laws, laws / "missing.md"], today=TODAY)
    assert report.imported == 1
    assert [Path(file).name for file, _ in report.skipped] == ["a-broken.md", "missing.md"]


async def test_the_same_text_again_changes_nothing(tables: Database, laws: Path) -> None:
    await import_laws(tables, [laws], today=TODAY)
    before = await tables.read(store.in_force_article_ids)
    report = await import_laws(tables, [laws], today=TODAY)
    assert (report.imported, report.unchanged) == (0, 1)
    assert await tables.read(store.in_force_article_ids) == before
