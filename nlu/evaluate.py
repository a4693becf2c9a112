"""How well a trained model tells intents: `python -m nlu.evaluate MODEL FILE.jsonl`.

Runs in Rasa's environment. Each line of the file is `{"text", "intent"}`. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.utils.log_utils import configure_structlog

from nlu.text import danger

_FALLBACK = "nlu_fallback"


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--wrong", action="store_true", help="list what was told wrongly")
    parser.add_argument("--rows", type=Path, help="write what was told of each sentence")
    asked = parser.parse_args()
    # Rasa would write every sentence to the log.
    configure_structlog(logging.ERROR)
    rows = [json.loads(line) for line in asked.sentences.read_text(encoding="utf-8").splitlines()]
    result = asyncio.run(evaluate(asked.model, rows, list_wrong=asked.wrong))
    told = result.pop("rows")
    if asked.rows is not None:
        asked.rows.write_text(json.dumps(told), encoding="utf-8")
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


async def evaluate(
    model: Path, rows: list[dict[str, str]], *, list_wrong: bool = False
) -> dict[str, Any]:
    """Macro-F1 with and without the fallback, and how the danger rules do on the same sentences."""
    agent = Agent.load(model)
    began = time.perf_counter()
    parsed = [await agent.parse_message(row["text"]) for row in rows]
    took = time.perf_counter() - began
    truth = [row["intent"] for row in rows]
    told = [one["intent"]["name"] for one in parsed]
    best = [_best(one) for one in parsed]
    alarms = [danger.assess(row["text"]) is not None for row in rows]
    result: dict[str, Any] = {
        "sentences": len(rows),
        "macro_f1": _macro_f1(truth, best),
        "accuracy": round(sum(map(str.__eq__, truth, best)) / len(rows), 4),
        "fell_back": told.count(_FALLBACK),
        "fell_back_though_right": sum(
            said == _FALLBACK and right == guess
            for said, right, guess in zip(told, truth, best, strict=False)
        ),
        "f1": {name: round(_f1(truth, best, name), 3) for name in sorted(set(truth))},
        "danger_heard": f"{_both(alarms, truth, 'crisis')}/{truth.count('crisis')}",
        "danger_heard_by_rule_or_model": sum(
            right == "crisis" and (alarm or guess == "crisis")
            for alarm, right, guess in zip(alarms, truth, best, strict=False)
        ),
        "false_alarms": sum(alarms) - _both(alarms, truth, "crisis"),
        "ms_per_sentence": round(took / len(rows) * 1000, 1),
        "rows": [
            {"intent": right, "told": guess, "alarm": alarm, "confidence": _confidence(one)}
            for right, guess, alarm, one in zip(truth, best, alarms, parsed, strict=False)
        ],
    }
    if list_wrong:
        result["wrong"] = [
            f"{right} → {guess}: {row['text']}"
            for row, right, guess in zip(rows, truth, best, strict=False)
            if right != guess
        ]
    return result


def _best(parsed: dict[str, Any]) -> str:
    """The likeliest intent, whether or not it was likely enough."""
    ranking = [one["name"] for one in parsed["intent_ranking"] if one["name"] != _FALLBACK]
    return ranking[0] if ranking else _FALLBACK


def _confidence(parsed: dict[str, Any]) -> float:
    return max(one["confidence"] for one in parsed["intent_ranking"] if one["name"] != _FALLBACK)


def _f1(truth: list[str], told: list[str], name: str) -> float:
    hits = sum(right == said == name for right, said in zip(truth, told, strict=False))
    return 2 * hits / (Counter(truth)[name] + Counter(told)[name] or 1)


def _macro_f1(truth: list[str], told: list[str]) -> float:
    names = set(truth)
    return round(sum(_f1(truth, told, name) for name in names) / len(names), 4)


def _both(alarms: list[bool], truth: list[str], name: str) -> int:
    return sum(alarm and right == name for alarm, right in zip(alarms, truth, strict=False))


if __name__ == "__main__":
    main()
