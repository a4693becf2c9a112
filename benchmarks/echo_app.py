"""The least that answers WeChat: FastAPI and wechatpy, safe mode, echoing the words.

What the bot's own figures are compared with. Run: `uvicorn benchmarks.echo_app:app`, with the
account in MINSHENG_WECHAT_APPID, _TOKEN and _AES_KEY. Not for anything else: wechatpy compares
signatures with `!=`, parses before it checks, and breaks on `]]>` in a reply.
"""

from __future__ import annotations

import os
from typing import Any

from fastapi import FastAPI, Request, Response
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply


def create_app(appid: str, token: str, aes_key: str) -> FastAPI:
    """The whole echo bot."""
    crypto = WeChatCrypto(token, aes_key, appid)
    echo = FastAPI(docs_url=None, openapi_url=None)

    async def answer(request: Request) -> Response:
        query = request.query_params
        timestamp, nonce = query["timestamp"], query["nonce"]
        body = await request.body()
        words = crypto.decrypt_message(body, query["msg_signature"], timestamp, nonce)
        message: Any = parse_message(words)
        reply = create_reply(message.content, message)
        return Response(
            crypto.encrypt_message(reply.render(), nonce, timestamp), media_type="application/xml"
        )

    echo.add_api_route("/wechat", answer, methods=["POST"])
    return echo


def __getattr__(name: str) -> FastAPI:
    """`app` on demand, so that importing this needs no account."""
    if name != "app":
        raise AttributeError(name)
    return create_app(*(os.environ[f"MINSHENG_WECHAT_{n}"] for n in ("APPID", "TOKEN", "AES_KEY")))
