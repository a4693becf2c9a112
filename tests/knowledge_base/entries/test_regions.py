from __future__ import annotations

import pytest

from knowledge_base.entries.service import Entries
from knowledge_base.models import Variant
from nlu.text.errors import Unprocessable
from tests.knowledge_base.entries.conftest import CURATOR, entry


async def test_answers_by_region_name_the_regions_that_they_lack(entries: Entries) -> None:
    assert await entries.regions() == []
    await entries.set_regions(["甲县", " 乙县 ", "丙县", "甲县", ""], CURATOR)
    assert await entries.regions() == ["甲县", "乙县", "丙县"]
    saved = await entries.save(entry(variants=(Variant("乙县", "打乙县"),)), CURATOR)
    await entries.save(entry("井盖丢了找谁"), CURATOR)
    (lacking,) = await entries.lacking_regions()
    assert (lacking.id, lacking.has, lacking.missing) == (
        saved.entry.id,
        ("乙县",),
        ("甲县", "丙县"),
    )
    assert await entries.regions_in_use() == {"乙县": 1}


async def test_a_region_in_use_cannot_go_and_names_are_short(entries: Entries) -> None:
    await entries.set_regions(["甲县", "乙县"], CURATOR)
    await entries.save(entry(region="甲县"), CURATOR)
    with pytest.raises(Unprocessable, match=r"甲县.*1 条"):
        await entries.set_regions(["乙县"], CURATOR)
    assert await entries.set_regions(["甲县"], CURATOR) == ["甲县"]
    with pytest.raises(Unprocessable, match="太长"):
        await entries.set_regions(["甲" * 51], CURATOR)
