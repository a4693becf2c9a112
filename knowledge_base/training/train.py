"""Train the shipped encoder.

    python -m knowledge_base.training.train --laws PATH/articles.jsonl.gz \
        --questions PATH/stard_dev.jsonl --out knowledge_base/default_encoder

Law texts, own-written pairs and lay legal questions in, a stock sentence-transformers
`StaticEmbedding` out. Fixed steps, one seed, one thread: the same inputs give the same model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from knowledge_base.evaluation import HELD_OUT
from knowledge_base.training import corpus, initialise, tokenizer, views
from knowledge_base.training.mining import Miner
from knowledge_base.training.model import Floats, Table

_HOME = Path(__file__).resolve().parents[2]
APART = 1_000_000
"""Between the numbers of own-written matters and those of asked questions."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the result besides the texts."""

    words: int = 42_000
    dimensions: int = 256
    window: int = 6
    rarity: float = 3e-4
    steps: int = 800
    law_pairs: int = 320
    written_pairs: int = 192
    asked_pairs: int = 96
    wrong_articles: int = 12
    """Look-alikes kept for each matter; one of them joins the batch each time."""
    looks: tuple[float, ...] = (0.3, 0.6)
    """After which shares of the steps look-alikes are looked for."""
    rate: float = 3e-3
    temperature: float = 0.08
    seed: int = 20260101


def flatten(texts: Sequence[views.Ids]) -> tuple[torch.Tensor, torch.Tensor]:
    """Texts as the two tensors of an embedding bag."""
    lengths = [len(text) for text in texts]
    offsets = np.cumsum([0, *lengths[:-1]])
    ids = np.concatenate(list(texts)).astype(np.int64)
    return torch.from_numpy(ids), torch.from_numpy(offsets)


def loss(
    table: Table, pairs: Sequence[views.Pair], wrong: Sequence[views.Ids], temperature: float
) -> torch.Tensor:
    """InfoNCE both ways: each left must find its right among all rights, and back.

    `wrong` articles are more rights that no left belongs to.
    """
    left = table(*flatten([pair.left for pair in pairs]))
    right = table(*flatten([*(pair.right for pair in pairs), *wrong]))
    logits = left @ right.T / temperature
    count = len(pairs)
    matter = torch.tensor([pair.matter for pair in pairs])
    same = (matter[:, None] == matter[None, :]) & (matter[:, None] >= 0)
    same.fill_diagonal_(False)
    among = logits[:, :count].masked_fill(same, -1e4)
    target = torch.arange(count)
    across = torch.nn.functional.cross_entropy
    both = across(torch.cat([among, logits[:, count:]], dim=1), target) + across(among.T, target)
    return 0.5 * both


@dataclass(frozen=True, slots=True)
class Material:
    """What batches are drawn from."""

    laws: views.LawViews
    written: views.WrittenViews
    """Own-written matters."""
    asked: views.WrittenViews
    """Lay legal questions; their matters are numbered after the own-written."""
    articles: Sequence[views.Ids]
    """National articles, among which look-alikes are looked for."""


def contrast(table: Table, material: Material, settings: Settings) -> None:
    """The fixed number of steps, with a rate that rises quickly and falls to nothing."""
    random = np.random.default_rng(settings.seed)
    shared = [table.turn, table.characters, table.gain]
    betas = (0.9, 0.98)
    optimisers: list[tuple[torch.optim.Optimizer, float]] = [
        (torch.optim.Adam(shared, betas=betas), 0.3),
        (torch.optim.SparseAdam(list(table.own.parameters()), betas=betas), 1.0),
    ]
    sources = [
        (views_, count, Miner(material.articles, settings.wrong_articles))
        for views_, count in (
            (material.written, settings.written_pairs),
            (material.asked, settings.asked_pairs),
        )
        if len(views_)
    ]
    looks = {int(share * settings.steps) for share in settings.looks}
    started = time.monotonic()
    for step in range(settings.steps):
        rise = min(1.0, (step + 1) / 50) * (1.0 - step / settings.steps)
        pairs = material.laws.draw(settings.law_pairs, random)
        wrong: list[views.Ids] = []
        for first, (matters, count, miner) in enumerate(sources):
            if step in looks and settings.wrong_articles:
                miner.mine(table.export(), matters)
            drawn = matters.draw(count, random)
            wrong += miner.draw([pair.matter for pair in drawn], random)
            apart = first * APART
            pairs += [replace(pair, matter=pair.matter + apart) for pair in drawn]
        value = loss(table, pairs, wrong, settings.temperature)
        table.zero_grad(set_to_none=True)
        value.backward()  # type: ignore[no-untyped-call]
        for optimiser, share in optimisers:
            optimiser.param_groups[0]["lr"] = settings.rate * rise * share
            optimiser.step()
        if step % 100 == 0 or step == settings.steps - 1:
            spent = time.monotonic() - started
            say(f"step {step} loss {value.item():.3f} after {spent:.0f} s")


def say(line: str) -> None:
    """Progress for the person at the terminal."""
    sys.stderr.write(line + "\n")


def count(cutter: Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs."""
    found: Counter[str] = Counter()
    for encoding in cutter.encode_batch(list(texts), add_special_tokens=False):
        found.update(encoding.tokens)
    return found


def digest(paths: Sequence[Path]) -> str:
    """Which inputs these were."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


def save(cutter: Tokenizer, rows: Floats, out: Path) -> None:
    """The folder as `SentenceTransformer.save` writes it, rows in half precision."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    static = StaticEmbedding(cutter, embedding_weights=torch.from_numpy(rows).half())
    SentenceTransformer(modules=[static, Normalize()], device="cpu").save(
        str(out), create_model_card=False
    )
    # safetensors writes for the owner alone; a service runs as another user.
    (out / "model.safetensors").chmod(0o644)


def _fold(text: str) -> tuple[int, int]:
    number, of = map(int, text.split("/"))
    return number, of


def main() -> None:
    """Read, cut, factorise, contrast, save."""
    options = argparse.ArgumentParser(description="Train the shipped sentence encoder.")
    options.add_argument("--laws", type=Path, required=True, help="articles.jsonl.gz")
    options.add_argument("--out", type=Path, default=_HOME / "knowledge_base/default_encoder")
    options.add_argument("--pairs", type=Path, default=_HOME / "data/knowledge/pairs")
    options.add_argument("--faq", type=Path, default=_HOME / "data/knowledge/faq")
    options.add_argument("--questions", type=Path, help="stard_dev.jsonl: lay legal questions")
    options.add_argument(
        "--skip", type=int, default=HELD_OUT, help="questions at the head that are left for tests"
    )
    options.add_argument(
        "--without", type=_fold, help="k/n: leave out every n-th question, to fit weights with"
    )
    options.add_argument("--steps", type=int, default=Settings().steps)
    options.add_argument(
        "--hold-out",
        action="store_true",
        help="keep the last phrasing of every curated question out, to measure with",
    )
    chosen = options.parse_args()
    settings = Settings(steps=chosen.steps)
    # One thread adds in one order: the same inputs give the same bits, and it is no slower.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

    articles = corpus.read_articles(chosen.laws)
    groups = corpus.read_groups(chosen.pairs)
    questions = corpus.read_faq(chosen.faq)
    if chosen.hold_out:
        questions = [replace(q, phrasings=q.phrasings[:-1]) for q in questions]
    asked = (
        corpus.read_asked(chosen.laws, chosen.questions, skip=chosen.skip, without=chosen.without)
        if chosen.questions
        else []
    )
    say(
        f"{len(articles)} articles, {len(groups)} own groups, "
        f"{len(questions)} curated questions, {len(asked)} lay questions"
    )

    dictionary = tokenizer.jieba_words()
    everything = tokenizer.build(dictionary)
    said = [text for group in groups for text in group.texts]
    said += [text for q in questions for text in (*q.phrasings, q.answer)]
    seen = count(everything, (article.text for article in articles[::2]))
    words = tokenizer.choose(dictionary, seen, count(everything, said), settings.words)
    cutter = tokenizer.build(words)
    names = [cutter.id_to_token(i) or "" for i in range(cutter.get_vocab_size())]
    say(f"{len(names)} words")

    cut = views.tokenise_articles(cutter, articles)
    stream = [part for article in cut for part in (article.heading, article.all)]
    stream += views.tokenise(cutter, said)
    counts = np.bincount(np.concatenate(stream), minlength=len(names))
    near = initialise.cooccurrence(stream, len(names), settings.window)
    first = initialise.factorise(initialise.ppmi(near), settings.dimensions, settings.seed)
    spelling, _ = initialise.characters(names)
    first = initialise.compose(first, spelling, counts, trust=5.0)
    table = Table(first, initialise.rarity(counts, settings.rarity), spelling, settings.seed)
    national = [
        np.concatenate([part.heading, part.all])[: views.LONGEST]
        for part, article in zip(cut, articles, strict=True)
        if article.national
    ]
    material = Material(
        views.LawViews(cut),
        views.written(cutter, groups, questions, articles),
        views.written(cutter, [], [], articles, asked),
        national,
    )
    contrast(table, material, settings)
    save(cutter, table.export(), chosen.out)
    record = {
        "settings": asdict(settings),
        "articles": len(articles),
        "groups": len(groups),
        "curated_questions": len(questions),
        "lay_questions": len(asked),
        "laws_sha256": digest([chosen.laws]),
        "pairs_sha256": digest(sorted(chosen.pairs.glob("*.jsonl"))),
        "faq_sha256": digest(sorted(chosen.faq.glob("*.yml"))),
    }
    text = json.dumps(record, ensure_ascii=False, indent=2)
    (chosen.out / "training.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
