"""Files made to hurt: each gets one sentence, and the program that asked stays as it was."""

from __future__ import annotations

import os
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.documents import limits
from knowledge_base.documents.parser import Parser, parsed
from nlu.text.errors import MinshengError
from tests.knowledge_base.documents.conftest import W, assembled, pdf, stream

Make = Callable[[Path], Path]
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
MEGABYTE = 1 << 20
PLAIN = re.compile(r"^[^<>{}\\]{4,120}$")


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for member, content in members.items():
            package.writestr(member, content)
    return path


def word(path: Path, body: str, head: str = "") -> Path:
    return zipped(
        path, {"word/document.xml": f"{head}<w:document {W}><w:body>{body}</w:body></w:document>"}
    )


def workbook(path: Path, rows: str, head: str = "") -> Path:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return zipped(
        path,
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
            f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main'
            '+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="'
            f'{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships {RELATIONS}><Relationship Id="r" Type="{OFFICE}/'
            'officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {SHEET} xmlns:r="{OFFICE}"><sheets><sheet name="表" '
            'sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships {RELATIONS}><Relationship Id="r1" '
            f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f"{head}<worksheet {SHEET}><sheetData>{rows}</sheetData>"
            "</worksheet>",
        },
    )


def many_paragraphs(folder: Path) -> Path:
    return word(folder / "两百万段.docx", "<w:p/>" * 2_000_000)


def wide_text(folder: Path) -> Path:
    """Not many paragraphs, and sizes that look honest until memory runs out."""
    cell = "<w:r><w:t>字</w:t></w:r>"
    noise = "".join(f"<w:p>{cell * 300}<!--{os.urandom(300).hex()}--></w:p>" for _ in range(9_000))
    return word(folder / "很多字.docx", noise)


def far_cell(folder: Path) -> Path:
    row = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    return workbook(folder / "最后一格.xlsx", row)


def million_rows(folder: Path) -> Path:
    return workbook(folder / "一百万行.xlsx", "<row><c><v>1</v></c></row>" * 1_048_576)


def laughing_word(folder: Path) -> Path:
    return word(folder / "笑.docx", "<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", LAUGHS)


def hidden_dtd(folder: Path) -> Path:
    """In UTF-16, where a search for bytes does not see it."""
    text = f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}<w:document {W}/>'
    return zipped(folder / "藏.docx", {"word/document.xml": text.encode("utf-16")})


def laughing_sheet(folder: Path) -> Path:
    return workbook(folder / "笑.xlsx", "<row><c><v>&i;</v></c></row>", LAUGHS)


def laughing_page(folder: Path) -> Path:
    path = folder / "笑.html"
    path.write_text(f"{LAUGHS}<p>第一条 &i;</p>", encoding="utf-8")
    return path


def deep_page(folder: Path) -> Path:
    path = folder / "深.html"
    path.write_text("<div>" * 100_000 + "第一条 深。", encoding="utf-8")
    return path


def huge_stream(folder: Path) -> Path:
    path = folder / "大.pdf"
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        4: stream(b"BT ET " * 20_000_000),
    }
    path.write_bytes(assembled(objects))
    return path


def busy_sheet(folder: Path) -> Path:
    """Within every limit of size, and minutes of work for a reader."""
    row = lambda: "".join(f"<c><v>{random.randrange(10**5)}</v></c>" for _ in range(250))  # noqa: E731
    block = "".join(f"<row>{row()}</row>" for _ in range(500))
    return workbook(folder / "忙.xlsx", block * 35)


def many_pages(folder: Path) -> Path:
    path = folder / "页数.pdf"
    path.write_bytes(pdf([["第一条 亮。"]] * (limits.PAGES + 1)))
    return path


def lying_zip(folder: Path) -> Path:
    """Says that it is small: the size in its directory is not what unpacks."""
    path = word(folder / "谎.docx", "<w:p/>" * 2_000_000)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (900).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def zip_bomb(folder: Path) -> Path:
    return zipped(
        folder / "炸弹.docx",
        {"word/document.xml": "<w:p/>", "word/media/a.bin": bytes(100_000_000)},
    )


def many_members(folder: Path) -> Path:
    members: dict[str, str | bytes] = {
        f"a/{at}.xml": "" for at in range(limits.PACKAGE_MEMBERS + 1)
    }
    return zipped(folder / "成员.docx", members)


def macros(folder: Path) -> Path:
    return zipped(folder / "宏.docx", {"word/document.xml": "<a/>", "word/vbaProject.bin": "x"})


def half_a_file(folder: Path) -> Path:
    path = word(folder / "半个.docx", "<w:p/>")
    path.write_bytes(path.read_bytes()[:200])
    return path


def torn_xml(folder: Path) -> Path:
    return zipped(folder / "坏.docx", {"word/document.xml": f"<w:document {W}><w:body><w:p>"})


def old_word(folder: Path) -> Path:
    path = folder / "旧.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    return path


def deep_json(folder: Path) -> Path:
    path = folder / "深.json"
    path.write_text("[" * 200_000, encoding="utf-8")
    return path


def long_line(folder: Path) -> Path:
    path = folder / "长.csv"
    path.write_text("标题,内容\n" + "," * 1_000_000, encoding="utf-8")
    return path


def pipe(folder: Path) -> Path:
    """Nobody writes into it: to open it would wait for ever."""
    path = folder / "等.md"
    os.mkfifo(path)
    return path


BOMBS: list[tuple[Make, str]] = [
    (many_paragraphs, "没有读取"),
    (wide_text, "内存|停止|没有读取"),
    (far_cell, "超过 10 万行|列"),
    (million_rows, "没有读取"),
    (laughing_word, "DTD"),
    (hidden_dtd, "DTD"),
    (laughing_sheet, "DTD"),
    (laughing_page, "DTD"),
    (deep_page, "嵌套|损坏"),
    (huge_stream, "没有读取|停止|扫描件"),
    (busy_sheet, "停止|过多"),
    (many_pages, "超过 500 页"),
    (lying_zip, "损坏|没有读取"),
    (zip_bomb, "压缩"),
    (many_members, "最多"),
    (macros, "宏"),
    (half_a_file, "损坏"),
    (torn_xml, "损坏"),
    (old_word, "旧版 Office"),
    (deep_json, "嵌套|损坏|JSON"),
    (long_line, "列"),
    (pipe, "空的"),
]


def memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bombs")


async def test_every_bomb_gets_a_sentence_and_the_files_after_it_are_read(
    parser: Parser, folder: Path, tmp_path: Path, laws: Path
) -> None:
    good = next(laws.iterdir())
    made = [(make(folder), words) for make, words in BOMBS]
    out = tmp_path / "out"
    await parser.parse(good, good.name, "law", out)
    out.unlink()
    before = memory()
    told: dict[str, tuple[str, str]] = {}
    for path, words in made:
        want: Any = "rows" if path.suffix in (".xlsx", ".json", ".csv") else "law"
        try:
            await parser.parse(path, path.name, want, out)
            told[path.name] = (words, "读完了")
        except MinshengError as error:
            told[path.name] = (words, error.detail)
        assert not (told[path.name][1] != "读完了" and out.exists())
        await parser.parse(good, good.name, "law", out)
        assert next(parsed(out))["articles"] == 4
        out.unlink()
    assert memory() - before < 20 * MEGABYTE
    assert not {
        name: reason
        for name, (words, reason) in told.items()
        if not re.search(words, reason) or not PLAIN.match(reason)
    }


async def test_a_document_cannot_reach_the_network_nor_write(
    parser: Parser, law_of: Any, tmp_path: Path
) -> None:
    """Links and pictures of a page are left alone: nothing listens to them here."""
    path = tmp_path / "外链.html"
    path.write_text(
        '<link rel=stylesheet href="http://127.0.0.1:1/a.css"><img src="file:///etc/passwd">'
        '<iframe src="http://127.0.0.1:1/">第九条</iframe><p>第一条 亮。</p>',
        encoding="utf-8",
    )
    _, articles = await law_of(path)
    assert [article["text"] for article in articles] == ["亮。"]


def test_a_bomb_on_disk_is_small(folder: Path) -> None:
    """What is tested is what unpacks large, not what is large."""
    assert len(zlib.compress(bytes(1 << 20), 9)) < 2_000
    assert many_paragraphs(folder).stat().st_size < MEGABYTE
    assert far_cell(folder).stat().st_size < 10_000
