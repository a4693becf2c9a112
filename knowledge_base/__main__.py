"""The knowledge base from the command line: `python -m knowledge_base --help`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dotenv import load_dotenv

from knowledge_base import store
from knowledge_base.building import NICENESS
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database
from knowledge_base.encoder import load_encoder
from knowledge_base.evaluation import HELD_OUT, open_articles, read_articles, read_questions
from knowledge_base.imports import command
from knowledge_base.imports.records import KINDS, Options
from knowledge_base.migrations import upgrade
from knowledge_base.models import Hit
from knowledge_base.search import CHINA, SCRIPTS, VERSION_TABLE, KnowledgeBase
from knowledge_base.serving import Loader
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import PACKAGED, Weights, load_weights, save_weights
from nlu.text.errors import MinshengError

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data lie and which encoder reads them."""

    data_dir: Path
    database_url: str
    encoder: str


def place_from_environment() -> Place:
    """The same variables and `.env` as the app reads; `bot.settings` stands above this floor."""
    load_dotenv(ROOT / ".env")
    data_dir = (ROOT / (os.environ.get("MINSHENG_DATA_DIR") or "var")).resolve()
    return Place(
        data_dir=data_dir,
        database_url=os.environ.get("MINSHENG_DATABASE_URL")
        or f"sqlite:///{data_dir / 'minsheng.db'}",
        encoder=os.environ.get("MINSHENG_ENCODER", ""),
    )


def show_progress(collection: str, done: int, total: int) -> None:
    name = {"faq": "常见问答", "articles": "法规条文"}.get(collection, collection)
    print(f"\r  {name} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)


async def opened(place: Place, database: Database) -> KnowledgeBase:
    encoder = await asyncio.to_thread(load_encoder, place.encoder)
    return await KnowledgeBase.open(database, encoder, place.data_dir, progress=show_progress)


async def run_import(place: Place, database: Database, arguments: argparse.Namespace) -> None:
    """Import files, then bring the index up to date."""
    started = time.monotonic()
    await asyncio.to_thread(upgrade, database.url, SCRIPTS, VERSION_TABLE)
    options = Options(arguments.region, arguments.update)
    await command.run_import(
        database, place.data_dir, arguments.paths, kind=arguments.kind, options=options
    )
    await (await opened(place, database)).close()
    print(f"用时 {time.monotonic() - started:.0f} 秒。")


async def run_export(place: Place, database: Database, arguments: argparse.Namespace) -> None:
    """Write what the base holds into a file."""
    await asyncio.to_thread(upgrade, database.url, SCRIPTS, VERSION_TABLE)
    out: Path = arguments.out
    format = out.suffix.lower().removeprefix(".")
    await command.run_export(database, place.data_dir, out, arguments.kind, format)


async def run_ask(place: Place, database: Database, question: str) -> None:
    """Show what would be found and whether a citizen would be answered."""
    kb = await opened(place, database)
    await kb.search(question)
    started = time.perf_counter()
    result = await kb.search(question)
    took = (time.perf_counter() - started) * 1000
    print(f"{'会回答' if result.answered else '不回答（把握不够）'}    {took:.1f} 毫秒\n")
    for number, hit in enumerate(result.hits, 1):
        print(_hit_lines(number, hit))
    await kb.close()


def _hit_lines(number: int, hit: Hit) -> str:
    parts = hit.parts
    return (
        f"{number}. 把握 {hit.score:.3f}  [{hit.kind} {hit.id}] {hit.title}\n"
        f"   词 {parts.words:.2f}  字对 {parts.bigrams:.2f}"
        f"  向量 {parts.vector:.2f}  覆盖 {parts.coverage:.2f}\n"
        f"   {hit.answer[:80].replace(chr(10), ' ')}\n"
        f"   依据：{hit.citation or '无'}\n"
    )


async def run_index(place: Place, database: Database) -> None:
    """Build the index of articles beside the one in use; for the app's own use.

    It is started as a child (`knowledge_base.building`) and tells its progress line by line.
    """
    os.nice(NICENESS)
    encoder = await asyncio.to_thread(load_encoder, place.encoder)

    def progress(collection: str, done: int, total: int) -> None:
        print(collection, done, total, flush=True)

    tokeniser, concepts = Tokeniser(place.data_dir / "cache"), Concepts.read()
    loader = Loader(database, encoder, tokeniser, concepts, place.data_dir / "index")
    contents = await loader.contents(datetime.now(CHINA).date())
    await asyncio.to_thread(loader.articles, contents, progress)


async def run_build(place: Place, database: Database) -> None:
    """Tables, starter FAQ and index up to date."""
    started = time.monotonic()
    await (await opened(place, database)).close()
    counts = await database.read(store.counts)
    print(
        f"知识库就绪：问答 {counts['faqs']} 条，现行条文 {counts['articles_in_force']} 条，"
        f"用时 {time.monotonic() - started:.1f} 秒。"
    )


async def run_stats(database: Database) -> None:
    """How much there is of what."""
    await asyncio.to_thread(upgrade, database.url, SCRIPTS, VERSION_TABLE)
    names = {
        "faqs": "已发布问答",
        "documents": "法规文本",
        "documents_in_force": "其中现行",
        "articles": "条文",
        "articles_in_force": "其中现行",
        "unanswered": "没答上的提问",
    }
    for key, count in (await database.read(store.counts)).items():
        print(f"{names[key]}  {count}")


def run_fit(place: Place, arguments: argparse.Namespace) -> None:
    """Fit weights and floors for the configured encoder."""
    # Imported here: fitting needs scipy, which answering does not.
    from knowledge_base.fitting import fit_faq, read_foreign
    from knowledge_base.fitting_articles import ArticleFit
    from knowledge_base.fitting_closeness import fit_closeness, save_closeness

    encoder = load_encoder(place.encoder)
    fingerprint = encoder.fingerprint if encoder else None
    tokeniser, concepts = Tokeniser(place.data_dir / "cache"), Concepts.read()
    faq, faq_report = fit_faq(tokeniser, concepts, encoder)
    print(faq_report)
    articles = load_weights(fingerprint, place.data_dir / "weights.toml").articles
    if arguments.articles and arguments.questions:
        passages = read_articles(arguments.articles, national_only=False)
        texts = {passage.id: passage.text for passage in passages}
        fit = ArticleFit(
            lambda number: set(tokeniser.words(texts[number])),
            lambda number: texts[number].partition("\n")[0],
            tokeniser,
            concepts,
        )
        questions = read_questions(arguments.questions)[arguments.skip :]
        folds = [load_encoder(str(path)) for path in arguments.folds] or [encoder]
        for number, one in enumerate(folds):
            folder = place.data_dir / "fit" / str(number)
            collection = open_articles(
                arguments.articles, passages, folder, tokeniser, one, show_progress
            )
            foreign = read_foreign()["unrelated"] if number == 0 else []
            fit.ask(collection, one, questions[number :: len(folds)], foreign)
        articles, report = fit.fit()
        print(report)
    output: Path = arguments.output or place.data_dir / "weights.toml"
    output.parent.mkdir(parents=True, exist_ok=True)
    save_weights(output, Weights(faq, articles, fingerprint or "none"))
    if output.resolve() == PACKAGED:
        closeness, closeness_report = fit_closeness(tokeniser, concepts, encoder)
        print(closeness_report)
        save_closeness(closeness, vectors=encoder is not None)
    print(f"已写入 {output}")


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m knowledge_base", description="知识库")
    commands = options.add_subparsers(dest="command", required=True)
    bring = commands.add_parser(
        "import",
        help="导入：法规 md、txt、html、docx、pdf，问答 xlsx、csv、json（文件、文件夹、zip）",
    )
    bring.add_argument("paths", nargs="+", type=Path)
    bring.add_argument("--region", default="", help="地方法规的地区；全国性的不写")
    bring.add_argument("--kind", choices=KINDS, help="是什么；不写就按文件类型，表格当常见问答")
    bring.add_argument("--update", action="store_true", help="更新已经存在的；不写就跳过")
    export = commands.add_parser("export", help="导出成 xlsx、json，法规还可以 zip")
    export.add_argument("--out", required=True, type=Path, help="文件名，类型看后缀")
    export.add_argument("--kind", choices=("all", "faq", "precedent", "laws"), default="all")
    ask = commands.add_parser("ask", help="问一句，看命中、分数和会不会回答")
    ask.add_argument("question")
    commands.add_parser("build", help="建表、装入常见问答、建索引")
    # No help text: not for people.
    commands.add_parser("index")
    commands.add_parser("stats", help="有多少内容")
    fit = commands.add_parser("fit", help="为当前的编码模型重新拟合权重和界限")
    fit.add_argument(
        "--output", type=Path, help=f"写到哪里（默认数据目录；随程序发布的是 {PACKAGED.name}）"
    )
    fit.add_argument("--articles", type=Path, help="条文 articles.jsonl.gz，用来拟合条文检索")
    fit.add_argument("--questions", type=Path, help="带正确条文的问题（jsonl）")
    fit.add_argument(
        "--folds", type=Path, nargs="*", default=[],
        help="编码模型拿这些问题训练过：各给一个没见过其中一份的（training.train --without）",
    )  # fmt: skip
    fit.add_argument("--skip", type=int, default=HELD_OUT, help="留作评测、不参与拟合的问题数")
    return options


async def run(place: Place, arguments: argparse.Namespace) -> None:
    database = Database(place.database_url)
    try:
        if arguments.command == "import":
            await run_import(place, database, arguments)
        elif arguments.command == "export":
            await run_export(place, database, arguments)
        elif arguments.command == "ask":
            await run_ask(place, database, arguments.question)
        elif arguments.command == "index":
            await run_index(place, database)
        elif arguments.command == "build":
            await run_build(place, database)
        else:
            await run_stats(database)
    finally:
        await database.close()


def main() -> int:
    """Run one command; what went wrong on purpose is one line, not a traceback."""
    arguments = parser().parse_args()
    place = place_from_environment()
    try:
        if arguments.command == "fit":
            run_fit(place, arguments)
        else:
            asyncio.run(run(place, arguments))
    except MinshengError as error:
        print(error.detail, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
