"""The gateway channel on a real tracker store, in Rasa's own environment."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
SECRET = {"X-Minsheng-Secret": "for-tests-only"}
ROUTE = "/webhooks/gateway/webhook"


def _message(message_id: str = "m1", **changed: Any) -> dict[str, Any]:
    body = {"sender": "s1", "message": "你好", "message_id": message_id, "metadata": {"turn": "t"}}
    return body | changed


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Starts the channel's server, ending the one before; the tracker store stays."""
    tracker = tmp_path_factory.mktemp("rasa") / "tracker.db"
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> str:
        end()
        port = _free_port()
        running.append(
            subprocess.Popen(
                [str(PYTHON), "-m", "tests.nlu.rasa_side", "gateway", str(port), str(tracker)],
                cwd=ROOT,
                env={
                    **os.environ,
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
                },
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                httpx.get(base, timeout=1)
            except httpx.HTTPError:
                time.sleep(0.2)
            else:
                return base
        raise AssertionError("the gateway did not start")

    def end() -> None:
        while running:
            process = running.pop()
            process.kill()
            process.wait()

    yield begin
    end()


@pytest.fixture(scope="module")
def base(start: Callable[[], str]) -> str:
    return start()


def test_without_the_secret_nothing_is_read(base: str) -> None:
    for headers in ({}, {"X-Minsheng-Secret": ""}, {"X-Minsheng-Secret": "for-tests-onlz"}):
        answer = httpx.post(base + ROUTE, json=_message("never"), headers=headers)
        assert answer.status_code == 403
        assert answer.json() == {"error": "forbidden"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"sender": "s"}',
        b'{"sender": 1, "message": "x", "message_id": "m"}',
        b'{"sender": "s", "message": "", "message_id": "m"}',
        b'{"sender": "s", "message": "x", "message_id": "m", "metadata": [1]}',
        b'{"sender": "s", "message": "' + b"x" * 9000 + b'", "message_id": "m"}',
    ],
)
def test_what_cannot_be_read_is_refused(base: str, body: bytes) -> None:
    assert httpx.post(base + ROUTE, content=body, headers=SECRET).status_code == 400


def test_a_body_over_the_limit_is_refused_unread(base: str) -> None:
    answer = httpx.post(base + ROUTE, content=b"x" * 70_000, headers=SECRET)
    assert answer.status_code == 413


def test_there_is_no_other_route(base: str) -> None:
    for path in (
        "/webhooks/rest/webhook",
        "/webhooks/gateway/",
        "/model/parse",
        "/conversations/s",
    ):
        assert httpx.post(base + path, json={}, headers=SECRET).status_code == 404


def test_a_message_said_twice_is_handled_once_even_after_a_restart(
    base: str, start: Callable[[], str]
) -> None:
    first = httpx.post(base + ROUTE, json=_message(), headers=SECRET).json()
    assert first[0]["text"].endswith("次：你好")
    assert first[0]["buttons"] == [{"title": "好", "payload": "好"}]
    assert first[1] == {"text": '{"turn": "t"}', "custom": {"kind": "note"}}

    httpx.post(base + ROUTE, json=_message("m2", message="后来的话"), headers=SECRET)
    assert httpx.post(base + ROUTE, json=_message(), headers=SECRET).json() == first

    again = start()
    assert httpx.post(again + ROUTE, json=_message(), headers=SECRET).json() == first


async def test_of_two_pushes_at_once_the_second_waits_for_the_first(
    start: Callable[[], str],
) -> None:
    base = await asyncio.to_thread(start)
    async with httpx.AsyncClient(headers=SECRET, timeout=20) as client:
        answers = await asyncio.gather(
            *(client.post(base + ROUTE, json=_message("m9", sender="s9")) for _ in range(5))
        )
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()[0]["text"] == "第1次：你好"
