"""Reads the bot's sentences out of `domain.yml`, their only home."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.settings import ROOT
from nlu.text.speech import Speech


def load_speech(path: Path = ROOT / "domain.yml") -> Speech:
    """Every response by name."""
    domain = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Speech(
        {name: [item["text"] for item in texts] for name, texts in domain["responses"].items()}
    )
