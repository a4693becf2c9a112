"""Brings tables up to date with Alembic; every floor with tables keeps its own history.

A history is a folder with `versions/` and an `env.py` that holds only
`from knowledge_base.migrations import run_migrations` and `run_migrations()`.
All of an upgrade is one transaction: a kill half-way leaves the old tables,
and of two processes that start together the second waits and finds all done.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config

from knowledge_base.database import engine_for, hold_lock

HISTORY = Path(__file__).parent / "alembic"
VERSION_TABLE = "kb_version"
"""The knowledge base's own history."""
UPGRADE_LOCK = 0x6D696E7368656E67
"""PostgreSQL advisory lock held while tables change ("minsheng")."""


def upgrade(
    url: str, script_location: str | Path, version_table: str, revision: str = "head"
) -> None:
    """Bring the tables of one history up to `revision`."""
    _run(url, script_location, version_table, revision, up=True)


def upgrade_trail(url: str) -> None:
    """Make sure that the audit trail is there, for floors that write into it.

    Its table belongs to the knowledge base's history, so that comes up to date with it.
    """
    upgrade(url, HISTORY, VERSION_TABLE)


def downgrade(url: str, script_location: str | Path, version_table: str, revision: str) -> None:
    """Take the tables of one history back to `revision` ("-1": one step)."""
    _run(url, script_location, version_table, revision, up=False)


def run_migrations() -> None:
    """What an `env.py` calls: run on the connection and version table that we were given."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run(
    url: str, script_location: str | Path, version_table: str, revision: str, *, up: bool
) -> None:
    config = Config()
    # ConfigParser reads "%" as interpolation; a folder may have one in its name.
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    config.attributes["version_table"] = version_table
    engine = engine_for(url)
    try:
        with engine.begin() as connection:
            hold_lock(connection, UPGRADE_LOCK)
            config.attributes["connection"] = connection
            (command.upgrade if up else command.downgrade)(config, revision)
    finally:
        engine.dispose()
