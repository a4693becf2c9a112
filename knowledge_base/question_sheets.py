"""Sets of test questions as staff bring them: pasted lines, csv, xlsx, JSON."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from knowledge_base.documents.parser import Parser, parsed
from knowledge_base.judging import Asked
from nlu.text.errors import Unprocessable
from nlu.text.normalise import visible
from nlu.text.privacy import mask

_HEADS = {"问题", "问法", "提问", "question", "q"}
_RIGHT_HEADS = {
    "编号",
    "条目编号",
    "应答编号",
    "正确编号",
    "答案编号",
    "expected",
    "right",
    "faq",
    "id",
}
_SPLIT = re.compile(r"[,，;；、\s|]+")
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
LONGEST = 200


def read_lines(text: str, known: Iterable[str]) -> list[Asked]:
    """One question a line; what must answer it stands behind a tab, a comma or a bar."""
    ids = set(known)
    return _asked([_parted(line, ids) for line in text.splitlines()], ids)


def _parted(line: str, ids: set[str]) -> list[str]:
    sure = re.split(r"[\t|]", line, maxsplit=1)
    if len(sure) > 1:
        return sure
    # A comma may belong to the question: it parts only where ids stand behind it.
    for sign in re.finditer("[,，]", line):
        behind = [name for name in _SPLIT.split(line[sign.end() :]) if name]
        if behind and ids.issuperset(behind):
            return [line[: sign.start()], line[sign.end() :]]
    return [line]


async def read_file(content: bytes, name: str, known: Iterable[str]) -> list[Asked]:
    """The first column holds the question, the second what must answer it; read by a child."""

    def prepare(folder: str) -> tuple[Path, Path]:
        # Its own name is no path of ours.
        path = Path(folder) / f"questions{PurePosixPath(name).suffix.lower()}"
        path.write_bytes(content)
        return path, Path(folder) / "out.jsonl"

    with tempfile.TemporaryDirectory(prefix="questions") as folder:
        path, out = await asyncio.to_thread(prepare, folder)
        async with Parser() as parser:
            await parser.parse(path, PurePosixPath(name).name, "rows", out)
        rows = await asyncio.to_thread(lambda: list(parsed(out)))
    return _asked(_cells(rows), set(known))


def _cells(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    table: list[list[str]] = []
    columns = (0, 1)
    for place, row in enumerate(rows):
        cells = row.get("cells")
        if cells is None:
            fields = {str(key).strip().lower(): value for key, value in row["object"].items()}
            right = _first(fields, _RIGHT_HEADS)
            told = " ".join(map(str, right)) if isinstance(right, list) else str(right or "")
            table.append([str(_first(fields, _HEADS) or ""), told])
            continue
        heads = [str(cell).strip().lower() for cell in cells]
        if place == 0 and _HEADS.intersection(heads):
            question = next(at for at, head in enumerate(heads) if head in _HEADS)
            right_at = next((at for at, head in enumerate(heads) if head in _RIGHT_HEADS), -1)
            columns = (question, right_at)
            continue
        table.append([cells[at] if 0 <= at < len(cells) else "" for at in columns])
    return table


def _first(fields: dict[str, Any], names: set[str]) -> Any:
    return next((fields[name] for name in fields if name in names), None)


def _asked(rows: Iterable[Sequence[str]], known: set[str]) -> list[Asked]:
    found: list[Asked] = []
    for number, row in enumerate(rows, 1):
        question = mask(visible(row[0]))[:LONGEST]
        if not question:
            continue
        right = [name for name in _SPLIT.split(row[1].strip()) if name] if len(row) > 1 else []
        unknown = [name for name in right if name not in known]
        if unknown:
            shown = unknown[0] if _ID.fullmatch(unknown[0]) else unknown[0][:20]
            raise Unprocessable(f"第 {number} 行：没有编号为“{shown}”的知识", field="questions")
        found.append(Asked(question, tuple(dict.fromkeys(right))))
    if not found:
        raise Unprocessable("没有读到问题", field="questions")
    return found
