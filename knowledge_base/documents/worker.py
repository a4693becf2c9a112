"""The parser program: `python -m knowledge_base.documents.worker`.

It reads one request a line from its standard input, forks a child for each, and
answers with one line. Libraries are loaded once, here; documents are opened only in
children, which have a limit on memory, processor time, wall time and output, may write
no file and, where the system permits, see no network.

Request: {"path", "name", "want", "region", "out"}. Answer: {"error"} ("" when all went
well); what was read stands in the file `out`, one JSON value a line.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any, Final

from knowledge_base.documents import limits
from knowledge_base.documents.reading import read, suffix_of
from nlu.text.errors import MinshengError

CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWNET: Final = 0x40000000
PR_SET_PDEATHSIG: Final = 1
CHUNK = 1 << 16
REFUSED = 3
NO_MEMORY = 4
TOO_LONG = f"读了 {limits.WALL_SECONDS} 秒还没读完，已停止"
TOO_BUSY = f"计算超过 {limits.CPU_SECONDS} 秒，已停止"
TOO_MUCH_MEMORY = f"读取要用的内存超过 {limits.MEMORY_BYTES >> 20} MB，已停止"
TOO_MUCH = "内容过多，没有读取"
BROKEN = "已损坏或格式不对，无法读取"
MODULES = {
    ".docx": "word",
    ".pdf": "pdf",
    ".html": "web",
    ".htm": "web",
    ".xlsx": "sheets",
    ".csv": "sheets",
    ".json": "sheets",
    ".jsonl": "sheets",
}


def main() -> None:
    """Answer requests until the input ends, that is, until the one who asks is gone."""
    os.nice(10)
    os.umask(0o077)
    _leave_the_network()
    # openpyxl would load it where it is installed, for types that no file brings.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    for line in sys.stdin:
        request = json.loads(line)
        module = MODULES.get(suffix_of(request["name"]))
        if module:
            importlib.import_module(f"knowledge_base.documents.{module}")
        reason = _in_a_child(request)
        sys.stdout.write(json.dumps({"error": reason}) + "\n")
        sys.stdout.flush()


def _leave_the_network() -> None:
    """A network namespace with nothing in it, for this program and all its children."""
    libc = ctypes.CDLL(None, use_errno=True)
    # Without the right to do so, a user namespace gives it on most systems; else
    # the parsers' own settings (no_network) have to do.
    if libc.unshare(CLONE_NEWNET):
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _in_a_child(request: dict[str, Any]) -> str:
    """Parse one document; returns why not, or nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(request, writing)
    os.close(writing)
    out = Path(request["out"])
    # What stands under the name itself is whole, even when this program is killed.
    part = out.with_name(f"{out.name}.part")
    overrun = _take(reading, part)
    os.close(reading)
    if overrun:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if not overrun and code == 0:
        part.replace(out)
        return ""
    if not overrun and code == REFUSED:
        reason = part.read_text(encoding="utf-8").splitlines()[-1]
    else:
        reason = f"{Path(request['name']).name} {overrun or _why(code)}"
    part.unlink(missing_ok=True)
    return reason


def _take(reading: int, out: Path) -> str:
    """Write what the child says to the file; returns why it has to be stopped, or nothing."""
    until = time.monotonic() + limits.WALL_SECONDS
    taken = 0
    with out.open("wb") as file:
        while True:
            left = until - time.monotonic()
            if left <= 0 or not select.select([reading], [], [], left)[0]:
                return TOO_LONG
            chunk = os.read(reading, CHUNK)
            if not chunk:
                return ""
            taken += len(chunk)
            if taken > limits.RESULT_BYTES:
                return TOO_MUCH
            file.write(chunk)


def _why(code: int) -> str:
    if code == NO_MEMORY:
        return TOO_MUCH_MEMORY
    # The second is what the kernel sends when the first was not enough.
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return TOO_BUSY
    return BROKEN


def _be_the_child(request: dict[str, Any], writing: int) -> None:
    """Never returns: whatever goes wrong in a parser ends here, with this process."""
    code = 1
    try:
        _limit()
        with os.fdopen(writing, "w", encoding="utf-8", buffering=CHUNK) as file:
            try:
                for row in read(
                    Path(request["path"]), request["name"], request["want"], request["region"]
                ):
                    file.write(json.dumps(row, ensure_ascii=False))
                    file.write("\n")
                code = 0
            except MinshengError as error:
                file.write("\n" + error.detail.replace("\n", " ") + "\n")
                code = REFUSED
    except MemoryError:
        code = NO_MEMORY
    finally:
        os._exit(code)


def _limit() -> None:
    # A child does not outlive the program that watches its time.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, limits.MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))
    sys.stdin.close()


if __name__ == "__main__":
    main()
