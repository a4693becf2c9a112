"""Evening out what people type."""

from __future__ import annotations

from nlu.text.normalise import fold, normalise


def test_full_width_invisible_and_doubled_characters_are_evened_out() -> None:
    assert (
        normalise(" 电话：１３５　１９３５\u200b１１８７\n\n谢谢\u202e ")
        == "电话:135 19351187 谢谢"
    )


def test_control_characters_do_not_glue_words_together() -> None:
    assert normalise("一\x00二\t三") == "一 二 三"


def test_folding_keeps_every_position() -> None:
    text = "①号楼\u200bＡ座㎡，ﬁ“电话”"
    folded = fold(text)
    assert len(folded) == len(text)
    assert folded[text.index("座") - 1] == "A"
