"""Tables of articles, questions and what could not be answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kb0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_meta",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.String(64), nullable=False),
    )
    op.create_table(
        "kb_documents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("law", sa.String(300), nullable=False),
        sa.Column("key", sa.String(300), nullable=False, index=True),
        sa.Column("part", sa.String(100), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("file", sa.String(500), nullable=False),
        sa.Column("version", sa.Date),
        sa.Column("effective", sa.Date),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("in_force", sa.Boolean, nullable=False),
        sa.Column("superseded_by", sa.String(300), nullable=False),
        sa.Column("repeals", sa.JSON, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_articles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "document", sa.Integer, sa.ForeignKey("kb_documents.id"), nullable=False, index=True
        ),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("chapter", sa.String(500), nullable=False),
        sa.Column("number", sa.String(50), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
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
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "kb_wordings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), nullable=False, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "kb_unanswered",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("channel", sa.String(50), nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("unanswered", "wordings", "faqs", "articles", "documents", "meta"):
        op.drop_table(f"kb_{table}")
