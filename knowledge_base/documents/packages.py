"""Office files are zips of XML: looked through before any parser sees them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from knowledge_base.documents import limits
from nlu.text.errors import TooLarge, Unprocessable

CHUNK = 65_536
XML = (".xml", ".rels", ".vml")
# UTF-16 text is searched too, once its zero bytes are dropped.
FORBIDDEN = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
ENCODING = re.compile(rb"""^[^<]{0,4}<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})""")
READABLE = {b"utf-8", b"utf-16", b"us-ascii"}
PARAGRAPH = re.compile(rb"<w:p[ >/]")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .doc, .xls and encrypted office files begin."""


def open_package(path: Path, name: str) -> zipfile.ZipFile:
    """The zip behind a docx or xlsx, with members, sizes, macros and DTDs checked."""
    with path.open("rb") as file:
        if file.read(len(OLE)) == OLE:
            raise Unprocessable(
                f"{name} 是旧版 Office 文件或者设了密码，请另存为不带密码的 docx 或 xlsx 再上传"
            )
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError) as error:
        raise Unprocessable(f"{name} 已损坏，打不开") from error
    check_sizes(package, name, limits.PACKAGE_MEMBERS, limits.PACKAGE_UNPACKED)
    names = {info.filename.lower() for info in package.infolist()}
    if any(member.endswith("vbaproject.bin") for member in names):
        raise Unprocessable(f"{name} 里带有宏，请另存为不带宏的 docx 或 xlsx 再上传")
    if "encryptedpackage" in names:
        raise Unprocessable(f"{name} 设了密码，请去掉密码再上传")
    try:
        for info in package.infolist():
            if info.filename.lower().endswith(XML):
                _look_through(package, info, name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unprocessable(f"{name} 已损坏，打不开") from error
    return package


def check_sizes(package: zipfile.ZipFile, name: str, members: int, unpacked: int) -> None:
    """Refuse what would unpack to far more than it looks like."""
    infos = package.infolist()
    if len(infos) > members:
        raise TooLarge(f"{name} 里有 {len(infos)} 个文件，最多 {members} 个")
    total = sum(info.file_size for info in infos)
    if total > unpacked:
        raise TooLarge(f"{name} 展开后超过 {unpacked // 1_000_000} MB，没有读取")
    for info in infos:
        if (
            info.file_size > limits.RATIO_FROM
            and info.file_size > limits.MEMBER_RATIO * info.compress_size
        ):
            raise TooLarge(f"{name} 压缩得不合常理（可能是压缩炸弹），没有读取")


def _look_through(package: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> None:
    paragraphs = 0
    before = b""
    with package.open(info) as member:
        first = member.read(CHUNK)
        found = ENCODING.match(first.replace(b"\0", b""))
        if found and found[1].lower() not in READABLE:
            raise Unprocessable(f"{name} 用了不常见的编码，请另存一次再上传")
        chunk = first
        while chunk:
            plain = before + chunk.replace(b"\0", b"")
            if FORBIDDEN.search(plain):
                raise Unprocessable(f"{name} 里有 DTD 或实体定义，为安全起见没有读取")
            paragraphs += len(PARAGRAPH.findall(plain))
            # Long enough for any of the patterns, too short for a paragraph counted twice.
            before = plain[-8:] if len(plain) > 8 else plain
            if paragraphs > limits.PARAGRAPHS:
                raise TooLarge(f"{name} 超过 {limits.PARAGRAPHS} 段，没有读取")
            chunk = member.read(CHUNK)
