"""`python -m benchmarks [--data DIR] [--only NAME]`: every part, JSON lines on stdout.

DIR holds what is not in the tree: `law_questions/` and `petitions/labelled.jsonl`. Each part runs
in a process of its own, so that one's memory and threads are not in another's figures.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import progress

ROOT = Path(__file__).resolve().parent.parent
BESIDE = ROOT.parent / "shared" / "data"
VARIABLE = "MINSHENG_BENCH_DATA"


@dataclass(frozen=True, slots=True)
class Part:
    """One benchmark: `benchmarks/{name}.py`."""

    name: str
    takes_data: bool = True
    needs: str | None = None
    """What of the data it can do nothing without."""


PARTS = (
    Part("callback", takes_data=False),
    Part("retrieval", needs="law_questions"),
    Part("search_speed", needs="laws"),
    Part("import_laws", needs="laws"),
    Part("triage"),
)


def main() -> int:
    """Run what was asked for; not 0 when a part failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, default=_data(), help=f"or {VARIABLE}")
    parser.add_argument("--only", choices=[part.name for part in PARTS])
    asked = parser.parse_args()
    failed = [
        part.name
        for part in PARTS
        if asked.only in (None, part.name) and not _ran(part, asked.data)
    ]
    if failed:
        progress(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _data() -> Path | None:
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    return BESIDE if BESIDE.is_dir() else None


def _ran(part: Part, data: Path | None) -> bool:
    if part.needs is not None and (data is None or not (data / part.needs).exists()):
        progress(f"{part.name}: left out, no {part.needs} in {data or '--data'}")
        return True
    progress(f"{part.name} …")
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    command = [sys.executable, "-m", f"benchmarks.{part.name}"]
    if part.takes_data and data is not None:
        command += ["--data", str(data.resolve())]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
