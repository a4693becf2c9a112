"""The Rasa server as a child process: started, watched, restarted, and kept from all secrets."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import httpx

from bot.settings import ROOT

_log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_STARTS_WITHIN = 180.0
_DEAF_AFTER = 30.0
"""Seconds of silence after which a living process is taken for dead."""
_LONGEST_LOG = 50_000_000
_PAUSES = (0.5, 2.0, 5.0, 15.0)


def rasa_python(root: Path = ROOT) -> Path:
    """The interpreter of Rasa's own environment (`bot/bootstrap.py` makes it)."""
    return root / ".venv-rasa" / "bin" / "python"


def rasa_environment(
    secret: str, *, app_port: int, data_dir: Path, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """All that Rasa may know: no token, no key, no address of a database."""
    home = data_dir / "rasa"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONUNBUFFERED": "1",
        "MINSHENG_RASA_SECRET": secret,
        "MINSHENG_PORT": str(app_port),
        "MINSHENG_RASA_TRACKER": str(home / "tracker.db"),
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(home / "cache"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "SQLALCHEMY_WARN_20": "0",
        "OMP_NUM_THREADS": "1",
        **(extra or {}),
    }


def _dies_with_parent() -> None:
    # Linux: a Rasa whose app was killed must not hold the port against the next one; nor may it
    # write down a turn whose action it could not finish, so it goes at once.
    ctypes.CDLL("libc.so.6", use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class RasaServer:
    """Keeps one Rasa running on loopback."""

    def __init__(
        self, model: Path, port: int, environment: Mapping[str, str], log_file: Path
    ) -> None:
        self._model = model
        self._port = port
        self._environment = dict(environment)
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        # trust_env: a proxy in the environment has no business on loopback.
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=2.0, trust_env=False
        )
        self.is_ready = asyncio.Event()
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Begin to keep it running; `is_ready` is set whenever it answers."""
        self._keeper = asyncio.create_task(self._keep(), name="rasa-keeper")

    async def stop(self) -> None:
        """End it, gently first."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._end()
        await self._http.aclose()

    async def _keep(self) -> None:
        failures = 0
        while True:
            self._process = await self._launch()
            if await self._until_ready():
                failures = 0
                self.is_ready.set()
                await self._until_deaf_or_dead()
                self.is_ready.clear()
            await self._end()
            self.restarts += 1
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            failures += 1
            _log.error("Rasa is down; starting it again in %.1f s", pause)
            await asyncio.sleep(pause)

    async def _launch(self) -> asyncio.subprocess.Process:
        self._log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._log_file.exists() and self._log_file.stat().st_size > _LONGEST_LOG:
            self._log_file.replace(self._log_file.with_suffix(".log.1"))
        with self._log_file.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                str(rasa_python()),
                *("-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(self._port)),
                *("--model", str(self._model), "--endpoints", "endpoints.yml"),
                *("--credentials", "credentials.yml"),
                cwd=ROOT,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_dies_with_parent,
            )

    async def _until_ready(self) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STARTS_WITHIN
        while loop.time() < deadline and self._is_running():
            if await self._answers():
                return True
            await asyncio.sleep(0.25)
        return False

    async def _until_deaf_or_dead(self) -> None:
        loop = asyncio.get_running_loop()
        heard = loop.time()
        process = self._process
        assert process is not None
        died = asyncio.create_task(process.wait())
        try:
            while loop.time() - heard < _DEAF_AFTER:
                done, _ = await asyncio.wait((died,), timeout=5.0)
                if done:
                    return
                if await self._answers():
                    heard = loop.time()
        finally:
            died.cancel()

    async def _answers(self) -> bool:
        try:
            return (await self._http.get("/")).status_code == 200
        except httpx.HTTPError:
            return False

    def _is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 8.0)
        except TimeoutError:
            process.kill()
            await process.wait()
