"""Lets time pass for one citizen: moves what is stored of them into the past.

Only for a service of one's own that plays scripts: the clock of a running process cannot be set.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

_MOMENTS = ("received_at", "answered_at", "claimed_at", "delivered_at")


def age(data_dir: Path, citizen: str, by: timedelta) -> None:
    """As if all that this citizen has said had been said so much earlier; SQLite only."""
    with closing(sqlite3.connect(data_dir / "minsheng.db", timeout=10)) as base, base:
        for name in _MOMENTS:
            _shift(base, "inbox", name, citizen, by)
        _shift(base, "drafts", "updated_at", citizen, by)
        rows = base.execute("SELECT rowid, content FROM drafts WHERE citizen = ?", (citizen,))
        for row, stored in rows.fetchall():
            content = json.loads(stored)
            if content.get("touched_at"):
                earlier = datetime.fromisoformat(content["touched_at"]) - by
                content["touched_at"] = earlier.isoformat()
            base.execute(
                "UPDATE drafts SET content = ? WHERE rowid = ?", (json.dumps(content), row)
            )
    # Rasa knows citizens by a keyed name only, so that everybody's talk grows older there.
    with closing(sqlite3.connect(data_dir / "rasa" / "tracker.db", timeout=10)) as base, base:
        for row, stored in base.execute("SELECT id, data FROM events").fetchall():
            event = json.loads(stored)
            event["timestamp"] -= by.total_seconds()
            base.execute(
                "UPDATE events SET data = ?, timestamp = ? WHERE id = ?",
                (json.dumps(event), event["timestamp"], row),
            )


def _shift(base: sqlite3.Connection, table: str, name: str, citizen: str, by: timedelta) -> None:
    rows = base.execute(
        f"SELECT rowid, {name} FROM {table} WHERE citizen = ? AND {name} IS NOT NULL",  # noqa: S608
        (citizen,),
    ).fetchall()
    for row, stored in rows:
        earlier = (datetime.fromisoformat(stored) - by).strftime("%Y-%m-%d %H:%M:%S.%f")
        base.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (earlier, row))  # noqa: S608
