"""The floors of the house (ARCHITECTURE.md「楼层」) hold for every import there is."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("actions", "bot", "case_api", "channels", "knowledge_base", "nlu")
OUTSIDE = ("benchmarks", "tests")
"""Look at the house from outside: they may reach everything, and no part of it reaches them."""

FLOORS: Mapping[str, tuple[str, ...]] = {
    "nlu.text": (),
    "nlu": ("nlu.text",),
    "knowledge_base": ("nlu.text",),
    "case_api": (
        "nlu.text",
        "knowledge_base.encoder",
        "knowledge_base.vectors",
        # docs/decisions/0011: the candidates for duplicates, a million of them.
        "knowledge_base.sealed",
        # docs/decisions/0002: one way to the database for every floor.
        "knowledge_base.database",
        "knowledge_base.migrations",
        # docs/decisions/0009: one audit trail, written in the transaction that it tells of.
        "knowledge_base.audit",
    ),
    # `schemas` is what the client takes and gives.
    "actions": ("nlu.text", "knowledge_base", "case_api.client", "case_api.schemas"),
    "channels.staff": (
        "nlu.text",
        "knowledge_base",
        "case_api.client",
        "case_api.schemas",
        # The client of what only staff may call, and its shapes.
        "case_api.staff_client",
        "case_api.staff_schemas",
        "case_api.desk_schemas",
    ),
    "channels": ("nlu.text", "case_api.client", "case_api.schemas"),
    "bot": ("nlu.text", "knowledge_base", "case_api", "actions", "channels"),
}
"""What each floor may import beside itself; the longest name that fits a module counts."""

BEHIND = {
    "faiss": ("knowledge_base.vectors", "knowledge_base.sealed"),
    "sentence_transformers": ("knowledge_base.encoder", "knowledge_base.training"),
    "sqlalchemy": ("knowledge_base", "case_api", "bot", "channels.staff.accounts"),
    "wechatpy": ("channels.wechat",),
    "rasa": ("nlu",),
    "rasa_sdk": ("actions",),
}
"""Libraries that stand behind one part of the house, so that the rest never sees them."""

MOST_LINES = 400
MOST_BYTES = 25 * 1024 * 1024
CODE = {".css", ".html", ".js", ".py", ".wxml", ".wxss"}


@dataclass(frozen=True, slots=True)
class Import:
    """One name imported somewhere."""

    importer: str
    target: str
    """The module, or where that is not one of ours the dotted name as written."""
    line: int
    at_load: bool
    """False inside a function or under TYPE_CHECKING: it cannot close a circle at start."""

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def shipped() -> Iterator[Path]:
    """Every file that is part of the repository."""
    text = (ROOT / ".gitignore").read_text(encoding="utf-8")
    ignored = {line.strip("/") for line in text.splitlines() if line.endswith("/")}
    for folder, folders, names in os.walk(ROOT):
        at = Path(folder)
        folders[:] = [
            name
            for name in folders
            if name not in ignored
            and name != ".git"
            and not name.endswith(".egg-info")
            # Shared between checkouts of one machine, in none of them.
            and not (at == ROOT and name in {"shared", ".hypothesis"})
        ]
        yield from (at / name for name in names if not name.endswith(".pyc"))


@cache
def modules() -> dict[str, Path]:
    """Our modules by dotted name."""
    found = {}
    for path in shipped():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if path.suffix == ".py" and parts[0] in (*PACKAGES, *OUTSIDE):
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Every import of every module of the house."""
    return tuple(
        found
        for name, path in modules().items()
        if name.split(".")[0] in PACKAGES
        for found in _imports_of(name, path)
    )


def _imports_of(name: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    later = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for inner in ast.walk(node)
    }
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            assert base is not None
            submodules = [f"{base}.{alias.name}" for alias in node.names]
            targets = [item if item in modules() else base for item in submodules]
        else:
            continue
        for target in dict.fromkeys(targets):
            yield Import(name, target, node.lineno, id(node) not in later)


def is_in(module: str, package: str) -> bool:
    """Whether a dotted name is the package or lies in it."""
    return module == package or module.startswith(package + ".")


def floor_of(module: str) -> str:
    """The floor that a module stands on."""
    return max((floor for floor in FLOORS if is_in(module, floor)), key=len)


def listed(breaches: Iterator[Import]) -> list[str]:
    """For a readable failure."""
    return [str(breach) for breach in breaches]


def test_every_package_has_a_floor_and_something_is_looked_at() -> None:
    assert {name.split(".")[0] for name in modules()} - set(OUTSIDE) == set(PACKAGES)
    assert {floor_of(name) for name in modules() if name.split(".")[0] in PACKAGES} >= {
        *PACKAGES,
        "nlu.text",
    }
    assert len(imports()) > 300


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_imports_only_what_lies_below_it(floor: str) -> None:
    allowed = (floor, *FLOORS[floor])
    # A folder stands on the floor around it, as channels.staff does in channels.
    around = [name for name in FLOORS if is_in(floor, name) and name != "nlu"]
    assert not listed(
        found
        for found in imports()
        if floor_of(found.importer) == floor
        and found.target.split(".")[0] in (*PACKAGES, *OUTSIDE)
        and not any(is_in(found.target, name) for name in (*allowed, *around))
    )


def test_nothing_imports_bot() -> None:
    assert not listed(
        found
        for found in imports()
        if is_in(found.target, "bot") and not is_in(found.importer, "bot")
    )


def test_the_text_tools_need_nothing_but_the_standard_library() -> None:
    assert not listed(
        found
        for found in imports()
        if floor_of(found.importer) == "nlu.text"
        and found.target.split(".")[0] not in sys.stdlib_module_names
        and not is_in(found.target, "nlu.text")
    )


@pytest.mark.parametrize("library", BEHIND)
def test_a_library_stands_behind_one_part_of_the_house(library: str) -> None:
    users = [found for found in imports() if is_in(found.target, library)]
    assert users, f"nothing uses {library}: the rule has lost its object"
    assert not listed(
        found
        for found in users
        if not any(is_in(found.importer, allowed) for allowed in BEHIND[library])
    )


def test_no_imports_go_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for found in imports():
        if found.at_load and found.target in modules() and found.target != found.importer:
            graph.setdefault(found.importer, set()).add(found.target)
    assert _circle(graph) is None


def _circle(graph: Mapping[str, set[str]]) -> list[str] | None:
    """Some way through the graph that ends where it began."""
    done: set[str] = set()

    def follow(node: str, way: list[str]) -> list[str] | None:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return None
        for target in sorted(graph.get(node, ())):
            found = follow(target, [*way, node])
            if found:
                return found
        done.add(node)
        return None

    return next((found for node in sorted(graph) if (found := follow(node, []))), None)


def test_a_circle_would_be_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert _circle({"a": {"b", "c"}, "b": {"c"}}) is None


def test_no_file_of_code_grows_past_what_one_can_read() -> None:
    too_long = {}
    for path in shipped():
        if path.suffix in CODE and path.relative_to(ROOT).parts[0] != "tests":
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES:
                too_long[str(path.relative_to(ROOT))] = lines
    assert not too_long


def test_no_shipped_file_is_large() -> None:
    large = [str(path.relative_to(ROOT)) for path in shipped() if path.lstat().st_size > MOST_BYTES]
    assert not large


def test_rasa_trains_on_nothing_but_its_own_data() -> None:
    # Rasa takes any YAML under data/ with `nlu:` or `responses:` in it for training data.
    makers = [path for name, path in modules().items() if name.split(".")[0] in (*PACKAGES, "bot")]
    trained = [path for path in makers if re.search(r'"rasa", "train"', path.read_text())]
    assert trained
    assert all('"--data", "data/rasa"' in path.read_text(encoding="utf-8") for path in trained)
