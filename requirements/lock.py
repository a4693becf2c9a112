"""Writes app.txt and dev.txt: every package that pip would install, at its version.

pip's own resolver is asked (not another tool's), because it is pip that installs: it follows
the operator's mirrors and local wheels.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def resolve(*files: str) -> dict[str, str]:
    """Names and versions of all that these files lead to."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
    command += ["--report", "-", *(part for file in files for part in ("-r", str(HERE / file)))]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found = (item["metadata"] for item in report["install"])
    # A local version ("2.13.0+cpu") names one build of the same release.
    return {re.sub(r"[-_.]+", "-", p["name"]).lower(): p["version"].split("+")[0] for p in found}


def write(name: str, packages: dict[str, str]) -> None:
    lines = [f"{package}=={version}" for package, version in sorted(packages.items())]
    (HERE / name).write_text("\n".join(["# 由 make lock 生成", *lines, ""]), encoding="utf-8")


def main() -> None:
    app = resolve("app.in")
    write("app.txt", app)
    both = resolve("app.txt", "dev.in")
    write("dev.txt", {name: version for name, version in both.items() if name not in app})


if __name__ == "__main__":
    main()
