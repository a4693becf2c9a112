"""A conversation script: what is said, what must and must not come back, which case must exist."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

_UNITS = {"minutes": 60, "hours": 3600, "days": 86400}


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _duration(value: object) -> object:
    found = re.fullmatch(r"(\d+) (minute|hour|day)s?", str(value))
    if found is None:
        return value
    return timedelta(seconds=int(found[1]) * _UNITS[found[2] + "s"])


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pin(_Part):
    """A place sent from the map."""

    label: str
    latitude: float
    longitude: float


class Step(_Part):
    """One thing that the citizen does, and what is expected of the answer."""

    says: str | None = None
    bursts: tuple[str, ...] = ()
    """Messages sent one right after the other, without waiting for an answer."""
    sends: str | None = None
    """picture | voice | video, or `voice: 识别出的字`."""
    pin: Pin | None = None
    scans: str | None = None
    follows: bool = False
    waits: Annotated[timedelta | None, BeforeValidator(_duration)] = None
    """`1 hour`, `3 days`: nothing is said for so long."""
    hears: Words = ()
    """Each must stand in the answer."""
    hears_one_of: Words = ()
    never: Words = ()
    """None may stand in it."""

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, value: Any) -> Any:
        return {"says": value} if isinstance(value, str) else value


class ExpectedCase(_Part):
    """What must be in the database; what is not given may be anything."""

    category: str | None = None
    place: str | None = None
    phone: str | None = None
    name: str | None = None
    anonymous: bool | None = None
    demand: str | None = None
    status: str | None = None
    urgent: bool | None = None
    text: Words = ()
    """Each must stand in the matter."""
    text_without: Words = ()


class Script(_Part):
    """One conversation of one citizen."""

    title: str
    neighbours: tuple[tuple[Step, ...], ...] = ()
    """What others have said before, a list a citizen."""
    talk: tuple[Step, ...]
    never: Words = ()
    """Words that may not come back at any time."""
    cases: tuple[ExpectedCase, ...]
    """All cases of this citizen at the end, in the order of filing."""

    @classmethod
    def read(cls, path: Path) -> Script:
        """Raises `ValueError` (pydantic's, too) for a file that is no script."""
        return cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
