"""WeChat's published vectors, our own made by another encoder, and all that is not WeChat."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat import crypto
from channels.wechat.account import Account, Accounts
from channels.wechat.crypto import Form, Opened, Query, Seal, sign
from channels.wechat.delivery import Delivery
from channels.wechat.parse import parse
from channels.wechat.sandbox import sealing
from channels.wechat.webhook import router
from nlu.text import errors
from tests.channels.wechat.office import ACCOUNT, AES_KEY, APPID, SPEECH, TOKEN, Office, application

NOW = 1_795_000_000
OLD_KEY = "o" * 42 + "8"


def own_vectors() -> dict[str, Any]:
    """What the published vectors hold, made by the sandbox's encoder (which is not wechatpy)."""
    inner = {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": NOW,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "你好 hello]]>",
    }
    xml = "<xml>" + "".join(f"<{k}>{str(v).replace('>', '&gt;')}</{k}>" for k, v in inner.items())
    words = {"json": json.dumps(inner, ensure_ascii=False), "xml": xml + "</xml>"}

    def signed(kind: str, words: str, number: int) -> dict[str, Any]:
        appid, stamp, nonce = f"wx{number:016x}", str(NOW + number), str(4_000_000 + number)
        sealed = sealing.seal(AES_KEY, appid, words)
        return {
            "appid": appid,
            "timestamp": stamp,
            "nonce": nonce,
            "Encrypt": sealed,
            kind: sealing.signature(TOKEN, stamp, nonce, sealed),
            "ToUserName": inner["ToUserName"],
            "plaintext": words,
        }

    plain = sealing.signature(TOKEN, str(NOW), "7")
    return {
        "token": TOKEN,
        "encoding_aes_key": AES_KEY,
        "url_verify": {
            "signature": plain,
            "timestamp": str(NOW),
            "nonce": "7",
            "echostr": "437512094834535",
            "expect_body": "437512094834535",
        },
        "plain_json_push": {
            "signature": plain,
            "timestamp": str(NOW),
            "nonce": "7",
            "body": inner,
        },
        "safe_json_push": signed("msg_signature", words["json"], 1),
        "safe_xml_push": signed("msg_signature", words["xml"], 2),
        "safe_json_reply": signed("MsgSignature", '{"demo_resp":"好"}', 3),
        "safe_xml_reply": signed("MsgSignature", "<xml><a>好</a></xml>", 4),
    }


def all_vectors() -> list[Any]:
    """Our own, and the published ones wherever they are at hand."""
    beside = Path(__file__).parents[4] / "shared" / "data" / "wechat_vectors"
    folder = Path(os.environ.get("MINSHENG_WECHAT_VECTORS") or beside)
    published = sorted(folder.glob("*.json")) if folder.is_dir() else []
    return [pytest.param(own_vectors(), id="own")] + [
        pytest.param(json.loads(path.read_text("utf-8")), id=path.stem) for path in published
    ]


@pytest.fixture(params=all_vectors())
def vectors(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def account_of(vectors: dict[str, Any], vector: dict[str, Any], *, plain: bool = False) -> Account:
    appid = vector.get("appid", "wx0000000000000000")
    return Account(appid, vectors["token"], vectors["encoding_aes_key"], plain_allowed=plain)


def callback(account: Account, now: str) -> httpx.AsyncClient:
    """A client of the whole callback, at the vector's own time."""
    office = Office()
    app: FastAPI = application(
        router(
            Accounts([account]),
            office.converse,
            office,
            Delivery({}, office, more=""),
            speech=SPEECH,
            seal=Seal(now=lambda: float(now)),
        )
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_the_address_check_answers_the_echo_as_it_came(vectors: dict[str, Any]) -> None:
    vector = dict(vectors["url_verify"])
    expected = vector.pop("expect_body")
    async with callback(account_of(vectors, vector), vector["timestamp"]) as client:
        assert (await client.get("/wechat", params=vector)).text == expected

        wrong = vector | {"signature": "0" * 40}
        assert (await client.get("/wechat", params=wrong)).status_code == 403


async def test_a_plain_push_passes_only_where_plain_mode_is_allowed(
    vectors: dict[str, Any],
) -> None:
    vector = vectors["plain_json_push"]
    query = {name: vector[name] for name in ("signature", "timestamp", "nonce")}
    body = json.dumps(vector["body"])
    async with callback(account_of(vectors, vector, plain=True), vector["timestamp"]) as client:
        answer = await client.post("/wechat", params=query, content=body)
        assert (answer.status_code, answer.text) == (200, "success")
    async with callback(account_of(vectors, vector), vector["timestamp"]) as client:
        assert (await client.post("/wechat", params=query, content=body)).status_code == 403


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_safe_push_passes_through_the_callback(vectors: dict[str, Any], form: str) -> None:
    vector = vectors[f"safe_{form}_push"]
    fields = {"ToUserName": vector["ToUserName"], "Encrypt": vector["Encrypt"]}
    body = (
        json.dumps(fields).replace("/", "\\/")
        if form == "json"
        else "<xml>"
        + "".join(f"<{k}><![CDATA[{v}]]></{k}>\n" for k, v in fields.items())
        + "</xml>"
    )
    query = {name: vector[name] for name in ("msg_signature", "timestamp", "nonce")}
    account = account_of(vectors, vector)
    async with callback(account, vector["timestamp"]) as client:
        answer = await client.post("/wechat", params=query, content=body)
    assert (answer.status_code, answer.text) == (200, "success")

    seal = Seal(now=lambda: float(vector["timestamp"]))
    opened = seal.open([account], Query(**query), body.encode())
    assert opened.body == vector.get("plaintext", opened.body)
    assert all(part in opened.body for part in vector.get("plaintext_contains", ()))
    push = parse(opened)
    assert (push.event, push.openid) == ("debug_demo", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY")
    assert push.inbound is None


@pytest.mark.parametrize("form", [Form.JSON, Form.XML])
def test_an_answer_is_sealed_exactly_as_wechat_seals_its_example(
    vectors: dict[str, Any], form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    vector = vectors[f"safe_{form.value}_reply"]
    key, appid = vectors["encoding_aes_key"], vector["appid"]
    parts = (vectors["token"], vector["timestamp"], vector["nonce"], vector["Encrypt"])
    assert sign(*parts) == vector["MsgSignature"]
    assert sealing.unseal(key, appid, vector["Encrypt"]) == vector["plaintext"]

    if "random16" in vector:
        monkeypatch.setattr(crypto._Cipher, "get_random_string", lambda _: vector["random16"])
    account = account_of(vectors, vector)
    opened = Opened(account, "", form, vectors["token"], key)
    answer = Seal(now=lambda: float(vector["timestamp"])).seal(opened, vector["plaintext"])
    if "random16" in vector:
        assert vector["Encrypt"] in answer
    else:
        sealed = crypto._encrypted_in(answer.encode(), form)[0]
        assert sealing.unseal(key, appid, sealed) == vector["plaintext"]


def pushed(
    account: Account = ACCOUNT, *, at: int = NOW, words: str = "<xml/>", key: str | None = None
) -> tuple[Query, bytes]:
    """A right and proper push in safe mode."""
    sealed = sealing.seal(key or account.aes_key or "", account.appid, words)
    signature = sealing.signature(account.token, str(at), "n", sealed)
    body = f"<xml><ToUserName>gh</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
    return Query(msg_signature=signature, timestamp=str(at), nonce="n"), body


@pytest.fixture
def seal() -> Seal:
    return Seal(now=lambda: float(NOW))


def test_every_omission_of_what_is_signed_is_refused_alike(seal: Seal) -> None:
    query, body = pushed()
    assert seal.open([ACCOUNT], query, body).body == "<xml/>"
    names = ("msg_signature", "timestamp", "nonce", "body")
    for count in range(1, len(names) + 1):
        for missing in combinations(names, count):
            less = replace(query, **dict.fromkeys(set(missing) - {"body"}, ""))
            with pytest.raises(errors.BadSignature) as caught:
                seal.open([ACCOUNT], less, b"" if "body" in missing else body)
            assert (caught.value.detail, caught.value.status) == ("签名不正确", 403)


@pytest.mark.parametrize("signature", ["0" * 40, "short", "é" * 40, "\ud800", "A" * 100_000])
def test_a_wrong_signature_is_refused(seal: Seal, signature: str) -> None:
    query, body = pushed()
    with pytest.raises(errors.BadSignature):
        seal.open([ACCOUNT], replace(query, msg_signature=signature), body)


@pytest.mark.parametrize(
    ("age", "is_taken"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)]
)
def test_a_push_older_or_newer_than_five_minutes_is_refused(
    seal: Seal, age: int, is_taken: bool
) -> None:
    query, body = pushed(at=NOW - age)
    if is_taken:
        assert seal.open([ACCOUNT], query, body)
    else:
        with pytest.raises(errors.BadSignature):
            seal.open([ACCOUNT], query, body)


def test_the_window_can_be_widened_for_a_host_whose_clock_is_off() -> None:
    query, body = pushed(at=NOW - 1000)
    wide = Seal(window=timedelta(minutes=20), now=lambda: float(NOW))
    assert wide.open([ACCOUNT], query, body)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "١٧٩٥٠٠٠٠٠٠", "9" * 400, " 1795000000"])
def test_a_timestamp_that_is_no_plain_number_is_refused(seal: Seal, timestamp: str) -> None:
    query, body = pushed()
    with pytest.raises(errors.BadSignature):
        seal.open([ACCOUNT], replace(query, timestamp=timestamp), body)


def test_after_a_key_change_both_keys_open_and_the_answer_uses_the_one_that_did(
    seal: Seal,
) -> None:
    account = replace(ACCOUNT, previous_aes_key=OLD_KEY, previous_token="old-token")
    for key in (AES_KEY, OLD_KEY):
        opened = seal.open([account], *pushed(account, key=key))
        sealed = crypto._encrypted_in(seal.seal(opened, "<xml/>").encode(), Form.XML)[0]
        assert sealing.unseal(key, APPID, sealed) == "<xml/>"
    old = replace(account, token="old-token", previous_token=None)
    assert seal.open([account], *pushed(old)).token == "old-token"


def test_another_accounts_push_is_refused_even_with_the_same_keys(seal: Seal) -> None:
    query, body = pushed(replace(ACCOUNT, appid="wx-of-another"))
    with pytest.raises(errors.BadSignature):
        seal.open([ACCOUNT], query, body)


def test_in_compatible_mode_only_what_is_encrypted_is_read(seal: Seal) -> None:
    query, body = pushed(words="<xml><Content>true</Content></xml>")
    both = body.replace(b"<Encrypt>", b"<Content>forged</Content><Encrypt>")
    assert "true" in seal.open([ACCOUNT], query, both).body


def test_a_citizen_may_write_about_encrypt_fields_in_compatible_mode(seal: Seal) -> None:
    query, body = pushed()
    quoted = b"<Content><![CDATA[<Encrypt>AAAA</Encrypt>]]></Content><Encrypt>"
    assert seal.open([ACCOUNT], query, body.replace(b"<Encrypt>", quoted)).body == "<xml/>"


@pytest.mark.parametrize(
    "sealed",
    [
        "AAAA",  # no whole block
        "=",
        "A" * 43,
        "A" * 64,  # decrypts to noise
        sealing.seal(AES_KEY, "", ""),  # no appid at all
        sealing.seal(AES_KEY, "someone-else", "<xml/>"),
    ],
)
def test_signed_but_undecipherable_pushes_are_the_same_refusal(seal: Seal, sealed: str) -> None:
    signature = sealing.signature(TOKEN, str(NOW), "n", sealed)
    with pytest.raises(errors.BadSignature) as caught:
        seal.open(
            [ACCOUNT],
            Query(msg_signature=signature, timestamp=str(NOW), nonce="n"),
            f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode(),
        )
    assert caught.value.detail == "签名不正确"


@given(st.binary(max_size=400), st.booleans())
def test_no_ciphertext_whatever_gets_past_or_raises_anything_else(
    noise: bytes, is_aligned: bool
) -> None:
    raw = noise[: len(noise) // 16 * 16] if is_aligned else noise
    sealed = base64.b64encode(raw).decode()
    signature = sealing.signature(TOKEN, str(NOW), "n", sealed)
    with pytest.raises(errors.BadSignature):
        Seal(now=lambda: float(NOW)).open(
            [ACCOUNT],
            Query(msg_signature=signature, timestamp=str(NOW), nonce="n"),
            f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode(),
        )


@given(st.binary(max_size=2000), st.text(max_size=60), st.text(max_size=60))
def test_no_body_or_query_whatever_is_opened_without_the_token(
    body: bytes, signature: str, nonce: str
) -> None:
    with pytest.raises(errors.BadSignature):
        Seal(now=lambda: float(NOW)).open(
            [ACCOUNT], Query(signature, signature, str(NOW), nonce), body
        )


@given(st.text(max_size=500))
def test_what_is_sealed_for_wechat_opens_with_the_other_decoder(words: str) -> None:
    words = words.encode(errors="ignore").decode()
    opened = Opened(ACCOUNT, "", Form.XML, TOKEN, AES_KEY)
    sealed = crypto._encrypted_in(Seal().seal(opened, words).encode(), Form.XML)[0]
    assert sealing.unseal(AES_KEY, APPID, sealed) == words


def test_secrets_do_not_show_when_an_account_is_printed() -> None:
    account = replace(ACCOUNT, previous_aes_key=OLD_KEY, previous_token="old-token")
    for secret in (TOKEN, AES_KEY, OLD_KEY, "a-secret", "old-token"):
        assert secret not in repr(account)


@pytest.mark.parametrize("key", ["short", "*" * 43, "k" * 44])
def test_an_account_with_an_impossible_key_is_refused_at_the_start(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        replace(ACCOUNT, aes_key=key)


def test_an_account_without_a_key_needs_the_development_setting() -> None:
    with pytest.raises(ValueError, match="plain mode"):
        Account("wx1", "t")
    assert Account("wx1", "t", plain_allowed=True)
