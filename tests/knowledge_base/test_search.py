from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import store
from knowledge_base.audit import SYSTEM
from knowledge_base.database import Database
from knowledge_base.entries import life
from knowledge_base.entries.store import add_version
from knowledge_base.importer import import_laws
from knowledge_base.migrations import upgrade
from knowledge_base.models import FaqEntry, Variant
from knowledge_base.quoting import quote
from knowledge_base.search import SCRIPTS, VERSION_TABLE, KnowledgeBase

TODAY = date(2026, 6, 1)


async def opened(database: Database, tmp_path: Path, encoder=None, **options) -> KnowledgeBase:
    return await KnowledgeBase.open(
        database, encoder, tmp_path / "data", today=lambda: TODAY, **options
    )


async def publish(kb: KnowledgeBase, database: Database, entry: FaqEntry) -> None:
    """As an approval does, without anybody's judgement."""

    def write(connection: Connection) -> None:
        version = add_version(connection, entry, by="zhao", act="created", status="in_review")
        life.mark_approved(connection, entry.id, version, SYSTEM)

    await database.write(write)
    await kb.refresh()


@pytest.fixture(scope="module")
async def kb(
    tmp_path_factory: pytest.TempPathFactory, law_text: str
) -> AsyncIterator[KnowledgeBase]:
    """The starter FAQ and one law, searched by words alone; for tests that only ask."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "路灯法(2019-01-01).md").write_text(law_text, encoding="utf-8")
    database = Database(f"sqlite:///{folder}/kb.db")
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    await import_laws(database, [folder / "路灯法(2019-01-01).md"], today=TODAY)
    kb = await opened(database, folder)
    yield kb
    await kb.close()
    await database.close()


@pytest.fixture
async def own_kb(database: Database, tmp_path: Path, laws: Path) -> AsyncIterator[KnowledgeBase]:
    """The same, for a test that changes what is in it."""
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    await import_laws(database, [laws], today=TODAY)
    kb = await opened(database, tmp_path)
    yield kb
    await kb.close()


async def test_a_curated_question_gets_its_answer_with_its_source(kb: KnowledgeBase) -> None:
    result = await kb.search("信访事项一般多久能办完？")
    assert result.answered
    assert result.hits[0].id == "xf-time-limit"
    assert result.hits[0].kind == "faq"
    assert "《信访工作条例》第三十四条" in result.hits[0].citation


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "红烧肉怎么做才好吃", "帮我写首诗", "？？？", ""]
)
async def test_a_foreign_question_is_refused(kb: KnowledgeBase, question: str) -> None:
    assert not (await kb.search(question)).answered


async def test_an_article_answers_where_no_curated_answer_does(kb: KnowledgeBase) -> None:
    result = await kb.search("路灯法规定养护单位接到报告之日起几日内修复熄灭的路灯")
    articles = [hit for hit in result.hits if hit.kind == "article"]
    assert articles[0].title == "中华人民共和国路灯法 第二条"
    assert articles[0].citation == "《中华人民共和国路灯法》第二条"
    assert "三日内修复" in articles[0].answer


async def test_hits_are_ordered_and_their_scores_are_probabilities(kb: KnowledgeBase) -> None:
    hits = (await kb.search("路灯不亮谁来修", limit=5)).hits
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len(hits) == 5


async def test_a_long_or_strange_question_is_only_a_question(kb: KnowledgeBase) -> None:
    for question in ("路灯" * 5000, "\x00\u202e路灯\u200b", "' OR 1=1 --", "words:* AND (", "🙏🙏"):
        await kb.search(question)


async def test_what_is_withdrawn_is_not_cited_even_by_an_older_index(
    own_kb: KnowledgeBase, database: Database
) -> None:
    question = "路灯法规定养护单位接到报告之日起几日内修复熄灭的路灯"
    assert any(hit.kind == "article" for hit in (await own_kb.search(question)).hits)
    await database.write(
        lambda connection: connection.execute(sa.update(store.DOCUMENTS).values(status="draft"))
    )
    assert not any(hit.kind == "article" for hit in (await own_kb.search(question)).hits)


async def test_what_is_no_longer_published_is_not_found(
    own_kb: KnowledgeBase, database: Database
) -> None:
    await database.write(lambda connection: life.mark_retired(connection, "xf-time-limit", SYSTEM))
    before = own_kb.release
    await own_kb.refresh()
    result = await own_kb.search("信访事项一般多久能办完？", limit=10)
    assert "xf-time-limit" not in {hit.id for hit in result.hits}
    assert result.release == own_kb.release == (before or 0) + 1


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({}, True),
        ({"valid_from": TODAY, "valid_until": TODAY}, True),
        ({"valid_from": date(2026, 6, 2)}, False),
        ({"valid_until": date(2026, 5, 31)}, False),
    ],
)
async def test_only_what_is_valid_today_is_found(
    own_kb: KnowledgeBase, database: Database, limits: dict[str, date], found: bool
) -> None:
    entry = FaqEntry("crane", "吊车占道几天要报备", (), "三天以上要报备。", (), "市政", **limits)
    await publish(own_kb, database, entry)
    result = await own_kb.search("吊车占道几天要报备")
    assert ("crane" in {hit.id for hit in result.hits}) == found


async def test_a_draft_is_not_found(own_kb: KnowledgeBase, database: Database) -> None:
    entry = FaqEntry("crane", "吊车占道几天要报备", (), "三天以上要报备。", (), "市政")
    await database.write(
        lambda connection: add_version(connection, entry, by="zhao", act="created")
    )
    await own_kb.refresh()
    hits = (await own_kb.search("吊车占道几天要报备")).hits
    assert "crane" not in {hit.id for hit in hits}


async def test_a_typical_case_is_found_by_what_had_happened(
    own_kb: KnowledgeBase, database: Database
) -> None:
    case = FaqEntry(
        "c-1", "开发商拖延办证案", (), "督促开发商补交材料后办出了证。", (), "住房",
        kind="precedent", facts="某小区入住五年，塔吊公司与开发商互相推诿，迟迟不给办大产证。",
    )  # fmt: skip
    await publish(own_kb, database, case)
    result = await own_kb.search("开发商拖延办证案")
    assert result.answered
    assert (result.hits[0].kind, result.hits[0].version) == ("precedent", 1)
    assert (await own_kb.search("塔吊公司与开发商推诿不给办大产证")).hits[0].id == "c-1"


REGIONAL = FaqEntry(
    "crane", "吊车占道费多少钱", (), "各县标准不同。", (), "市政",
    variants=(Variant("河东县", "每天十元。"), Variant("河西县", "每天二十元。")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("place", "answer", "region", "asks"),
    [
        ("", "各县标准不同。", "", ("河东县", "河西县")),
        ("河西县解放路", "每天二十元。", "河西县", ()),
        ("我在河东，", "每天十元。", "河东县", ()),
        # The narrowest counts: an address goes from the large to the small.
        ("河东县 不，河西县", "每天二十元。", "河西县", ()),
        ("南山县解放路", "各县标准不同。", "", ()),
    ],
)
async def test_the_citizens_place_chooses_the_answer(
    own_kb: KnowledgeBase,
    database: Database,
    place: str,
    answer: str,
    region: str,
    asks: tuple[str, ...],
) -> None:
    await publish(own_kb, database, REGIONAL)
    elsewhere = FaqEntry("hill", "登山要登记吗", (), "要。", (), "旅游", region="南山县")
    await publish(own_kb, database, elsewhere)
    result = await own_kb.search("吊车占道费多少钱", place=place)
    assert result.answered
    assert (result.hits[0].answer, result.hits[0].region) == (answer, region)
    assert result.regions == asks


async def test_what_holds_elsewhere_is_left_out_where_the_place_is_known(
    own_kb: KnowledgeBase, database: Database
) -> None:
    await publish(own_kb, database, REGIONAL)
    await publish(
        own_kb, database, FaqEntry("hill", "登山要登记吗", (), "要。", (), "旅游", region="南山县")
    )
    for place, found in [("", True), ("南山县", True), ("河东县", False)]:
        hits = (await own_kb.search("登山要登记吗", place=place)).hits
        assert ("hill" in {hit.id for hit in hits}) == found, place


async def test_a_second_start_builds_nothing(
    database: Database, tmp_path: Path, encoder, laws: Path
) -> None:
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    await import_laws(database, [laws], today=TODAY)
    await (await opened(database, tmp_path, encoder)).close()
    built, encoder.encoded = encoder.encoded, 0
    kb = await opened(database, tmp_path, encoder)
    assert built > 1000
    assert encoder.encoded == 0
    assert (await kb.search("路灯不亮谁来修")).hits
    await kb.close()


async def test_a_change_encodes_only_what_is_new(
    database: Database, tmp_path: Path, encoder, laws: Path
) -> None:
    kb = await opened(database, tmp_path, encoder)
    encoder.encoded = 0
    await import_laws(database, [laws], today=TODAY)
    await kb.refresh()
    # Four articles and every different word in them; nothing of the FAQ again.
    assert encoder.encoded == 65
    await kb.close()


async def test_search_needs_under_20_ms_with_some_thousand_articles(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        articles = "\n".join(
            f"第{at}条 第{number}号设施的养护单位应当在{at}日内修复，并告知报告人处理结果。"
            for at in range(1, 101)
        )
        (folder / f"设施办法{number}.md").write_text(
            f"# 设施办法{number}\n<!-- INFO END -->\n{articles}"
        )
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    await import_laws(database, [folder], today=TODAY)
    kb = await opened(database, tmp_path)
    took = []
    for number in range(40):
        started = time.process_time()
        await kb.search(f"第{number}号设施坏了几天内修好")
        took.append(time.process_time() - started)
    # Processor time: the machine that tests may be busy with something else.
    assert sorted(took)[20] < 0.020
    await kb.close()


async def test_questions_are_never_logged(
    kb: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await kb.search("我的电话13519351187，路灯不亮找谁")
    assert "13519351187" not in caplog.text


async def test_a_killed_build_leaves_the_index_in_force(
    database: Database, tmp_path: Path, encoder
) -> None:
    await (await opened(database, tmp_path, encoder)).close()
    index = tmp_path / "data" / "index" / "faq"
    before = json.loads((index / "current").read_text())["generation"]
    (index / "0123456789abcdef.new").mkdir()
    (index / "current.new").write_text("half")
    await (await opened(database, tmp_path, encoder)).close()
    assert json.loads((index / "current").read_text())["generation"] == before


async def test_an_index_of_the_old_layout_is_cleared_away(
    database: Database, tmp_path: Path
) -> None:
    index = tmp_path / "data" / "index"
    (index / "0123456789abcdef").mkdir(parents=True)
    (index / "current").write_text("{}")
    kb = await opened(database, tmp_path)
    assert (await kb.search("怎么催办？")).answered
    assert {path.name for path in index.iterdir()} == {"faq", "articles"}
    await kb.close()


async def test_another_encoder_gets_its_own_vectors(
    database: Database, tmp_path: Path, encoder
) -> None:
    await (await opened(database, tmp_path, encoder)).close()
    other = type(encoder)("b")
    await (await opened(database, tmp_path, other)).close()
    assert other.encoded > 1000


def test_a_quotation_ends_where_a_sentence_ends() -> None:
    text = "甲" * 200 + "。" + "乙" * 200
    assert quote(text) == "甲" * 200 + "。…"
    assert quote("短。") == "短。"
    assert len(quote("甲" * 400)) <= 300
