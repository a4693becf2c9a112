from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError

from knowledge_base.database import Database, sqlite_engine
from nlu.text.errors import Unavailable

METADATA = MetaData()
NOTES = Table(
    "test_notes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("words", String, unique=True),
)
VISITOR = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM test_notes")
connection.close()
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.write(lambda connection: METADATA.create_all(connection))
    yield database
    await database.write(lambda connection: METADATA.drop_all(connection))
    await database.close()


async def count(database: Database) -> int:
    found = await database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(NOTES))
    )
    return found or 0


async def test_what_was_written_is_read_back(database: Database) -> None:
    await database.write(lambda connection: connection.execute(insert(NOTES), {"words": "路灯"}))
    words = await database.read(lambda connection: connection.scalar(select(NOTES.c.words)))
    assert words == "路灯"


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def twice(connection):
        connection.execute(insert(NOTES), {"words": "一样"})
        connection.execute(insert(NOTES), {"words": "一样"})

    with pytest.raises(IntegrityError):
        await database.write(twice)
    assert await count(database) == 0


async def test_many_writers_at_once_all_get_through(database: Database) -> None:
    await asyncio.gather(
        *(
            database.write(
                lambda connection, i=i: connection.execute(insert(NOTES), {"words": str(i)})
            )
            for i in range(100)
        )
    )
    assert await count(database) == 100


async def test_a_cancelled_caller_does_not_undo_a_started_write(database: Database) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(connection):
        started.set()
        go_on.wait(5)
        connection.execute(insert(NOTES), {"words": "已受理"})

    task = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(started.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    if database.dialect == "postgresql":
        await asyncio.sleep(0.2)
    # SQLite: the next write queues behind the first, so it is over by then.
    await database.write(lambda connection: None)
    assert await count(database) == 1


async def test_sqlite_commits_are_synced_and_deleted_text_is_wiped(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")

    def pragmas(connection):
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        return {name: connection.scalar(text(f"PRAGMA {name}")) for name in names}

    assert await database.write(pragmas) == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "secure_delete": 1,
    }
    await database.close()


async def test_a_reader_of_sqlite_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    await database.write(lambda connection: METADATA.create_all(connection))
    with pytest.raises(Unavailable):
        await database.read(lambda connection: connection.execute(insert(NOTES), {"words": "x"}))
    await database.close()


async def test_the_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    await database.write(lambda connection: METADATA.create_all(connection))
    modes = await asyncio.to_thread(
        lambda: {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    )
    assert modes == {0o600}
    await database.close()


async def test_a_full_disk_is_said_to_be_unavailable_and_recovers(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    await database.write(lambda connection: METADATA.create_all(connection))
    await database.write(lambda connection: connection.execute(text("PRAGMA max_page_count=20")))
    with pytest.raises(Unavailable):
        await database.write(
            lambda connection: connection.execute(insert(NOTES), {"words": "长" * 100_000})
        )
    await database.write(lambda connection: connection.execute(text("PRAGMA max_page_count=9999")))
    await database.write(lambda connection: connection.execute(insert(NOTES), {"words": "好了"}))
    assert await count(database) == 1
    await database.close()


async def test_words_of_citizens_are_not_in_the_errors(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with pytest.raises(Unavailable) as caught:
        await database.write(
            lambda connection: connection.execute(insert(NOTES), {"words": "13519351187"})
        )
    assert "13519351187" not in f"{caught.value} {caught.value.__cause__}"
    await database.close()


def test_another_engine_on_the_same_file_lets_no_other_process_take_the_log_away(
    tmp_path: Path,
) -> None:
    url = make_url(f"sqlite:///{tmp_path}/shared.db")
    first = sqlite_engine(url, writes=True)
    with first.begin() as connection:
        METADATA.create_all(connection)
    sqlite_engine(url, writes=False).dispose()
    log = tmp_path / "shared.db-wal"
    before = log.stat().st_ino
    # Who closes a database last deletes its log; only our lock tells it that it is not the last.
    subprocess.run([sys.executable, "-c", VISITOR, str(tmp_path / "shared.db")], check=True)
    assert log.stat().st_ino == before
    with first.begin() as connection:
        connection.execute(insert(NOTES), {"words": "还在"})
    first.dispose()
