"""Files as offices bring them, and files as nobody should; all made here."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.documents.parser import Parser, parsed

WIDE = "\u3000"
Parse = Callable[..., Any]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    f'content-types"><Override PartName="/word/document.xml" ContentType="{WORD_TYPE}"/></Types>'
)


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    async with Parser() as parser:
        yield parser


@pytest.fixture
def law_of(parser: Parser, tmp_path: Path) -> Parse:
    """Parse a law in a child process: what is told of it, and its articles."""

    async def parse(path: Path, name: str = "") -> tuple[dict[str, Any], list[dict[str, Any]]]:
        out = tmp_path / "out.json"
        await parser.parse(path, name or path.name, "law", out)
        told, *articles = parsed(out)
        return told, articles

    return parse


@pytest.fixture
def rows_of(parser: Parser, tmp_path: Path) -> Parse:
    async def parse(path: Path) -> list[dict[str, Any]]:
        out = tmp_path / "out.json"
        await parser.parse(path, path.name, "rows", out)
        return list(parsed(out))

    return parse


@pytest.fixture
def make_word(tmp_path: Path) -> Callable[..., Path]:
    """A docx whose body is given as XML, with more members where they are wanted."""

    def make(body: str, name: str = "文件.docx", **members: str) -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("[Content_Types].xml", TYPES)
            if body:
                package.writestr(
                    "word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"
                )
            for member, text in members.items():
                package.writestr(f"word/{member}.xml", text)
        return path

    return make


@pytest.fixture
def make_pdf(tmp_path: Path) -> Callable[..., Path]:
    """A pdf with these lines on its pages, in a font that says which signs it shows."""

    def make(pages: Sequence[Sequence[str]], name: str = "文件.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(pdf(pages))
        return path

    return make


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """The smallest file that a reader takes for Chinese text."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> "
        b"endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap"
    )
    numbers = [5 + 2 * at for at in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /Identity-H "
        b"/ToUnicode 4 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 "
        b"/BaseFont /SimSun /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0 >> /DW 1000 >>] >>",
        4: stream(cmap),
    }
    for number, lines in zip(numbers, pages, strict=True):
        shown = b"".join(
            # An ideographic space is where a paragraph is set in.
            f"BT /F 12 Tf 1 0 0 1 {96 if line[0] == WIDE else 72} {780 - 20 * at} Tm "
            f"<{line.lstrip(WIDE).encode('utf-16-be').hex()}> Tj ET\n".encode()
            for at, line in enumerate(lines)
        )  # fmt: skip
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>"
        ).encode()
        objects[number + 1] = stream(shown)
    return assembled(objects)


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


def assembled(objects: dict[int, bytes]) -> bytes:
    file = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in objects.items():
        places[number] = len(file)
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for number in sorted(objects):
        file += b"%010d 00000 n \n" % places[number]
    file += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (len(objects) + 1, start)
    return bytes(file + b"%%EOF")
