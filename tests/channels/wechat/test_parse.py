"""Every kind of push becomes what a citizen did; what cannot be read is one 400."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.message import Attachment, Place
from channels.wechat.crypto import Form, Opened
from channels.wechat.parse import Push, parse
from nlu.text import errors
from tests.channels.wechat.office import ACCOUNT, APPID

OPENID = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
COMMON = {"ToUserName": "gh_sandbox", "FromUserName": OPENID, "CreateTime": 1795000000}


def xml(fields: dict[str, Any]) -> str:
    return "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items()) + "</xml>"


def read(body: str) -> Push:
    return parse(Opened(ACCOUNT, body, Form.XML, "", None))


@pytest.fixture(params=["xml", "json"])
def tell(request: pytest.FixtureRequest) -> Any:
    """Pushes fields in either form; both must be understood alike."""

    def told(**fields: Any) -> Push:
        full = COMMON | fields
        return read(xml(full) if request.param == "xml" else json.dumps(full))

    return told


def test_a_text_carries_who_said_it_where_and_under_which_id(tell: Any) -> None:
    push = tell(MsgType="text", Content="路灯坏了 <b>]] > &amp;", MsgId="24001")
    assert push.inbound.text == "路灯坏了 <b>]] > &amp;"
    assert (push.inbound.channel, push.inbound.account) == ("wechat", APPID)
    assert (push.inbound.citizen, push.inbound.message_id) == (OPENID, "24001")
    assert (push.openid, push.to_user, push.event) == (OPENID, "gh_sandbox", None)
    assert push.inbound.owns


def test_a_message_id_may_be_a_number_or_a_string() -> None:
    for message_id in (24001, "24001"):
        fields = COMMON | {"MsgType": "text", "Content": "好", "MsgId": message_id}
        inbound = read(json.dumps(fields)).inbound
        assert inbound
        assert inbound.message_id == "24001"


def test_voice_is_text_where_wechat_heard_it_and_a_kind_of_its_own_where_not(tell: Any) -> None:
    heard = tell(MsgType="voice", MediaId="m", Format="amr", Recognition="停水了", MsgId=1).inbound
    assert (heard.text, heard.event) == ("停水了", None)
    assert heard.attachments == (Attachment("voice", "m"),)
    for silence in ("", "  "):
        unheard = tell(MsgType="voice", MediaId="m", Recognition=silence, MsgId=1).inbound
        assert (unheard.text, unheard.event) == (None, "voice_unheard")
        assert unheard.attachments == (Attachment("voice", "m"),)
    assert tell(MsgType="voice", MediaId="m", MsgId=1).inbound.event == "voice_unheard"


@pytest.mark.parametrize(
    ("fields", "attachment"),
    [
        ({"MsgType": "image", "MediaId": "m", "PicUrl": "u"}, Attachment("image", "m", "u")),
        ({"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"}, Attachment("video", "m")),
        ({"MsgType": "shortvideo", "MediaId": "m"}, Attachment("video", "m")),
        ({"MsgType": "file", "FileKey": "k", "Title": "信.pdf"}, Attachment("file", "k")),
    ],
)
def test_what_is_sent_beside_words_is_an_attachment(
    tell: Any, fields: dict[str, str], attachment: Attachment
) -> None:
    inbound = tell(**fields, MsgId=1).inbound
    assert (inbound.text, inbound.event, inbound.attachments) == (None, None, (attachment,))


def test_a_location_is_a_place(tell: Any) -> None:
    inbound = tell(
        MsgType="location", Location_X="30.5", Location_Y="114.3", Label="凤翔小区", MsgId=1
    ).inbound
    assert inbound.place == Place("凤翔小区", 30.5, 114.3)
    assert inbound.text is None


def test_a_link_is_told_by_its_title_and_address(tell: Any) -> None:
    inbound = tell(
        MsgType="link", Title="通知", Description="", Url="https://e.cn/a", MsgId=1
    ).inbound
    assert inbound.text == "通知\nhttps://e.cn/a"


@pytest.mark.parametrize(
    ("event", "key", "expected"),
    [
        ("subscribe", "", ("subscribe", None, None)),
        ("subscribe", "qrscene_grid:jz-03", ("subscribe", None, Place("grid:jz-03"))),
        ("SCAN", "grid:jz-03", ("scan", None, Place("grid:jz-03"))),
        ("unsubscribe", "", ("unsubscribe", None, None)),
        ("CLICK", "progress", ("menu", "查询办理进度", None)),
        ("CLICK", "我要投诉噪音", ("menu", "我要投诉噪音", None)),
    ],
)
def test_events_of_a_citizen_say_what_was_done(
    tell: Any, event: str, key: str, expected: tuple[str, str | None, Place | None]
) -> None:
    inbound = tell(MsgType="event", Event=event, EventKey=key).inbound
    assert (inbound.event, inbound.text, inbound.place) == expected


@pytest.mark.parametrize(
    "event",
    ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "user_authorization_revoke", "debug_demo"],
)
def test_what_wechat_itself_reports_is_nobodys_message_but_keeps_its_data(
    tell: Any, event: str
) -> None:
    push = tell(MsgType="event", Event=event, EventKey="k", OpenID="other")
    assert push.inbound is None
    assert (push.event, push.data["OpenID"]) == (event.lower(), "other")


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "sticker"},
        {"MsgType": "text", "Content": ""},
        {"MsgType": "text"},
        {"MsgType": "image"},
        {"MsgType": "miniprogrampage", "Title": "x"},
    ],
)
def test_kinds_that_we_cannot_read_are_said_to_be_unknown(tell: Any, fields: Any) -> None:
    assert tell(**fields, MsgId=1).inbound.event == "unknown"


def test_an_event_is_the_same_on_a_retry_and_another_at_another_time_or_key(tell: Any) -> None:
    def identity(**fields: Any) -> str:
        done = {"MsgType": "event", "Event": "CLICK", "EventKey": "a"} | fields
        return str(tell(**done).inbound.message_id)

    assert identity() == identity()
    others = [identity(), identity(EventKey="b"), identity(Event="SCAN"), identity(CreateTime=1)]
    assert len(set(others)) == 4
    assert len(identity(EventKey="长" * 500)) <= 120


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not xml",
        "<xml>",
        "<xml></xml>",
        "<xml><MsgType>text</MsgType></xml>",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/"><xml/>',
        "<?php echo 1 ?><xml/>",
        "<a>" * 17 + "</a>" * 17,
        "<a>" * 80_000,
        "<xml>" + "<a/>" * 1001 + "</xml>",
        "{",
        "[]",
        "{}",
        '{"MsgType": null}',
        "[" * 100_000,
        '{"a":' * 50_000,
        xml(COMMON | {"MsgType": "location", "Location_X": "north", "Location_Y": "1"}),
        xml(COMMON | {"MsgType": "location", "Location_X": "nan", "Location_Y": "1"}),
        xml(COMMON | {"MsgType": "location", "Location_X": "91", "Location_Y": "1"}),
        xml(COMMON | {"MsgType": "location"}),
        xml(COMMON | {"MsgType": "event"}),
        xml(COMMON | {"MsgType": "text", "FromUserName": "../../etc"}),
        xml(COMMON | {"MsgType": "text", "FromUserName": ""}),
        xml(COMMON | {"MsgType": "text"}).replace("</xml>", "<FromUserName>o</FromUserName></xml>"),
        xml(COMMON | {"MsgType": "text"}).replace("</xml>", "<MsgType>text</MsgType></xml>"),
        json.dumps(COMMON | {"MsgType": "text", "FromUserName": {"a": 1}}),
    ],
)
def test_what_cannot_be_read_is_one_bad_request_and_quick(body: str) -> None:
    began = time.process_time()
    with pytest.raises(errors.BadRequest) as caught:
        read(body)
    assert caught.value.status == 400
    assert time.process_time() - began < 0.05


def test_a_push_for_another_account_is_refused() -> None:
    with pytest.raises(errors.BadSignature):
        read(xml(COMMON | {"ToUserName": "gh_other", "MsgType": "text", "Content": "好"}))
    anyone = Opened(
        replace(ACCOUNT, original_id=None),
        xml(COMMON | {"ToUserName": "gh_other", "MsgType": "text", "Content": "好"}),
        Form.XML,
        "",
        None,
    )
    assert parse(anyone).inbound


def test_what_no_database_or_utf8_can_hold_is_replaced() -> None:
    fields = COMMON | {"MsgType": "text", "Content": "a\x00b\ud800c\x1bd\n好😀", "MsgId": 1}
    inbound = read(json.dumps(fields)).inbound
    assert inbound
    assert inbound.text == "a\ufffdb\ufffdc\ufffdd\n好😀"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
NAMES = st.sampled_from(
    [
        *("MsgType", "Event", "EventKey", "Content", "MediaId", "Recognition", "Location_X"),
        *("Location_Y", "Label", "PicUrl", "MsgId", "FromUserName", "ToUserName", "FileKey"),
    ]
)
KINDS = st.sampled_from(["text", "event", "voice", "image", "location", "link", "file", "video"])


@given(st.dictionaries(NAMES, VALUES), KINDS)
def test_whatever_the_fields_hold_it_is_read_or_refused(fields: dict[str, Any], kind: str) -> None:
    body = json.dumps(COMMON | {"Event": "CLICK"} | fields | {"MsgType": kind})
    try:
        push = read(body)
    except errors.BadRequest:
        return
    if push.inbound:
        assert isinstance(push.inbound.text, str | None)
        (push.inbound.text or "").encode()
        assert push.inbound.message_id


@given(st.text(max_size=300))
def test_no_text_at_all_makes_the_reader_fall_over(body: str) -> None:
    for candidate in (body, f"<xml>{body}</xml>", "{" + body):
        with pytest.raises(errors.BadRequest):
            read(candidate)
