"""The line to the case API: one HTTP call, its problems raised as the errors that they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import BaseModel

from case_api.problems import KINDS
from nlu.text import errors

PREFIX = "/api/v1"
BY_NAME = {kind.__name__: kind for kind in KINDS}
BY_STATUS = {kind.status: kind for kind in reversed(KINDS)}


class Line:
    """Sends with the service's token."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, where it is one."""
        content = None if body is None else body.model_dump_json(exclude_unset=True)
        sent = {**self._headers, **(headers or {})}
        if content is not None:
            sent["Content-Type"] = "application/json"
        try:
            response = await self._http.request(
                method, PREFIX + path, content=content, params=query, headers=sent
            )
        except httpx.HTTPError as error:
            raise errors.Unavailable("案件接口没有应答") from error
        if response.is_error:
            raise _error(response)
        return response


def _error(response: httpx.Response) -> errors.MinshengError:
    """The error that the other side raised, told apart by its problem type."""
    problem = _problem(response)
    name = str(problem.get("type", "")).rpartition(":")[2]
    kind = BY_NAME.get(name) or BY_STATUS.get(response.status_code)
    detail = str(problem.get("detail", ""))
    if kind is None:
        return errors.Unavailable(detail)
    if issubclass(kind, errors.MistypedCode):
        return kind(detail, hint=str(problem.get("hint", "")))
    if issubclass(kind, errors.Unprocessable):
        fields = [str(e.get("field", "")) for e in problem.get("errors", [])]
        return kind(detail, field=fields[0] if fields else "")
    if issubclass(kind, errors.TooManyTries | errors.Unavailable):
        return kind(detail, retry_after=int(problem.get("retry_after", 5)))
    return kind(detail)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
