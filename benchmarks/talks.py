"""What the citizens of the benchmark say: six talks of five messages, in the order they are said.

Greetings, questions of policy, petitions begun and given up, a case asked after. None is finished:
thousands of filed cases alike would change what later citizens are answered (similar matters).
None tells of danger: the app answers that by itself, which Rasa does not. None chooses an option by
its number: the app reads that from the answer before, which Rasa asked directly does not leave.
"""

from __future__ import annotations

CODE = "{code}"
"""Stands for the code of a case that somebody else filed."""

TALKS: tuple[tuple[str, ...], ...] = (
    (
        "你好",
        "你能帮我做些什么？",
        "信访件交上去以后，多久能给个说法？",
        "要是到期了还没人理我呢？",
        "好的，谢谢你",
    ),
    (
        "小区门口那排路灯灭了半个月了，晚上黑得看不清路，老人都不敢出门",
        "建设路幸福里小区北门",
        "上个月底开始的",
        "希望快点派人修好",
        "算了，先不报了",
    ),
    (
        "我想查一下我的事办到哪一步了",
        CODE,
        "查询码记不得了，先不查了",
        "社保断了几个月，还能补缴吗？",
        "明白了，再见",
    ),
    (
        "我要投诉，楼上装修天天早上六点就砸墙，孩子睡不好觉",
        "装修几点以后不许施工？",
        "和平路18号院3号楼",
        "从这周一开始的",
        "取消",
    ),
    (
        "老板拖了我三个月工资不给，该去哪儿告？",
        "去告要准备些什么材料？",
        "信访要花钱吗？",
        "匿名反映行不行？",
        "好",
    ),
    (
        "您好，我要反映问题",
        "菜市场后面的垃圾堆了一个多星期没人清，招苍蝇，味道很大",
        "东关街菜市场",
        "匿名",
        "不反映了，退出",
    ),
)
