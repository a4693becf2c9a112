"""What the shape of a message says about its intent, beside its words.

The danger rules are left out on purpose: written beside the training examples, they would be
trusted too much. Without them the model hears cries that the rules miss.
"""

from __future__ import annotations

import re
from datetime import datetime

from nlu.text.entities import find_entities

_ENTITIES = ("case_code", "phone", "id_number", "name", "date", "amount", "place", "demand")
_ASKS = re.compile(
    r"吗|呢|么|怎么|咋|如何|什么|啥|哪|几|多少|多久|谁|是不是|能不能|可不可以|可以.{0,6}不|需不需要|要不要|有没有|为何|能否|是否|\?|？"
)
_LENGTHS = (2, 4, 7, 11, 17, 26, 40)
NAMES = (
    *(f"has_{name}" for name in _ENTITIES),
    *(f"only_{name}" for name in _ENTITIES),
    *(f"longer_than_{length}" for length in _LENGTHS),
    "asks",
    "asks_last",
    "several_clauses",
)
# What the weather was does not matter here, only that a time is told.
_ANY_DAY = datetime(2026, 1, 1)


def shape(text: str) -> list[float]:
    """One number for each of `NAMES`."""
    found = find_entities(text, _ANY_DAY)
    kinds = {entity.type for entity in found}
    bare = len(re.sub(r"[\s,，。.!！?？、]", "", text)) or 1
    covered = {
        kind: sum(entity.end - entity.start for entity in found if entity.type == kind) / bare
        for kind in kinds
    }
    return [
        *(float(name in kinds) for name in _ENTITIES),
        *(float(covered.get(name, 0.0) > 0.65) for name in _ENTITIES),
        *(float(bare > length) for length in _LENGTHS),
        float(_ASKS.search(text) is not None),
        float(_ASKS.search(text[-4:]) is not None),
        float(len(re.findall(r"[,，。;；、 ]", text)) > 1),
    ]
