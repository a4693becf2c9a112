"""The same conversation on every set-up that an office may choose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_intake import CODE
from tests.service import Service, wechat_for


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "chosen",
    [
        {"MINSHENG_DATABASE_URL": "the tests' own"},
        {"MINSHENG_ENCODER": "none"},
        {"MINSHENG_WECHAT_CUSTOMER_SERVICE": "false"},
    ],
    ids=["PostgreSQL", "words alone, no vectors", "an account that cannot send"],
)
async def test_a_petition_is_filed_and_followed(
    chosen: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "MINSHENG_DATABASE_URL" in chosen:
        chosen = {"MINSHENG_DATABASE_URL": request.getfixturevalue("postgresql")}
    service = Service.prepared(tmp_path / "data", **chosen)
    try:
        await service.start()
        async with wechat_for(service) as wechat:
            citizen = wechat.citizen()
            reply = await citizen.says(
                "我要投诉，幸福巷的下水道从上周起往外冒污水，电话13800001234，希望疏通"
            )
            assert "确认提交" in reply
            found = CODE.search(await citizen.says("确认提交"))
            assert found
            reply = await citizen.says(found[0].lower().replace("-", ""))
            assert found[0] in reply
            assert "污水" in reply
            assert "信访工作条例" in await citizen.says("信访多久办结？")
            assert not wechat.log.breaches
    finally:
        service.stop()
