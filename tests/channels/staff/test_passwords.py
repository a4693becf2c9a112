from __future__ import annotations

import pytest

from channels.staff.accounts.passwords import (
    fits,
    hashed,
    invented,
    objection,
    rule,
    was_used,
)

ABOUT = ("liming", "李明", "A1001")


@pytest.mark.parametrize(
    "password",
    ["correcthorsestaple", "柳树下面的第3只猫在打盹", "Kx7#mPq2", "lantern-Quilt-41", invented()],
)
def test_long_ones_and_short_ones_of_three_kinds_are_taken(password: str) -> None:
    assert objection(password, length=12, about=ABOUT) == ""


@pytest.mark.parametrize(
    "password",
    [
        "Password123!",
        "P@ssw0rd2026",
        "Minsheng2026!",
        "minsheng123456",
        "Qwerty123456",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "Admin@123456",
        "woaini1314520",
        "987654321098",
    ],
)
def test_what_everybody_tries_first_is_refused_in_words(password: str) -> None:
    assert "容易被猜到" in objection(password, length=12)


def test_a_short_one_is_refused_with_the_rule() -> None:
    assert "至少 12 个字符" in objection("kxmpqwzt", length=12)
    assert "至少 12 个字符" in objection("Kx7#m", length=12)


def test_one_sign_over_and_over_is_refused() -> None:
    assert "重复" in objection("aaaaaaaaaaaaaB1", length=12)


def test_the_own_name_and_number_are_refused() -> None:
    assert "用户名" in objection("xx-liming-77-zz", length=12, about=ABOUT)
    assert "用户名" in objection("xx-a1001-77-zzzz", length=12, about=ABOUT)


def test_the_rule_in_words_names_its_own_length() -> None:
    assert "至少 14 个字符" in rule(14)


def test_a_hash_fits_its_password_alone() -> None:
    stored = hashed("lantern-Quilt-41")
    assert stored.startswith("$argon2id$")
    assert fits(stored, "lantern-Quilt-41")
    assert not fits(stored, "lantern-Quilt-42")
    assert was_used([hashed("another-One-77"), stored], "lantern-Quilt-41")


def test_where_nothing_is_stored_nothing_fits() -> None:
    assert not fits("", "")
    assert not fits("", "lantern-Quilt-41")
