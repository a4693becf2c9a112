"""Learns to see one trouble in other words: `troubles.Troubles.turn`.

From tellings of one trouble by several people (`data/triage/matters.jsonl`, places cut out, and
`data/triage/troubles.jsonl`, where a near miss stands beside every group) and from the FAQ's
wordings of one question.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import yaml

from case_api.troubles import Floats32
from knowledge_base.encoder import Encoder

DATA = Path(__file__).parents[1] / "data"
TROUBLES = DATA / "triage" / "troubles.jsonl"
FAQ = DATA / "knowledge" / "faq"
DIMENSIONS = 128
ROUNDS = 20
BATCH = 256
RATE = 3e-3
TEMPERATURE = 0.1
DROPPED = 0.1
"""Share of a vector's numbers left out at random: few groups teach a matrix of thousands."""
FAQ_PAIRS = 2
"""Of one question, in each round."""


@dataclass(slots=True)
class Group:
    """Vectors of one trouble, and of what is mistaken for it."""

    same: list[Floats32] = field(default_factory=list)
    near: list[Floats32] = field(default_factory=list)


def written_groups(encoder: Encoder, path: Path = TROUBLES) -> list[Group]:
    """Groups that were written for this."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    groups: dict[str, Group] = defaultdict(Group)
    for row, vector in zip(rows, encoder.encode([row["text"] for row in rows]), strict=True):
        one = groups[row["group"]]
        (one.same if row["kind"] == "same" else one.near).append(vector)
    return list(groups.values())


def faq_groups(encoder: Encoder, folder: Path = FAQ) -> list[Group]:
    """Wordings of one question."""
    entries = [
        entry
        for path in sorted(folder.glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    told = [[entry["question"], *map(str, entry["phrasings"])] for entry in entries]
    return [Group(list(encoder.encode(wordings))) for wordings in told]


def learn(groups: Sequence[Group], questions: Sequence[Group], seed: int = 0) -> Floats32:
    """The matrix: pairs of one group shall be nearer to one another than to all else at hand."""
    # Imported here: only fitting needs it.
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311
    width = len(groups[0].same[0])
    turn = torch.nn.Parameter(torch.linalg.qr(torch.randn(width, DIMENSIONS))[0].clone())
    optimiser = torch.optim.AdamW([turn], lr=RATE, weight_decay=1e-4)
    for _ in range(ROUNDS):
        pairs = _pairs(groups, questions, chance)
        for start in range(0, len(pairs), BATCH):
            batch = pairs[start : start + BATCH]
            ones, others = (
                functional.dropout(torch.tensor(np.array([pair[side] for pair in batch])), DROPPED)
                for side in (0, 1)
            )
            near = [pair[2] for pair in batch if pair[2] is not None]
            a, b = (functional.normalize(rows @ turn, dim=1) for rows in (ones, others))
            against = b
            if near:
                misses = functional.normalize(torch.tensor(np.array(near)) @ turn, dim=1)
                against = torch.cat([b, misses])
            right = torch.arange(len(batch))
            loss = functional.cross_entropy(a @ against.T / TEMPERATURE, right)
            loss = loss + functional.cross_entropy(b @ a.T / TEMPERATURE, right)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    learnt: Floats32 = turn.detach().numpy().astype(np.float32)
    return learnt


def _pairs(
    groups: Sequence[Group], questions: Sequence[Group], chance: random.Random
) -> list[tuple[Floats32, Floats32, Floats32 | None]]:
    pairs: list[tuple[Floats32, Floats32, Floats32 | None]] = []
    for group in groups:
        order = chance.sample(range(len(group.same)), len(group.same))
        for one, other in zip(order[::2], order[1::2], strict=False):
            miss = chance.choice(group.near) if group.near else None
            pairs.append((group.same[one], group.same[other], miss))
    for group in questions:
        for _ in range(FAQ_PAIRS):
            one, other = chance.sample(range(len(group.same)), 2)
            pairs.append((group.same[one], group.same[other], None))
    chance.shuffle(pairs)
    return pairs
