"""Bytes to text: UTF-8, UTF-16 with a mark, or GB18030 as older office computers save it."""

from __future__ import annotations

import codecs
import unicodedata

from nlu.text.errors import Unprocessable

ODD_SHARE = 0.02
"""More control or unassigned characters than this, and it is no text."""
LOOKED_AT = 20_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(content: bytes, name: str) -> str:
    """The text; `Unprocessable` when it is none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            guesses: tuple[str, ...] = (encoding,)
            content = content.removeprefix(mark)
            break
    else:
        guesses = ("utf-8", "gb18030")
    for encoding in guesses:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text
    raise Unprocessable(f"{name} 不是 UTF-8、UTF-16 或 GB18030 文本")


def _is_text(text: str) -> bool:
    sample = text[:LOOKED_AT]
    odd = sum(
        sign not in "\t\n\r\f\x00" and unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs")
        for sign in sample
    )
    return odd <= ODD_SHARE * len(sample)
