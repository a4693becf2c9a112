"""Laws are brought in, looked through and confirmed; the newest version is in force."""

from __future__ import annotations

import asyncio
import io
import stat
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base import store
from knowledge_base.database import Database
from knowledge_base.imports.records import Options, Upload
from knowledge_base.imports.service import Imports
from knowledge_base.tables import AUDIT, DOCUMENTS
from nlu.text.errors import Conflict, TooLarge, Unprocessable
from tests.knowledge_base.imports.conftest import (
    CURATOR,
    Brings,
    Served,
    all_rows,
    done,
    fates,
    law,
    opened,
    rested,
)


async def in_force(database: Database) -> dict[str, str]:
    numbers = await database.read(store.in_force_article_ids)
    found = await database.read(lambda c: store.articles(c, numbers))
    return {article.text: article.law for article in found}


async def test_a_new_version_replaces_the_old_one_which_is_kept(
    database: Database, imports: Imports, brings: Brings, served: Served
) -> None:
    first = await brings("laws", {"灯法.md": law("灯法", "2019年1月1日", "旧")})
    assert (first.state, first.counts) == ("preview", {"new": 1})
    await done(imports, first.id)
    assert await in_force(database) == {"旧": "灯法"}

    second = await brings("laws", {"灯法.md": law("灯法", "2023年1月1日", "新")})
    (row,) = await all_rows(imports, second.id)
    assert (row.fate, row.chosen) == ("newer", True)
    assert "2019-01-01" in row.reason
    assert "2023-01-01" in row.reason
    assert await in_force(database) == {"旧": "灯法"}, "nothing changes before it is confirmed"

    ended = await done(imports, second.id)
    assert (ended.state, ended.counts) == ("done", {"imported": 1})
    assert await in_force(database) == {"新": "灯法"}
    old = await database.read(
        lambda c: c.scalar(sa.select(DOCUMENTS.c.superseded_by).where(~DOCUMENTS.c.in_force))
    )
    assert old == "灯法（2023-01-01）"
    assert served.by == [CURATOR, CURATOR]


async def test_every_file_is_told_what_it_would_do(imports: Imports, brings: Brings) -> None:
    old = await brings(
        "laws",
        {
            "同样.md": law("同样法", "2020年1月1日", "同样"),
            "改动.md": law("改动法", "2020年1月1日", "原来"),
            "新的.md": law("有新法", "2022年1月1日", "现行"),
        },
    )
    await done(imports, old.id)
    job = await brings(
        "laws",
        {
            "同样.md": law("同样法", "2020年1月1日", "同样"),
            "改动.md": law("改动法", "2020年1月1日", "更正"),
            "旧的.md": law("有新法", "2001年1月1日", "老早"),
            "全新.md": law("全新法", "2024年1月1日", "全新"),
            "又一份.md": law("全新法", "2024年1月1日", "全新"),
            "坏的.docx": b"PK\x03\x04 broken",
            "图片.png": b"\x89PNG",
            "空的.md": "",
        },
    )
    assert await fates(imports, job.id) == {
        "同样.md": "existing",
        "改动.md": "changed",
        "旧的.md": "older",
        "全新.md": "new",
        "又一份.md": "twice",
        "坏的.docx": "invalid",
        "图片.png": "invalid",
        "空的.md": "invalid",
    }
    chosen = {row.name for row in await all_rows(imports, job.id) if row.chosen}
    assert chosen == {"旧的.md", "全新.md"}
    ended = await done(imports, job.id)
    assert ended.counts == {"imported": 2, "skipped": 2, "failed": 4}
    head, *rows = opened(await imports.failed_rows_xlsx(job.id))
    assert head == ["文件", "失败原因"]
    assert {str(row[0]): str(row[1]) for row in rows}["坏的.docx"] == "坏的.docx 已损坏，打不开"


async def test_update_ticks_what_would_be_skipped(imports: Imports, brings: Brings) -> None:
    await done(imports, (await brings("laws", {"a.md": law("法", "2020年1月1日", "一")})).id)
    files = {"a.md": law("法", "2020年1月1日", "二")}
    assert [row.chosen for row in await all_rows(imports, (await brings("laws", files)).id)] == [
        False
    ]
    again = await brings("laws", files, update=True)
    assert [row.chosen for row in await all_rows(imports, again.id)] == [True]


async def test_versions_in_one_import_are_told_apart(
    database: Database, imports: Imports, brings: Brings
) -> None:
    job = await brings(
        "laws",
        {
            "灯法(2010-01-01).md": law("灯法", "2010年1月1日", "旧"),
            "灯法(2020-01-01).md": law("灯法", "2020年1月1日", "新"),
        },
    )
    rows = await all_rows(imports, job.id)
    assert [row.fate for row in rows] == ["older", "new"]
    await done(imports, job.id)
    assert await in_force(database) == {"新": "灯法"}
    moments = await database.read(
        lambda c: c.scalar(sa.select(sa.func.count(DOCUMENTS.c.imported_at.distinct())))
    )
    assert moments == 1


async def test_files_of_every_kind_come_in_an_archive_with_their_folders(
    database: Database, imports: Imports, brings: Brings
) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("法规/上海地方法规/路灯.txt", "路灯条例\n第一条 亮。")
        package.writestr("FFFF/WWWW.html", "<h1>网页办法</h1><p>第一条 看。</p>")
        package.writestr("__MACOSX/._路灯.txt", "x")
        package.writestr("法规/里面.zip", b"PK")
        package.writestr("../../跑出去.md", "# 跑法\n第一条 跑。")
    # As an archive made on Chinese Windows has it.
    content = file.getvalue().replace(b"FFFF/WWWW", "法规/网页".encode("gbk"))
    job = await brings("laws", {"法规.zip": content})
    assert await fates(imports, job.id) == {
        "法规/上海地方法规/路灯.txt": "new",
        "法规/网页.html": "new",
        "法规/里面.zip": "invalid",
        "跑出去.md": "new",
    }
    assert (await all_rows(imports, job.id))[0].content["region"] == "上海"
    await done(imports, job.id)
    assert set(await in_force(database)) == {"亮。", "看。", "跑。"}


async def test_a_broken_archive_is_one_row(imports: Imports, brings: Brings) -> None:
    job = await brings("laws", {"坏.zip": b"PK\x03\x04", "好.md": law("法", "2020年1月1日", "甲")})
    assert await fates(imports, job.id) == {"坏.zip": "invalid", "好.md": "new"}


async def test_rows_can_be_unticked_and_ticked(
    database: Database, imports: Imports, brings: Brings
) -> None:
    job = await brings(
        "laws",
        {f"{name}.md": law(f"{name}法", "2020年1月1日", name) for name in ("甲", "乙", "丙")},
    )
    assert await imports.choose_all(job.id, "", False) == 3
    with pytest.raises(Unprocessable, match="没有勾选"):
        await imports.confirm(job.id, CURATOR)
    await imports.choose(job.id, ticked=[0, 2], unticked=[0])
    await done(imports, job.id)
    assert await in_force(database) == {"丙": "丙法"}
    assert await fates(imports, job.id) == {
        "甲.md": "skipped",
        "乙.md": "skipped",
        "丙.md": "imported",
    }
    with pytest.raises(Conflict):
        await imports.choose(job.id, ticked=[0])


async def test_files_lie_for_nobody_else_and_go_with_the_job(idle: Imports, tmp_path: Path) -> None:
    source = tmp_path / "甲.md"
    source.write_text(law("甲法", "2020年1月1日", "甲"), encoding="utf-8")
    job = await idle.start("laws", [Upload("甲.md", source)], Options(), CURATOR)
    (folder,) = [path for path in idle.root.iterdir() if path.is_dir()]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(idle.root.stat().st_mode) == 0o700
    await idle.cancel(job, CURATOR)
    assert not folder.exists()
    assert (await idle.job(job)).state == "cancelled"
    with pytest.raises(Conflict):
        await idle.cancel(job, CURATOR)


async def test_a_job_that_was_broken_off_says_so_and_goes_on(
    database: Database, idle: Imports, tmp_path: Path
) -> None:
    # Long lists of names keep the parser busy for seconds.
    busy = "《甲甲甲》、" * 3_300
    files = []
    for at in range(200):
        path = tmp_path / f"法{at}.md"
        text = f"第{at}号" if at > 1 else f"{busy}\n\n第二条 {busy}\n\n第三条 {busy}"
        path.write_text(law(f"第{at}号法", "2020年1月1日", text), encoding="utf-8")
        files.append(Upload(path.name, path))
    job = await idle.start("laws", files, Options(), CURATOR)
    idle.begin()
    while not (await idle.job(job)).done:
        await asyncio.sleep(0.02)
    await idle.close()
    assert (await idle.job(job)).state == "reading"

    idle.begin()
    broken = await rested(idle, job)
    assert broken.state == "failed"
    assert "可以接着做" in broken.message
    await idle.resume(job, CURATOR)
    assert (await rested(idle, job)).counts == {"new": 200}

    await idle.confirm(job, CURATOR)
    while not (await idle.job(job)).done:
        await asyncio.sleep(0)
    await idle.close()
    idle.begin()
    stopped = await rested(idle, job)
    if stopped.state == "failed":
        await idle.resume(job, CURATOR)
        stopped = await rested(idle, job)
    assert (stopped.state, stopped.counts) == ("done", {"imported": 200})
    assert len(await in_force(database)) == 199
    await idle.close()


async def test_jobs_wait_for_each_other(imports: Imports, tmp_path: Path) -> None:
    numbers = []
    for name in ("甲", "乙", "丙"):
        path = tmp_path / f"{name}.md"
        path.write_text(law(f"{name}法", "2020年1月1日", name), encoding="utf-8")
        upload = Upload(path.name, path)
        numbers.append(await imports.start("laws", [upload], Options(), CURATOR))
    assert [(await rested(imports, number)).state for number in numbers] == ["preview"] * 3
    page = await imports.jobs(1, 2)
    assert ([job.id for job in page.jobs], page.total) == (numbers[:0:-1], 3)


async def test_what_is_too_much_or_nothing_is_refused_at_once(
    idle: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unprocessable, match="请选择"):
        await idle.start("laws", [], Options(), CURATOR)
    monkeypatch.setattr("knowledge_base.documents.limits.ARCHIVE_BYTES", 10)
    with pytest.raises(TooLarge, match="分几次"):
        await idle.start("laws", [Upload("a.md", io.BytesIO(b"x" * 11))], Options(), CURATOR)
    assert not [path for path in idle.root.iterdir() if path.is_dir()]


async def test_the_trail_tells_who_imported_what(
    database: Database, imports: Imports, brings: Brings
) -> None:
    job = await brings("laws", {"甲.md": law("甲法", "2020年1月1日", "甲")})
    await done(imports, job.id)
    rows = await database.read(
        lambda c: c.execute(
            sa.select(AUDIT.c.act, AUDIT.c.by, AUDIT.c.address).order_by(AUDIT.c.id)
        ).all()
    )
    assert [tuple(row) for row in rows] == [
        ("import_start", "甲", "10.0.0.1"),
        ("import_confirm", "甲", "10.0.0.1"),
        ("import_done", "甲", "10.0.0.1"),
    ]
