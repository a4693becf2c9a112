"""The words that places are made of, and the words that end what comes before a place."""

from __future__ import annotations

from nlu.text import wordlists

_LISTS = wordlists.words("places")
_REFUSED = wordlists.words("place_endings_refused")

STRONG = _LISTS["endings"]
"""Ends of names that say by themselves that a place is meant."""
WEAK = "园路街巷村镇乡县市区省州旗庄屯寨湾桥河湖江溪沟渠苑弄堡坪垸坝"
"""Characters that end many names and many other words: only with a name of two before them."""
HAMLET = "疃圩沟岭坡岗塘洼坑滩营铺集岛峡台坊关峪畈垭冲坳塬梁峁里湾庄屯寨堡墩桥店河山口头"
"""Characters that end the names of hamlets, and of much else."""
NOT_BEFORE = {ending: frozenset(found) for ending, found in _REFUSED.items() if ending[0] != "!"}
"""Before this ending these make another word: 马路, 农村, 小区, 超市."""
NOT_JUST_BEFORE = {
    ending[1:]: "".join(found) for ending, found in _REFUSED.items() if ending[0] == "!"
}
"""Last characters of a name that do so whatever stands before them: 老马路, 小超市."""
NO_NAME = frozenset(_LISTS["no_name"])
"""Never the name before any ending: 我们小区, 附近医院, 这个学校."""
STOPS = _LISTS["stops"]
"""Where the words before a name stop; nearly none of them occurs inside a name."""
SPARED = _LISTS["spared"]
"""Words that hold a stop and yet stand in names: 和平路, 向阳村, 成都."""
AFTER_NAME = _LISTS["after"]
"""What may follow a named place and still belongs to it: 门口, 东侧, 地下车库."""
