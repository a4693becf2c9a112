"""The bot's one voice: every sentence a citizen reads comes out of a named response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Speech:
    """Renders named responses (those of `domain.yml`) with values filled in.

    Rasa never renders these with personal values: they are filled in on the app's side.
    """

    def __init__(self, responses: Mapping[str, Sequence[str]]) -> None:
        self._responses = responses

    def __call__(self, name: str, **values: object) -> str:
        """The response's first wording; raises `KeyError` for a name or value that is missing."""
        return self._responses[name][0].format_map(values).strip()

    def __contains__(self, name: str) -> bool:
        return name in self._responses
