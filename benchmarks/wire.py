"""A client that costs next to nothing: with httpx the echo's figures would be those of httpx."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def post(path: str, body: bytes, *, content_type: str, **headers: str) -> bytes:
    """A whole HTTP/1.1 request, ready to be sent any number of times; `_` in names becomes `-`."""
    fields = {"Host": "127.0.0.1", "Content-Type": content_type, "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def address(path: str, query: dict[str, str]) -> str:
    """The path with its query."""
    return f"{path}?{urlencode(query)}"


class Connection:
    """One kept-alive connection to a server on this machine; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect on loopback."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> Answer:
        """Send, and wait for the whole answer; all three servers tell its length."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        return Answer(int(head.split(b" ", 2)[1]), body)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()
