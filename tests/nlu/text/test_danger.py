"""Danger to life: present cries are heard, figures of speech and old stories are not."""

from __future__ import annotations

import pytest

from nlu.text.danger import assess

PRESENT = """
gas 楼道里煤气味很大
gas 厨房管子漏气了怎么办
fire 着火了快来人
fire 对面楼在冒浓烟
fire 电瓶车充着电突然着起来了
disaster 电线掉地上还在冒火花
disaster 后山滑坡了
disaster 高压线断了垂在路上
disaster 房子要塌了我们还在里面
self_harm 我不想活了
self_harm 俺不想活咧
self_harm 有人要跳楼
self_harm 再不解决我就从楼上跳下去
self_harm 再不给钱我就死给你们看
self_harm 活着没意思
violence 有人拿刀在楼下
violence 我老公打我快救救我
violence 我被打了头破血流
violence 有人跟踪我好害怕
violence 公交车上有人打架动刀了
traffic 小区门口出车祸了有人躺地上
trapped 孩子掉井里了
trapped 电梯里困了三个人
trapped 娃儿掉到粪坑里头了
trapped 我奶奶走丢了
medical 我爸突然晕倒叫不醒
medical 老婆喝了农药
medical 食堂吃坏了 好多学生上吐下泻
"""

NOT_NOW = """
急死了什么时候能办好
热死人了空调坏了
商场跳楼价大甩卖
吵死了睡不着
打死我也不去
去年我们楼着过火
前年山体滑坡的补偿款没给
上个月被打了派出所不处理
我爸去年车祸去世了
如果着火了怎么办
怕哪天着火了跑不掉
电线乱拉容易起火
消防通道堵塞
楼道堆杂物存在火灾隐患
消防演练什么时候搞
想咨询一下车祸赔偿标准
井盖丢了怕有人掉进去
这条路经常出车祸
小区的路塌陷了好久没人修
隔壁烧烤店冒烟呛人
煤气费怎么交
请问天然气怎么开户
燃气改造费太高
救命钱被医院扣了
我要打12345
没人被困
生意火爆停车难
"""


def _cry(line: str) -> str:
    """`disaster|fire` kinds may both be right: what matters is that help is named."""
    return line.split(" ", 1)[1]


@pytest.mark.parametrize("line", PRESENT.strip().splitlines())
def test_a_present_danger_is_heard(line: str) -> None:
    assert assess(_cry(line)) is not None


@pytest.mark.parametrize(
    "line", [line for line in PRESENT.strip().splitlines() if line.startswith(("self_harm", "gas"))]
)
def test_gas_and_self_harm_are_told_apart_from_the_rest(line: str) -> None:
    danger = assess(_cry(line))
    assert danger is not None
    assert danger.kind == line.split(" ", 1)[0]
    assert danger.words


@pytest.mark.parametrize("told", NOT_NOW.strip().splitlines())
def test_what_is_not_danger_now_raises_no_alarm(told: str) -> None:
    assert assess(told) is None
