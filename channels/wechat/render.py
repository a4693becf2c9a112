"""Answers, within WeChat's limits: numbered options, parts of at most 2,000 bytes, safe XML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from channels.message import Reply

PART_LIMIT = 2_000
"""Bytes of UTF-8: WeChat counts bytes, not characters, and refuses the whole past 2,048."""
MOST_PARTS = 5
"""An account may send five messages for each of the citizen's (2023-06 客服消息下行条数)."""

# XML 1.0 has no way to write these, escaped or not; the bidi controls could turn an office's
# words around in the citizen's eyes.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
# Where to cut, best first: a line's end, a sentence's, a clause's, a space.
_ENDS = (
    re.compile(r"\n+"),
    re.compile(r"[。！？!?…；;]+[”’」』）)]*"),
    re.compile(r"[，、,：:]"),
    re.compile(r"\s"),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A text in pieces that WeChat takes, and where each begins in it."""

    text: str
    parts: tuple[str, ...]
    starts: tuple[int, ...]
    """One more than there are parts: the last is where the unsaid begins."""

    @property
    def rest(self) -> str:
        """What did not fit into the parts."""
        return self.after(len(self.parts))

    def after(self, said: int) -> str:
        """What is still to be said once the first `said` parts are."""
        return self.text[self.starts[said] :]


def merged(replies: Sequence[Reply]) -> str:
    """All replies as one text; the options of the last reply that has some are numbered.

    Only those can be answered by number: options of an earlier answer that arrives late are shown
    by their words, so that 「1」 never means two things.
    """
    numbered = max((i for i, reply in enumerate(replies) if reply.options), default=-1)
    texts = []
    for index, reply in enumerate(replies):
        lines = [reply.text.strip()] if reply.text.strip() else []
        for number, option in enumerate(reply.options, start=1):
            lines.append(f"{number}. {option.title}" if index == numbered else f"· {option.title}")
        if lines:
            texts.append("\n".join(lines))
    return _UNPRINTABLE.sub("", "\n\n".join(texts))


def split(text: str, *, more: str = "", limit: int = PART_LIMIT, most: int = MOST_PARTS) -> Parts:
    """The text in at most `most` parts of at most `limit` bytes, cut at sentence ends.

    When it does not fit, the last part ends with `more` and the remainder is `rest`.
    """
    text = text.strip()
    parts: list[str] = []
    starts = [0]
    while (start := starts[-1]) < len(text) and len(parts) < most:
        remaining = text[start:]
        if _size(remaining) <= limit:
            parts.append(remaining)
            starts.append(len(text))
            break
        ending = f"\n{more}" if more and len(parts) == most - 1 else ""
        cut = _cut(remaining, limit - _size(ending))
        parts.append(remaining[:cut].rstrip() + ending)
        after = remaining[cut:]
        starts.append(start + cut + len(after) - len(after.lstrip()))
    return Parts(text, tuple(parts), tuple(starts))


def text_xml(*, to: str, sender: str, text: str, now: int) -> str:
    """A passive text answer (被动回复文本消息)."""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName>"
        f"<FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{cdata(text)}</Content></xml>"
    )


def cdata(text: str) -> str:
    """Any text as character data: `]]>` would end the section, so it is cut between two."""
    safe = _UNPRINTABLE.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, limit: int) -> int:
    """The best place to cut so that what is before it has at most `limit` bytes."""
    fits = len(text.encode()[:limit].decode(errors="ignore"))
    for ends in _ENDS:
        # Not in the first half: a part of three words before a long list helps nobody.
        found = [m.end() for m in ends.finditer(text, 0, fits) if m.end() >= fits // 2]
        if found:
            return found[-1]
    cut = fits
    while cut > 1 and _is_glued(text[cut - 1], text[cut]):
        cut -= 1
    return cut if cut > 1 else max(fits, 1)


def _is_glued(before: str, after: str) -> bool:
    """Whether the two make one visible character (an accent, an emoji of several)."""
    return (
        bool(unicodedata.combining(after))
        or before == "\u200d"
        or after in "\u200d\ufe0e\ufe0f\u20e3"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )
