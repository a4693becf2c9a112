"""All that must be ready before the doors open: tables, the dialogue model, the knowledge index."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import case_api.app
from bot.rasa_server import rasa_environment, rasa_python
from bot.settings import ROOT, Settings
from channels.staff.accounts import tables as accounts
from knowledge_base.migrations import upgrade
from nlu.text.errors import Unavailable

Say = Callable[[str], None]
_MODEL_SOURCES = ("config.yml", "domain.yml", "data/rasa", "nlu", "knowledge_base/default_encoder")
_TRAINS_WITHIN = 900


class TrainingFailed(Unavailable):
    """The dialogue model could not be trained; the log says why."""


def migrate(settings: Settings) -> None:
    """Bring every floor's tables up to date."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    case_api.app.migrate(settings.database)
    accounts.migrate(settings.database)
    upgrade(settings.database, ROOT / "bot" / "migrations", "conversation_version")


def model_fingerprint(root: Path = ROOT) -> str:
    """Changes whenever another model would come out of training."""
    digest = hashlib.sha256()
    for name in _MODEL_SOURCES:
        path = root / name
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(root)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


async def model(settings: Settings, say: Say) -> Path:
    """The dialogue model for the present sources; trained when there is none.

    Only a model under the name of its sources' fingerprint is ever loaded: nothing from elsewhere.
    """
    folder = settings.data_dir / "models"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = folder / f"dialogue-{model_fingerprint()}.tar.gz"
    if wanted.exists():
        return wanted
    say("训练对话模型（第一次或内容改动后，约一分钟）……")
    await asyncio.to_thread(_train, settings, wanted)
    for old in folder.glob("dialogue-*.tar.gz"):
        if old != wanted:
            old.unlink()
    return wanted


def _train(settings: Settings, wanted: Path) -> None:
    log = settings.data_dir / "logs" / "training.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = f"partial-{os.getpid()}"
    environment = rasa_environment(
        "training",
        app_port=settings.port,
        data_dir=settings.data_dir,
        extra={"OMP_NUM_THREADS": "2"},
    )
    command = [
        *(str(rasa_python()), "-m", "rasa", "train", "--data", "data/rasa"),
        *("--config", "config.yml", "--domain", "domain.yml"),
        *("--out", str(wanted.parent), "--fixed-model-name", partial),
        "--force",  # Rasa's cache does not notice a change in our own components
    ]
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_TRAINS_WITHIN,
            check=False,
        )
    made = wanted.parent / f"{partial}.tar.gz"
    if done.returncode != 0 or not made.exists():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
        raise TrainingFailed(f"对话模型没有训练成功，全部输出在 {log}：\n{tail}")
    made.rename(wanted)
