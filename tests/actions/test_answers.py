from __future__ import annotations

import pytest

from actions.answers import (
    is_anonymous,
    is_cancel,
    is_no,
    is_question,
    is_restart,
    is_resume,
    is_skip,
    is_yes,
    wants_to_know,
    without_openers,
)


@pytest.mark.parametrize(
    "text",
    [
        "确认提交",
        "对，提交",
        "嗯嗯",
        "好的",
        "可以，交吧",
        "没问题！",
        "是的没错".replace("的没", "的，没"),
        "行",
        "中",
        "OK",
        "对对对",
        "就这样吧",
        "提交吧。",
        "要得",
        "不用改了，提交",
    ],
)
def test_a_plain_yes_is_one(text: str) -> None:
    assert is_yes(text)


@pytest.mark.parametrize(
    "text",
    [
        "不对",
        "不提交",
        "先别提交",
        "好像电话错了",
        "对了，还有一件事",
        "提交之前问一下",
        "是不是要等很久",
        "",
        "可以匿名吗",
        "没有",
        "他们说可以提交但是没人管",
    ],
)
def test_anything_more_or_less_than_a_yes_files_nothing(text: str) -> None:
    assert not is_yes(text)


@pytest.mark.parametrize("text", ["不对", "不是", "不行", "先别交", "错了", "等一下"])
def test_a_plain_no(text: str) -> None:
    assert is_no(text)
    assert not is_yes(text)


@pytest.mark.parametrize(
    "text",
    ["算了", "取消", "算了，不弄了", "我不想反映了", "不投诉了", "退出", "还是算了吧", "别弄了"],
)
def test_dropping_it(text: str) -> None:
    assert is_cancel(text)


@pytest.mark.parametrize(
    "text",
    [
        "他们取消了公交线路",
        "物业说不管了",
        "政府把我的低保取消了",
        "我要投诉停水",
        "不要紧",
        "投诉了三次没人管",
    ],
)
def test_a_story_with_such_words_is_not_dropped(text: str) -> None:
    assert not is_cancel(text)


@pytest.mark.parametrize("text", ["不知道", "记不清了", "忘了", "说不清", "没有", "你们看着办"])
def test_not_knowing(text: str) -> None:
    assert is_skip(text)


@pytest.mark.parametrize("text", ["匿名", "不想留", "怕报复，不留电话", "我不方便留"])
def test_staying_anonymous(text: str) -> None:
    assert is_anonymous(text)


def test_a_question_and_a_statement() -> None:
    assert is_question("多久能办完")
    assert is_question("物业可以停我家水吗")
    assert not is_question("路灯坏了一个月没人修")


@pytest.mark.parametrize(
    "text", ["您好，我要投诉一个问题", "我想反映点情况", "在吗，我要举报", "怎么投诉啊"]
)
def test_nothing_told_yet(text: str) -> None:
    assert len(without_openers(text)) < 2


def test_something_told() -> None:
    assert len(without_openers("您好我要投诉小区电梯坏了三天")) >= 6


@pytest.mark.parametrize("text", ["图书馆几点开门", "低保申请流程", "周一开不开门啊", "养老院补贴"])
def test_what_somebody_wants_to_know_is_heard_without_a_question_word(text: str) -> None:
    assert wants_to_know(text)


@pytest.mark.parametrize("text", ["今天好累", "唔叽呱啦", "路灯坏了"])
def test_what_asks_nothing_is_no_question(text: str) -> None:
    assert not wants_to_know(text)


@pytest.mark.parametrize(
    "text",
    [
        "这回对了，提交",
        "没啥了，交吧",
        "赶紧给老子提交",
        "对对就这样吧",
        "看着对 提交",
        "那先提交",
        "👌",
    ],
)
def test_a_yes_is_a_yes_in_all_its_words(text: str) -> None:
    assert is_yes(text)


@pytest.mark.parametrize("text", ["没啥了", "不提交", "那先不提交", "提交以后多久办", "没有人管"])
def test_what_only_sounds_like_a_yes_is_none(text: str) -> None:
    assert not is_yes(text)


@pytest.mark.parametrize(
    "text", ["接着上回说", "继续", "我想接着说上回那个事", "接着说上次那个事", "接着登记吧"]
)
def test_going_on_is_told_from_a_story(text: str) -> None:
    assert is_resume(text)


@pytest.mark.parametrize("text", ["继续漏水没人修", "工地接着夜里施工", "他们继续拖着工资"])
def test_a_story_that_begins_so_is_none(text: str) -> None:
    assert not is_resume(text)


@pytest.mark.parametrize("text", ["全错了，重来", "重新说", "从头来", "全错了"])
def test_starting_anew_is_heard(text: str) -> None:
    assert is_restart(text)


def test_a_reason_may_follow_when_somebody_gives_up() -> None:
    assert is_cancel("这个先不反映了，社保局刚来电话了")
    assert not is_cancel("算了，还是登记吧")
