"""Danger to life comes first: help lines before any dialogue, and a person is told."""

from __future__ import annotations

from channels.message import Reply
from nlu.text import danger
from nlu.text.normalise import normalise
from nlu.text.speech import Speech


def heard(text: str | None) -> str | None:
    """The kind of danger in these words, if there is one."""
    found = danger.assess(normalise(text)) if text else None
    return found.kind if found else None


def help_lines(kind: str, speech: Speech) -> Reply:
    """Whom to call now (国办发〔2020〕53号: emergencies go to 110, 119, 120, 122 at once)."""
    return Reply(speech(f"say_danger_{kind}"))
