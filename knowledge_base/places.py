"""Which of the regions that answers differ by a place names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge_base.models import FaqEntry, Variant
from nlu.text.normalise import normalise

_KIND = re.compile(r"(?:特别行政区|自治区|自治州|自治县|地区|省|市|县|区|州|盟|旗|镇|乡|街道)$")
_GENERAL = {"高新", "经开", "开发", "经济开发", "示范", "工业"}
"""Without the last sign these are words of any question (高新技术企业), not names."""


def named(place: str, regions: Iterable[str]) -> list[str]:
    """Those of the regions that the words name, the narrowest first.

    A Chinese address goes from the large to the small: what stands last is narrowest.
    """
    words = normalise(place)
    if not words:
        return []
    found = {region: _stands_at(words, region) for region in dict.fromkeys(regions) if region}
    there = [region for region, at in found.items() if at >= 0]
    return sorted(there, key=lambda region: (-found[region], -len(region)))


def variant_for(entry: FaqEntry, places: Sequence[str]) -> Variant | None:
    """What is said in the narrowest of these regions that the entry speaks of."""
    by_region = {variant.region: variant for variant in entry.variants}
    return next((by_region[place] for place in places if place in by_region), None)


def holds_in(entry: FaqEntry, places: Sequence[str]) -> bool:
    """Whether the entry may be said there; where nothing is known, it may."""
    return not entry.region or not places or entry.region in places


def _stands_at(words: str, region: str) -> int:
    # A region may be written with those above it: 河南省/信阳市/浉河区.
    name = normalise(region).split("/")[-1].strip()
    at = words.rfind(name) if name else -1
    short = _KIND.sub("", name)
    if at < 0 and len(short) >= 2 and short not in _GENERAL:
        return words.rfind(short)
    return at
