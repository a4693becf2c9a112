"""Case codes: made right, read as people write them, found in what they say."""

from __future__ import annotations

from datetime import date

import pytest

from nlu.text import case_code
from nlu.text.errors import BadRequest, MistypedCode

DAY = date(2026, 11, 22)
CODE = case_code.new(DAY, lambda bits: 0x1ABCDEF & ((1 << bits) - 1))
PLAIN = CODE.replace("-", "")


def test_a_new_code_has_the_contract_s_shape() -> None:
    assert CODE.startswith("MS-261122-")
    assert len(CODE) == 17
    assert len(PLAIN) == 14
    assert set(PLAIN[8:]) <= set(case_code.ALPHABET)


def test_codes_are_random_and_all_valid() -> None:
    codes = {case_code.new(DAY) for _ in range(500)}
    assert len(codes) > 490
    assert all(case_code.parse(code) == code for code in codes)


@pytest.mark.parametrize("position", range(2, 14))
def test_any_single_wrong_character_is_noticed(position: int) -> None:
    for other in case_code.ALPHABET:
        if other == PLAIN[position] or (position < 8 and not other.isdigit()):
            continue
        wrong = PLAIN[:position] + other + PLAIN[position + 1 :]
        with pytest.raises(MistypedCode):
            case_code.parse(wrong)


@pytest.mark.parametrize(
    "written",
    [
        CODE.lower(),
        PLAIN,
        PLAIN.lower(),
        " ".join(PLAIN),
        CODE.replace("-", " "),
        CODE.replace("-", "—"),
        CODE.replace("-", "－"),
        CODE.replace("-", "杠"),
        CODE.replace("-", "横杠"),
        f"  {CODE}。",
        f"【{CODE}】",
        "".join(chr(ord(char) + 0xFEE0) for char in CODE),
        f"\u200b{CODE}\u200b",
        PLAIN[2:],
        CODE[3:],
    ],
)
def test_a_code_is_read_in_every_way_people_write_it(written: str) -> None:
    assert case_code.parse(written) == CODE


def test_letters_mistaken_for_digits_are_read_as_digits() -> None:
    code = case_code.new(date(2026, 10, 1), lambda bits: 0b00001_00000_00001_00000_00010)
    assert code[10:15] == "10102"
    misread = code[3:].replace("0", "O").replace("1", "l")
    assert case_code.parse("ms-" + misread) == code


@pytest.mark.parametrize(
    ("said", "start"),
    [
        (f"我的编号{PLAIN}怎么样了", 4),
        (f"查一下{CODE.lower()}到哪一步了", 3),
        (f"编号是：{CODE}，查询码482913", 4),
        (f"{CODE}13519351187打这个电话", 0),
    ],
)
def test_a_code_is_found_inside_a_sentence(said: str, start: int) -> None:
    mention = case_code.find(said)
    if said.startswith(CODE):
        assert mention is None or not mention.valid
        return
    assert mention is not None
    assert mention.valid
    assert mention.code == CODE
    assert mention.start == start
    assert not case_code.is_alone(said, mention)


def test_a_mistyped_code_is_still_seen_as_a_code() -> None:
    wrong = CODE[:-1] + ("A" if CODE[-1] != "A" else "B")
    mention = case_code.find(f"帮我看看{wrong}")
    assert mention is not None
    assert not mention.valid
    assert mention.code == wrong
    with pytest.raises(MistypedCode) as caught:
        case_code.parse(wrong)
    assert caught.value.hint == case_code.SHAPE


@pytest.mark.parametrize("written", [CODE[:-2], PLAIN[:-1], PLAIN[:9] + PLAIN[10:], CODE + "7"])
def test_a_code_with_a_character_lost_or_doubled_is_mistyped(written: str) -> None:
    with pytest.raises(MistypedCode):
        case_code.parse(written)


@pytest.mark.parametrize(
    "said",
    [
        "我的电话13519351187",
        "订单号261122123456",
        "2026-11-22 12345",
        "MS Office 2019",
        "ms是什么意思",
        "身份证11010519491231002X",
        "",
    ],
)
def test_other_numbers_are_no_codes(said: str) -> None:
    assert case_code.find(said) is None
    with pytest.raises(BadRequest):
        case_code.parse(said)


def test_the_right_code_is_taken_where_a_wrong_one_stands_beside_it() -> None:
    wrong = CODE[:-1] + ("A" if CODE[-1] != "A" else "B")
    mention = case_code.find(f"不是{wrong}，是{CODE}")
    assert mention is not None
    assert mention.code == CODE
