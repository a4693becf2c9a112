"""Names of persons, only where someone says that it is one: 我叫…, 本人…, 联系人…"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text.normalise import fold

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季"
    "裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查"
    "麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢谌奚龙阎洪萧湛叔赖"
)
_DOUBLE = "欧阳|上官|司马|诸葛|皇甫|尉迟|令狐|东方|慕容|司徒|夏侯|公孙|长孙|宇文|轩辕|端木|独孤|南宫"
_SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_SAID = re.compile(
    r"(?:我的?名字(?:就?是|叫做?)?|我(?:姓名|大名)(?:是|叫)?|我就?叫做?|俺(?:就?叫|是)|名字(?:叫做?|是)|姓名(?:是|为)?|本人(?:叫|姓名是?)"
    r"|(?:联系人|反映人|投诉人|举报人|信访人|申请人|来信人|诉求人|户主)(?:姓名)?(?:是|叫|为)?)[:： ,,]{0,3}"  # noqa: RUF001
)
_SAID_WEAKLY = re.compile(r"(?:我是|本人是?|我本人是?|这里是|这边是)[:： ,,]{0,2}")  # noqa: RUF001
_BEFORE_A_PHONE = re.compile(
    rf"^\s*({_SURNAME}[一-鿿]{{1,2}})[ ,，、。:：]{{0,2}}(?:的?(?:联系)?(?:电话|手机号?)(?:号?码)?[是为:： ]{{0,3}})?(?=1[3-9]\d)"  # noqa: RUF001
)
_MINORITY = re.compile(r"[一-鿿]{1,8}[·•・][一-鿿]{1,8}(?:[·•・][一-鿿]{1,8})?")
_RUN = re.compile(rf"{_SURNAME}[一-鿿]+")
# What goes on after a name without a comma. None of these starts the last character of a usual name.
_GOES_ON = re.compile(
    r"住|电话|手机|联系|号码|今年|现年|家住|家在|家里|身份|性别|男|女性|女,|反映|投诉|举报|咨询|想|要|有|是|在|我|你|您|他|她|这|那"
    r"|来自|来反|来投|系|的|和|跟|与|因|于|从|对|向|们|小区|电|微信|年龄|籍贯|汉族|先生|女士|同志|了|吗|呢|啊|呀|哈|哦|就|也|被|为|职工|业主|居民|村民|退休|地址"
)
_STRONGLY_GOES_ON = re.compile(r"(?:电话|手机|联系|身份证|家住|住|今年|现年|男|女|反映|投诉|举报)")
# 我是温州人, 我是单亲家庭, 我是马路对面的: a surname's character at the head of what someone is.
_NO_NAME_END = "人户主的员师家客区镇村市县路街巷厂店房属友方边院校司乡族群众"
_NO_NAME = frozenset(
    {"单身", "单亲", "司机", "高中", "高一", "高二", "高三", "全职", "和平", "应届", "农民", "常住", "安全", "党外", "文盲", "时候", "成年"}
    | {"关于", "对于", "于是", "向您", "向你", "向领导", "万分", "明明", "原来", "连续", "时常", "常年", "全家", "任何", "何时", "和你"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name and where it stands."""

    value: str
    start: int
    end: int


def find_names(text: str) -> Iterator[Name]:
    """Names that are said to be names; a name in a story about others is nobody's business here."""
    read = fold(text)
    taken = -1
    for match in _introductions(read):
        weak = match.re is _SAID_WEAKLY
        name = _name_at(read, match.end(), weak=weak)
        if name and name.start >= taken:
            taken = name.end
            yield name
    if taken < 0 and (alone := _BEFORE_A_PHONE.match(read)):
        value = alone.group(1)
        if value not in _NO_NAME and value[-1] not in _NO_NAME_END + "生":
            yield Name(value, *alone.span(1))


def _introductions(read: str) -> list[re.Match[str]]:
    found = [*_SAID.finditer(read), *_SAID_WEAKLY.finditer(read)]
    return sorted(found, key=lambda match: match.start())


def _name_at(read: str, start: int, *, weak: bool) -> Name | None:
    minority = _MINORITY.match(read, start)
    if minority:
        return Name(minority.group(), *minority.span())
    run = _RUN.match(read, start)
    if not run:
        return None
    written = run.group()
    surname = 2 if re.match(_DOUBLE, written) else 1
    longest = surname + 2
    length = min(len(written), longest)
    for cut in range(surname + 1, length):
        if _GOES_ON.match(written, cut):
            length = cut
            break
    value = written[:length]
    if value in _NO_NAME or value[:2] in _NO_NAME or len(value) < 2:
        return None
    if weak:
        ends_there = length == len(written) or _STRONGLY_GOES_ON.match(written, length)
        if not ends_there or value[-1] in _NO_NAME_END:
            return None
    return Name(value, start, start + length)
