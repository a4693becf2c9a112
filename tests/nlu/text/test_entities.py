"""What a citizen's sentence holds."""

from __future__ import annotations

from datetime import datetime

import pytest

from nlu.text.entities import Entity, find_entities
from nlu.text.numbers import number
from nlu.text.places import find_places

NOW = datetime(2026, 11, 22, 10, 0)

PLACES = """
本人住在A市四方坪街道滨江社区海洋半岛1栋304 | A市四方坪街道滨江社区海洋半岛1栋304
我是榔梨镇三合村桃花岭组的村民 | 榔梨镇三合村桃花岭组
我家住光明巷12号院3单元501室漏水 | 光明巷12号院3单元501室
人民路与建设路交叉口红绿灯坏了 | 人民路与建设路交叉口
和平路菜市场对面的烧烤摊油烟太大 | 和平路菜市场对面
施工队把永安路挖开就不管了 | 永安路
永安路灯全黑了 | 永安路
垃圾堆满了光明巷 | 光明巷
晚上阳光花园小区广场舞还在跳 | 阳光花园小区
五一广场地铁站2号口的电梯停了 | 五一广场地铁站2号口
实验小学门口放学堵得厉害 | 实验小学门口
物业说3号楼不归他们管 | 3号楼
三号楼二单元停水 | 三号楼二单元
梧桐公馆A座2单元1203漏水 | 梧桐公馆A座2单元1203
龙泉驿区十陵街道来龙村七组 | 龙泉驿区十陵街道来龙村七组
朝阳北路18号门口有个大坑 | 朝阳北路18号门口
省道S204线K12+300处塌方 | 省道S204线K12+300处
工业路58-2号没路灯 | 工业路58-2号
锦江之星酒店后面堆垃圾 | 锦江之星酒店后面
县医院门口堵车 | 县医院门口
梧桐湾9号楼 2 单元 701漏水 | 梧桐湾9号楼 2 单元 701
李家庄村的地被占了 | 李家庄村
锦绣江南二期12栋楼顶违建 | 锦绣江南二期12栋楼顶
"""


def _found(told: str, kind: str) -> list[Entity]:
    return [entity for entity in find_entities(told, NOW) if entity.type == kind]


def test_a_petition_told_in_one_breath_gives_all_its_parts() -> None:
    told = (
        "我叫马志强，电话13519351187，凤翔小区2号楼楼下烤肉店上个月底开始每晚营业到三点，"
        "押金还欠我三万八，希望尽快处理，谢谢"
    )
    found = {entity.type: entity for entity in find_entities(told, NOW)}
    assert found["name"].value == "马志强"
    assert found["phone"].value == "13519351187"
    assert found["place"].value == "凤翔小区2号楼楼下"
    assert found["amount"].value == "38000"
    assert found["demand"].text == "希望尽快处理"
    assert {entity.text for entity in find_entities(told, NOW) if entity.type == "date"} == {
        "上个月底开始",
        "每晚",
    }
    assert all(told[entity.start : entity.end] == entity.text for entity in found.values())


@pytest.mark.parametrize("line", PLACES.strip().splitlines())
def test_a_place_is_found_whole_and_without_the_words_around(line: str) -> None:
    told, place = (part.strip() for part in line.split("|"))
    assert [entity.text for entity in _found(told, "place")] == [place]


@pytest.mark.parametrize(
    "told",
    [
        "我们小区门口垃圾没人收",
        "马路上有个井盖丢了",
        "301路公交车经常不停",
        "我们村的路烂了好几年",
        "学校食堂不干净",
        "我在去医院的路上摔了",
        "一条路修了三年",
        "你们区的房子质量不行",
        "希望政府管管农村的路",
    ],
)
def test_a_place_without_a_name_is_none(told: str) -> None:
    assert find_places(told) == []


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("电话138 1234 5678", "13812345678"),
        ("手机１３８－１２３４－５６７８", "13812345678"),
        ("打一三八一二三四五六七八", "13812345678"),
        ("电话+86 138 1234 5678", "13812345678"),
        ("电话138.1234.5678", "13812345678"),
        ("手机13812O4567l", "13812045671"),
        ("座机０７３１—８５５５１２３４", "0731-85551234"),
        ("打一三八，一二三四，五六七八", "13812345678"),
        ("座机0731-85551234", "0731-85551234"),
    ],
)
def test_telephones_are_read_however_they_are_written(told: str, value: str) -> None:
    assert [entity.value for entity in _found(told, "phone")] == [value]


def test_an_identity_number_with_a_wrong_check_digit_is_found_and_flagged() -> None:
    (right,) = _found("11010519491231002X", "id_number")
    (wrong,) = _found("110105194912310021", "id_number")
    assert right.valid
    assert not wrong.valid


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("我叫王芳住在3号楼", "王芳"),
        ("我叫李想反映个事", "李想"),
        ("我是张伟", "张伟"),
        ("联系人：欧阳娜娜", "欧阳娜娜"),
        ("我是退休职工鲁长贵，厂里不给报药费", "鲁长贵"),
        ("我姓鲁，叫鲁长贵", "鲁长贵"),
        ("俺鲁长贵对天发誓没偷过电", "鲁长贵"),
        ("鲁长贵", "鲁长贵"),
        ("我叫木合塔尔，住三楼", "木合塔尔"),
        ("李建国，13519351187", "李建国"),
    ],
)
def test_a_name_said_as_one_is_taken(told: str, name: str) -> None:
    assert [entity.value for entity in _found(told, "name")] == [name]


@pytest.mark.parametrize(
    "told",
    [
        "我是温州人",
        "我是单亲妈妈",
        "我是马路对面住户",
        "我叫了一辆车",
        "本人于2020年购房",
        "我叫不醒他",
        "俺是李家湾村的",
        "我是公务员",
        "欠我钱半年，没人管",
    ],
)
def test_what_someone_is_is_not_a_name(told: str) -> None:
    assert _found(told, "name") == []


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ("要3500元工资", "3500"),
        ("收了500块", "500"),
        ("每平米1.2万元", "12000"),
        ("欠了我们三万八", "38000"),
        ("预收学费12,800元", "12800"),
        ("两千一百八十六块五的取暖费", "2186.5"),
        ("门票一百二一张", "120"),
        ("收我一块一毛", "1.1"),
        ("运费86，不给退", "86"),
        ("押金一千五不退", "1500"),
        ("标价186万", "1860000"),
    ],
)
def test_money_is_read_in_yuan(told: str, value: str) -> None:
    assert [entity.value for entity in _found(told, "amount")] == [value]


@pytest.mark.parametrize(
    "told",
    [
        "一块地被占了",
        "三块砖",
        "十几万户",
        "请问怎么办",
        "村里要求我们交钱",
        "千万不要再拖",
        "百分之八十的人反对",
        "住十四楼",
        "九牛一毛都不到",
        "要三十个人签字",
    ],
)
def test_neither_money_nor_demand_is_made_up(told: str) -> None:
    assert not _found(told, "amount")
    assert not _found(told, "demand")


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("三千五", 3500),
        ("两万八", 28000),
        ("一千零五", 1005),
        ("1.2万", 12000),
        ("二〇二六", 2026),
        ("十二", 12),
    ],
)
def test_numerals_are_read(said: str, value: float) -> None:
    assert number(said) == value


def test_a_name_in_a_story_about_others_is_not_the_speakers() -> None:
    told = "包工头叫鲁长贵，欠我工资。我叫马志强"
    assert [entity.value for entity in _found(told, "name")] == ["马志强"]
    assert [entity.value for entity in _found(told, "person")] == ["鲁长贵"]


@pytest.mark.parametrize(
    ("told", "demand"),
    [
        (
            "楼道灯坏了希望尽快派人来修我叫马志强电话一三五一九三五一一八七",
            "希望尽快派人来修",
        ),
        ("能不能把路灯装上另外垃圾也没人收", "能不能把路灯装上"),
        ("要求把工资结清13519351187", "要求把工资结清"),
        ("希望政府管一管这个事在凤翔小区2号楼", "希望政府管一管这个事"),
        ("希望在人民路装红绿灯", "希望在人民路装红绿灯"),
    ],
)
def test_a_demand_ends_where_something_else_begins_without_a_comma(told: str, demand: str) -> None:
    assert [entity.text for entity in _found(told, "demand")] == [demand]


def test_the_last_clause_that_says_what_somebody_shall_do_is_the_demand() -> None:
    told = "丽都半夜两点还放低音炮 从国庆节吵到现在 让他关小点声 电话13900003010"
    assert [one.text for one in _found(told, "demand")] == ["让他关小点声"]


def test_without_commas_a_space_ends_a_demand() -> None:
    told = "我想让人管管他 喝了酒就打我和孩子 身上都是青的"
    assert [one.text for one in _found(told, "demand")] == ["我想让人管管他"]
