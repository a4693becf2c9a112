"""The console's own tables: accounts, sessions, tries, sign-ins, settings, proposals."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from knowledge_base.migrations import upgrade, upgrade_trail

METADATA = sa.MetaData()
MOMENT = sa.DateTime(timezone=True)
VERSION_TABLE = "staff_version"

ACCOUNTS = sa.Table(
    "staff_accounts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("display_name", sa.String(64), nullable=False),
    sa.Column("staff_number", sa.String(32), nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    # argon2id, parameters included.
    sa.Column("password", sa.String(200), nullable=False),
    # Hashes of the ones before, newest first.
    sa.Column("old_passwords", sa.JSON, nullable=False),
    sa.Column("password_changed_at", MOMENT, nullable=False),
    # Set by somebody else: must be changed at sign-in, and is worthless after `expires`.
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("password_expires_at", MOMENT),
    # Sealed; empty: none.
    sa.Column("totp", sa.String(200), nullable=False),
    # The time step of the last code that was taken: a code counts once.
    sa.Column("totp_step", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("created_by", sa.String(64), nullable=False),
    sqlite_autoincrement=True,
)

SESSIONS = sa.Table(
    "staff_sessions",
    METADATA,
    # SHA-256 of what the browser holds.
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("account", sa.Integer, sa.ForeignKey("staff_accounts.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(200), nullable=False),
    sa.Column("created_at", MOMENT, nullable=False),
    sa.Column("seen_at", MOMENT, nullable=False),
    sa.Column("ends_at", MOMENT, nullable=False),
    sa.Index("ix_staff_sessions_account", "account"),
)

TRIES = sa.Table(
    "staff_tries",
    METADATA,
    # As typed, whether such an account exists or not; hashed, for people type passwords here too.
    sa.Column("name", sa.String(64), primary_key=True),
    # Empty: from anywhere.
    sa.Column("address", sa.String(64), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("last_at", MOMENT, nullable=False),
    sa.Column("locked_until", MOMENT),
)
"""Wrong tries since the last right one."""

SIGN_INS = sa.Table(
    "staff_sign_ins",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", MOMENT, nullable=False),
    # Empty where no such account exists: what was typed may have been a password.
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(200), nullable=False),
    # in | wrong | locked | disabled | expired | out | idle | ended
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Index("ix_staff_sign_ins_at", "at"),
    sa.Index("ix_staff_sign_ins_name", "name", "at"),
    sqlite_autoincrement=True,
)

SETTINGS = sa.Table(
    "staff_settings",
    METADATA,
    sa.Column("name", sa.String(50), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

PROPOSALS = sa.Table(
    "staff_proposals",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    # [[what, before, after], …] as the second person reads it.
    sa.Column("changes", sa.JSON, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    # open | running | done | failed | rejected | withdrawn
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("decided_by", sa.String(64), nullable=False),
    sa.Column("opinion", sa.String(500), nullable=False),
    sa.Column("outcome", sa.String(500), nullable=False),
    sa.Index("ix_staff_proposals_state", "state"),
    sqlite_autoincrement=True,
)


def migrate(url: str) -> None:
    """Bring the console's tables, and the audit trail that it writes into, up to date."""
    upgrade_trail(url)
    upgrade(url, Path(__file__).parent / "migrations", VERSION_TABLE)
