"""Fits the forests of `duplicates.npz` on our own tellings, and says how well they do unseen."""

from __future__ import annotations

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from case_api.duplicates import AGAINST, EITHER, FITTED, SIGNALS, Matter, compare, likeness
from case_api.features import Floats as Floats32
from case_api.fit_troubles import Group, faq_groups, learn, written_groups
from case_api.trees import Forest
from case_api.troubles import turned
from knowledge_base.encoder import Encoder

TRIAGE = Path(__file__).parents[1] / "data" / "triage"
MATTERS = TRIAGE / "matters.jsonl"
PAIRS = TRIAGE / "pairs.jsonl"
FOLDS = 5
STRANGERS = 8
"""Pairs of two families for each family, as new: most of what is met at work is like that."""
STRANGER_WEIGHT = 0.3
COPIES = 200
"""Tellings paired with themselves: the same petition sent twice."""
DAY_ONE = datetime(2026, 1, 1, tzinfo=timezone.utc)
FOREST = {
    "max_iter": 250,
    "learning_rate": 0.05,
    "max_leaf_nodes": 10,
    "min_samples_leaf": 25,
    "l2_regularization": 5.0,
    "max_features": 0.5,
    "random_state": 0,
}
Kinds = Callable[[Sequence[Matter]], Floats32]
"""Triage's probabilities, a row a matter."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """One telling, and which matter of which family it tells."""

    family: str
    role: str
    """base | elsewhere (the same trouble) | same_place (another one) | far (neither)."""
    matter: Matter

    @property
    def trouble(self) -> str:
        """Tellings with the same value complain of the same trouble."""
        return f"{self.family} {'base' if self.role == 'elsewhere' else self.role}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tellings by number, and what they are to one another."""

    one: int
    other: int
    relation: str
    family: str
    weight: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The forests, and their probabilities for pairs whose families they had not seen."""

    forests: dict[str, Forest]
    same: Floats
    linked: Floats


def read_tellings(path: Path = MATTERS) -> list[Told]:
    """Columns: `family`, `matter` (its role), `text`, `place`, `days`, `citizen`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Told(
            row["family"],
            row["matter"],
            Matter.of(
                row["text"],
                row["place"],
                DAY_ONE + timedelta(days=row["days"]),
                owner=("wechat", row["family"], row["citizen"]),
            ),
        )
        for row in rows
    ]


def relation(one: Told, other: Told) -> str:
    """What two tellings are to one another."""
    if one.family != other.family:
        return "new"
    roles = {one.role, other.role}
    if len(roles) == 1:
        return "same"
    return "related" if roles in ({"base", "elsewhere"}, {"base", "same_place"}) else "new"


def pairs_within(told: Sequence[Told]) -> list[Pair]:
    """Every pair of one family: the hard ones."""
    families: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(told):
        families[one.family].append(number)
    return [
        Pair(a, b, relation(told[a], told[b]), family, 1.0)
        for family, members in families.items()
        for a, b in itertools.combinations(members, 2)
    ]


def read_pairs(told: list[Told], path: Path = PAIRS) -> list[Pair]:
    """Pairs that were written one by one; their tellings are added to `told`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        family = f"pair {number}"
        for side, days in (("one", 0), ("other", row["days"])):
            owner = "a" if side == "one" or row["same_citizen"] else "b"
            matter = Matter.of(
                row[side]["text"],
                row[side]["place"],
                DAY_ONE + timedelta(days=days),
                owner=("wechat", family, owner),
            )
            told.append(Told(family, side, matter))
        found.append(Pair(len(told) - 2, len(told) - 1, row["relation"], family, 1.0))
    return found


def easy_pairs(told: Sequence[Told]) -> Iterator[Pair]:
    """Strangers and copies: easy, but the bulk of what is met."""
    chance = random.Random(0)  # noqa: S311
    families = {one.family for one in told}
    left = STRANGERS * len(families)
    while left:
        a, b = chance.sample(range(len(told)), 2)
        if told[a].family != told[b].family:
            yield Pair(a, b, "new", told[a].family, STRANGER_WEIGHT)
            left -= 1
    for a in chance.sample(range(len(told)), min(COPIES, len(told))):
        yield Pair(a, a, "same", told[a].family, STRANGER_WEIGHT)


class Fit:
    """All tellings and pairs with what is computed once for both kinds of forest."""

    def __init__(self, kinds: Kinds, encoder: Encoder | None) -> None:
        self.told = read_tellings()
        written = pairs_within(self.told)
        self.families = len(self.told)
        """Tellings that stand in families: the troubles are learnt from these."""
        written += read_pairs(self.told)
        self.pairs = [*written, *easy_pairs(self.told)]
        self.hard = len(written)
        self.encoder = encoder
        matters = [one.matter for one in self.told]
        self._kinds = kinds(matters)
        self._folds = _folds([pair.family for pair in self.pairs])
        if encoder is not None:
            self._vectors = encoder.encode([one.text for one in matters])
            self._troubles = encoder.encode([one.trouble for one in matters])
            self._groups = written_groups(encoder), faq_groups(encoder)

    def run(self) -> tuple[Fitted, Floats32]:
        """The forests and the turn; probabilities are by forests that saw neither family."""
        unseen = self._rows(self._unseen_troubles())
        same = np.array([pair.relation == "same" for pair in self.pairs])
        linked = np.array([pair.relation != "new" for pair in self.pairs])
        weights = np.array([pair.weight for pair in self.pairs])
        guesses = {name: np.zeros(len(self.pairs)) for name in ("same", "linked")}
        forests = {}
        for name, target in (("same", same), ("linked", linked)):
            for fold in range(FOLDS):
                out = self._folds == fold
                fitted = _grow(unseen[~out], target[~out], weights[~out])
                guesses[name][out] = fitted.probability(unseen[out])
            # Signals by a turn that had not seen the pair's family: as at work.
            forests[name] = _grow(unseen, target, weights)
        turn = self._learn(range(self.families)) if self.encoder else np.zeros((0, 0), np.float32)
        return Fitted(forests, guesses["same"], guesses["linked"]), turn

    def _unseen_troubles(self) -> Floats32 | None:
        if self.encoder is None:
            return None
        fold_of = {pair.family: int(self._folds[at]) for at, pair in enumerate(self.pairs)}
        folds = np.array([fold_of[one.family] for one in self.told])
        found: Floats32 | None = None
        for fold in range(FOLDS):
            seen = [at for at in range(self.families) if folds[at] != fold]
            rows = turned(self._troubles[folds == fold], self._learn(seen))
            if found is None:
                found = np.zeros((len(self.told), rows.shape[1]), np.float32)
            found[folds == fold] = rows
        return found

    def _learn(self, numbers: Sequence[int]) -> Floats32:
        groups: dict[str, Group] = defaultdict(Group)
        for number in numbers:
            groups[self.told[number].trouble].same.append(self._troubles[number])
        told = [group for group in groups.values() if len(group.same) > 1]
        written, questions = self._groups
        return learn([*told, *written], questions)

    def _rows(self, troubles: Floats32 | None) -> Floats:
        rows = []
        for pair in self.pairs:
            a, b = pair.one, pair.other
            meaning = float(self._vectors[a] @ self._vectors[b]) if troubles is not None else 0.0
            alike = float(troubles[a] @ troubles[b]) if troubles is not None else 0.0
            kind = likeness(self._kinds[a], self._kinds[b])
            found = compare(self.told[a].matter, self.told[b].matter, meaning, alike, kind)
            rows.append([found[name] for name in SIGNALS])
        return np.array(rows)


def write(fits: dict[str, Fitted], turn: Floats32, encoder: str, path: Path = FITTED) -> None:
    """Everything in one file of plain arrays."""
    arrays: dict[str, NDArray[Any]] = {
        "turn": turn.astype(np.float16),
        "encoder": np.array(encoder),
    }
    for kind, fitted in fits.items():
        for name, forest in fitted.forests.items():
            arrays |= forest.arrays(f"{kind}_{name}")
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _grow(rows: Floats, target: NDArray[np.bool_], weights: Floats) -> Forest:
    # Imported here: serving needs none of it.
    from sklearn.ensemble import HistGradientBoostingClassifier

    direction = [0 if name in EITHER else -1 if name in AGAINST else 1 for name in SIGNALS]
    forest = HistGradientBoostingClassifier(monotonic_cst=direction, **FOREST)
    return Forest.of(forest.fit(rows, target, sample_weight=weights))


def _folds(families: Sequence[str]) -> NDArray[np.int64]:
    names = sorted(set(families))
    random.Random(0).shuffle(names)  # noqa: S311
    fold = {name: at % FOLDS for at, name in enumerate(names)}
    return np.array([fold[name] for name in families])
