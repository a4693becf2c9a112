"""The conversation's own tables: what was said, what was answered, what is half told."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("message_id", String(200), nullable=False),
    Column("citizen", String(128), nullable=False),
    Column("owns", Boolean, nullable=False),
    Column("said", JSON, nullable=False),  # text, event, place, attachments
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("danger", String(16)),
    Column("dialogue", String(8), nullable=False),  # pending | done | poison
    Column("tries", Integer, nullable=False, default=0),
    Column("answer", JSON),  # replies; null until there is one
    Column("route", String(8)),  # null | passive | active
    Column("claimed_at", DateTime(timezone=True)),
    Column("brought", JSON),  # earlier replies that this answer took along
    Column("waiting", JSON),  # replies that have still to reach the citizen; null: none
    Column("delivered_at", DateTime(timezone=True)),  # only for ACTIVE: WeChat took it
    Column("answered_at", DateTime(timezone=True)),
    UniqueConstraint("channel", "account", "message_id"),
    Index("inbox_citizen", "channel", "account", "citizen", "id"),
    Index("inbox_dialogue", "dialogue"),
)
"""One row a message; its key makes a repeated push the same row."""

drafts = Table(
    "drafts",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("citizen", String(128), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
"""What a citizen has half told, by kind of task."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("row", Integer, ForeignKey("inbox.id"), primary_key=True),
    Column("action", String(64), primary_key=True),
    Column("box", Text, unique=True),
    Column("events", JSON, nullable=False),
    Column("says", JSON, nullable=False),
)
"""What an action decided in a turn; the words stay here and only `box` goes through Rasa."""
