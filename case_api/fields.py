"""The kinds of fields that callers fill in, with their limits."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Controls, zero-width and direction marks, lone surrogates: nobody says them, databases choke."""


def _visible(value: object) -> object:
    return UNSEEN.sub("", value).strip() if isinstance(value, str) else value


VISIBLE = BeforeValidator(_visible)

Identity = Annotated[
    str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\p{C}\p{Z}]+$")
]
# Opaque, hence never cleaned: two identities that look alike must not become one.
ChannelName = Annotated[str, StringConstraints(max_length=32, pattern=r"^[a-z][a-z0-9_-]*$")]
Account = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\p{C}\p{Z}]*$")]
Text = Annotated[str, VISIBLE, StringConstraints(min_length=1, max_length=10_000)]
Remark = Annotated[str, VISIBLE, StringConstraints(max_length=2_000)]
Reason = Annotated[str, VISIBLE, StringConstraints(min_length=1, max_length=500)]
PlaceName = Annotated[str, VISIBLE, StringConstraints(max_length=200)]
Short = Annotated[str, VISIBLE, StringConstraints(max_length=100)]
PersonName = Annotated[str, VISIBLE, StringConstraints(max_length=64)]
Phone = Annotated[str, VISIBLE, StringConstraints(max_length=32, pattern=r"^\+?[0-9 ()-]{5,}$")]


class Strict(BaseModel):
    """Base of everything that is sent: immutable, nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


StaffName = Annotated[str, VISIBLE, StringConstraints(max_length=56)]
