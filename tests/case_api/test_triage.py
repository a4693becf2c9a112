from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from case_api.categories import CATEGORIES
from case_api.features import Segmenter
from case_api.triage import OFFICES, PETITIONS, Routing, Triage, load_or_train
from case_api.triage_model import Model
from knowledge_base.encoder import Encoder


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("楼下烤肉店每晚营业到三点，吵得睡不着", "噪音扰民"),
        ("老板拖欠我三个月工资不给", "劳动社保"),
        ("小区停水两天了也没通知", "供水供电供气供暖"),
        ("村里征地的补偿款一直没发", "征地拆迁"),
        ("化工厂夜里偷排废气，味道刺鼻", "环境污染"),
    ],
)
async def test_a_plain_matter_goes_to_its_office(api: Any, text: str, category: str) -> None:
    found = (await api.post("/triage", {"text": text, "place": ""})).json()
    assert found.keys() == {"category", "office", "confidence"}
    assert found["category"] == category
    assert found["office"] == Routing.load().office(category, "")


@pytest.mark.parametrize("text", ["你好", "……", "12345", "那个事情"])
async def test_what_says_nothing_goes_to_a_person(api: Any, text: str) -> None:
    found = (await api.post("/triage", {"text": text, "place": ""})).json()
    assert found["office"] == "人工分办"


async def test_a_case_that_needs_a_person_says_so(api: Any) -> None:
    made = await api.file(text="那个事情怎么样了", place="")
    assert made["office"] == "人工分办"
    assert "信访部门最迟" in made["due_text"]
    seen = await api.post(f"/cases/{made['code']}/progress", {"viewer": api.viewer()})
    assert seen.json()["events"][-1]["text"] == "内容需要人工判断，已转人工分办"
    assert made["confidence"] < 1


def test_every_category_has_sentences_to_learn_from() -> None:
    rows = [json.loads(line) for line in PETITIONS.read_text(encoding="utf-8").splitlines()]
    assert {row["category"] for row in rows} == set(CATEGORIES)


def test_a_stored_model_answers_as_the_trained_one(
    model: Model, encoder: Encoder | None, tmp_path: Path
) -> None:
    model.save(tmp_path)
    stored = Model.load(tmp_path, Segmenter())
    assert stored is not None
    texts = ["路灯坏了", "工资不发"]
    assert np.allclose(
        stored.probabilities(texts, encoder), model.probabilities(texts, encoder), atol=0.01
    )


def test_a_model_is_trained_anew_only_when_its_sources_change(tmp_path: Path) -> None:
    petitions = tmp_path / "petitions.jsonl"
    rows = [
        {"text": f"{what}{n}", "category": category}
        for n in range(8)
        for what, category in (("路灯坏了", "市政设施"), ("老师打人", "教育"))
    ]
    petitions.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    first = load_or_train(tmp_path, None, petitions)
    written = (tmp_path / "triage.npz").stat().st_mtime_ns
    again = load_or_train(tmp_path, None, petitions)
    assert again.fingerprint == first.fingerprint
    assert (tmp_path / "triage.npz").stat().st_mtime_ns == written
    petitions.write_text(
        json.dumps({"text": "新的一句", "category": "教育"})
        + "\n"
        + "\n".join(json.dumps(r, ensure_ascii=False) for r in rows)
    )
    assert load_or_train(tmp_path, None, petitions).fingerprint != first.fingerprint


def test_a_model_of_another_encoder_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="another encoder"):
        Triage(model, Routing.load(), None)


def test_an_area_may_have_its_own_office(tmp_path: Path) -> None:
    table = OFFICES.read_text(encoding="utf-8")
    path = tmp_path / "offices.toml"
    path.write_text(
        table + '[[areas]]\nnamed = ["凤翔"]\noffices = { "市容环境" = "凤翔街道办事处" }\n',
        encoding="utf-8",
    )
    routing = Routing.load(path)
    assert routing.office("市容环境", "凤翔小区2号楼") == "凤翔街道办事处"
    assert routing.office("市容环境", "和平里") == "县城市管理局"
    assert routing.office("教育", "凤翔小区") == "县教育局"


def test_a_routing_table_that_forgets_a_category_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "offices.toml"
    path.write_text('[offices]\n"教育" = "县教育局"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="物业管理"):
        Routing.load(path)
