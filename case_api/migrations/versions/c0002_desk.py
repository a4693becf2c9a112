"""What staff do at the desk: handoffs seen to, who has a case open, who saw what was masked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c0002"
down_revision = "c0001"


def upgrade() -> None:
    op.add_column("handoffs", sa.Column("closed_at", sa.DateTime))
    op.add_column("handoffs", sa.Column("closed_by", sa.String(64)))
    op.add_column("handoffs", sa.Column("note", sa.Text))
    op.create_table(
        "case_viewers",
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), primary_key=True),
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "case_disclosures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(17), sa.ForeignKey("cases.code"), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("field", sa.String(16), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_disclosures_code", "case_disclosures", ["code", "id"])
    op.create_index("ix_cases_updated", "cases", ["updated_at"])
    _forbid_changes_to_disclosures()


def _forbid_changes_to_disclosures() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION case_disclosures_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'case_disclosures is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER case_disclosures_append_only "
            "BEFORE UPDATE OR DELETE ON case_disclosures "
            "FOR EACH ROW EXECUTE FUNCTION case_disclosures_refuse()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER case_disclosures_no_{verb.lower()} BEFORE {verb} "
            "ON case_disclosures "
            "BEGIN SELECT RAISE(ABORT, 'case_disclosures is append-only'); END"
        )


def downgrade() -> None:
    op.drop_index("ix_cases_updated", "cases")
    op.drop_table("case_disclosures")
    op.drop_table("case_viewers")
    for column in ("closed_at", "closed_by", "note"):
        op.drop_column("handoffs", column)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION case_disclosures_refuse()")
