"""What leaves us is well-formed, within WeChat's bytes, and cut where a reader would pause."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.message import Option, Reply
from channels.wechat.render import PART_LIMIT, merged, split, text_xml

MORE = "（还有后半段，回复“继续”查看）"
SENTENCES = st.lists(
    st.text(alphabet="路灯坏了。！？，\n 😀👨‍👩‍👧é1a", min_size=1, max_size=200), max_size=60
).map("".join)


def content(text: str) -> str | None:
    xml = text_xml(to="o1", sender="gh_1", text=text, now=1)
    return ElementTree.fromstring(xml).findtext("Content")  # noqa: S314


@pytest.mark.parametrize("text", ["]]>", "a]]>b]]>]]>", "<b>&amp;", "]]", "]]]]>>", "路灯 😀"])
def test_any_text_stays_what_it_was_inside_the_xml(text: str) -> None:
    assert content(text) == text


@given(st.text(max_size=300))
def test_no_text_at_all_makes_malformed_xml(text: str) -> None:
    assert content(text) is not None


def test_controls_and_reversed_writing_are_taken_out() -> None:
    assert content("a\x00\x1b[31mb\u202ec\u2066d\ud800") == "a[31mbcd"
    assert merged([Reply("a\u202eb")]) == "ab"


@given(SENTENCES, st.sampled_from([PART_LIMIT, 300, 120]), st.integers(1, 5))
def test_parts_keep_to_the_bytes_lose_nothing_and_never_cut_a_character(
    text: str, limit: int, most: int
) -> None:
    parts = split(text, more=MORE, limit=limit, most=most)
    assert len(parts.parts) <= most
    assert all(0 < len(part.encode()) <= limit for part in parts.parts)
    whole = "".join(part.removesuffix(MORE) for part in parts.parts) + parts.rest
    assert "".join(whole.split()) == "".join(text.split())
    for said in range(len(parts.parts) + 1):
        told = "".join(part.removesuffix(MORE) for part in parts.parts[:said])
        assert "".join((told + parts.after(said)).split()) == "".join(text.split())
    if parts.rest:
        assert parts.parts[-1].endswith(MORE)


@given(st.text(max_size=5000))
def test_any_text_splits_within_the_limit(text: str) -> None:
    clean = merged([Reply(text)])
    assert all(len(part.encode()) <= PART_LIMIT for part in split(clean, more=MORE).parts)


def test_a_cut_falls_on_a_sentence_end() -> None:
    parts = split("今天天气很好，我们出去走走吧。" * 100).parts
    assert len(parts) == 3
    assert all(part.endswith("。") for part in parts)


def test_a_family_of_emoji_stays_together() -> None:
    family = "👨‍👩‍👧"
    for limit in range(20, 60):
        for part in split(family * 40, limit=limit, most=100).parts:
            assert part.replace(family, "") == ""


def test_a_text_that_fits_is_left_alone() -> None:
    assert split("路灯坏了", more=MORE).parts == ("路灯坏了",)
    assert split("", more=MORE).parts == ()
    full = "灯" * (PART_LIMIT // 3)
    assert split(full, most=1).parts == (full,)


def test_options_are_numbered_lines() -> None:
    reply = Reply("要提交吗？", (Option("提交", "对，提交"), Option("改一改", "我要修改")))
    assert merged([reply]) == "要提交吗？\n1. 提交\n2. 改一改"


def test_a_number_never_means_two_things_when_an_earlier_answer_comes_along() -> None:
    earlier = Reply("要提交吗？", (Option("提交", "提交"),))
    now = Reply("您指哪一件？", (Option("路灯", "路灯"), Option("停水", "停水")))
    assert merged([earlier, now, Reply("谢谢")]) == (
        "要提交吗？\n· 提交\n\n您指哪一件？\n1. 路灯\n2. 停水\n\n谢谢"
    )


def test_empty_replies_leave_no_trace() -> None:
    assert merged([Reply(""), Reply("  "), Reply("好")]) == "好"
    assert merged([]) == ""
