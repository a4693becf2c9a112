"""`python -m bot run | prepare | doctor | replay FILE…`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from pydantic import ValidationError

from bot import logs
from bot.settings import Settings


def main() -> None:
    """Read the command line and do what it says."""
    # Before numpy and torch come in: two cores are shared with Rasa.
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    parser = argparse.ArgumentParser(prog="python -m bot", description="民声")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="启动应用和 Rasa")
    commands.add_parser("prepare", help="只做准备：建表、训练对话模型、建知识索引")
    commands.add_parser("doctor", help="检查缺什么")
    scripts = commands.add_parser("replay", help="把对话脚本走一遍，印成对话，供人读")
    scripts.add_argument("files", nargs="+", type=Path, metavar="FILE")
    asked = parser.parse_args()
    command = asked.command
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit("\n".join(_problem(item) for item in error.errors()))
    if command == "doctor":
        from bot.doctor import examine

        findings = examine(settings)
        print("\n".join(map(str, findings)))
        sys.exit(any(item.serious and not item.good for item in findings))
    if command == "replay":
        sys.exit(_replay(asked.files, settings))
    logs.configure(settings.data_dir)
    if command == "prepare":
        asyncio.run(_prepare(settings))
    else:
        from bot.run import run

        run(settings)


async def _prepare(settings: Settings) -> None:
    from bot import prepare
    from bot.app import running
    from bot.run import say

    prepare.migrate(settings)
    await prepare.model(settings, say)
    async with running(settings, None, say):
        say("准备好了")


def _replay(files: list[Path], settings: Settings) -> int:
    from bot.replay.service import NotReady, replay

    try:
        done = asyncio.run(replay(files, settings, print))
    except (OSError, ValueError, NotReady) as error:
        sys.exit(str(error))
    faulty = [one.title for one in done if one.all_faults]
    print(f"{len(done)} 段，{len(faulty)} 段与预期不符" + "".join(f"\n  {t}" for t in faulty))
    return 1 if faulty else 0


def _problem(item: object) -> str:
    assert isinstance(item, dict)
    name = "_".join(str(part) for part in item["loc"]).upper()
    return f"设置 MINSHENG_{name} 不对：{item['msg']}"


if __name__ == "__main__":
    main()
