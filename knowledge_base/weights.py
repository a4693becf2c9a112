"""How much each sign counts, and from where on a hit is sure enough: `weights.toml`.

Written by `python -m knowledge_base fit`. Every table has two columns of
weights: with the encoder's vectors, and by words alone.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PACKAGED = Path(__file__).parent / "weights.toml"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights for putting hits in order, and for how sure the first one is."""

    weights: Mapping[str, float]
    """Sign → weight in the sum by which hits are ordered."""
    confidence: Mapping[str, float]
    """Sign → weight in the logistic that turns the first hit into a probability."""
    bias: float
    floor: float
    """Below this probability a citizen is told that we do not know."""
    laws: Mapping[str, float] = field(default_factory=dict)
    """Law → how many of the questions that were learnt from ask about it."""

    def probability(self, signs: Mapping[str, float]) -> float:
        """How likely the first hit answers the question."""
        total = self.bias + sum(
            weight * signs.get(name, 0.0) for name, weight in self.confidence.items()
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything that was fitted."""

    faq: Ranking
    articles: Ranking
    encoder: str
    """Fingerprint of the encoder that the weights were fitted with; "none": by words alone."""


def section(encoder: str | None) -> str:
    """Which part of the file is meant."""
    return "lexical" if encoder is None else "hybrid"


def load_weights(encoder: str | None, override: Path | None = None) -> Weights:
    """Weights for this encoder (None: by words alone).

    `override` holds those that this installation has fitted for its own
    encoder; they count only while that encoder is the one in use.
    """
    if override is not None and override.exists():
        own = _read(override, encoder)
        if own is not None and own.encoder == (encoder or "none"):
            return own
    packaged = _read(PACKAGED, encoder)
    if packaged is None:
        raise ValueError(f"{PACKAGED.name} has no [{section(encoder)}]")
    return packaged


def save_weights(path: Path, weights: Weights) -> None:
    """Write the part that these weights belong to; the other part stays."""
    parts = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kind = section(None if weights.encoder == "none" else weights.encoder)
    parts[kind] = {
        "encoder": weights.encoder,
        "faq": _table(weights.faq),
        "articles": _table(weights.articles),
    }
    lines = ["# Fitted by `python -m knowledge_base fit`; see docs/quality.md."]
    for name, part in sorted(parts.items()):
        lines += ["", f"[{name}]", f'encoder = "{part["encoder"]}"']
        for ranking in ("faq", "articles"):
            table = part[ranking]
            lines += ["", f"[{name}.{ranking}]"]
            lines += [f"{key} = {table[key]:.4g}" for key in ("bias", "floor")]
            for key in ("weights", "confidence"):
                lines += ["", f"[{name}.{ranking}.{key}]"]
                lines += [f"{sign} = {value:.4g}" for sign, value in table[key].items()]
            if table.get("laws"):
                lines += ["", f"[{name}.{ranking}.laws]"]
                lines += [f"{_quoted(law)} = {count:.4g}" for law, count in table["laws"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(ranking: Ranking) -> dict[str, object]:
    return {
        "bias": ranking.bias,
        "floor": ranking.floor,
        "weights": dict(ranking.weights),
        "confidence": dict(ranking.confidence),
        "laws": dict(ranking.laws),
    }


def _quoted(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _read(path: Path, encoder: str | None) -> Weights | None:
    part = tomllib.loads(path.read_text(encoding="utf-8")).get(section(encoder))
    if part is None:
        return None
    return Weights(
        faq=Ranking(**part["faq"]), articles=Ranking(**part["articles"]), encoder=part["encoder"]
    )
