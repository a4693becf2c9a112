"""Versions of entries, releases, gold questions, what was asked, imports, the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kb0002"
down_revision = "kb0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
VAIN = "outcome IN ('refused', 'offered') OR vote = 'useless' OR handoff"


def upgrade() -> None:
    op.add_column(
        "kb_documents",
        sa.Column("imported_by", sa.String(64), nullable=False, server_default=""),
    )
    op.create_table(
        "kb_settings",
        sa.Column("name", sa.String(50), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    _entries()
    _publishing()
    _asking()
    _imports()
    op.create_table(
        "audit_trail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False, index=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Index("ix_audit_trail_object", "kind", "object"),
        sqlite_autoincrement=True,
    )


def _entries() -> None:
    # Until now entries came from the files of the starter only, which are read again at start.
    op.drop_table("kb_wordings")
    op.drop_table("kb_faqs")
    op.create_table(
        "kb_faqs",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("category", sa.String(50), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("haystack", sa.Text, nullable=False),
        sa.Column("starter_digest", sa.String(64), nullable=False),
        sa.Column("edited", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Index("ix_kb_faqs_status", "status", "changed_at"),
    )
    op.create_table(
        "kb_faq_versions",
        sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
    )
    op.create_table(
        "kb_faq_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_texts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def _publishing() -> None:
    op.create_table(
        "kb_releases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("run", sa.Integer),
        sa.Column("worse", sa.Integer, nullable=False),
        sa.Column("overruled_by", sa.String(64), nullable=False),
        sa.Column("overrule_reason", sa.String(500), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_gold",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("question", sa.String(500), nullable=False, unique=True),
        sa.Column("right", sa.JSON, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("release", sa.Integer),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("results", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )


def _asking() -> None:
    op.create_table(
        "kb_groups",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("faq", sa.String(100), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("made_at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_asked",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False, index=True),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("asker", sa.String(64), nullable=False),
        sa.Column("area", sa.String(50), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("hit", sa.String(100), nullable=False),
        sa.Column("hit_kind", sa.String(16), nullable=False),
        sa.Column("hit_version", sa.Integer),
        sa.Column("release", sa.Integer),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("vote", sa.String(16), nullable=False),
        sa.Column("handoff", sa.Boolean, nullable=False),
        sa.Column("vain", sa.Boolean, sa.Computed(VAIN, persisted=True)),
        sa.Column("group", sa.Integer, sa.ForeignKey("kb_groups.id"), index=True),
        sa.Index("ix_kb_asked_vain", "vain", "group"),
        sa.Index("ix_kb_asked_asker", "asker", "id"),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO kb_asked (at, question, channel, asker, area, outcome, hit, hit_kind, score, "
        "vote, handoff) SELECT asked_at, question, channel, '', '', 'refused', '', '', 0, '', "
        "reason = 'handoff' FROM kb_unanswered WHERE status = 'open'"
    )
    op.drop_table("kb_unanswered")


def _imports() -> None:
    op.create_table(
        "kb_jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_job_rows",
        sa.Column("job", sa.Integer, sa.ForeignKey("kb_jobs.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("fate", sa.String(16), nullable=False),
        sa.Column("chosen", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    op.create_table(
        "kb_unanswered",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )
    for table in (
        *("audit_trail", "kb_job_rows", "kb_jobs", "kb_asked", "kb_groups", "kb_runs", "kb_gold"),
        *("kb_releases", "kb_texts", "kb_faq_steps", "kb_faq_versions", "kb_faqs", "kb_settings"),
    ):
        op.drop_table(table)
    op.create_table(
        "kb_faqs",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("citation", sa.JSON, nullable=False),
        sa.Column("category", sa.String(50), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("starter_digest", sa.String(64), nullable=False),
        sa.Column("edited", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "kb_wordings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("kb_documents") as documents:
        documents.drop_column("imported_by")
