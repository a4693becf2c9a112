"""The tables of the knowledge base (SQLAlchemy Core)."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
MOMENT = sa.DateTime(timezone=True)

META = sa.Table(
    "kb_meta",
    METADATA,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)
"""Small facts: `base` (this database's name), `release` (which release citizens are served)."""

SETTINGS = sa.Table(
    "kb_settings",
    METADATA,
    sa.Column("name", sa.String(50), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)
"""What staff set in the console: `regions`, `categories`."""

DOCUMENTS = sa.Table(
    "kb_documents",
    METADATA,
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
    sa.Column("imported_at", MOMENT, nullable=False),
    sa.Column("imported_by", sa.String(64), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)

# Rows of articles and texts are never changed, and AUTOINCREMENT never gives
# an id twice: so an index knows by ids alone whether it is up to date.
ARTICLES = sa.Table(
    "kb_articles",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("document", sa.Integer, sa.ForeignKey("kb_documents.id"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("chapter", sa.String(500), nullable=False),
    sa.Column("number", sa.String(50), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

FAQS = sa.Table(
    "kb_faqs",
    METADATA,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    # The version that staff work on; its content lies in kb_faq_versions.
    sa.Column("version", sa.Integer, nullable=False),
    # The version that citizens are answered from; null: they are not.
    sa.Column("published_version", sa.Integer),
    # Of the version worked on, for lists and filters.
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
"""Questions with answers, and typical cases (`kind` faq | precedent)."""

FAQ_VERSIONS = sa.Table(
    "kb_faq_versions",
    METADATA,
    sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
)
"""Every version that was ever saved; a version that has been submitted is never changed."""

FAQ_STEPS = sa.Table(
    "kb_faq_steps",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("faq", sa.String(100), sa.ForeignKey("kb_faqs.id"), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sqlite_autoincrement=True,
)
"""The line of steps: created, edited, submitted, recalled, rejected, approved, retired, …"""

TEXTS = sa.Table(
    "kb_texts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Every wording and answer that was ever published, once; vectors go by these ids."""

RELEASES = sa.Table(
    "kb_releases",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    # {"faqs": {id: version}, "documents": [id, …]}
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("base", sa.Integer),
    sa.Column("run", sa.Integer),
    sa.Column("worse", sa.Integer, nullable=False),
    sa.Column("overruled_by", sa.String(64), nullable=False),
    sa.Column("overrule_reason", sa.String(500), nullable=False),
    sqlite_autoincrement=True,
)
"""What citizens were served and since when; `kb_meta.release` names the one in force."""

GOLD = sa.Table(
    "kb_gold",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("question", sa.String(500), nullable=False, unique=True),
    # Entries that may answer it; empty: it must be refused.
    sa.Column("right", sa.JSON, nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("made_at", MOMENT, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sqlite_autoincrement=True,
)

RUNS = sa.Table(
    "kb_runs",
    METADATA,
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
"""Tests of the search (`kind` gate | batch): figures, and every question's fate."""

ASKED = sa.Table(
    "kb_asked",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", MOMENT, nullable=False),
    # Masked before it is stored.
    sa.Column("question", sa.String(500), nullable=False),
    sa.Column("channel", sa.String(50), nullable=False),
    # A keyed hash: citizens can be counted, not named.
    sa.Column("asker", sa.String(64), nullable=False),
    sa.Column("area", sa.String(50), nullable=False),
    # answered | offered | refused
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("hit", sa.String(100), nullable=False),
    sa.Column("hit_kind", sa.String(16), nullable=False),
    sa.Column("hit_version", sa.Integer),
    sa.Column("release", sa.Integer),
    sa.Column("score", sa.Float, nullable=False),
    # "" | useful | useless
    sa.Column("vote", sa.String(16), nullable=False),
    sa.Column("handoff", sa.Boolean, nullable=False),
    # Refused, or offered and not picked, or useless, or followed by a call for a person.
    sa.Column(
        "vain",
        sa.Boolean,
        sa.Computed(
            "outcome IN ('refused', 'offered') OR vote = 'useless' OR handoff", persisted=True
        ),
    ),
    sa.Column("group", sa.Integer, sa.ForeignKey("kb_groups.id")),
    sa.Index("ix_kb_asked_vain", "vain", "group"),
    sa.Index("ix_kb_asked_at", "at"),
    sa.Index("ix_kb_asked_asker", "asker", "id"),
    sa.Index("ix_kb_asked_group", "group"),
    sqlite_autoincrement=True,
)
"""Every policy question that was put to the bot, and how it ended."""

GROUPS = sa.Table(
    "kb_groups",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(500), nullable=False),
    # open | drafted | added | dismissed
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("faq", sa.String(100), nullable=False),
    sa.Column("note", sa.String(500), nullable=False),
    sa.Column("decided_by", sa.String(64), nullable=False),
    sa.Column("decided_at", MOMENT),
    sa.Column("made_at", MOMENT, nullable=False),
    sqlite_autoincrement=True,
)
"""Questions of one meaning that were asked in vain; a dismissal holds for the meaning."""

JOBS = sa.Table(
    "kb_jobs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    # laws | faq | precedents
    sa.Column("kind", sa.String(16), nullable=False),
    # waiting | reading | preview | importing | done | failed | cancelled
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
"""Imports, with how far they are; one without a beat for minutes has stalled."""

JOB_ROWS = sa.Table(
    "kb_job_rows",
    METADATA,
    sa.Column("job", sa.Integer, sa.ForeignKey("kb_jobs.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(500), nullable=False),
    # new | changed | existing | newer | older | twice | invalid; and in the end
    # imported | skipped | failed
    sa.Column("fate", sa.String(16), nullable=False),
    sa.Column("chosen", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
)
"""What stands in an import, file by file or row by row, and what becomes of each."""

AUDIT = sa.Table(
    "audit_trail",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", MOMENT, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("act", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("object", sa.String(100), nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_audit_trail_object", "kind", "object"),
    sa.Index("ix_audit_trail_by", "by"),
    sqlite_autoincrement=True,
)
"""Who changed what, when and from where; each row's hash covers the row before it."""
