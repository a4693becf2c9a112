"""From version 0.1's tables to those of the console and back: laws and questions stay."""

from __future__ import annotations

import sqlalchemy as sa

from knowledge_base.database import engine_for
from knowledge_base.migrations import downgrade, upgrade
from knowledge_base.search import HISTORY, VERSION_TABLE

ASKED = (
    "INSERT INTO kb_unanswered (question, channel, reason, asked_at, status) VALUES "
    "('养老院补贴', 'wechat', 'refused', '2026-11-01 08:00:00', 'open'), "
    "('转人工前问的', 'wechat', 'handoff', '2026-11-02 08:00:00', 'open'), "
    "('处理过的', 'web', 'refused', '2026-11-03 08:00:00', 'done')"
)
LAW = (
    "INSERT INTO kb_documents (law, key, part, region, file, digest, status, in_force, "
    "superseded_by, repeals, imported_at) VALUES "
    "('路灯法', '路灯法', '', '', '路灯法.md', 'd', 'approved', {true}, '', '[]', "
    "'2026-11-01 08:00:00')"
)


def test_what_was_imported_and_asked_before_is_there_after(database_url: str) -> None:
    upgrade(database_url, HISTORY, VERSION_TABLE, "kb0001")
    engine = engine_for(database_url)
    true = "true" if engine.dialect.name == "postgresql" else "1"
    with engine.begin() as connection:
        connection.execute(sa.text(ASKED))
        connection.execute(sa.text(LAW.format(true=true)))
    upgrade(database_url, HISTORY, VERSION_TABLE)
    with engine.begin() as connection:
        asked = connection.execute(
            sa.text("SELECT question, outcome, handoff FROM kb_asked ORDER BY id")
        ).all()
        assert [(row.question, row.outcome, bool(row.handoff)) for row in asked] == [
            ("养老院补贴", "refused", False),
            ("转人工前问的", "refused", True),
        ]
        law = connection.execute(sa.text("SELECT law, imported_by FROM kb_documents")).one()
        assert tuple(law) == ("路灯法", "")
    downgrade(database_url, HISTORY, VERSION_TABLE, "kb0001")
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT law FROM kb_documents")).scalar() == "路灯法"
        tables = set(sa.inspect(connection).get_table_names())
    assert "kb_wordings" in tables
    assert "kb_releases" not in tables
    upgrade(database_url, HISTORY, VERSION_TABLE)
    engine.dispose()
