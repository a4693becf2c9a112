"""`python -m benchmarks.import_laws --data DIR`: all laws below DIR/laws/markdown in one import.

How long it takes, and how long meanwhile others wait: a task of the same event loop, and a
write of a citizen's message. `baseline` is the same wait while nothing is imported.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import figure, progress
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries.service import Entries
from knowledge_base.importer import law_files
from knowledge_base.imports.records import Options, Upload
from knowledge_base.imports.service import Imports
from knowledge_base.migrations import HISTORY, VERSION_TABLE, upgrade
from knowledge_base.tables import SETTINGS

TODAY = date(2026, 6, 1)
BY = Actor("benchmark")
STEP = 0.005
PAUSE = 0.02
IDLE_SECONDS = 5.0


@dataclass(slots=True)
class Waits:
    """Milliseconds that others waited."""

    loop: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)


async def others(database: Database, waits: Waits) -> None:
    """What goes on beside an import, until it is cancelled."""

    async def ticks() -> None:
        while True:
            due = time.perf_counter() + STEP
            await asyncio.sleep(STEP)
            waits.loop.append((time.perf_counter() - due) * 1000)

    async def messages() -> None:
        while True:
            start = time.perf_counter()
            await database.write(
                lambda c: c.execute(sa.update(SETTINGS).values(value=str(time.monotonic())))
            )
            waits.writes.append((time.perf_counter() - start) * 1000)
            await asyncio.sleep(PAUSE)

    await asyncio.gather(ticks(), messages())


async def watched(database: Database, work: asyncio.Future[None]) -> Waits:
    """How long others wait until the work is done."""
    waits = Waits()
    task = asyncio.create_task(others(database, waits))
    await work
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return waits


def at(share: float, values: list[float]) -> float:
    """The value that this share of all stays below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def moved(imports: Imports, job: int, state: str) -> None:
    """Wait until the job is in this state."""
    while (found := await imports.job(job)).state != state:
        assert found.state not in ("failed", "cancelled"), found.message
        await asyncio.sleep(0.1)


async def run(folder: Path, data_dir: Path) -> None:
    """Import everything once and print the figures."""
    url = f"sqlite:///{data_dir}/kb.db"
    upgrade(url, HISTORY, VERSION_TABLE)
    database = Database(url)
    await database.write(lambda c: c.execute(sa.insert(SETTINGS).values(name="b", value="")))

    async def served(by: Actor) -> None:
        """The index is another benchmark's."""

    imports = Imports(database, data_dir / "imports", Entries(database), served, lambda: TODAY)
    imports.begin()
    paths = await asyncio.to_thread(lambda: list(law_files([folder])))
    uploads = [Upload(str(path.relative_to(folder)), path) for path in paths]
    idle = await watched(database, asyncio.ensure_future(asyncio.sleep(IDLE_SECONDS)))

    before = resident()
    start = time.perf_counter()
    job = await imports.start("laws", uploads, Options(), BY)
    reading = await watched(database, asyncio.ensure_future(moved(imports, job, "preview")))
    read = time.perf_counter() - start
    progress(f"preview: {dict((await imports.job(job)).counts)}")

    start = time.perf_counter()
    await imports.confirm(job, BY)
    writing = await watched(database, asyncio.ensure_future(moved(imports, job, "done")))
    wrote = time.perf_counter() - start
    ended = await imports.job(job)
    progress(f"done: {dict(ended.counts)}")

    figure("import_laws.files", len(uploads), "files")
    figure("import_laws.imported", ended.counts.get("imported", 0), "files")
    figure("import_laws.read", read, "s")
    figure("import_laws.write", wrote, "s")
    figure("import_laws.memory", (resident() - before) / 2**20, "MiB")
    for name, waits in (("read", reading), ("write", writing)):
        for share, label in ((0.5, "p50"), (0.99, "p99"), (1.0, "max")):
            figure(
                f"import_laws.{name}.loop_{label}", at(share, waits.loop), "ms",
                at(share, idle.loop),
            )  # fmt: skip
            figure(
                f"import_laws.{name}.citizen_write_{label}", at(share, waits.writes), "ms",
                at(share, idle.writes),
            )  # fmt: skip
    await imports.close()
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir:
        asyncio.run(run(asked.data / "laws" / "markdown", Path(data_dir)))


if __name__ == "__main__":
    main()
