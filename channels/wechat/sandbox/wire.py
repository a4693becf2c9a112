"""Pushes as WeChat writes them, and answers as WeChat reads them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from channels.wechat.sandbox.api import HARD_LIMIT
from channels.wechat.sandbox.identity import Identity, Mode
from channels.wechat.sandbox.protocol import Rule
from channels.wechat.sandbox.sealing import seal, signature, unseal

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Fields = Mapping[str, "str | int"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """One HTTP request of WeChat's."""

    query: dict[str, str]
    body: bytes
    content_type: str


class Unreadable(Exception):
    """An answer that WeChat cannot show; carries the rule that it breaks."""

    def __init__(self, rule: Rule, detail: str = "") -> None:
        super().__init__(rule.value)
        self.rule = rule
        self.detail = detail


def envelope(identity: Identity, fields: Fields, *, now: int, as_json: bool = False) -> Envelope:
    """A push, signed and (by the account's mode) encrypted."""
    words = json.dumps(fields, ensure_ascii=False) if as_json else _xml(fields)
    timestamp, nonce = str(now), str(secrets.randbelow(10**10))
    query = {
        "signature": signature(identity.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": str(fields["FromUserName"]),
    }
    content_type = "application/json" if as_json else "text/xml"
    if identity.mode is Mode.PLAIN:
        return Envelope(query, words.encode(), content_type)
    sealed = seal(identity.aes_key, identity.appid, words)
    query |= {
        "encrypt_type": "aes",
        "msg_signature": signature(identity.token, timestamp, nonce, sealed),
    }
    beside: Fields = (
        fields if identity.mode is Mode.COMPATIBLE else {"ToUserName": fields["ToUserName"]}
    )
    outer = {**beside, "Encrypt": sealed}
    body = json.dumps(outer, ensure_ascii=False) if as_json else _xml(outer)
    return Envelope(query, body.encode(), content_type)


def shown(identity: Identity, answer: bytes, openid: str) -> str:
    """What the citizen sees of a passive answer; `Unreadable` when that is an error."""
    if not answer.strip() or answer.strip() == b"success":
        return ""
    fields = _fields(answer)
    if identity.mode is not Mode.PLAIN:
        fields = _fields(_opened(identity, fields).encode())
    if fields.get("ToUserName") != openid or fields.get("FromUserName") != identity.original_id:
        raise Unreadable(Rule.WRONG_ADDRESSEE, str(fields)[:200])
    if fields.get("MsgType") != "text" or not fields.get("Content"):
        raise Unreadable(Rule.NOT_XML, str(fields)[:200])
    content = fields["Content"]
    if len(content.encode()) > HARD_LIMIT:
        raise Unreadable(Rule.TOO_LONG, f"{len(content.encode())} bytes")
    return content


def _opened(identity: Identity, fields: Mapping[str, str]) -> str:
    sealed = fields.get("Encrypt")
    if not sealed:
        raise Unreadable(Rule.UNENCRYPTED, str(fields)[:200])
    signed = signature(identity.token, fields.get("TimeStamp", ""), fields.get("Nonce", ""), sealed)
    if signed != fields.get("MsgSignature"):
        raise Unreadable(Rule.BAD_SEAL, "MsgSignature")
    try:
        return unseal(identity.aes_key, identity.appid, sealed)
    except ValueError as error:
        raise Unreadable(Rule.BAD_SEAL, str(error)) from error


def _xml(fields: Fields) -> str:
    def one(name: str, value: str | int) -> str:
        if isinstance(value, int):
            return f"<{name}>{value}</{name}>"
        safe = _UNWRITABLE.sub("", value).replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{safe}]]></{name}>"

    return "<xml>" + "\n".join(one(name, value) for name, value in fields.items()) + "</xml>"


def _fields(answer: bytes) -> dict[str, str]:
    """The children of `<xml>` with their text."""
    fields: dict[str, str] = {}
    path: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        path.append(name)
        if len(path) == 2:
            fields[name] = ""

    def words(text: str) -> None:
        if len(path) == 2:
            fields[path[1]] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: path.pop()
    parser.CharacterDataHandler = words
    try:
        parser.Parse(answer, True)
    except expat.ExpatError as error:
        raise Unreadable(Rule.NOT_XML, answer[:200].decode(errors="replace")) from error
    return fields
