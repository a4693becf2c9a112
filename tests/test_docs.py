"""What the documents tell a reader to type, set or open is really there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted(
    path
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "**/*.md"), (ROOT / "deploy", "*"))
    for path in folder.glob(pattern)
    if path.is_file()
)
READMES = [ROOT / "README.md", ROOT / "README.en.md"]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
PACKAGES = ("actions", "benchmarks", "bot", "case_api", "channels", "knowledge_base", "nlu")

FOR_RASA_ONLY = {"MINSHENG_RASA_SECRET", "MINSHENG_RASA_TRACKER"}
"""Set by the app for its child process; nobody sets them by hand."""
FOR_BENCHMARKS = {"MINSHENG_BENCH_DATA"}
"""Read by `benchmarks`, not by the service."""
BESIDE_SETTINGS = FOR_RASA_ONLY | FOR_BENCHMARKS

CODE = re.compile(r"```[^\n]*\n(?P<block>.*?)```|`(?P<span>[^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
ROW = re.compile(r"^\| `(?P<name>MINSHENG_\w+)` \| (?P<default>.*?) \| (?P<meaning>.*?) \|$", re.M)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_in(path: Path) -> Iterator[str]:
    """What stands as code in a document; in a file of `deploy` that is all of it."""
    if path.suffix != ".md":
        yield text_of(path)
        return
    for found in CODE.finditer(text_of(path)):
        yield found["block"] or found["span"]


def typed(word: str, path: Path) -> Iterator[str]:
    """The rest of each command line in a document after this word."""
    for code in code_in(path):
        for line in code.splitlines():
            for found in re.finditer(rf"(?:^|[\s/;&|`$(]){re.escape(word)} +([^#]+)", line):
                yield found[1].strip()


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def settings_by_name() -> dict[str, tuple[str, str]]:
    """Default and meaning of every setting, as the page should tell them."""
    return {
        f"MINSHENG_{name.upper()}": (_shown(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    }


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, bool):
        default = str(default).lower()
    return f"`{default}`" if str(default) else "空"


def test_every_setting_is_on_its_page_with_its_default_and_its_own_words() -> None:
    rows = ROW.findall(text_of(SETTINGS_PAGE))
    told = {name: (default, meaning) for name, default, meaning in rows}
    assert len(told) == len(rows), "a setting is told twice"
    assert told == settings_by_name()


@each(DOCS)
def test_no_document_names_a_setting_that_does_not_exist(path: Path) -> None:
    named = set(re.findall(r"MINSHENG_[A-Z0-9_]*[A-Z0-9]", text_of(path)))
    assert named <= settings_by_name().keys() | BESIDE_SETTINGS


def test_no_code_reads_a_setting_that_the_page_does_not_tell() -> None:
    read = {
        name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r"[\"']MINSHENG_[A-Z0-9_]*[A-Z0-9][\"']", text_of(path))
    }
    assert {name.strip("\"'") for name in read} <= settings_by_name().keys() | BESIDE_SETTINGS


@each(DOCS)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of(ROOT / "Makefile"), re.M))
    named = {
        word
        for rest in typed("make", path)
        for word in re.match(r"[A-Za-z0-9_=. /-]*", rest)[0].split()
        if "=" not in word
    }
    assert named <= targets


def test_the_readmes_name_the_two_commands() -> None:
    for path in READMES:
        assert {"run", "test"} <= {rest.split()[0] for rest in typed("make", path)}


@each(DOCS)
def test_every_command_of_ours_that_is_named_exists(path: Path) -> None:
    for rest in typed("python -m", path):
        module, *words = rest.split()
        if module.split(".")[0] not in PACKAGES:
            continue
        folder = ROOT.joinpath(*module.split("."))
        main = folder / "__main__.py"
        assert main.is_file() or folder.with_suffix(".py").is_file(), rest
        # Words before the first argument are commands: each must be known to its parser.
        for word in words:
            if not re.fullmatch(r"[a-z][a-z-]+", word) or not main.is_file():
                break
            assert f'add_parser("{word}"' in text_of(main).replace("(\n        ", "("), rest


@each([path for path in DOCS if path.suffix == ".md"])
def test_every_link_leads_somewhere(path: Path) -> None:
    for found in LINK.finditer(CODE.sub("", text_of(path))):
        target, _, anchor = found["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        page = (path.parent / target).resolve() if target else path
        assert page.exists(), found[0]
        assert page.is_relative_to(ROOT), found[0]
        if anchor:
            assert anchor in {_slug(heading) for heading in _headings(page)}, found[0]


@each([path for path in DOCS if path.suffix == ".md"])
def test_every_file_of_ours_that_is_named_exists(path: Path) -> None:
    top = {child.name for child in ROOT.iterdir() if child.name != "var"}
    for found in CODE.finditer(text_of(path)):
        name = (found["span"] or "").rstrip("/")
        is_path = re.fullmatch(r"[\w.-]+(/[\w.-]+)+", name) and name.split("/")[0] in top
        if is_path and not name.startswith((".venv", "shared")):
            assert (ROOT / name).exists(), name


def _headings(page: Path) -> list[str]:
    return re.findall(r"^#+ +(.+?) *$", CODE.sub(_kept_span, text_of(page)), re.M)


def _kept_span(found: re.Match[str]) -> str:
    return found["span"] or ""


def _slug(heading: str) -> str:
    """How a heading is named in an address: letters and numbers of any script, hyphens, `_`."""
    kept = (
        char
        for char in heading.lower().replace(" ", "-")
        if char in "-_" or unicodedata.category(char)[0] in "LNM"
    )
    return "".join(kept)
