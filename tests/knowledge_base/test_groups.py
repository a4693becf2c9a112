"""What was asked in vain lies in groups of one meaning; a dismissal holds for the meaning."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa

from knowledge_base.asked import Asked, Asker
from knowledge_base.audit import Actor
from knowledge_base.closeness import Closeness
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database
from knowledge_base.encoder import load_encoder
from knowledge_base.group_lines import GroupQuery
from knowledge_base.groups import Groups
from knowledge_base.migrations import upgrade
from knowledge_base.models import SearchResult
from knowledge_base.search import SCRIPTS, VERSION_TABLE
from knowledge_base.tables import AUDIT
from knowledge_base.tokens import Tokeniser
from nlu.text.errors import Conflict, NotFound, Unprocessable

NOTHING = SearchResult(answered=False, hits=())
JIA = Actor("jia", "10.0.0.1")
HOMES = ("养老院补贴怎么申请", "我妈想住养老院能领补贴吗", "老人住养老院补贴咋办")


@pytest.fixture(scope="module")
def closeness(tmp_path_factory: pytest.TempPathFactory) -> Closeness:
    tokeniser = Tokeniser(tmp_path_factory.mktemp("jieba"))
    return Closeness(tokeniser, Concepts.read(), load_encoder())


@pytest.fixture
async def base(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, SCRIPTS, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def groups(base: Database, closeness: Closeness) -> Groups:
    return Groups(base, closeness)


async def ask(base: Database, *questions: str, citizen: str = "", vain: str = "refused") -> None:
    asked = Asked(base, b"a key")
    for number, question in enumerate(questions):
        who = Asker("web", "", citizen or f"{question}{number}")
        await asked.note(who, question, NOTHING, vain)  # type: ignore[arg-type]


async def trail(base: Database) -> list[Any]:
    return await base.read(lambda c: list(c.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).all()))


async def test_three_wordings_of_one_thing_are_one_group_and_another_thing_is_another(
    groups: Groups, base: Database
) -> None:
    await ask(base, *HOMES, "电动车上牌去哪里")
    page = await groups.page(GroupQuery())
    assert [line.times for line in page.lines] == [3, 1]
    assert page.total == 2
    line, questions = await groups.get(page.lines[0].id)
    assert {question.text for question in questions} == set(HOMES)
    assert line.title == HOMES[0]


async def test_a_group_is_named_without_anybodys_number(groups: Groups, base: Database) -> None:
    await ask(base, "养老院补贴怎么申请？我电话13812345678")
    (line,) = (await groups.page(GroupQuery())).lines
    assert line.title == "养老院补贴怎么申请?"


async def test_citizens_are_counted_not_messages(groups: Groups, base: Database) -> None:
    await ask(base, HOMES[0], HOMES[1], HOMES[0], citizen="one and the same")
    await ask(base, HOMES[2], citizen="somebody else")
    (line,) = (await groups.page(GroupQuery())).lines
    assert (line.times, line.askers) == (4, 2)
    assert sum(line.weeks) == line.weeks[-1] == 4


async def test_what_was_answered_well_does_not_lie_in_the_pile(
    groups: Groups, base: Database
) -> None:
    await ask(base, HOMES[0], vain="answered")
    assert (await groups.page(GroupQuery())).total == 0


async def test_a_down_voted_answer_and_one_followed_by_a_call_for_a_person_do(
    groups: Groups, base: Database
) -> None:
    asked, who = Asked(base, b"a key"), Asker("web", "", "x")
    await asked.note(who, HOMES[0], NOTHING, "answered")
    await asked.vote(who, useful=False)
    await asked.note(who, "电动车上牌去哪里", NOTHING, "answered")
    await asked.handed_off(who)
    lines = (await groups.page(GroupQuery())).lines
    assert sorted((line.useless, line.handoffs) for line in lines) == [(0, 1), (1, 0)]
    assert [line.title for line in (await groups.page(GroupQuery(reason="useless"))).lines] == [
        HOMES[0]
    ]


async def test_a_dismissal_needs_a_reason_and_holds_for_new_wordings(
    groups: Groups, base: Database
) -> None:
    await ask(base, HOMES[0], HOMES[1])
    (line,) = (await groups.page(GroupQuery())).lines
    with pytest.raises(Unprocessable):
        await groups.decide(line.id, "dismissed", JIA)
    await groups.decide(line.id, "dismissed", JIA, note="归民政局的公众号答")
    await ask(base, HOMES[2])
    assert (await groups.page(GroupQuery())).total == 0
    (dismissed,) = (await groups.page(GroupQuery(state="dismissed"))).lines
    assert (dismissed.times, dismissed.decided_by) == (3, "jia")
    (row,) = await trail(base)
    assert (row.by, row.act, row.reason) == ("jia", "group_dismissed", "归民政局的公众号答")


async def test_a_draft_takes_the_group_off_the_pile_and_reopening_brings_it_back(
    groups: Groups, base: Database
) -> None:
    await ask(base, HOMES[0])
    (line,) = (await groups.page(GroupQuery())).lines
    await groups.decide(line.id, "drafted", JIA, faq="staff-1")
    assert await groups.open_count() == 0
    assert (await groups.get(line.id))[0].faq == "staff-1"
    await groups.decide(line.id, "open", JIA)
    assert await groups.open_count() == 1


async def test_groups_are_merged_and_split_by_hand_and_the_trail_tells(
    groups: Groups, base: Database
) -> None:
    await ask(base, HOMES[0], "电动车上牌去哪里")
    one, other = (await groups.page(GroupQuery())).lines
    await groups.merge(one.id, [other.id], JIA)
    (line,) = (await groups.page(GroupQuery())).lines
    assert line.times == 2
    _, questions = await groups.get(line.id)
    with pytest.raises(Conflict):
        await groups.split(line.id, [question.id for question in questions], JIA)
    new = await groups.split(line.id, [questions[0].id], JIA)
    assert (await groups.get(new))[0].times == 1
    assert [row.act for row in await trail(base)] == ["group_merge", "group_split"]
    with pytest.raises(NotFound):
        await groups.get(other.id)
