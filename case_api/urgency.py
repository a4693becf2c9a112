"""What staff are told of the urgency of a matter: read from its words each time, stored nowhere.

Of matters, never of persons (docs/privacy.md); no clock is set by it.
"""

from __future__ import annotations

from case_api import words
from case_api.staff_schemas import UrgencySign
from nlu.text import urgency


def told(text: str) -> list[UrgencySign]:
    """One for each kind of sign, with the words that gave it; `text` as its reader may see it."""
    found: dict[str, dict[str, None]] = {}
    for sign in urgency.signs(text):
        found.setdefault(sign.kind, {})[sign.words] = None
    return [
        UrgencySign(kind=kind, label=words.URGENCY[kind], words=list(found[kind]))
        for kind in urgency.KINDS
        if kind in found
    ]
