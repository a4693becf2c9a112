"""The command line brings files in and out by the same jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge_base.database import Database
from knowledge_base.imports.command import run_export, run_import
from knowledge_base.imports.records import Options
from nlu.text.errors import Unprocessable
from tests.knowledge_base.imports.conftest import law, sheet


async def test_folders_with_laws_and_tables_go_in_and_everything_comes_out(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    (folder / "某市地方法规").mkdir(parents=True)
    (folder / "某市地方法规" / "灯规.md").write_text(law("灯规", "2020年1月1日", "亮"), "utf-8")
    (folder / "坏.docx").write_bytes(b"PK")
    (folder / "_目录.md").write_text("# 目录", "utf-8")
    (folder / "问答.xlsx").write_bytes(sheet([["类目", "标题", "内容"], ["类", "一问", "一答"]]))
    data_dir = tmp_path / "data"
    paths = [folder, tmp_path / "没有"]
    await run_import(database, data_dir, paths, kind=None, options=Options())
    said = capsys.readouterr().out
    assert "没有这个文件或文件夹" in said
    assert "in/坏.docx：坏.docx 已损坏，打不开" in said
    assert "法规：成功 1、失败 1、跳过 0" in said
    assert "常见问答：成功 1、失败 0、跳过 0" in said

    await run_import(database, data_dir, [folder], kind=None, options=Options())
    assert "法规：没有新的内容" in capsys.readouterr().out

    out = tmp_path / "全部.json"
    await run_export(database, data_dir, out, "all", "json")
    found = json.loads(out.read_text("utf-8"))
    assert [one["question"] for one in found["faqs"]] == ["一问"]
    assert [(one["law"], one["region"]) for one in found["laws"]] == [("灯规", "某市")]
    with pytest.raises(Unprocessable, match="json"):
        await run_export(database, data_dir, out, "all", "xlsx")
