"""Case codes: `MS-YYMMDD-XXXXX-C`, made, read as people write them, and found in a sentence.

The alphabet is Crockford's base 32 (no I, L, O, U). `C` is the Luhn mod-32 check character over
the eleven characters before it, which catches any single slip and nearly all swapped neighbours.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from nlu.text.errors import BadRequest, MistypedCode
from nlu.text.normalise import fold

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHAPE = "MS-YYMMDD-XXXXX-C"
_RANDOM_BITS = 25
_READ_AS = str.maketrans("OIL", "011")
_SPACERS = str.maketrans(dict.fromkeys("‐‑‒–—―−－_·•．.:/\\~杠\t", "-"))

# What may stand between two characters: "MS - 261122" and "MS横杠261122" are both said.
_GAP = r"(?:[ \-]|横-){0,3}"
_ONE = rf"[0-9A-Z]{_GAP}"
_START = r"(?<![0-9A-Z])"
_END = r"(?![0-9A-Z])"
_PREFIX = rf"M{_GAP}S{_GAP}"
_WHOLE = re.compile(rf"{_START}{_PREFIX}(?P<body>(?:{_ONE}){{11}}[0-9A-Z]){_END}")
# One character lost or doubled somewhere: still plainly a code to a person.
_BROKEN = re.compile(
    rf"{_START}{_PREFIX}(?P<body>[0-9A-Z]{{5,7}}{_GAP}[0-9A-Z]{{4,6}}(?:{_GAP}[0-9A-Z]{{1,2}})?){_END}"
)
_GROUPED = re.compile(
    rf"{_START}(?P<body>[0-9OIL]{{6}}[ \-]{{1,3}}[0-9A-Z]{{5}}[ \-]{{1,3}}[0-9A-Z]){_END}"
)
_BARE = re.compile(rf"{_START}(?P<body>[0-9OIL]{{6}}[0-9A-Z]{{6}}){_END}")
_AROUND_A_CODE = " \t\n-,.;:!?，。；：！？、~\"'“”‘’()（）【】[]<>《》"


@dataclass(frozen=True, slots=True)
class Mention:
    """A case code in someone's words."""

    code: str
    """Canonical; when not `valid`, as it was written, in the code's shape as far as it goes."""
    valid: bool
    """Whether length and check character agree."""
    start: int
    end: int


def new(day: date, randbits: Callable[[int], int] = secrets.randbits) -> str:
    """A fresh code for a case filed on `day`; the caller makes sure that it is not taken."""
    number = randbits(_RANDOM_BITS)
    drawn = "".join(ALPHABET[(number >> shift) & 31] for shift in range(_RANDOM_BITS - 5, -1, -5))
    body = f"{day:%y%m%d}{drawn}"
    return _canonical(body + check_character(body))


def check_character(body: str) -> str:
    """Luhn mod 32: every second value, from the right, is doubled and its two digits added."""
    total = 0
    for position, char in enumerate(reversed(body)):
        value = ALPHABET.index(char) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def parse(text: str) -> str:
    """The canonical form of a text that is a code and nothing else.

    Raises `MistypedCode` when it plainly means to be one, `BadRequest` otherwise.
    """
    mention = find(text)
    if mention is None or not is_alone(text, mention):
        raise BadRequest("这不像一个编号")
    if not mention.valid:
        raise MistypedCode("编号的校验位不对", hint=SHAPE)
    return mention.code


def is_alone(text: str, mention: Mention) -> bool:
    """Whether nothing but punctuation stands around the code."""
    return not fold(text[: mention.start] + text[mention.end :]).strip(_AROUND_A_CODE)


def find(text: str) -> Mention | None:
    """The first valid code in the text, else the first that is mistyped, else None."""
    mentions = list(find_all(text))
    return next(
        (mention for mention in mentions if mention.valid), mentions[0] if mentions else None
    )


def find_all(text: str) -> Iterator[Mention]:
    """Every code in the text from left to right, in any spelling, right or mistyped."""
    read = _read(text)
    at = 0
    while (found := _next(read, at)) is not None:
        yield found
        at = found.end


def _read(text: str) -> str:
    # upper() may lengthen exotic letters (ß): those are no part of a code, and positions must hold.
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in fold(text)).translate(_SPACERS)


def _next(read: str, at: int) -> Mention | None:
    candidates = []
    for pattern, accept in (
        (_WHOLE, _with_prefix),
        (_BROKEN, _broken),
        (_GROUPED, _grouped),
        (_BARE, _bare),
    ):
        for match in pattern.finditer(read, at):
            mention = accept(read, match)
            if mention is not None:
                candidates.append(mention)
                break
    # min() keeps the first of equals: a whole code wins over a broken reading of the same place.
    return min(candidates, key=lambda mention: mention.start, default=None)


def _with_prefix(_: str, match: re.Match[str]) -> Mention:
    body = _body(match)
    return Mention(_canonical(body), _checks(body), *match.span())


def _broken(_: str, match: re.Match[str]) -> Mention | None:
    body = _body(match)
    digits = sum(char.isdigit() for char in body[:6])
    # "MS Office" and product names have few digits in front; a code has a date there.
    return Mention(_canonical(body), False, *match.span()) if digits >= 4 else None


def _grouped(_: str, match: re.Match[str]) -> Mention | None:
    body = _body(match)
    return Mention(_canonical(body), _checks(body), *match.span()) if _dated(body) else None


def _bare(read: str, match: re.Match[str]) -> Mention | None:
    """Twelve characters in one run are a code only with a date, and when right or alone."""
    body = _body(match)
    written = match.group("body")
    if not _dated(body) or written.isdigit():
        return None
    alone = not (read[: match.start()] + read[match.end() :]).strip(_AROUND_A_CODE)
    valid = _checks(body)
    return Mention(_canonical(body), valid, *match.span()) if valid or alone else None


def _body(match: re.Match[str]) -> str:
    return re.sub(r"[^0-9A-Z]", "", match.group("body")).translate(_READ_AS)


def _checks(body: str) -> bool:
    if len(body) != 12 or not body[:6].isdigit() or any(char not in ALPHABET for char in body):
        return False
    return check_character(body[:11]) == body[11]


def _dated(body: str) -> bool:
    try:
        return datetime.strptime(body[:6], "%y%m%d").year >= 2020
    except ValueError:
        return False


def _canonical(body: str) -> str:
    return "-".join(part for part in ("MS", body[:6], body[6:11], body[11:]) if part)
