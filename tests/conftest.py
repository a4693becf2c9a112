"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A slow moment of a shared machine is no failure of what is tested.
settings.register_profile("minsheng", deadline=None)
settings.load_profile("minsheng")
