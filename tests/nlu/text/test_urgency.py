from __future__ import annotations

import itertools
import time

import pytest

from nlu.text.urgency import signs


def kinds(text: str) -> set[str]:
    return {sign.kind for sign in signs(text)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("楼道里电线裸着，昨天有人被电了一下", "电线裸"),
        ("一进楼门就是煤气味", "煤气味"),
        ("三号楼整个歪了，住的人都不敢睡", "歪"),
        ("人行道上井盖没了，天黑看不见", "井盖没"),
        ("吃了学校的饭，孩子们上吐下泻", "上吐下泻"),
        ("他喝了酒拿着菜刀在院里追人", "拿着菜刀"),
        ("修路的沟塌方了，埋过一个人", "塌方"),
        ("电梯从十楼往下掉，到三楼才停", "电梯从十楼往下掉"),
        ("楼上的瓷砖掉下来，砸伤了一个老太太", "瓷砖掉"),
        ("河边栏杆断了没人补，孩子天天从那过", "栏杆断"),
        ("消防通道叫私家车堵死了", "消防通道叫私家车堵"),
        ("路上的坑把骑车的摔骨折了，没人填", "摔骨折"),
    ],
)
def test_danger_to_life_is_a_sign(text: str, words: str) -> None:
    assert any(sign.kind == "life" and words in sign.words for sign in signs(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("一百多户的暖气都不热", "一百多户"),
        ("整栋楼的下水都堵了", "整栋楼"),
        ("全村的路都烂了", "全村"),
        ("我们几十个工友的工钱没发", "几十个工友"),
        ("上千名学生没有操场", "上千名学生"),
        ("家家户户都收到了罚单", "家家户户"),
        ("300多名业主交了钱", "300多名业主"),
        ("这三个村共用一口井", "三个村"),
        ("俺们二十来号人等着开工资", "二十来号人"),
        ("小区八百一十二户都没有房本", "八百一十二户"),
    ],
)
def test_many_people_are_a_sign(text: str, words: str) -> None:
    assert any(sign.kind == "many" and words in sign.words for sign in signs(text))


@pytest.mark.parametrize(
    "text",
    [
        "独居老人没人管",
        "我家娃才三岁，天天咳",
        "我怀着孕，楼上还在刷漆",
        "我爸透析，报销的钱一直没下来",
        "她坐轮椅，坡道让车占了",
        "俺娘八十多岁了，爬不动六楼",
        "低保户的房子漏雨",
        "我是盲人，过不了这个路口",
        "母亲瘫痪在床",
        "小学生过马路没有斑马线",
        "低保被停了",
    ],
)
def test_those_who_can_least_bear_it_are_a_sign(text: str) -> None:
    assert "vulnerable" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "家里停水五天了",
        "俺们村没电了",
        "大冬天把暖气掐了",
        "天然气停了，做不了饭",
        "宽带断了一个礼拜",
        "进村的路被挖断了",
        "户口办不下来，孩子上不了学",
        "医院不收，说没床位",
        "班车停了，去不了镇上",
        "山上的桥冲断了",
        "胰岛素断货半个月",
    ],
)
def test_what_nobody_can_do_without_is_a_sign_when_it_fails(text: str) -> None:
    assert "essential" in kinds(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我反映了五次都没用", "反映了五次"),
        ("这事拖了三年", "拖了三年"),
        ("打12345打了好几遍", "打了好几遍"),
        ("半年了没人管", "半年了没人管"),
        ("单子递上去石沉大海", "石沉大海"),
        ("村里推来推去", "推来推去"),
        ("到现在都没有答复", "到现在都没有答复"),
    ],
)
def test_what_has_long_been_left_undone_is_a_sign(text: str, words: str) -> None:
    assert any(sign.kind == "waiting" and words in sign.words for sign in signs(text))


@pytest.mark.parametrize(
    "text",
    [
        "急死我了，表还没批下来",
        "售楼处说是跳楼价",
        "老人卡怎么办",
        "全国人民都知道这家店坑人",
        "我家小孩都上大学了，现在想问户口怎么迁",
        "小区什么时候一户一表",
        "停水通知能不能早点发",
        "孕妇装买小了不给换",
        "低保的标准今年涨没涨",
        "这家店叫要命辣",
        "百人相亲会的报名费不退",
        "万户小区西门的门禁卡太贵",
        "他骂我是神经病",
        "手机没电了，没拍到照片",
        "路灯坏了一盏",
        "我第一次反映这个事",
        "安全用电和消防知识讲座什么时候开",
        "没有人受伤，就是想说说噪音",
    ],
)
def test_figures_of_speech_passing_words_and_questions_are_no_sign(text: str) -> None:
    assert kinds(text) == set()


def test_what_is_over_is_no_sign_unless_it_is_only_said_to_be() -> None:
    assert kinds("上个月停电，第二天就修好了") == set()
    assert kinds("物业说停水已经修好了，其实还是没水") == {"essential"}


def test_somebody_hurt_who_asks_for_money_shows_no_danger() -> None:
    assert "life" in kinds("台阶缺了一块，我妈摔骨折了")
    assert "life" not in kinds("我在厂里摔骨折了，工伤认定书怎么办")


def test_a_sign_points_at_the_words_as_they_were_written() -> None:
    text = "咱小区\u200b１００多户，停水三天！"
    found = signs(text)
    assert [sign.kind for sign in found] == ["many", "essential"]
    assert found[0].words == "１００多户"
    assert all(text[sign.start : sign.end] == sign.words for sign in found)


def test_signs_of_one_kind_do_not_overlap_and_come_in_order() -> None:
    found = signs("整栋楼一百多户停水停电，老人孩子都没水喝，找了物业八次")
    assert [sign.start for sign in found] == sorted(sign.start for sign in found)
    for kind in ("many", "vulnerable", "essential", "waiting"):
        own = [sign for sign in found if sign.kind == kind]
        assert own, kind
        assert all(one.end <= other.start for one, other in itertools.pairwise(own))


def test_few_people_and_house_numbers_are_not_many() -> None:
    assert kinds("我家三口人住3栋2单元") == set()
    assert kinds("我们三个人合租") == set()


@pytest.mark.parametrize("piece", ["一", "1", "孩子", "水给给", "电给我们家", "停了", "墙都也又"])
def test_ten_thousand_characters_without_a_stop_are_read_in_a_moment(piece: str) -> None:
    began = time.perf_counter()
    signs((piece * 10_000)[:10_000])
    assert time.perf_counter() - began < 3
