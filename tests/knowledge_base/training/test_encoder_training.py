"""The training of the shipped encoder, on a handful of articles, and the shipped encoder itself."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from case_api.categories import CATEGORIES
from knowledge_base.training import corpus, evaluate, initialise, tokenizer, train, views
from knowledge_base.training.lexical import Bm25, bigrams
from knowledge_base.training.mining import Miner
from knowledge_base.training.model import Table

HOME = Path(__file__).resolve().parents[3]
SHIPPED = HOME / "knowledge_base" / "default_encoder"


@pytest.fixture(scope="module")
def encode() -> evaluate.Encode:
    return evaluate.load(SHIPPED)


@pytest.fixture(scope="module")
def cutter():  # type: ignore[no-untyped-def]
    return tokenizer.build(tokenizer.jieba_words())


def test_the_shipped_encoder_is_small_enough_to_live_in_the_repository() -> None:
    size = sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file())
    assert size < 25 * 2**20


def test_the_shipped_encoder_loads_without_code_of_its_own_and_gives_unit_vectors(
    encode: evaluate.Encode,
) -> None:
    vectors = encode(["老板拖着工钱不给", "用人单位拖欠劳动报酬"])
    assert vectors.shape == (2, train.Settings().dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_text_without_a_known_word_gets_zeros_and_not_numbers_that_spoil_an_index(
    encode: evaluate.Encode,
) -> None:
    vectors = encode(["", "！！", "𠮷𠮷"])
    assert np.isfinite(vectors).all()
    assert not vectors.any()


def test_half_precision_on_disk_loses_nothing_that_a_ranking_would_notice() -> None:
    from safetensors.torch import load_file

    rows = load_file(SHIPPED / "model.safetensors")["embedding.weight"]
    assert rows.dtype == torch.float16
    words = torch.randint(1, len(rows), (50, 12), generator=torch.Generator().manual_seed(1))
    exact = torch.nn.functional.normalize(rows.float()[words].mean(dim=1))
    halved = torch.nn.functional.normalize(
        torch.nn.functional.embedding_bag(words, rows, mode="mean").float()
    )
    assert (exact * halved).sum(dim=1).min() > 0.9999


@pytest.mark.parametrize(
    ("said", "law", "other"),
    [
        ("老板半年没发工钱了", "用人单位应当及时足额支付劳动报酬", "饲养动物不得干扰他人生活"),
        ("楼下大妈跳舞吵死了", "公共场所组织娱乐活动应当控制音响音量", "承租人可以请求减少租金"),
        ("房子被半夜推倒了", "违法强制拆除房屋应当赔偿", "经营者应当开具购货凭证"),
        ("他又动手打我了", "家庭暴力受害人可以申请人身安全保护令", "城市道路养护维修单位"),
    ],
)
def test_a_citizens_words_are_nearer_to_their_law_than_to_another(
    encode: evaluate.Encode, said: str, law: str, other: str
) -> None:
    asked, right, wrong = encode([said, law, other])
    assert asked @ right > asked @ wrong + 0.1


def test_it_cuts_as_jieba_does(cutter) -> None:  # type: ignore[no-untyped-def]
    import jieba

    text = "物业公司不履行合同，业主可以向街道办事处投诉"
    expected = [word for word in jieba.cut(text, HMM=False) if word != "，"]
    assert cutter.encode(text, add_special_tokens=False).tokens == expected


def test_full_width_and_capitals_are_read_as_the_plain_ones(cutter) -> None:  # type: ignore[no-untyped-def]
    plain = cutter.encode("a3区12345", add_special_tokens=False).ids
    assert cutter.encode("Ａ３区１２３４５！", add_special_tokens=False).ids == plain


def test_a_small_vocabulary_keeps_the_words_it_was_told_to_keep() -> None:
    dictionary = {"工资": 50, "拖欠": 3, "老板": 40, "罕见": 1, "吵": 2}
    chosen = tokenizer.choose(dictionary, {"工资": 9}, ["罕见", "不在词典"], 3)
    assert "罕见" in chosen
    assert "工资" in chosen
    assert len(chosen) == 2


def test_neighbours_of_different_texts_do_not_meet() -> None:
    texts = [np.array([1, 2], dtype=np.int32), np.array([3, 4], dtype=np.int32)]
    near = initialise.cooccurrence(texts, 5, window=3).toarray()
    assert near[1, 2] == near[2, 1] == 1.0
    assert near[2, 3] == 0.0


def test_a_word_never_seen_takes_after_its_characters() -> None:
    names = ["[UNK]", "欠款", "欠薪", "薪水", "树木"]
    vectors = np.array([[0, 0], [1, 0], [0, 0], [0, 1], [-1, 0]], dtype=np.float32)
    spelling, _ = initialise.characters(names)
    composed = initialise.compose(vectors, spelling, np.array([0, 9, 0, 9, 9]), trust=1.0)
    assert composed[2] == pytest.approx([0.707, 0.707], abs=0.01)


def _write_laws(path: Path) -> None:
    rows = [
        {"id": 6, "law": "地方条例", "chapter": None, "article": "第二条", "file": "DLC/甲.md"},
        {
            "id": 7,
            "law": "劳动合同法",
            "chapter": "第三章",
            "article": "第三十条",
            "file": "社会法/乙.md",
        },
    ]
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for row in rows:
            text = "用人单位应当及时足额支付劳动报酬。"
            out.write(json.dumps(row | {"text": text}, ensure_ascii=False) + "\n")


def test_where_a_local_rule_copies_a_national_article_the_national_one_stays(
    tmp_path: Path,
) -> None:
    _write_laws(tmp_path / "articles.jsonl.gz")
    (article,) = corpus.read_articles(tmp_path / "articles.jsonl.gz")
    assert (article.law, article.national) == ("劳动合同法", True)


def test_a_group_is_paired_with_the_text_of_the_article_it_names(tmp_path: Path, cutter) -> None:  # type: ignore[no-untyped-def]
    _write_laws(tmp_path / "articles.jsonl.gz")
    articles = corpus.read_articles(tmp_path / "articles.jsonl.gz")
    group = corpus.Group(("老板不给钱",), (("劳动合同法", "第三十条"),))
    own = views.written(cutter, [group], [], articles)
    (pair,) = own.draw(5, np.random.default_rng(1))
    read = [cutter.id_to_token(int(i)) for i in pair.right]
    assert "劳动" in read or "支付" in read


def test_questions_left_for_tests_and_for_a_fit_are_not_learnt_from(tmp_path: Path) -> None:
    _write_laws(tmp_path / "articles.jsonl.gz")
    rows = [{"query": f"问题{number}", "gold_article_ids": [7]} for number in range(10)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "asked.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def asked(without: tuple[int, int] | None) -> list[str]:
        files = (tmp_path / "articles.jsonl.gz", tmp_path / "asked.jsonl")
        found = corpus.read_asked(*files, skip=4, without=without)
        assert all("劳动报酬" in passage for one in found for passage in one.passages)
        return [one.question for one in found]

    every, first, second = asked(None), asked((0, 2)), asked((1, 2))
    assert len(every) == 6
    assert sorted(first + second) == sorted(every)
    assert not set(first) & set(second)


def test_look_alikes_are_near_the_question_and_not_among_its_answers() -> None:
    rows = initialise.unit(np.array([[0, 0], [1, 0.1], [1, 0], [1, 0.4], [0, 1]], dtype=np.float32))
    texts = [np.array([number], dtype=np.int32) for number in range(5)]
    own = views.WrittenViews([([texts[1]], [texts[2]]), ([texts[4], texts[4]], [])])
    miner = Miner(texts[1:], count=1)
    random = np.random.default_rng(1)
    assert miner.draw([0, 1], random) == []
    miner.mine(rows, own)
    (found,) = miner.draw([0, 1], random)
    assert found.tolist() == [3]


def test_a_look_alike_in_the_batch_makes_the_task_harder() -> None:
    first = initialise.unit(np.random.default_rng(3).normal(size=(4, 8)).astype(np.float32))
    spelling, _ = initialise.characters(["[UNK]", "工资", "薪水", "噪声"])
    table = Table(first, np.ones(4, dtype=np.float32), spelling, seed=1)
    ids = [np.array([i], dtype=np.int32) for i in range(4)]
    pairs = [views.Pair(ids[1], ids[2], 0)]
    assert train.loss(table, pairs, [ids[1]], 0.1) > train.loss(table, pairs, [], 0.1)


def test_training_brings_the_two_sides_of_a_pair_together() -> None:
    names = ["[UNK]", "工资", "薪水", "噪声", "吵闹"]
    random = np.random.default_rng(3)
    first = initialise.unit(random.normal(size=(5, 8)).astype(np.float32))
    spelling, _ = initialise.characters(names)
    table = Table(first, np.ones(5, dtype=np.float32), spelling, seed=1)
    ids = [np.array([i], dtype=np.int32) for i in range(5)]
    pairs = [views.Pair(ids[1], ids[2], 0), views.Pair(ids[3], ids[4], 1)]
    optimiser = torch.optim.SparseAdam(list(table.own.parameters()), lr=0.05)
    before = train.loss(table, pairs, [], 0.1).item()
    for _ in range(30):
        table.zero_grad()
        train.loss(table, pairs, [], 0.1).backward()
        optimiser.step()
    assert train.loss(table, pairs, [], 0.1).item() < before / 2
    assert not table.export()[0].any()


def test_every_category_has_pairs_and_each_group_says_one_matter_at_least_twice() -> None:
    folder = HOME / "data" / "knowledge" / "pairs"
    assert {path.stem.split("-")[1] for path in folder.glob("*.jsonl")} >= set(CATEGORIES)
    groups = corpus.read_groups(folder)
    assert len(groups) >= 500
    assert all(len(set(group.texts)) == len(group.texts) for group in groups)


def test_bigrams_do_not_cross_a_mark() -> None:
    assert bigrams("停水，没电") == ["停水", "没电"]


def test_bm25_puts_the_passage_with_the_rarer_word_first() -> None:
    found = Bm25(["供水 通知", "停电 通知", "供水 停电 通知 公告"]).scores(["停电"])
    assert found[0].argmax() == 1


def test_the_rank_of_a_question_is_that_of_its_best_right_passage() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.3, 0.2, 0.1]], dtype=np.float32)
    figure = evaluate.score(evaluate.ranks(scores, [{0, 2}, {0}]))
    assert (figure.mrr, figure.hit1) == (pytest.approx(0.75), 0.5)
