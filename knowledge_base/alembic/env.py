"""Alembic's entry; all that it does is told by `knowledge_base.migrations`."""

from knowledge_base.migrations import run_migrations

run_migrations()
