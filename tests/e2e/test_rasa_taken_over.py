"""Rasa gets no more fixes, so this plays one that is taken over: it can talk nonsense, no more."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from tests.e2e.test_intake import file_petition
from tests.service import Service, wechat_for


class Impostor:
    """Sits on Rasa's port with all that Rasa has: its secret, and each turn's token."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.secret = (service.data_dir / "secrets" / "rasa").read_text().strip()
        self.tokens: dict[str, str] = {}
        self.boxes: list[str] = []
        self.attack: Any = None
        self.app = FastAPI()
        self.app.get("/")(lambda: "Hello from Rasa: 3.6.21")
        self.app.post("/webhooks/gateway/webhook")(self.receive)

    async def receive(self, request: Request) -> list[dict[str, Any]]:
        heard = await request.json()
        self.tokens[heard["sender"]] = heard["metadata"]["turn"]
        return await self.attack(heard) if self.attack else [{"text": "胡言乱语"}]

    async def act(self, action: str, token: str, text: str, **extra: Any) -> dict[str, Any]:
        call = {
            "next_action": action,
            "sender_id": "x",
            "version": "3.6.21",
            "domain": {},
            "tracker": {
                "sender_id": "x",
                "slots": {"matter": "伪造的诉求", "case_code": text},
                "latest_message": {
                    "text": text,
                    "intent": {"name": "affirm", "confidence": 1.0},
                    "metadata": {"turn": token},
                },
                "events": [],
                "active_loop": {"name": "petition_form"},
                **extra,
            },
        }
        async with httpx.AsyncClient(base_url=self.service.url, trust_env=False) as http:
            response = await http.post(
                "/actions/webhook",
                content=zlib.compress(json.dumps(call).encode()),
                headers={"X-Minsheng-Secret": self.secret, "Content-Encoding": "deflate"},
            )
        return dict(response.json())


@pytest.fixture
async def victim_service(tmp_path: Path) -> AsyncIterator[Service]:
    service = Service.prepared(tmp_path / "data")
    try:
        await service.start()
        yield service
    finally:
        service.stop()


@pytest.mark.timeout(240)
async def test_a_taken_over_rasa_reads_nobodys_case_and_files_for_nobody(
    victim_service: Service, tmp_path: Path
) -> None:
    service = victim_service
    async with wechat_for(service) as wechat:
        victim, attacker = wechat.citizen(), wechat.citizen()
        await file_petition(victim, "我要投诉，红星巷的化粪池从上周起外溢，秘密词黑曜石，臭气熏天")
        (case,) = service.rows("SELECT * FROM cases WHERE citizen = ?", victim.openid)
        # A half-told petition of the victim, waiting for the last word.
        await victim.says("我要投诉，红星巷口的路灯从上周起全坏了，电话13500001111，希望马上修好")

    # The same data and ports again, with the impostor where Rasa was.
    service.stop()
    service.extra["MINSHENG_PYTHON310"] = ""
    impostor = Impostor(service)
    server = uvicorn.Server(
        uvicorn.Config(impostor.app, port=service.rasa_port, log_level="error", lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    try:
        service.launch()  # its own Rasa finds the port taken and never comes up
        await service.wait_ready(rasa=False)
        async with wechat_for(service) as wechat:
            victim, attacker = wechat.citizen(victim.openid), wechat.citizen(attacker.openid)
            stolen: dict[str, str] = {}

            async def steal(heard: dict[str, Any]) -> list[dict[str, Any]]:
                """In the victim's turn: act for the victim on words the victim never said."""
                stolen["token"] = heard["metadata"]["turn"]
                answer = await impostor.act("validate_petition_form", stolen["token"], "确认提交")
                seen = await impostor.act(
                    "validate_progress_form", stolen["token"], case["code"], active_loop={}
                )
                boxes = [
                    reply["custom"]["box"]
                    for result in (answer, seen)
                    for reply in result.get("responses", [])
                ]
                stolen["boxes"] = " ".join(boxes)
                assert "黑曜石" not in json.dumps([answer, seen], ensure_ascii=False)
                return [{"text": "胡言乱语"}]

            impostor.attack = steal
            reply = await victim.says("今天天气不错")
            assert reply == "胡言乱语"
            assert len(service.rows("SELECT 1 FROM cases WHERE citizen = ?", victim.openid)) == 1

            async def replay(heard: dict[str, Any]) -> list[dict[str, Any]]:
                """In the attacker's turn: the victim's token, boxes and name."""
                late = await impostor.act("validate_petition_form", stolen["token"], "确认提交")
                assert late == {"events": [], "responses": []}
                forged = heard["metadata"]["turn"].split(".")
                forged[0] = str(int(forged[0]) - 1)
                bad = await impostor.act("validate_progress_form", ".".join(forged), case["code"])
                assert bad == {"events": [], "responses": []}
                await impostor.act(
                    "validate_progress_form", heard["metadata"]["turn"], case["code"]
                )
                return [
                    *({"custom": {"box": box}} for box in stolen["boxes"].split()),
                    {"text": "胡言乱语"},
                ]

            impostor.attack = replay
            reply = await attacker.says("你好")
            assert "黑曜石" not in reply
            assert "红星巷" not in reply
            assert reply == "胡言乱语"
            assert service.rows("SELECT 1 FROM cases WHERE citizen = ?", attacker.openid) == []
            assert len(service.rows("SELECT 1 FROM cases WHERE citizen = ?", victim.openid)) == 1
    finally:
        server.should_exit = True
        await serving


async def test_rasas_environment_holds_no_secret_of_the_app(service: Service) -> None:
    environment = Path(f"/proc/{service.rasa_pid()}/environ").read_bytes().decode()
    for name in ("service-token", "cases", "turns", "web"):
        secret = (service.data_dir / "secrets" / name).read_text().strip()
        assert secret not in environment
    for setting in ("WECHAT", "DATABASE", "SERVICE_TOKEN", "REDIS"):
        assert f"MINSHENG_{setting}" not in environment


async def test_rasa_is_reached_only_on_loopback_and_only_with_the_secret(
    service: Service,
) -> None:
    base = f"http://127.0.0.1:{service.rasa_port}"
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        body = {"sender": "a", "message": "你好", "message_id": "1", "metadata": {}}
        assert (await http.post("/webhooks/gateway/webhook", json=body)).status_code == 403
        for path in ("/webhooks/rest/webhook", "/conversations/a/tracker", "/model"):
            assert (await http.get(path)).status_code in (404, 405)
    sockets = Path("/proc/net/tcp").read_text().splitlines()[1:]
    port = f"{service.rasa_port:04X}"
    addresses = {
        line.split()[1].split(":")[0]
        for line in sockets
        if line.split()[1].endswith(port) and line.split()[3] == "0A"
    }
    assert addresses == {"0100007F"}


async def test_the_action_webhook_needs_its_secret(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        response = await http.post("/actions/webhook", json={"next_action": "action_handoff"})
    assert response.status_code == 403
