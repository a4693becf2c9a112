"""Every error as RFC 9457 problem details, in one place (`install`)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from case_api import words
from nlu.text import errors

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)

KINDS: tuple[type[errors.MinshengError], ...] = (
    errors.BadSignature,
    errors.MistypedCode,
    errors.BadRequest,
    errors.Unauthorised,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.TooLarge,
    errors.Unprocessable,
    errors.TooManyTries,
    errors.Unavailable,
)
"""Most particular first."""


def install(app: FastAPI) -> None:
    """Answer our own errors, invalid input and unknown paths as problem details."""
    app.add_exception_handler(errors.MinshengError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unexpected)


def name_of(error: errors.MinshengError) -> str:
    """A stable name for programs: `urn:minsheng:problem:<name>`."""
    for kind in KINDS:
        if isinstance(error, kind):
            return kind.__name__
    return "MinshengError"


def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.MinshengError)
    extra: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, errors.MistypedCode) and error.hint:
        extra["hint"] = error.hint
    if isinstance(error, errors.Unprocessable) and error.field:
        extra["errors"] = [{"field": error.field, "detail": error.detail}]
    if isinstance(error, errors.TooManyTries | errors.Unavailable):
        extra["retry_after"] = error.retry_after
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.Unauthorised):
        headers["WWW-Authenticate"] = "Bearer"
    return _problem(error.status, name_of(error), error.title, error.detail, extra, headers)


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [{"field": _field(e["loc"]), "detail": str(e["msg"])} for e in error.errors()]
    if any(e["type"] == "json_invalid" for e in error.errors()):
        return _problem(
            400, "BadRequest", errors.BadRequest.title, words.INVALID_JSON, {"errors": found}
        )
    names = "、".join(dict.fromkeys(e["field"] for e in found))
    detail = f"{words.INVALID_BODY}：{names}"
    extra = {"errors": found}
    return _problem(422, "Unprocessable", errors.Unprocessable.title, detail, extra)


def _framework(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    return _problem(
        error.status_code, phrase.replace(" ", ""), phrase, str(error.detail), {}, headers
    )


def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    # The words of the error may be a citizen's: its type alone goes out of the log's stack.
    log.error("unexpected error: %s", type(error).__name__)
    return _problem(500, "MinshengError", errors.MinshengError.title, words.UNEXPECTED, {})


def _problem(
    status: int,
    name: str,
    title: str,
    detail: str,
    extra: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = {"type": f"urn:minsheng:problem:{name}", "title": title, "status": status}
    return JSONResponse(
        {**body, "detail": detail, **extra},
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def _field(location: Sequence[Any]) -> str:
    """`("body", "viewer", "channel")` → `viewer.channel`; never the value that was sent."""
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in {"body", "query", "header", "path"}:
        parts = parts[1:]
    return ".".join(parts)
