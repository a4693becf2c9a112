from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from knowledge_base.encoder import DEFAULT, load_encoder
from nlu.text.errors import Unavailable


def test_none_means_words_alone() -> None:
    assert load_encoder("none") is None


def test_nothing_heavy_is_imported_before_an_encoder_is_wanted() -> None:
    code = (
        "import sys; from knowledge_base.encoder import load_encoder; import knowledge_base.search;"
        "load_encoder('none');"
        "sys.exit(any(name in sys.modules for name in ('torch', 'sentence_transformers', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(Unavailable, match="找不到编码模型"):
        load_encoder("/nowhere/at/all")


def test_the_default_encoder_gives_rows_of_length_one_and_always_the_same() -> None:
    encoder = load_encoder()
    assert encoder is not None
    rows = encoder.encode(["老板拖欠工资", "公司欠薪不发", "今天天气很好"])
    assert rows.shape == (3, encoder.dimensions)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1], abs=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    again = load_encoder(str(DEFAULT))
    assert again is not None
    assert again.fingerprint == encoder.fingerprint
    assert encoder.encode([]).shape == (0, encoder.dimensions)
    assert not np.isnan(encoder.encode([""])).any()
