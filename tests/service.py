"""Starts the real thing for tests: `python -m bot run` on ports of its own, killed at will."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.prepare import model_fingerprint
from channels.wechat.sandbox import Identity, Sandbox

ROOT = Path(__file__).resolve().parent.parent
PREPARED = ROOT / "var" / "test"
IDENTITY = Identity(
    appid="wx0123456789abcdef",
    token="a-token-for-tests",
    aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    secret="0123456789abcdef0123456789abcdef",
)
READY_WITHIN = 120.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """One running Minsheng with a data directory of its own."""

    data_dir: Path
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    rasa_port: int = field(default_factory=free_port)
    api_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def prepared(cls, folder: Path, **extra: str) -> Service:
        """With the model and the index that `make test` prepared, so that it starts in seconds."""
        model = PREPARED / "models" / f"dialogue-{model_fingerprint()}.tar.gz"
        assert model.exists(), "first: MINSHENG_DATA_DIR=var/test python -m bot prepare"
        shutil.copytree(PREPARED, folder, dirs_exist_ok=True)
        for file in (folder / "logs").glob("*"):
            file.unlink()
        return cls(folder, extra)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return (self.data_dir / "secrets" / "service-token").read_text().strip()

    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if "MINSHENG" not in name}
        return {
            **inherited,
            "MINSHENG_DATA_DIR": str(self.data_dir),
            "MINSHENG_PORT": str(self.port),
            "MINSHENG_RASA_PORT": str(self.rasa_port),
            "MINSHENG_WECHAT_APPID": IDENTITY.appid,
            "MINSHENG_WECHAT_TOKEN": IDENTITY.token,
            "MINSHENG_WECHAT_AES_KEY": IDENTITY.aes_key,
            "MINSHENG_WECHAT_SECRET": IDENTITY.secret,
            "MINSHENG_WECHAT_API_BASE": f"http://127.0.0.1:{self.api_port}",
            "MINSHENG_WECHAT_CUSTOMER_SERVICE": "true",
            "MINSHENG_PAUSE": "0.3",
            "MINSHENG_ADMIN_PASSWORD": "Chu-Shi-Mima-2026",
            **self.extra,
        }

    def launch(self) -> None:
        """Start the process without waiting for it."""
        with (self.data_dir / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def start(self, *, rasa: bool = True) -> None:
        """Start and wait until it is ready; with `rasa` False only until the app answers."""
        self.launch()
        await self.wait_ready(rasa=rasa)

    async def wait_ready(self, *, rasa: bool = True) -> None:
        deadline = time.monotonic() + READY_WITHIN
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while time.monotonic() < deadline:
                assert self.process is not None
                assert self.process.poll() is None, self.log()
                try:
                    parts = (await http.get("/readyz", timeout=5)).json()
                except httpx.HTTPError:
                    parts = {}
                if parts and (all(parts.values()) or not rasa):
                    return
                await asyncio.sleep(0.2)
        raise AssertionError(f"not ready:\n{self.log()}")

    def log(self) -> str:
        return (self.data_dir / "run.log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        """Ctrl-C."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)

    def rasa_pid(self) -> int:
        """The Rasa server's process id."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in map(int, children.split()):
            if b"rasa" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        raise AssertionError("no Rasa is running")

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Look into the real database."""
        connection = sqlite3.connect(f"file:{self.data_dir / 'minsheng.db'}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def change(self, statement: str) -> None:
        """Do something to the real database that takes too long to wait for."""
        connection = sqlite3.connect(self.data_dir / "minsheng.db", timeout=10)
        try:
            connection.execute(statement)
            connection.commit()
        finally:
            connection.close()

    def api(self) -> httpx.AsyncClient:
        """The case API, with the service's token."""
        return httpx.AsyncClient(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            trust_env=False,
        )


@asynccontextmanager
async def wechat_for(service: Service) -> AsyncIterator[Sandbox]:
    """A WeChat that pushes to this service, its own interfaces where the service looks for them."""
    async with Sandbox(IDENTITY, f"{service.url}/wechat") as sandbox:
        config = uvicorn.Config(
            sandbox.api.app, port=service.api_port, log_level="warning", lifespan="off"
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.05)
        try:
            yield sandbox
        finally:
            server.should_exit = True
            await serving
