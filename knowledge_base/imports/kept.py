"""Exports that wait for the one who asked for them, when a second person had to agree first."""

from __future__ import annotations

import json
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.imports.exports import File
from nlu.text.errors import NotFound

SECONDS = 7 * 24 * 3600
TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file that lies ready."""

    token: str
    name: str
    rows: int
    path: Path


class Kept:
    """A folder of files, each for one account and for a week."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, file: File, account: str) -> str:
        """Lay a file ready for an account; returns what it is asked for by."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = secrets.token_hex(16)
        path = file.path.replace(self._folder / token)
        told = {"account": account, "name": file.name, "rows": file.rows}
        path.with_suffix(".json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        return token

    def of(self, account: str) -> list[KeptFile]:
        """What lies ready for an account, newest first; what is too old goes."""
        found = []
        for told in sorted(self._folder.glob("*.json"), key=_age):
            path = told.with_suffix("")
            if _age(told) > SECONDS:
                path.unlink(missing_ok=True)
                told.unlink()
                continue
            row = json.loads(told.read_text("utf-8"))
            if row["account"] == account:
                found.append(KeptFile(path.name, row["name"], row["rows"], path))
        return found

    def get(self, token: str, account: str) -> KeptFile:
        """One of them; another account's is as if it were not there."""
        if TOKEN.fullmatch(token):
            for file in self.of(account):
                if file.token == token:
                    return file
        raise NotFound("没有这个文件，或已经过期")


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
