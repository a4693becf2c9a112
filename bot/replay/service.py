"""A whole Minsheng of its own for playing scripts: fresh data, WeChat played by the sandbox."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import string
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn

from bot.replay.player import Transcript, play
from bot.replay.script import Script
from bot.settings import ROOT, Settings
from channels.wechat.sandbox import Identity, Sandbox
from nlu.text.errors import Unavailable

_READY_WITHIN = 600.0
"""Seconds; the first time the dialogue model is trained."""
_KEPT = ("models", "index", "cache")
"""What need not be made anew: models and indexes, no citizens' data."""


class NotReady(Unavailable):
    """The service did not start; its output says why."""


async def replay(
    files: Sequence[Path], settings: Settings, say: Callable[[str], None]
) -> Sequence[Transcript]:
    """Play the scripts one after another, saying each as it ends."""
    scripts = [Script.read(path) for path in files]
    with tempfile.TemporaryDirectory(prefix="minsheng-replay-") as folder:
        data_dir = Path(folder)
        for name in _KEPT:
            if (settings.data_dir / name).exists():
                shutil.copytree(settings.data_dir / name, data_dir / name)
        async with _running(data_dir) as sandbox:
            done = []
            for script in scripts:
                done.append(await play(script, sandbox, data_dir))
                say(f"{done[-1]}\n")
            return done


@asynccontextmanager
async def _running(data_dir: Path) -> AsyncIterator[Sandbox]:
    letters = string.ascii_letters + string.digits
    identity = Identity(
        appid="wx" + secrets.token_hex(8),
        token=secrets.token_hex(16),
        aes_key="".join(secrets.choice(letters) for _ in range(43)),
        secret=secrets.token_hex(16),
    )
    port, rasa_port, api_port = _free_ports(3)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MINSHENG_")},
        "MINSHENG_DATA_DIR": str(data_dir),
        "MINSHENG_PORT": str(port),
        "MINSHENG_RASA_PORT": str(rasa_port),
        "MINSHENG_WECHAT_APPID": identity.appid,
        "MINSHENG_WECHAT_TOKEN": identity.token,
        "MINSHENG_WECHAT_AES_KEY": identity.aes_key,
        "MINSHENG_WECHAT_SECRET": identity.secret or "",
        "MINSHENG_WECHAT_API_BASE": f"http://127.0.0.1:{api_port}",
        "MINSHENG_WECHAT_CUSTOMER_SERVICE": "true",
    }
    with (data_dir / "run.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        await _until_ready(process, f"http://127.0.0.1:{port}/readyz", data_dir / "run.log")
        async with Sandbox(identity, f"http://127.0.0.1:{port}/wechat") as sandbox:
            config = uvicorn.Config(
                sandbox.api.app, port=api_port, log_level="error", lifespan="off"
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            try:
                yield sandbox
            finally:
                server.should_exit = True
                await serving
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, url: str, log: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _READY_WITHIN
    async with httpx.AsyncClient(trust_env=False, timeout=3.0) as http:
        while loop.time() < deadline and process.returncode is None:
            try:
                if (await http.get(url)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.5)
    told = await asyncio.to_thread(log.read_text, errors="replace")
    raise NotReady("\n".join(told.splitlines()[-8:]))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
