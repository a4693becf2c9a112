"""Words of anger that are aimed at somebody: answered calmly, never held against anybody.

The words are in `words/abuse.txt`.
"""

from __future__ import annotations

import re

from nlu.text import wordlists
from nlu.text.normalise import normalise

_LISTS = wordlists.lines("abuse")
_INSULT = re.compile(wordlists.any_pattern(_LISTS["insults"]))
_ANY = re.compile(wordlists.any_pattern((*_LISTS["insults"], *_LISTS["oaths"])))


def is_abusive(text: str) -> bool:
    """Whether somebody is insulted, or there is nothing but swearing."""
    read = normalise(text)
    return bool(_INSULT.search(read)) or (bool(_ANY.search(read)) and not without_abuse(read))


def without_abuse(text: str) -> str:
    """What is left to be dealt with."""
    return re.sub(r"[\s\W_]+", "", _ANY.sub("", normalise(text)))
