"""Masks what identifies a person, for logs and for eyes that need not see it."""

from __future__ import annotations

import re

from nlu.text.contacts import Number, find_numbers
from nlu.text.names import find_names

_MAIL = re.compile(r"(?<![\w.])([\w])[\w.+\-]*(@[\w\-]+(?:\.[\w\-]+)+)", re.ASCII)


def mask(text: str) -> str:
    """Telephone, identity and bank card numbers, mail addresses, and names said after 我叫.

    Case codes stay readable: without a proof they open nothing.
    """
    spans = [(number.start, number.end, _masked(number)) for number in find_numbers(text)]
    spans += [
        (name.start, name.end, name.value[0] + "*" * (len(name.value) - 1))
        for name in find_names(text)
    ]
    for start, end, hidden in sorted(spans, reverse=True):
        text = text[:start] + hidden + text[end:]
    return _MAIL.sub(r"\1***\2", text)


def _masked(number: Number) -> str:
    value = number.value
    if number.kind == "phone":
        return (
            value[:3] + "****" + value[-4:]
            if len(value) == 11 and "-" not in value
            else "****" + value[-3:]
        )
    if number.kind == "id_number":
        return value[:3] + "*" * 11 + value[-4:]
    return "*" * (len(value) - 4) + value[-4:]
