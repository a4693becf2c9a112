"""Hands files to the parser program, one at a time, and tells what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from knowledge_base.documents import limits
from knowledge_base.documents.reading import Want
from nlu.text.errors import Unprocessable

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = limits.WALL_SECONDS + 10
"""The program itself stops its children; past this, it is the program that hangs."""
HANGS = "读取程序没有回应，已重新启动；请再试一次"


@dataclass(slots=True)
class Parser:
    """An async context: the program is started at the first file and ended with the context."""

    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _asked: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end()

    async def parse(self, path: Path, name: str, want: Want, out: Path, region: str = "") -> None:
        """Read a file into `out`, one JSON value a line; `Unprocessable` tells why it cannot be.

        `name` is what the file was called where it comes from, folders included.
        """
        line = _request(path, name, want, out, region)
        async with self._asked:
            answer = await self._ask(line)
        if answer["error"]:
            raise Unprocessable(answer["error"])

    async def _ask(self, line: str) -> dict[str, str]:
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(line.encode() + b"\n")
            await process.stdin.drain()
            told = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        except (TimeoutError, ConnectionError):
            told = b""
        except asyncio.CancelledError:
            # Its answer would be taken for that of the next file.
            await self._end()
            raise
        if not told:
            await self._end()
            return {"error": HANGS}
        answer: dict[str, str] = json.loads(told)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "knowledge_base.documents.worker",
                cwd=ROOT,
                # None of the service's secrets.
                env={"PATH": os.defpath, "PYTHONUTF8": "1"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _request(path: Path, name: str, want: Want, out: Path, region: str) -> str:
    # The program runs in a folder of its own choice.
    places = {"path": str(path.absolute()), "out": str(out.absolute())}
    return json.dumps({**places, "name": name, "want": want, "region": region})


def parsed(out: Path) -> Iterator[dict[str, Any]]:
    """The values of a result, one by one."""
    with out.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
