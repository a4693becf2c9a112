"""Whole conversations out of scripts that anybody can read: `talks/*.yml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.replay.player import play
from bot.replay.script import Script
from channels.wechat.sandbox import Sandbox
from tests.service import Service

TALKS = sorted((Path(__file__).parent / "talks").glob("*.yml"))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
async def test_a_conversation_goes_as_its_script_says(
    path: Path, service: Service, wechat: Sandbox
) -> None:
    transcript = await play(Script.read(path), wechat, service.data_dir)
    assert not transcript.all_faults, str(transcript)
