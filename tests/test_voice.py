"""Every sentence in `domain.yml` is said somewhere, and every sentence said is there."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.compile(r"""["']((?:say|ask|option|word)_[a-z_]+)["']""")
BUILT = ("ask_", "word_field_", "say_danger_")
"""Prefixes to which the code adds the name of a field or of a danger."""


def test_responses_and_code_name_the_same_sentences() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    written = {name for name in domain["responses"] if not name.startswith("utter_")}
    said = {
        name
        for folder in ("actions", "bot", "channels")
        for file in (ROOT / folder).rglob("*.py")
        for name in NAMED.findall(file.read_text(encoding="utf-8"))
    }
    assert said - written - {"ask_policy", "ask_human"} == set(), "said, but written nowhere"
    never = {name for name in written - said if not name.startswith(BUILT)}
    assert never == set(), "written, but never said"


def test_rules_use_only_actions_and_responses_that_exist() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    rules = yaml.safe_load((ROOT / "data/rasa/rules/rules.yml").read_text(encoding="utf-8"))
    known = {*domain["actions"], *domain["responses"], *domain["forms"]}
    used = {step["action"] for rule in rules["rules"] for step in rule["steps"] if "action" in step}
    assert used <= known
