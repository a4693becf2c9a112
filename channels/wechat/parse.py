"""What WeChat pushes, turned into what a citizen did.

Reads only what `crypto` has proven to come from WeChat. wechatpy's message classes name the
fields; its reader has no limit on nesting (0.87 s for 200,000 tags) and lets expat's, xmltodict's
and int()'s errors out, so a guard goes first and every such error becomes one `BadRequest`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

from wechatpy.events import EVENT_TYPES
from wechatpy.messages import MESSAGE_TYPES, UnknownMessage
from wechatpy.parser import parse_message

from channels.message import Attachment, Inbound, Place
from channels.wechat.crypto import Opened
from nlu.text import errors

DEPTH_LIMIT = 16
ELEMENT_LIMIT = 1_000
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MENU_SAYS: Mapping[str, str] = MappingProxyType(
    {
        "report": "我要反映问题",
        "progress": "查询办理进度",
        "policy": "我想问政策",
        "human": "转人工",
    }
)
"""Menu keys and what choosing them says; any other key is taken as said itself."""


@dataclass(frozen=True, slots=True)
class Push:
    """One push: who, what kind, and what the citizen did, if it was a citizen."""

    openid: str
    to_user: str
    """The account's 原始 ID; answers name it as their sender."""
    inbound: Inbound | None
    """None for what WeChat itself reports (a template was sent, a link of the menu was opened)."""
    event: str | None
    """WeChat's own name of the event, lower case."""
    data: Mapping[str, Any]
    """All fields as they came, for handlers of other events."""


def parse(opened: Opened, menu: Mapping[str, str] = MENU_SAYS) -> Push:
    """The push as ours; `BadRequest` when it cannot be read."""
    # A JSON push can carry XML inside Encrypt and the other way round: look at what it is.
    is_json = opened.body.lstrip()[:1] == "{"
    try:
        message = _from_json(opened.body) if is_json else _from_xml(opened.body)
        return _push(message, opened, menu)
    except (expat.ExpatError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.BadRequest from error
    except RecursionError:
        raise errors.BadRequest from None


def _from_xml(body: str) -> Any:
    _guard(body)
    return parse_message(body)


def _guard(body: str) -> None:
    """Refuses what no push of WeChat's contains, before a tree is built from it."""
    depth = elements = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > DEPTH_LIMIT or elements > ELEMENT_LIMIT:
            raise errors.BadRequest

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def forbidden(*_: object) -> None:
        raise errors.BadRequest

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = forbidden
    parser.ProcessingInstructionHandler = forbidden
    parser.Parse(body, True)


def _from_json(body: str) -> Any:
    data = json.loads(body)
    kind = str(data["MsgType"]).lower()
    known = EVENT_TYPES if kind == "event" else MESSAGE_TYPES
    return known.get(str(data["Event"]).lower() if kind == "event" else kind, UnknownMessage)(data)


def _push(message: Any, opened: Opened, menu: Mapping[str, str]) -> Push:
    data: dict[str, Any] = message._data
    openid, to_user = _text(data.get("FromUserName")), _text(data.get("ToUserName"))
    if not openid or not _OPENID.fullmatch(openid) or not to_user:
        raise errors.BadRequest
    original_id = opened.account.original_id
    if original_id and to_user != original_id:
        raise errors.BadSignature
    kind = str(data["MsgType"]).lower()
    if kind != "event":
        inbound = _inbound(opened, openid, _message_id(data, kind), **_said(message, kind))
        return Push(openid, to_user, inbound, None, data)
    event = str(data["Event"]).lower()
    done = _done(event, _text(data.get("EventKey")) or "", menu)
    if done is None:
        return Push(openid, to_user, None, event, data)
    inbound = _inbound(opened, openid, _event_id(data, event), **done)
    return Push(openid, to_user, inbound, event, data)


def _inbound(opened: Opened, openid: str, message_id: str, **what: Any) -> Inbound:
    return Inbound(
        message_id=message_id,
        channel=opened.account.channel,
        citizen=openid,
        account=opened.account.appid,
        **({"text": None} | what),
    )


def _said(message: Any, kind: str) -> dict[str, Any]:
    """What a message says; kinds that cannot be answered in their own way are `unknown`."""
    data = message._data
    media = _text(data.get("MediaId"))
    match kind:
        case "text" if text := _text(message.content):
            return {"text": text}
        case "voice":
            attached = {"attachments": (Attachment("voice", media),)} if media else {}
            # Reported empty since 2026-09: used when there, never counted on.
            heard = (_text(message.recognition) or "").strip()
            return attached | ({"text": heard} if heard else {"event": "voice_unheard"})
        case "image" if media:
            return {"attachments": (Attachment("image", media, _text(message.image)),)}
        case "video" | "shortvideo" if media:
            return {"attachments": (Attachment("video", media),)}
        case "file" if reference := media or _text(data.get("FileKey")):
            return {"attachments": (Attachment("file", reference),)}
        case "location":
            latitude, longitude = (float(value) for value in message.location)
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise errors.BadRequest
            return {"place": Place(_text(message.label) or "", latitude, longitude)}
        case "link":
            words = (message.title, message.description, message.url)
            return {"text": "\n".join(word for value in words if (word := _text(value)))}
        case _:
            return {"event": "unknown"}


def _done(event: str, key: str, menu: Mapping[str, str]) -> dict[str, Any] | None:
    """What a citizen did by an event; None for what needs no answer."""
    match event:
        case "subscribe" | "subscribe_scan":
            scene = key.removeprefix("qrscene_")
            is_scan = event == "subscribe_scan" or scene != key
            return {"event": "subscribe"} | ({"place": Place(scene)} if is_scan and scene else {})
        case "unsubscribe":
            return {"event": "unsubscribe"}
        case "scan":
            return {"event": "scan"} | ({"place": Place(key)} if key else {})
        case "click" if key:
            return {"event": "menu", "text": menu.get(key, key)}
        case _:
            return None


def _message_id(data: Mapping[str, Any], kind: str) -> str:
    return _text(data.get("MsgId")) or _event_id(data, kind)


def _event_id(data: Mapping[str, Any], event: str) -> str:
    """Events carry no MsgId: WeChat says to tell them by sender and time (接收事件推送)."""
    parts = (data.get("FromUserName"), data.get("CreateTime"), event, data.get("EventKey"))
    name = ".".join(_text(part) or "" for part in parts)
    return name if len(name) <= 120 else hashlib.sha256(name.encode()).hexdigest()


def _text(value: object) -> str | None:
    """A field's words; None for the shapes that wechatpy lets through (a tag twice is a list)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else None
