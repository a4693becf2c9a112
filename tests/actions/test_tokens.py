from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.tokens import TurnTokens
from nlu.text.errors import Forbidden

SECRET = b"s" * 32


def test_a_token_names_its_row() -> None:
    tokens = TurnTokens(SECRET)
    assert tokens.verify(tokens.sign(42)) == 42


def test_it_ends_with_its_time() -> None:
    now = [1000.0]
    tokens = TurnTokens(SECRET, lifetime=60, clock=lambda: now[0])
    token = tokens.sign(1)
    now[0] += 61
    with pytest.raises(Forbidden):
        tokens.verify(token)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Forbidden):
        TurnTokens(b"t" * 32).verify(TurnTokens(SECRET).sign(1))


@given(st.text(max_size=80))
def test_no_made_up_string_is_a_token(text: str) -> None:
    with pytest.raises(Forbidden):
        TurnTokens(SECRET).verify(text)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_every_changed_character_is_noticed(position: int, other: str) -> None:
    tokens = TurnTokens(SECRET, clock=lambda: 0.0)
    token = tokens.sign(12)
    position %= len(token)
    changed = token[:position] + other + token[position + 1 :]
    if changed != token:
        with pytest.raises(Forbidden):
            tokens.verify(changed)
