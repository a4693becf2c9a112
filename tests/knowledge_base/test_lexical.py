from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.lexical import LexicalIndex
from knowledge_base.tokens import Tokeniser
from nlu.text.errors import Unavailable


@pytest.fixture
def index(tmp_path: Path, tokeniser: Tokeniser) -> LexicalIndex:
    index = LexicalIndex(tmp_path / "lexical")
    texts = {1: "路灯不亮找谁修", 2: "老板拖欠工资", 3: "门口的路灯很亮"}
    index.update(
        (number, tokeniser.words(text), tokeniser.bigrams(text)) for number, text in texts.items()
    )
    return index


def test_the_passage_with_more_of_the_words_comes_first(
    index: LexicalIndex, tokeniser: Tokeniser
) -> None:
    found = index.search("words", tokeniser.words("路灯找谁修"), 10)
    assert [number for number, _ in found] == [1, 3]
    assert found[0][1] > found[1][1] > 0


def test_a_term_that_weighs_less_counts_less(index: LexicalIndex) -> None:
    whole = dict(index.search("bigrams", {"工资": 1.0}, 10))[2]
    part = dict(index.search("bigrams", {"工资": 0.25}, 10))[2]
    assert part == pytest.approx(whole / 4, rel=1e-3)


def test_a_removed_passage_is_gone_and_a_new_one_found_at_once(
    index: LexicalIndex, tokeniser: Tokeniser
) -> None:
    index.update([(4, tokeniser.words("路灯杆倒了"), tokeniser.bigrams("路灯杆倒了"))], [1])
    found = {number for number, _ in index.search("words", tokeniser.words("路灯"), 10)}
    assert found == {3, 4}
    assert len(index) == 3


def test_another_process_reads_what_was_committed(
    index: LexicalIndex, tmp_path: Path, tokeniser: Tokeniser
) -> None:
    again = LexicalIndex(tmp_path / "lexical")
    assert again.search("words", tokeniser.words("工资"), 1)[0][0] == 2


def test_signs_of_a_query_language_are_only_words(index: LexicalIndex) -> None:
    assert index.search("words", ['"', "words:*", "(", "AND"], 10) == []


def test_no_terms_find_nothing(index: LexicalIndex) -> None:
    assert index.search("words", [], 10) == []


def test_a_spoilt_index_is_said_to_be_unavailable(tmp_path: Path) -> None:
    folder = tmp_path / "spoilt"
    folder.mkdir()
    (folder / "meta.json").write_text("not an index")
    with pytest.raises(Unavailable):
        LexicalIndex(folder)


def test_words_and_bigrams_are_cut_alike_in_every_way_of_writing(tokeniser: Tokeniser) -> None:
    assert tokeniser.bigrams("１２３４５热线 ABC") == ["12345", "热线", "abc"]
    assert tokeniser.words("Ａ区路灯") == tokeniser.words("a区路灯")


def test_jieba_keeps_its_cache_where_it_is_told(tmp_path: Path) -> None:
    Tokeniser(tmp_path / "cache", [])
    assert any((tmp_path / "cache").iterdir())


def test_words_of_the_field_dictionary_stay_whole(tmp_path: Path) -> None:
    dictionary = tmp_path / "field.txt"
    dictionary.write_text("复查复核机构 100 n\n", encoding="utf-8")
    cut = Tokeniser(tmp_path / "cache", [dictionary]).words("向复查复核机构申请")
    assert "复查复核机构" in cut
