"""Where Rasa calls the actions: loopback, a shared secret, and never an echo of what was sent."""

from __future__ import annotations

import hmac
import json
import zlib
from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.base import CitizenAction
from nlu.text.errors import BadRequest, BadSignature, Forbidden, TooLarge

_LIMIT = 2 * 1024 * 1024
"""A tracker with a long talk in it stays far below; inflated size."""


def router(actions: Iterable[CitizenAction], secret: str) -> APIRouter:
    """`POST /actions/webhook`, as Rasa's `action_endpoint` speaks it (rasa-sdk protocol)."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    routes = APIRouter(include_in_schema=False)

    @routes.post("/actions/webhook")
    async def webhook(request: Request) -> JSONResponse:
        shown = request.headers.get("X-Minsheng-Secret", "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            raise BadSignature
        call = _read(await request.body(), request.headers.get("content-encoding", ""))
        try:
            result = await executor.run(call)
        except ActionNotFoundException as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 404)
        except Forbidden:
            # A turn that is over or was never ours: Rasa gets nothing, not even a reason.
            return JSONResponse({"events": [], "responses": []})
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

    return routes


def _read(body: bytes, encoding: str) -> dict[str, object]:
    if len(body) > _LIMIT:
        raise TooLarge
    try:
        if encoding == "deflate":
            inflater = zlib.decompressobj()
            body = inflater.decompress(body, _LIMIT)
            if inflater.unconsumed_tail:
                raise TooLarge
        call = json.loads(body)
    except (zlib.error, ValueError) as error:
        raise BadRequest from error
    if not isinstance(call, dict):
        raise BadRequest
    return call
