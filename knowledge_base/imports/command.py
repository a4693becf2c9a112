"""Imports and exports from the command line, by the same jobs as the console's."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.database import Database
from knowledge_base.documents.reading import LAW_SUFFIXES, ROW_SUFFIXES
from knowledge_base.entries.records import EntryQuery
from knowledge_base.entries.service import Entries
from knowledge_base.entries.store import CHINA
from knowledge_base.imports.exports import Exports, File
from knowledge_base.imports.records import KINDS, REFUSED, Job, Kind, Options, State, Upload
from knowledge_base.imports.service import Imports
from knowledge_base.imports.uploads import is_hidden
from knowledge_base.laws.records import LawQuery
from nlu.text.errors import Unprocessable

TOLD_EVERY = 0.3
SHOWN_REFUSED = 20
WORDS: dict[Kind, str] = {"laws": "法规", "faq": "常见问答", "precedents": "典型案例"}
STEPS: dict[State, str] = {"waiting": "排队", "reading": "读取", "importing": "写入"}


def today_in_china() -> datetime:
    return datetime.now(CHINA)


def found_files(paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """The files named, and those that can be read below the folders named, with their names."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path
            continue
        for found in sorted(path.rglob("*")):
            name = f"{path.resolve().name}/{found.relative_to(path)}"
            readable = found.suffix.lower() in (*LAW_SUFFIXES, *ROW_SUFFIXES, ".zip")
            if readable and not is_hidden(name):
                yield name, found


def kind_of(name: str, asked: Kind | None) -> Kind:
    """Tables are FAQs and all else is law, unless somebody says otherwise."""
    if asked:
        return asked
    return "faq" if Path(name).suffix.lower() in ROW_SUFFIXES else "laws"


async def run_import(
    database: Database,
    data_dir: Path,
    paths: Sequence[Path],
    *,
    kind: Kind | None,
    options: Options,
) -> None:
    """Bring the files in, confirm what the preview ticks, and tell what became of it."""
    for path in paths:
        if not path.exists():
            print(f"没有这个文件或文件夹：{path}")
    uploads: dict[Kind, list[Upload]] = {}
    for name, path in found_files(path for path in paths if path.exists()):
        uploads.setdefault(kind_of(name, kind), []).append(Upload(name, path))
    imports = Imports(
        database,
        data_dir / "imports",
        Entries(database),
        _served_later,
        lambda: today_in_china().date(),
    )
    imports.begin()
    try:
        for one in KINDS:
            if one in uploads:
                await _run(imports, one, uploads[one], options)
    finally:
        await imports.close()


async def run_export(database: Database, data_dir: Path, out: Path, what: str, format: str) -> None:
    """Write one file: all of one kind, or everything."""
    exports = Exports(database, data_dir / "exports", lambda: today_in_china().date())
    file: File
    if what == "laws" and format in ("xlsx", "json", "zip"):
        file = await exports.laws(LawQuery(sort="name"), format)  # type: ignore[arg-type]
    elif what in ("faq", "precedent") and format in ("xlsx", "json"):
        query = EntryQuery(kind=what, sort="id")  # type: ignore[arg-type]
        file = await exports.entries(query, format)  # type: ignore[arg-type]
    elif what == "all" and format == "json":
        file = await exports.everything()
    else:
        raise Unprocessable(
            "问答、案例导出成 .xlsx 或 .json，法规还可以是 .zip；全部（all）只能是 .json"
        )
    await asyncio.to_thread(shutil.move, file.path, out)
    print(f"已导出 {file.rows} 条到 {out}")


async def _run(imports: Imports, kind: Kind, uploads: Sequence[Upload], options: Options) -> None:
    started = time.monotonic()
    number = await imports.start(kind, uploads, options, SYSTEM)
    job = await _rested(imports, number)
    chosen = (await imports.rows(number, size=1)).chosen
    if job.state == "preview" and chosen:
        await imports.confirm(number, SYSTEM)
        job = await _rested(imports, number)
    elif job.state == "preview":
        await _tell_refused(imports, job)
        await imports.cancel(number, SYSTEM)
        print(f"{WORDS[kind]}：没有新的内容。")
        return
    await _tell_refused(imports, job)
    counts = job.counts
    print(
        f"{WORDS[kind]}：成功 {counts.get('imported', 0)}、失败 {counts.get('failed', 0)}、"
        f"跳过 {counts.get('skipped', 0)}，用时 {time.monotonic() - started:.0f} 秒。"
        + (f"{job.message}" if job.message else "")
    )


async def _rested(imports: Imports, number: int) -> Job:
    """Show how far it is until somebody has to decide, or it has ended."""
    while (job := await imports.job(number)).moving:
        step = STEPS.get(job.state, "")
        print(f"\r  {step} {job.done}/{job.total}    ", end="", file=sys.stderr)
        await asyncio.sleep(TOLD_EVERY)
    print("\r", end="", file=sys.stderr)
    return job


async def _tell_refused(imports: Imports, job: Job) -> None:
    found = await imports.rows(job.id, REFUSED, size=SHOWN_REFUSED)
    for row in found.rows:
        print(f"  {row.name}：{row.reason}")
    if found.total > SHOWN_REFUSED:
        print(f"  ……共 {found.total} 个")


async def _served_later(by: Actor) -> None:
    """The command line brings the index up to date once, at the end."""
