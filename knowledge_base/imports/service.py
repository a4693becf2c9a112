"""What pages and commands do with imports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database
from knowledge_base.entries.service import Entries
from knowledge_base.imports import job_store
from knowledge_base.imports.entry_job import EntryWork
from knowledge_base.imports.job_store import utcnow
from knowledge_base.imports.law_job import LawWork
from knowledge_base.imports.records import (
    REFUSED,
    Job,
    JobPage,
    JobRow,
    Kind,
    Options,
    RowPage,
    Upload,
)
from knowledge_base.imports.refused import refused_workbook
from knowledge_base.imports.runner import Runner, TakeOver, Work
from knowledge_base.imports.uploads import Folder, clean_name
from nlu.text.errors import Conflict, Forbidden, MinshengError, Unprocessable

ROWS_READ = 500


@dataclass(slots=True)
class Imports:
    """Imports as jobs: brought, read, looked through, confirmed, done.

    `take_over` serves what was imported (`knowledge_base.publishing`). `begin` starts the task
    that runs the jobs; several processes may do so, and one of them runs.
    """

    database: Database
    root: Path
    """Where files lie until their import ends."""
    entries: Entries
    take_over: TakeOver
    today: Callable[[], date]
    _runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        works: Mapping[Kind, Work] = {
            "laws": LawWork(self.today),
            "faq": EntryWork("faq", self.entries),
            "precedents": EntryWork("precedent", self.entries),
        }
        self._runner = Runner(self.database, self.root, works, self.take_over)

    def begin(self) -> None:
        """Run jobs from now on, until `close`."""
        self._runner.start()

    async def close(self) -> None:
        """Stop; a job that runs can be resumed after the next start."""
        await self._runner.close()

    async def start(
        self, kind: Kind, uploads: Sequence[Upload], options: Options, by: Actor
    ) -> int:
        """Take the files in and let them be read; returns the number of the job."""
        if not uploads:
            raise Unprocessable("请选择要导入的文件", field="files")
        folder = await asyncio.to_thread(Folder.make, self.root)
        try:
            await asyncio.to_thread(folder.keep, uploads)
        except (MinshengError, OSError):
            await asyncio.to_thread(folder.remove)
            raise
        title = PurePosixPath(clean_name(uploads[0].name)).name
        if len(uploads) > 1:
            title = f"{title} 等 {len(uploads)} 个文件"

        def add(connection: Connection) -> int:
            job = job_store.add(connection, kind, title, folder.name, options, by)
            record(
                connection, by, "import_start", "import", str(job),
                after={"title": title, "kind": kind, "region": options.region,
                       "update": options.update},
            )  # fmt: skip
            return job

        job = await self.database.write(add)
        self._runner.wake()
        return job

    async def jobs(self, page: int = 1, size: int = 20) -> JobPage:
        """Jobs, newest first."""
        return await self.database.read(partial(job_store.page, number=page, size=size))

    async def job(self, job: int) -> Job:
        """One job; `NotFound` when there is none."""
        return await self.database.read(lambda c: job_store.as_job(job_store.get(c, job)))

    async def rows(
        self, job: int, fates: Sequence[str] = (), q: str = "", page: int = 1, size: int = 20
    ) -> RowPage:
        """A page of the rows of a job, of these fates only."""
        return await self.database.read(
            partial(job_store.row_page, job=job, fates=fates, q=q, number=page, size=size)
        )

    async def choose(
        self, job: int, *, ticked: Sequence[int] = (), unticked: Sequence[int] = ()
    ) -> None:
        """Tick and untick rows of a preview; rows that cannot be imported stay as they are."""

        def change(connection: Connection) -> None:
            _previewed(connection, job)
            if ticked:
                job_store.choose(connection, job, ticked, "", True)
            if unticked:
                job_store.choose(connection, job, unticked, "", False)

        await self.database.write(change)

    async def choose_all(self, job: int, fate: str, chosen: bool) -> int:
        """Tick or untick all rows of a preview with this fate (empty: of any); how many."""

        def change(connection: Connection) -> int:
            _previewed(connection, job)
            return job_store.choose(connection, job, None, fate, chosen)

        return await self.database.write(change)

    async def confirm(self, job: int, by: Actor, *, four_eyes: bool = False) -> None:
        """Import what is ticked; with `four_eyes` not by the one who brought it."""

        def change(connection: Connection) -> None:
            row = _previewed(connection, job)
            if four_eyes and row.made_by == by.name:
                raise Forbidden("按设置，导入要由另一个人确认")
            chosen = job_store.row_page(connection, job, (), "", 1, 1).chosen
            if not chosen:
                raise Unprocessable("没有勾选要导入的内容")
            # What is written is written in the name of who confirmed it.
            options = {
                **row.options, "confirmed": True, "by": by.name, "address": by.address,
            }  # fmt: skip
            job_store.change(
                connection, job, state="waiting", options=options, total=chosen, done=0
            )
            record(
                connection, by, "import_confirm", "import", str(job),
                after={"title": row.title, "chosen": chosen},
            )  # fmt: skip

        await self.database.write(change)
        self._runner.wake()

    async def cancel(self, job: int, by: Actor) -> None:
        """Stop a job that has not ended; what it has imported already stays."""

        def change(connection: Connection) -> str:
            row = job_store.get(connection, job, lock=True)
            if row.state in ("done", "cancelled"):
                raise Conflict("这次导入已经结束了")
            counts = job_store.counts(connection, job)
            message = "已取消" + ("，取消以前导入的已经生效" if counts.get("imported") else "")
            job_store.change(
                connection, job, state="cancelled", message=message, counts=counts,
                finished_at=utcnow(),
            )  # fmt: skip
            record(connection, by, "import_cancel", "import", str(job), after={"title": row.title})
            return str(row.folder)

        folder = await self.database.write(change)
        await asyncio.to_thread(Folder(self.root, folder).remove)

    async def resume(self, job: int, by: Actor) -> None:
        """Go on with a job that was broken off or failed, where it stopped."""

        def change(connection: Connection) -> None:
            row = job_store.get(connection, job, lock=True)
            if not job_store.as_job(row).resumable:
                raise Conflict("这次导入不用继续")
            if not Folder(self.root, row.folder).exists():
                raise Conflict("上传的文件已经不在了，请重新上传")
            job_store.change(connection, job, state="waiting", message="")
            record(connection, by, "import_resume", "import", str(job), after={"title": row.title})

        await self.database.write(change)
        self._runner.wake()

    async def failed_rows_xlsx(self, job: int) -> bytes:
        """The rows that were refused, as they were brought, with a column that says why."""
        row = await self.job(job)
        found: list[JobRow] = []
        after = -1
        while rows := await self.database.read(
            partial(job_store.rows_of, job=job, fates=REFUSED, after=after, limit=ROWS_READ)
        ):
            found.extend(rows)
            after = rows[-1].position
        return await asyncio.to_thread(refused_workbook, row.kind, found)


def _previewed(connection: Connection, job: int) -> Any:
    row = job_store.get(connection, job, lock=True)
    if row.state != "preview":
        raise Conflict("这次导入不在预览状态")
    return row
