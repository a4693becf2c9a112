"""Inbox, drafts and outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("citizen", sa.String(128), nullable=False),
        sa.Column("owns", sa.Boolean, nullable=False),
        sa.Column("said", sa.JSON, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("danger", sa.String(16)),
        sa.Column("dialogue", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("answer", sa.JSON),
        sa.Column("route", sa.String(8)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("brought", sa.JSON),
        sa.Column("waiting", sa.JSON),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("channel", "account", "message_id"),
    )
    op.create_index("inbox_citizen", "inbox", ["channel", "account", "citizen", "id"])
    op.create_index("inbox_dialogue", "inbox", ["dialogue"])
    op.create_table(
        "drafts",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("citizen", sa.String(128), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "outcomes",
        sa.Column("row", sa.Integer, sa.ForeignKey("inbox.id"), primary_key=True),
        sa.Column("action", sa.String(64), primary_key=True),
        sa.Column("box", sa.Text, unique=True),
        sa.Column("events", sa.JSON, nullable=False),
        sa.Column("says", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("outcomes")
    op.drop_table("drafts")
    op.drop_table("inbox")
