"""`python -m case_api triage train` · `triage try TEXT` · `duplicates fit`."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from dotenv import load_dotenv

from case_api import fit_duplicates
from case_api.duplicates import Matter
from case_api.features import Floats
from case_api.triage import Routing, Triage, load_or_train
from knowledge_base.encoder import Encoder, load_encoder

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Read the command line and do what it says."""
    load_dotenv(ROOT / ".env")
    parser = argparse.ArgumentParser(prog="python -m case_api", description=__doc__)
    parser.add_argument("--encoder", default=os.environ.get("MINSHENG_ENCODER", ""))
    parser.add_argument(
        "--data-dir", type=Path, default=ROOT / (os.environ.get("MINSHENG_DATA_DIR") or "var")
    )
    parts = parser.add_subparsers(dest="part", required=True)
    triage = parts.add_parser("triage", help="分办模型").add_subparsers(dest="what", required=True)
    triage.add_parser("train", help="训练（数据与编码模型未变时直接沿用）")
    trying = triage.add_parser("try", help="看一段话会分到哪里")
    trying.add_argument("text")
    trying.add_argument("--place", default="")
    duplicates = parts.add_parser("duplicates", help="判重").add_subparsers(
        dest="what", required=True
    )
    duplicates.add_parser("fit", help="重新拟合 case_api/duplicates.toml")
    asked = parser.parse_args()
    if asked.part == "duplicates":
        fit(asked.encoder, asked.data_dir)
    else:
        route(asked)


def route(asked: argparse.Namespace) -> None:
    """Train, and show where a text would go."""
    encoder = load_encoder(asked.encoder)
    model = load_or_train(asked.data_dir / "models", encoder)
    if asked.what == "train":
        print(f"分办模型就绪：{len(model.classes)} 类，低于 {model.floor:.2f} 转人工分办")
        return
    found = asyncio.run(Triage(model, Routing.load(), encoder).route(asked.text, asked.place))
    print(f"{found.category}  {found.office}  {found.confidence:.2f}")


def fit(encoder_name: str, data_dir: Path) -> None:
    """Fit both sets of weights and print how they do on unseen pairs."""
    encoder = load_encoder(encoder_name)
    pairs, relations = fit_duplicates.read_pairs()
    with_encoder = fit_duplicates.fit(pairs, relations, _kinds(data_dir, encoder), encoder)
    without = fit_duplicates.fit(pairs, relations, _kinds(data_dir, None), None)
    fit_duplicates.write(with_encoder, without)
    for name, fitted in (("有编码模型", with_encoder), ("仅词面", without)):
        print(
            f"{name}：三类准确率 {fitted.accuracy:.3f}，"
            f"判“同一”的准确率 {fitted.same_precision:.3f}、召回率 {fitted.same_recall:.3f}"
        )


def _kinds(data_dir: Path, encoder: Encoder | None) -> fit_duplicates.Kinds:
    model = load_or_train(data_dir / "models" / ("" if encoder else "none"), encoder)

    def kinds(matters: Sequence[Matter]) -> Floats:
        return model.probabilities([f"{m.place} {m.text}" for m in matters], encoder)

    return kinds


if __name__ == "__main__":
    main()
