"""The tables of the case base (SQLAlchemy Core).

Names, phone numbers and what citizens said live in columns of `cases` and in
`statements` only; events, links and attempts hold none of it, so that there is
one place to encrypt and one place to erase.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Utc(TypeDecorator[datetime]):
    """A moment: kept as naive UTC, so that both databases order it alike; read with its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=timezone.utc)


metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("code", String(17), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    # Whose it is. `proven`: the app had verified this identity when the case was filed.
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("citizen", String(128), nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("name", String(64)),
    Column("phone", String(32)),
    Column("anonymous", Boolean, nullable=False),
    # What was told.
    Column("text", Text, nullable=False),
    Column("place", String(200), nullable=False),
    Column("occurred_at", String(100)),
    Column("demand", Text),
    Column("attachments", JSON, nullable=False),
    # Where it goes and how it stands.
    Column("category", String(16), nullable=False),
    Column("office", String(64), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("status", String(24), nullable=False),
    Column("due", Utc),
    Column("clock", String(16)),
    Column("accepted_at", Utc),
    Column("answered_at", Utc),
    Column("extended_days", Integer, nullable=False),
    Column("answer", Text),
    Column("stars", Integer),
    Column("query_hash", LargeBinary(32), nullable=False),
    Index("ix_cases_owner", "channel", "account", "citizen"),
    Index("ix_cases_status", "status", "seq"),
    Index("ix_cases_office", "office", "seq"),
    Index("ix_cases_due", "due"),
    Index("ix_cases_updated", "updated_at"),
    # Never hand a number out twice: cursors and the similarity index count on it.
    sqlite_autoincrement=True,
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("code", ForeignKey("cases.code"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("visible", Boolean, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_case_events_code", "code", "id"),
    sqlite_autoincrement=True,
)

statements = Table(
    "case_statements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("event_id", ForeignKey("case_events.id"), nullable=False),
    Column("code", ForeignKey("cases.code"), nullable=False),
    Column("text", Text, nullable=False),
    Column("attachments", JSON, nullable=False),
    Index("ix_case_statements_code", "code"),
)

case_links = Table(
    "case_links",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("code", ForeignKey("cases.code"), nullable=False),
    Column("other", ForeignKey("cases.code"), nullable=False),
    Column("relation", String(8), nullable=False),
    Column("probability", Float, nullable=False),
    Column("mine", Boolean, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("code", "other", name="uq_case_links_pair"),
)

case_followers = Table(
    "case_followers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("code", ForeignKey("cases.code"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("citizen", String(128), nullable=False),
    Column("at", Utc, nullable=False),
    UniqueConstraint("code", "channel", "account", "citizen", name="uq_case_followers"),
    Index("ix_case_followers_who", "channel", "account", "citizen"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    # A keyed hash of scope and key: the key itself opens `answer` and is not kept.
    Column("id", LargeBinary(32), primary_key=True),
    Column("body", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
    Index("ix_idempotency_keys_at", "at"),
)

proof_attempts = Table(
    "proof_attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("kind", String(16), nullable=False),
    # Keyed hashes: this table must not become a list of who looked for what.
    Column("identity", LargeBinary(32), nullable=False),
    Column("target", LargeBinary(32), nullable=False),
    Column("passed", Boolean, nullable=False),
    Index("ix_proof_attempts_identity", "identity", "at"),
    Index("ix_proof_attempts_target", "target", "at"),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Utc, nullable=False),
    Column("channel", String(32), nullable=False),
    Column("account", String(64), nullable=False),
    Column("citizen", String(128), nullable=False),
    Column("code", ForeignKey("cases.code")),
    Column("reason", String(32), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("status", String(16), nullable=False),
    # Filled when staff have seen to it.
    Column("closed_at", Utc),
    Column("closed_by", String(64)),
    Column("note", Text),
    Index("ix_handoffs_status", "status", "id"),
)

case_viewers = Table(
    "case_viewers",
    metadata,
    Column("code", ForeignKey("cases.code"), primary_key=True),
    # The account; `shown` is what colleagues call it.
    Column("account", String(64), primary_key=True),
    Column("shown", String(64), nullable=False),
    Column("at", Utc, nullable=False),
)
"""Which staff have a case open just now; rows older than a minute mean nothing."""

case_disclosures = Table(
    "case_disclosures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("code", ForeignKey("cases.code"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("by", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    # phone | name | contact | text
    Column("field", String(16), nullable=False),
    # page | print | export
    Column("way", String(16), nullable=False),
    Column("reason", String(500), nullable=False),
    Index("ix_case_disclosures_code", "code", "id"),
    sqlite_autoincrement=True,
)
"""Who saw what was masked, when and why; one row a case, so that the one concerned can be told
(个人信息保护法 第四十五条)."""
