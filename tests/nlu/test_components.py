"""Rasa's components of our own, run in Rasa's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge_base.encoder import load_encoder
from nlu.text import case_code

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
CODE = case_code.new(date(2026, 11, 22))
SENTENCES = [
    CODE.lower().replace("-", ""),
    CODE[:-1] + ("A" if CODE[-1] != "A" else "B"),
    f"{CODE}怎么样了",
    "电话13519351187，凤翔小区2号楼漏水",
]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    answer = subprocess.run(
        [str(PYTHON), "-m", "tests.nlu.rasa_side", "components"],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"},
        input=json.dumps(SENTENCES).encode(),
        capture_output=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(answer.stdout)
    return result


def test_a_code_on_its_own_asks_for_progress_right_or_mistyped(made: dict[str, Any]) -> None:
    sure = {"name": "check_progress", "confidence": 1.0}
    assert [one["intent"] for one in made["found"][:2]] == [sure, sure]


def test_a_code_in_a_sentence_is_left_to_the_classifier(made: dict[str, Any]) -> None:
    assert made["found"][2]["intent"] is None
    assert made["found"][2]["entities"][0]["entity"] == "case_code"
    assert made["found"][2]["entities"][0]["value"] == CODE


def test_what_two_extractors_found_is_told_once(made: dict[str, Any]) -> None:
    phones = [one for one in made["found"][3]["entities"] if one["entity"] == "phone"]
    assert [phone["value"] for phone in phones] == ["13519351187"]
    assert phones[0]["extractor"] == "PetitionEntityExtractor"


def test_rasa_s_reading_of_the_encoder_equals_the_app_s(made: dict[str, Any]) -> None:
    encoder = load_encoder("default")
    assert encoder is not None
    # The table is stored in half precision, and the app averages in it.
    assert np.allclose(np.array(made["vectors"]), encoder.encode(SENTENCES), atol=1e-3)
