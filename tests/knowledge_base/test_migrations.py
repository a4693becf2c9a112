from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from knowledge_base.database import engine_for
from knowledge_base.migrations import downgrade, upgrade

ENV = "from knowledge_base.migrations import run_migrations\n\nrun_migrations()\n"
STEP = """
from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = {before}


def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))
    {after}


def downgrade():
    op.drop_table("{table}")
"""


def history(folder: Path, prefix: str, *, second_fails: bool = False) -> Path:
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV)
    for number, before in ((1, "None"), (2, f'"{prefix}1"')):
        fails = second_fails and number == 2
        step = STEP.format(
            revision=f"{prefix}{number}",
            before=before,
            table=f"{prefix}_{number}",
            after="raise RuntimeError('killed here')" if fails else "",
        )
        (folder / "versions" / f"v{number}.py").write_text(step)
    return folder


def tables(url: str) -> set[str]:
    engine = engine_for(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/test.db"


def test_two_histories_live_side_by_side_in_one_database(url: str, tmp_path: Path) -> None:
    upgrade(url, history(tmp_path / "a", "a"), "a_version")
    upgrade(url, history(tmp_path / "b 100%", "b"), "b_version")
    assert tables(url) == {"a_1", "a_2", "a_version", "b_1", "b_2", "b_version"}


def test_an_upgrade_that_fails_half_way_changes_nothing(url: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        upgrade(url, history(tmp_path / "a", "a", second_fails=True), "a_version")
    assert "a_1" not in tables(url)


def test_a_second_upgrade_and_one_step_back(url: str, tmp_path: Path) -> None:
    scripts = history(tmp_path / "a", "a")
    upgrade(url, scripts, "a_version")
    upgrade(url, scripts, "a_version")
    downgrade(url, scripts, "a_version", "-1")
    assert tables(url) == {"a_1", "a_version"}


def test_two_processes_starting_together_upgrade_once(url: str, tmp_path: Path) -> None:
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
        scripts = history(tmp_path / "a", "a")
        waiting = threading.Thread(target=upgrade, args=(url, scripts, "a_version"))
        waiting.start()
        waiting.join(0.5)
        assert waiting.is_alive()
    waiting.join(10)
    engine.dispose()
    assert {"a_1", "a_2"} <= tables(url)
