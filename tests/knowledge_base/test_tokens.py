from __future__ import annotations

from knowledge_base.tokens import SHORT, Tokeniser


def test_what_was_cut_before_is_cut_the_same_whatever_the_caller_did_with_it(
    tokeniser: Tokeniser,
) -> None:
    first = tokeniser.words("物业不退装修押金")
    first.append("别的")
    assert tokeniser.words("物业不退装修押金") == first[:-1]


def test_a_long_text_is_cut_like_its_short_parts(tokeniser: Tokeniser) -> None:
    part = "物业不退装修押金，"
    times = SHORT // len(part) + 1
    assert tokeniser.words(part * times) == tokeniser.words(part) * times


def test_long_words_bring_the_short_ones_inside_and_marks_bring_nothing(
    tokeniser: Tokeniser,
) -> None:
    assert set(tokeniser.words("人民法院！")) >= {"人民", "法院", "人民法院"}
    assert tokeniser.bigrams("停水，没电12345") == ["停水", "没电", "12345"]
