"""Cases, their timelines, and who may see them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(17), nullable=False, unique=True),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("citizen", sa.String(128), nullable=False),
        sa.Column("proven", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(64)),
        sa.Column("phone", sa.String(32)),
        sa.Column("anonymous", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("occurred_at", sa.String(100)),
        sa.Column("demand", sa.Text),
        sa.Column("attachments", sa.JSON, nullable=False),
        sa.Column("category", sa.String(16), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("due", sa.DateTime),
        sa.Column("clock", sa.String(16)),
        sa.Column("accepted_at", sa.DateTime),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("extended_days", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("stars", sa.Integer),
        sa.Column("query_hash", sa.LargeBinary(32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cases_owner", "cases", ["channel", "account", "citizen"])
    op.create_index("ix_cases_status", "cases", ["status", "seq"])
    op.create_index("ix_cases_office", "cases", ["office", "seq"])
    op.create_index("ix_cases_due", "cases", ["due"])

    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("visible", sa.Boolean, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_events_code", "case_events", ["code", "id"])

    op.create_table(
        "case_statements",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("case_events.id"), nullable=False),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("attachments", sa.JSON, nullable=False),
    )
    op.create_index("ix_case_statements_code", "case_statements", ["code"])

    op.create_table(
        "case_links",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("other", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("relation", sa.String(8), nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("mine", sa.Boolean, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("code", "other", name="uq_case_links_pair"),
    )
    op.create_table(
        "case_followers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("citizen", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("code", "channel", "account", "citizen", name="uq_case_followers"),
    )
    op.create_index("ix_case_followers_who", "case_followers", ["channel", "account", "citizen"])

    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.LargeBinary(32), primary_key=True),
        sa.Column("body", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])

    op.create_table(
        "proof_attempts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("identity", sa.LargeBinary(32), nullable=False),
        sa.Column("target", sa.LargeBinary(32), nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_proof_attempts_identity", "proof_attempts", ["identity", "at"])
    op.create_index("ix_proof_attempts_target", "proof_attempts", ["target", "at"])

    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("citizen", sa.String(128), nullable=False),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code")),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
    )
    op.create_index("ix_handoffs_status", "handoffs", ["status", "id"])
    _forbid_changes_to_events()


def _forbid_changes_to_events() -> None:
    # The timeline is append-only in the database itself, not by good manners.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION case_events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'case_events is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events "
            "FOR EACH ROW EXECUTE FUNCTION case_events_refuse()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER case_events_no_{verb.lower()} BEFORE {verb} ON case_events "
            "BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END"
        )


def downgrade() -> None:
    for table in (
        "handoffs",
        "proof_attempts",
        "idempotency_keys",
        "case_followers",
        "case_links",
        "case_statements",
        "case_events",
        "cases",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_events_refuse()")
