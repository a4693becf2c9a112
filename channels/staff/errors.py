"""Errors inside the console as pages in Chinese with a way back; elsewhere they stay JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from channels.staff.shell import Shell
from channels.staff.words import sign_in as words
from nlu.text.errors import MinshengError

Handler = Callable[[Request, Any], Response | Awaitable[Response]]


def install(app: FastAPI, shell: Shell) -> None:
    """Stand in front of the handlers that are installed already, for `/staff` alone."""
    for kind in (MinshengError, RequestValidationError, HTTPException, Exception):
        before = app.exception_handlers[kind]
        app.add_exception_handler(kind, _in_front(shell, before))


def _in_front(shell: Shell, before: Handler) -> Callable[[Request, Exception], Any]:
    async def handle(request: Request, error: Exception) -> Response:
        path = request.url.path
        if path != "/staff" and not path.startswith("/staff/"):
            answer = before(request, error)
            return answer if isinstance(answer, Response) else await answer
        if isinstance(error, HTTPException) and 300 <= error.status_code < 400:
            # Who is not signed in, or has something to do first, is sent there.
            target = (error.headers or {}).get("Location", "/staff")
            return RedirectResponse(target, error.status_code)
        status, detail = _told(error)
        if status >= 500 and not isinstance(error, MinshengError):
            # Logged where all unexpected errors are; its words stay inside.
            answer = before(request, error)
            if not isinstance(answer, Response):
                await answer
        return shell.render(
            "account/error.html",
            status_code=status,
            title=words.ERRORS.get(status, words.ERRORS[500]),
            detail=detail,
        )

    return handle


def _told(error: Exception) -> tuple[int, str]:
    if isinstance(error, MinshengError):
        return error.status, error.detail
    if isinstance(error, RequestValidationError):
        return 422, words.INVALID
    if isinstance(error, HTTPException):
        return error.status_code, words.ERRORS.get(error.status_code, str(error.detail))
    return 500, words.UNEXPECTED
