"""A large build of the index in a process of its own, so that answering is not slowed by it."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.index import Progress
from nlu.text.errors import Unavailable

NICENESS = 10
"""Of the child: what citizens wait for goes first."""
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Apart:
    """What a child process needs in order to build the same index as this one would."""

    database_url: str
    data_dir: Path
    encoder: str
    """As `load_encoder` takes it."""


async def build_apart(apart: Apart, progress: Progress) -> None:
    """Build the index of the release in force beside the one in use, and put it in force.

    The child is ended when the waiting task is: a build that was left behind is swept later.
    """
    # In the environment, not as arguments: the address of the database may hold a password.
    environment = os.environ | {
        "MINSHENG_DATABASE_URL": apart.database_url,
        "MINSHENG_DATA_DIR": str(apart.data_dir),
        "MINSHENG_ENCODER": apart.encoder,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "knowledge_base", "index",
        cwd=ROOT, env=environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdout is not None
    try:
        async for line in child.stdout:
            told = line.decode(errors="replace").split()
            if len(told) == 3 and told[1].isdigit() and told[2].isdigit():
                progress(told[0], int(told[1]), int(told[2]))
        code = await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if code:
        raise Unavailable("检索索引没有建成")
