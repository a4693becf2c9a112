from knowledge_base.migrations import run_migrations

run_migrations()
