"""Where brought files lie until their import ends: a folder of random name, for nobody else."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from knowledge_base.documents import limits
from knowledge_base.documents.packages import check_sizes
from knowledge_base.documents.reading import suffix_of
from knowledge_base.imports.records import Upload
from nlu.text.errors import MinshengError, TooLarge, Unprocessable

CHUNK = 1 << 20
LONGEST_NAME = 300
FOLDER_NAME = re.compile(r"[0-9a-f]{32}")
# Left by systems and sites beside what people mean to bring.
HIDDEN = ("_", ".", "~$")
UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Held:
    """One file of an import."""

    name: str
    file: str
    """Its name in the folder; empty when it could not be taken out of its archive."""
    reason: str = ""
    """Why it cannot be read, where that is known already."""


class Folder:
    """The files of one import, what the parser made of them, and the list of both."""

    def __init__(self, root: Path, name: str) -> None:
        if not FOLDER_NAME.fullmatch(name):
            raise Unprocessable("没有这个文件夹")
        self.name = name
        self.path = root / name

    @classmethod
    def make(cls, root: Path) -> Folder:
        """A new folder that only this account may look into."""
        folder = cls(root, secrets.token_hex(16))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.path.mkdir(mode=0o700)
        return folder

    def exists(self) -> bool:
        return self.path.is_dir()

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def held(self) -> list[Held]:
        """The list of files, in the order in which they came."""
        rows = json.loads((self.path / "files.json").read_text(encoding="utf-8"))
        return [Held(**row) for row in rows]

    def result(self, position: int) -> Path:
        """Where what was read of the file at this position lies."""
        return self.path / f"{position}.out"

    def file(self, held: Held) -> Path:
        return self.path / held.file

    def keep(self, uploads: Sequence[Upload]) -> None:
        """Copy the files in; `TooLarge` when it is more than is taken at once."""
        if len(uploads) > limits.ARCHIVE_MEMBERS:
            raise TooLarge(f"一次最多导入 {limits.ARCHIVE_MEMBERS} 个文件")
        left = limits.ARCHIVE_BYTES
        kept = []
        for at, upload in enumerate(uploads):
            held = Held(clean_name(upload.name), f"{at}.in")
            if isinstance(upload.source, Path):
                with upload.source.open("rb") as file:
                    left = self._copy(file, held, left)
            else:
                left = self._copy(upload.source, held, left)
            kept.append(held)
        self._write(kept)

    def unpack(self) -> list[Held]:
        """Take the files out of archives among them; the list as it stands then."""
        found: list[Held] = []
        for held in self.held():
            if suffix_of(held.name) == ".zip" and held.file:
                try:
                    found.extend(self._members(held))
                except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError):
                    # RuntimeError is what an archive with a password gives.
                    found.append(Held(held.name, "", "压缩包已损坏或设了密码，打不开"))
                except MinshengError as error:
                    found.append(Held(held.name, "", error.detail))
            else:
                found.append(held)
        if len(found) > limits.ARCHIVE_MEMBERS:
            raise TooLarge(f"一次最多导入 {limits.ARCHIVE_MEMBERS} 个文件")
        self._write(found)
        return found

    def _members(self, held: Held) -> Iterator[Held]:
        short = PurePosixPath(held.name).name
        with zipfile.ZipFile(self.file(held)) as package:
            check_sizes(package, short, limits.ARCHIVE_MEMBERS, limits.ARCHIVE_UNPACKED)
            for at, info in enumerate(package.infolist()):
                name = clean_name(member_name(info))
                if info.is_dir() or is_hidden(name):
                    continue
                member = Held(name, f"{held.file.removesuffix('.in')}-{at}.in")
                if info.file_size > limits.FILE_BYTES:
                    most = limits.FILE_BYTES // 1_000_000
                    yield Held(name, "", f"{PurePosixPath(name).name} 超过 {most} MB，没有读取")
                    continue
                with package.open(info) as file:
                    self._copy(file, member, limits.FILE_BYTES)
                yield member

    def _copy(self, file: IO[bytes], held: Held, left: int) -> int:
        with self.file(held).open("wb") as copy:
            while chunk := file.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    most = limits.ARCHIVE_BYTES // 1_000_000
                    raise TooLarge(f"一次最多上传 {most} MB，请分几次导入")
                copy.write(chunk)
        return left

    def _write(self, held: Sequence[Held]) -> None:
        rows = [{"name": one.name, "file": one.file, "reason": one.reason} for one in held]
        new = self.path / "files.json.new"
        new.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        new.replace(self.path / "files.json")


def clean_name(name: str) -> str:
    """A name with its folders, without anything that is not a name."""
    parts = [
        "".join(sign for sign in part if sign.isprintable()).strip()
        for part in name.replace("\\", "/").split("/")
    ]
    kept = "/".join(part for part in parts if part not in ("", ".", ".."))
    return kept[-LONGEST_NAME:] or "未命名"


def is_hidden(name: str) -> bool:
    """Whether a file lies in a folder for what systems leave there."""
    parts = PurePosixPath(name).parts
    return parts[-1].startswith(HIDDEN) or any(
        part.startswith((".", "__MACOSX")) for part in parts[:-1]
    )


def member_name(info: zipfile.ZipInfo) -> str:
    """The name as written: archives made on Chinese Windows say GBK, and say it nowhere."""
    if info.flag_bits & UTF8_NAME:
        return info.filename
    try:
        written = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return written.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
