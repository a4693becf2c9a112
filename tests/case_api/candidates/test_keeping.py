from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update

from case_api import models
from case_api.__main__ import forget
from case_api.app import Settings, create_app
from case_api.candidates import keeping
from case_api.client import in_process
from case_api.triage_model import Model
from knowledge_base.database import Database, engine_for
from knowledge_base.encoder import Encoder

TOKEN = "t" * 32
BARBECUE = "楼下烤肉店每晚营业到三点，吵得睡不着"
WATER = "村里自来水发黄有沙子"
Opened = Callable[[], AbstractAsyncContextManager[Any]]


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.encoded: list[str] = []

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        return self._encoder.encode(texts)


@pytest.fixture
def counting(encoder: Encoder) -> Counting:
    return Counting(encoder)


@pytest.fixture
def restarted(api: Any, tmp_path: Path, model: Model, counting: Counting) -> Opened:
    """One process after another over the same database and the same folder."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Any]:
        settings = Settings(tmp_path / "process", b"s" * 32, model=model, clock=api.clock)
        async with create_app(api.url, TOKEN, counting, settings) as app, in_process(app) as http:

            async def similar(text: str, place: str) -> list[str]:
                answer = await http.post(
                    "/api/v1/cases/similar",
                    json={"text": text, "place": place},
                    headers={"Authorization": f"Bearer {TOKEN}"},
                )
                return [match["code"] for match in answer.json()["matches"]]

            yield similar

    return start


async def test_a_restart_encodes_nothing_that_is_stored(
    api: Any, counting: Counting, tmp_path: Path
) -> None:
    for number in range(30):
        await api.file(
            text=f"{WATER}，第{number}户", place=f"石桥村{number}组", citizen=f"o-{number}"
        )
    database, folder = Database(api.url), tmp_path / "once"

    async def started() -> keeping.Keeping:
        kept = keeping.Keeping(database, counting, folder)
        await kept.refresh(api.clock())
        await kept.settled()
        return kept

    first = await started()
    assert len(counting.encoded) == 30
    found = first.near(WATER, "石桥村7组", 60, api.clock())
    assert found
    # Killed: nothing was closed.
    counting.encoded.clear()
    second = await started()
    assert counting.encoded == []
    assert second.near(WATER, "石桥村7组", 60, api.clock()) == found
    counting.encoded.clear()
    await api.file(text=f"{WATER}，新来的", place="柳林村", citizen="o-new")
    await second.refresh(api.clock())
    assert counting.encoded == [f"{WATER},新来的"]
    assert 31 in dict(second.near(WATER, "柳林村", 60, api.clock()))
    await second.close()
    await database.close()


async def test_very_many_are_taken_in_without_making_anybody_wait(
    api: Any, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 3)
    monkeypatch.setattr(keeping, "CAUGHT_UP", 6)
    for number in range(20):
        await api.file(text=WATER, place=f"石桥村{number}组", citizen=f"o-{number}")
    database = Database(api.url)
    kept = keeping.Keeping(database, encoder, tmp_path / "many")
    await kept.refresh(api.clock())
    assert len(kept.candidates) == 3
    await kept.settled()
    assert len(kept.candidates) == 20
    assert kept.candidates.waiting == 0
    await database.close()


async def test_a_damaged_snapshot_is_made_again_from_the_database(
    api: Any, restarted: Opened, counting: Counting, tmp_path: Path
) -> None:
    made = await api.file(text=BARBECUE, place="凤翔小区2号楼")
    async with restarted() as similar:
        assert await similar(BARBECUE, "凤翔小区2号楼") == [made["code"]]
    for path in (tmp_path / "process" / "similar").rglob("vectors"):
        path.write_bytes(b"nonsense")
    async with restarted() as similar:
        assert await similar(BARBECUE, "凤翔小区2号楼") == [made["code"]]


async def test_two_processes_over_one_folder_see_what_the_other_filed(
    api: Any, second_api: Any
) -> None:
    for number in range(4):
        filing = (api, second_api)[number % 2]
        fields = {"text": BARBECUE, "place": f"凤翔小区{number}号楼", "citizen": f"o-{number}"}
        answer = await filing.file(**fields)
        for asking in (api, second_api):
            ask = {"text": BARBECUE, "place": f"凤翔小区{number}号楼"}
            matches = (await asking.post("/cases/similar", ask)).json()["matches"]
            assert matches[0]["code"] == answer["code"]


async def test_a_withdrawn_case_leaves_the_snapshot(
    api: Any, restarted: Opened, tmp_path: Path
) -> None:
    made = await api.file(text=BARBECUE, place="凤翔小区2号楼")
    kept = await api.file(text=WATER, place="石桥村")
    async with restarted() as similar:
        assert await similar(BARBECUE, "凤翔小区2号楼") == [made["code"]]
    # Withdrawn through another process while this one is down.
    await api.post(f"/cases/{made['code']}/withdrawal", {"viewer": api.viewer()})
    async with restarted() as similar:
        assert await similar(BARBECUE, "凤翔小区2号楼") == []
        assert await similar(WATER, "石桥村") == [kept["code"]]
    assert stored(tmp_path / "process", made["code"]) == 0
    assert stored(tmp_path / "process", kept["code"]) == 1


async def test_a_case_withdrawn_here_leaves_the_snapshot_too(api: Any, tmp_path: Path) -> None:
    made = await api.file(text=BARBECUE, place="凤翔小区2号楼")
    ask = {"text": BARBECUE, "place": "凤翔小区2号楼"}
    assert (await api.post("/cases/similar", ask)).json()["matches"]
    await api.post(f"/cases/{made['code']}/withdrawal", {"viewer": api.viewer()})
    assert (await api.post("/cases/similar", ask)).json()["matches"] == []


async def test_a_case_erased_in_the_database_is_taken_off_the_snapshot_by_a_command(
    api: Any, restarted: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await api.file(text=BARBECUE, place="凤翔小区2号楼")
    kept = await api.file(text=WATER, place="石桥村")
    async with restarted() as similar:
        assert await similar(BARBECUE, "凤翔小区2号楼") == [made["code"]]
        change(api.url, made["code"], text="", place="")
        assert await similar(BARBECUE, "凤翔小区2号楼") == []
    assert stored(tmp_path / "process", made["code"]) == 1
    forget("", tmp_path / "process", made["code"])
    assert made["code"] in capsys.readouterr().out
    assert stored(tmp_path / "process", made["code"]) == 0
    async with restarted() as similar:
        assert await similar(WATER, "石桥村") == [kept["code"]]
    assert stored(tmp_path / "process", made["code"]) == 0


def stored(folder: Path, code: str) -> int:
    """In how many sets of columns a case stands."""
    return sum(code.encode() in path.read_bytes() for path in folder.rglob("codes"))


def change(url: str, code: str, **values: str) -> None:
    """As an engineer would, past the service."""
    engine = engine_for(url)
    with engine.begin() as connection:
        changed = update(models.cases).where(models.cases.c.code == code).values(**values)
        connection.execute(changed)
    engine.dispose()
