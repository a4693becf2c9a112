"""What a file holds, by what it is: articles of a law, or rows of a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from knowledge_base.documents import limits
from knowledge_base.documents.encodings import decode
from knowledge_base.regulations import Regulation, split_regulation
from nlu.text.errors import TooLarge, Unprocessable

Want = Literal["law", "rows"]
LAW_SUFFIXES = (".md", ".txt", ".html", ".htm", ".docx", ".pdf")
ROW_SUFFIXES = (".xlsx", ".csv", ".json", ".jsonl")
KIND = {
    "law": "法规只收 md、txt、html、docx、pdf",
    "rows": "表格只收 xlsx、csv、json",
}
OFFICE_HINT = {
    ".doc": "是旧版 Word 文件，请另存为 docx 再上传",
    ".docm": "是带宏的 Word 文件，请另存为 docx 再上传",
    ".dotm": "是带宏的 Word 文件，请另存为 docx 再上传",
    ".wps": "是 WPS 文件，请另存为 docx 再上传",
    ".xls": "是旧版 Excel 文件，请另存为 xlsx 再上传",
    ".et": "是 WPS 表格，请另存为 xlsx 再上传",
    ".xlsm": "是带宏的 Excel 文件，请另存为 xlsx 再上传",
    ".zip": "是压缩包里的压缩包，请先解开再上传",
    ".rar": "是 rar 压缩包，请解开后上传，或改用 zip",
    ".7z": "是 7z 压缩包，请解开后上传，或改用 zip",
    ".ofd": "是版式文件 OFD，请另存为 pdf 或 docx 再上传",
}


def suffix_of(name: str) -> str:
    """How the name ends, in small letters."""
    return PurePosixPath(name).suffix.lower()


def check_kind(name: str, want: Want) -> None:
    """Refuse kindly what cannot be read, by its name alone."""
    suffix = suffix_of(name)
    if suffix in (LAW_SUFFIXES if want == "law" else ROW_SUFFIXES):
        return
    short = PurePosixPath(name).name
    if suffix in OFFICE_HINT:
        raise Unprocessable(f"{short} {OFFICE_HINT[suffix]}")
    if suffix in (*LAW_SUFFIXES, *ROW_SUFFIXES):
        raise Unprocessable(f"{short} 选错了地方：{KIND[want]}")
    raise Unprocessable(f"{short} 的类型不认识：{KIND[want]}")


def read(path: Path, name: str, want: Want, region: str) -> Iterator[dict[str, Any]]:
    """The lines to hand back: a law's summary and then its articles, or the rows."""
    check_kind(name, want)
    short = PurePosixPath(name).name
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Unprocessable(f"{short} 打不开：{error.strerror}") from error
    suffix = suffix_of(name)
    text_like = suffix in (".md", ".txt", ".html", ".htm")
    most = limits.TEXT_BYTES if text_like else limits.FILE_BYTES
    if size > most:
        raise TooLarge(f"{short} 超过 {most // 1_000_000} MB，没有读取")
    if not size:
        raise Unprocessable(f"{short} 是空的")
    if want == "rows":
        yield from _rows(path, short, suffix)
    else:
        yield from law_lines(_law(path, name, suffix, region))


def law_lines(law: Regulation) -> Iterator[dict[str, Any]]:
    """A law as lines of JSON: what is told of it, then one line an article."""
    yield {
        "law": law.law,
        "part": law.part,
        "region": law.region,
        "version": law.version.isoformat() if law.version else None,
        "effective": law.effective.isoformat() if law.effective else None,
        "history": list(law.history),
        "repeals": list(law.repeals),
        "articles": len(law.articles),
        "digest": digest(law),
    }
    for article in law.articles:
        yield {"chapter": article.chapter, "number": article.number, "text": article.text}


def digest(law: Regulation) -> str:
    """The same for the same text of the same law, however the file is called or made."""
    told = (law.law, law.part, law.region, law.version, law.effective, law.articles, law.repeals)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _law(path: Path, name: str, suffix: str, region: str) -> Regulation:
    # Each library is loaded when it is needed; the program that forks has done so before.
    short = PurePosixPath(name).name
    if suffix == ".docx":
        from knowledge_base.documents.word import word_lines

        lines = word_lines(path, short)
    elif suffix == ".pdf":
        from knowledge_base.documents.pdf import pdf_lines

        lines = pdf_lines(path, short)
    else:
        text = decode(path.read_bytes(), short)
        if suffix in (".md", ".txt"):
            return split_regulation(text, Path(name), region)
        from knowledge_base.documents.web import web_lines

        lines = web_lines(text, short)
    if len(lines) > limits.LINES:
        raise TooLarge(f"{short} 超过 {limits.LINES // 10_000} 万行，没有读取")
    return split_regulation("\n".join(lines), Path(name), region)


def _rows(path: Path, short: str, suffix: str) -> Iterator[dict[str, Any]]:
    from knowledge_base.documents.sheets import csv_rows, json_rows, sheet_rows

    if suffix == ".xlsx":
        yield from sheet_rows(path, short)
    elif suffix == ".csv":
        yield from csv_rows(path.read_bytes(), short)
    else:
        yield from json_rows(path.read_bytes(), short)
