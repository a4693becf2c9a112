"""What the name of a law tells about its articles, before a word of them is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

SIGNS = ("statute", "interpretation", "court_rule", "regulation", "rule", "local")
UNASKED = 0.3
"""How many questions a law counts as asked that nobody asked about yet."""

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|中国（"
)
_LOCAL = re.compile(
    r"(?!中华人民共和国|最高人民|全国|国务院|城市|城镇)[\u4e00-\u9fff]{2,10}?"
    r"(?:省|市|自治区|自治州|自治县|自治旗|州|县|经济特区|地区|新区)"
    f"|(?:{_PROVINCES})"
)


@lru_cache(maxsize=8192)
def kind(law: str) -> frozenset[str]:
    """Which of `SIGNS` the name shows: who made the law, and for where."""
    found = set()
    name = law.strip()
    if _LOCAL.match(name):
        found.add("local")
    if name.startswith("最高人民"):
        found.add("interpretation" if "解释" in name else "court_rule")
    elif name.startswith("中华人民共和国") and name.endswith(("法", "法典")):
        found.add("statute")
    elif name.endswith("条例"):
        found.add("regulation")
    elif name.endswith(("办法", "规定", "细则")):
        found.add("rule")
    return frozenset(found)


def asked_for(law: str, counts: Mapping[str, float], without: float = 0.0) -> float:
    """How often people ask about the law, as the logarithm of a smoothed count; 0: never.

    `without` takes out what one question itself has contributed, when a fit asks it.
    """
    return math.log1p(max(0.0, counts.get(law, 0.0) - without) / UNASKED)
