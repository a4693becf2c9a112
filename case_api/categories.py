"""The kinds of matter that people bring."""

from __future__ import annotations

from typing import Literal, get_args

Category = Literal[
    "物业管理",
    "安全隐患",
    "邻里纠纷",
    "征地拆迁",
    "环境污染",
    "劳动社保",
    "教育",
    "医疗卫生",
    "交通出行",
    "市政设施",
    "市容环境",
    "住房保障",
    "婚恋家庭",
    "消费维权",
    "农业农村",
    "供水供电供气供暖",
    "治安",
    "噪音扰民",
    "涉法涉诉",
    "干部作风",
    "其他",
]

CATEGORIES: tuple[Category, ...] = get_args(Category)
OTHER: Category = "其他"

UNSHARED: frozenset[str] = frozenset({"干部作风", "婚恋家庭"})
"""Never offered to others as similar: accusations must not reach the accused
(信访工作条例 第三十、四十六条), and family matters are nobody else's."""
