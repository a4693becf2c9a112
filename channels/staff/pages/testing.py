"""Testing and publishing: hit test, batches, gold questions, runs, releases."""

from __future__ import annotations

from fastapi import APIRouter

from channels.staff.pages import batches, gold, hit_test, releases
from channels.staff.pages.testing_desk import Desk
from channels.staff.shell import Shell
from knowledge_base.entries.service import Entries
from knowledge_base.gold import Gold
from knowledge_base.publishing import Publishing
from knowledge_base.question_sets import QuestionSets
from knowledge_base.runs import Runs
from knowledge_base.search import KnowledgeBase


def router(
    shell: Shell,
    kb: KnowledgeBase,
    entries: Entries,
    publishing: Publishing,
    gold_questions: Gold,
    runs: Runs,
    sets: QuestionSets,
) -> APIRouter:
    """`/staff/hit-test`, `/staff/batches`, `/staff/gold`, `/staff/runs` and `/staff/releases`."""
    desk = Desk(shell, kb, entries, publishing, gold_questions, runs, sets)
    routes = APIRouter(prefix="/staff", include_in_schema=False)
    for pages in (hit_test, gold, batches, releases):
        pages.add(routes, desk)
    return routes
