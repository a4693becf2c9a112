"""A stock `tokenizers` Unigram model that cuts Chinese as jieba does.

jieba finds the path of dictionary words with the highest product of frequencies; so does the
Viterbi search of a Unigram model whose scores are the logarithms of those frequencies.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jieba
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"
# Marks, white space and symbols carry no meaning in an average of words: they are cut out here
# so that they cost neither a row of the table nor a share of the mean.
_NOT_WORDS = r"[^\p{L}\p{N}]+"
_LATIN_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
_WORD = re.compile(r"[a-z\u3400-\u9fff]+")


def jieba_words() -> dict[str, int]:
    """jieba's dictionary (MIT) as word → frequency, folded as the tokenizer folds its input."""
    words: dict[str, int] = {}
    path = Path(jieba.__file__).with_name("dict.txt")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency = line.split(" ")[:2]
            folded = unicodedata.normalize("NFKC", word).lower()
            if _WORD.fullmatch(folded):
                words[folded] = words.get(folded, 0) + int(frequency)
    for character in _LATIN_AND_DIGITS:
        words.setdefault(character, 1)
    return words


def build(words: Mapping[str, int]) -> Tokenizer:
    """A tokenizer with exactly these words, most frequent first, and one unknown token at 0."""
    total = math.log(sum(words.values()))
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    # jieba counts a word seen zero times as seen once, too.
    vocabulary = [(UNKNOWN, -100.0)]
    vocabulary += [(word, round(math.log(max(count, 1)) - total, 3)) for word, count in ranked]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    # The typed stubs of tokenizers know the attributes only as read-only.
    parts: Any = tokenizer
    parts.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    parts.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_NOT_WORDS), behavior="removed"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    return tokenizer


def choose(
    dictionary: Mapping[str, int], seen: Mapping[str, int], kept: Iterable[str], size: int
) -> dict[str, int]:
    """Which words get a row: all of `kept`, then the commoner in law texts and in jieba's corpus.

    `seen` counts words in the law texts. A citizen's words are rare in laws, so both sides vote:
    rank by the geometric mean of the two frequencies, each smoothed.
    """
    law_total = sum(seen.values())
    jieba_total = sum(dictionary.values())

    def weight(word: str) -> float:
        in_law = (seen.get(word, 0) + 0.5) / law_total
        in_jieba = (dictionary[word] + 0.5) / jieba_total
        return max(0.5 * math.log(in_law) + 0.5 * math.log(in_jieba), math.log(in_law) - 1.5)

    must = {word for word in kept if word in dictionary}
    must.update(word for word in _LATIN_AND_DIGITS if word in dictionary)
    rest = sorted((w for w in dictionary if w not in must), key=lambda w: (-weight(w), w))
    chosen = must.union(rest[: max(0, size - 1 - len(must))])
    return {word: dictionary[word] for word in sorted(chosen)}
