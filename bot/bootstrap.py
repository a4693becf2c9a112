"""Makes both Python environments from their locks; needs nothing but a bare Python.

The app runs on Python 3.11 or newer; Rasa 3.6.21 needs Python 3.10 and pins that cannot share an
environment with the app. pip does the installing, because it follows the operator's own pip
configuration (mirrors, local wheels), which offices without internet depend on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP, RASA = ROOT / ".venv", ROOT / ".venv-rasa"
_STARTED = time.monotonic()
NO_PYTHON_310 = """\
没有找到 Python 3.10（Rasa 3.6.21 只能用它）。任选一种办法，再运行一次：
  · Debian / Ubuntu：  apt-get install python3.10 python3.10-venv（软件源里有的话）
  · pyenv：            pyenv install 3.10
  · 已经装在别处：      在 .env 里写 MINSHENG_PYTHON310=/路径/python3.10
"""
NO_PYTHON_311 = "需要 Python 3.11 或更新的版本，现在是 {version}。请安装后再运行。"


class SetupFailed(Exception):
    """Something is missing; the message says what to do."""


def say(text: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:5.0f} s] {text}", flush=True)


def version_of(python: str | Path) -> tuple[int, int] | None:
    """The interpreter's version; None when it does not run (a pyenv shim may exist and fail)."""
    try:
        out = subprocess.run(
            [str(python), "-c", "import sys, venv; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout.split()
        return int(out[0]), int(out[1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _pyenv_versions(prefix: str) -> Iterator[Path]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"

    def order(folder: Path) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", folder.name)]

    for folder in sorted(root.glob(f"{prefix}.*"), key=order, reverse=True):
        yield folder / "bin" / "python"


def _from_uv() -> Iterator[str]:
    """Where uv is installed it can fetch an interpreter, if the network allows."""
    uv = shutil.which("uv")
    if uv is None:
        return
    say("用 uv 下载 Python 3.10 ……")
    subprocess.run([uv, "python", "install", "3.10"], timeout=300, check=False)
    found = subprocess.run(
        [uv, "python", "find", "3.10"], capture_output=True, text=True, timeout=60, check=False
    )
    if found.returncode == 0:
        yield found.stdout.strip()


def find_python(wanted: Iterable[str | Path], fits: tuple[tuple[int, int], tuple[int, int]]) -> str:
    """The first that runs and whose version lies within `fits`; raises `SetupFailed`."""
    lowest, highest = fits
    for python in wanted:
        version = version_of(python)
        if version is not None and lowest <= version <= highest:
            return str(python)
    raise SetupFailed


def python_310() -> str:
    """An interpreter for Rasa."""

    def candidates() -> Iterator[str | Path]:
        named = os.environ.get("MINSHENG_PYTHON310") or _from_dotenv("MINSHENG_PYTHON310")
        if named:
            yield named
        yield "python3.10"
        yield from _pyenv_versions("3.10")
        yield from _from_uv()

    try:
        return find_python(candidates(), ((3, 10), (3, 10)))
    except SetupFailed:
        raise SetupFailed(NO_PYTHON_310) from None


def python_311() -> str:
    """An interpreter for the app; 3.13 is the newest that all dependencies have wheels for."""

    def candidates() -> Iterator[str | Path]:
        yield sys.executable
        for minor in (11, 12, 13):
            yield f"python3.{minor}"
            yield from _pyenv_versions(f"3.{minor}")

    try:
        return find_python(candidates(), ((3, 11), (3, 13)))
    except SetupFailed:
        raise SetupFailed(NO_PYTHON_311.format(version=sys.version.split()[0])) from None


def _from_dotenv(name: str) -> str:
    path = ROOT / ".env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [line.split("=", 1)[1].strip() for line in lines if line.startswith(f"{name}=")]
    return found[-1].strip("'\"") if found else ""


def make(
    folder: Path, label: str, python: str, locks: Sequence[Path], options: Sequence[str] = ()
) -> None:
    """Make or update one environment; does nothing when it already matches its locks."""
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    stamp = folder / "minsheng-lock"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"{label}：安装依赖（第一次要几分钟）……")
    if version_of(folder / "bin" / "python") is None:
        subprocess.run([python, "-m", "venv", "--clear", str(folder)], check=True)
    log = ROOT / "var" / f"pip-{folder.name.lstrip('.')}.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [part for lock in locks for part in ("-r", str(lock))]
    command = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--no-input",
        *options,
        *files,
    ]
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise SetupFailed(f"{label}：依赖没有装上。全部输出在 {log}，最后几行：\n{tail}")
    stamp.write_text(wanted)
    say(f"{label}：好了")


def main() -> None:
    """`python3 bot/bootstrap.py [--tests]`."""
    parser = argparse.ArgumentParser(description="建立运行环境")
    parser.add_argument("--tests", action="store_true", help="也装测试要用的")
    asked = parser.parse_args()
    requirements = ROOT / "requirements"
    app = [requirements / "app.txt"] + ([requirements / "dev.txt"] if asked.tests else [])
    stamp = APP / "minsheng-lock"
    if not asked.tests and stamp.exists():
        # An environment that has the test tools has everything; it is left as it is.
        both = hashlib.sha256(
            b"".join((requirements / name).read_bytes() for name in ("app.txt", "dev.txt"))
        ).hexdigest()
        app = app if stamp.read_text() != both else []
    try:
        with ThreadPoolExecutor(2) as pool:
            jobs = [
                # The lock is complete; Rasa's own metadata asks for packages that it never imports.
                pool.submit(
                    make,
                    RASA,
                    "Rasa 环境",
                    python_310(),
                    [requirements / "rasa.txt"],
                    ["--no-deps"],
                )
            ]
            if app:
                jobs.append(pool.submit(make, APP, "应用环境", python_311(), app))
            for job in jobs:
                job.result()
    except SetupFailed as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
