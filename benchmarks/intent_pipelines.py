"""Compare Rasa pipelines: cross-validation on intents/, real and self-made messages, training time, time of a parse.

Run it in the Rasa environment, with the project's root as the working folder:

    OMP_NUM_THREADS=1 .venv-rasa/bin/python -W ignore -m benchmarks.intent_pipelines [--only NAME…] [--folds 3]

Every pipeline is trained and asked by Rasa itself, so the figures are those of `kuaihui serve`. One line of JSON per
pipeline on standard output. ../shared/data is read when it is there, never copied.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("RASA_MAX_CACHE_SIZE", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from bot.domain.intents import INTENT_GROUP
from bot.nlu.training_data import Phrasing, read_phrasings

ROOT = Path(__file__).resolve().parent.parent
JDDC = ROOT.parent / "shared" / "data" / "jddc_dev_topics.tsv"
MESSAGES = ROOT / "tests" / "data" / "buyer_messages.tsv"

# JD's topics that lie in one of our groups whole; the others are left out.
JDDC_GROUPS = {
    "为什么显示无货": "stock",
    "什么时间出库": "shipping",
    "物流信息不正确": "logistics",
    "是否提供发票": "invoice",
    "电子发票": "invoice",
    "退款到哪儿": "return_refund",
    "物流损": "return_refund",
    "返回地址": "return_refund",
    "返修退换货处理周期": "return_refund",
    "发错货": "return_refund",
    "保修返修及退换货政策": "return_refund",
    "近期活动咨询": "price_promo",
    "优惠券获得方式": "price_promo",
    "优惠券退回": "price_promo",
    "价保记录查询": "price_promo",
    "价保条件": "price_promo",
    "价保申请流程": "price_promo",
    "商品价格咨询": "price_promo",
    "使用咨询": "product_info",
    "包装清单": "product_info",
    "保修期保质期": "product_info",
    "属性咨询": "product_info",
    "如何取消订单": "order_change",
    "查询取消是否成功": "order_change",
    "修改订单": "order_change",
    "下单备注": "order_change",
    "商家入驻条件": "other",
}

_JIEBA = {"name": "JiebaTokenizer"}
_CHARACTERS = {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
_WORDS = {"name": "CountVectorsFeaturizer", "analyzer": "word", "min_ngram": 1, "max_ngram": 2}
_LOGISTIC = {"name": "LogisticRegressionClassifier"}
_CRF = {"name": "CRFEntityExtractor"}
_NGRAMS = {"name": "bot.nlu.components.intent_classifier.BuyerIntentClassifier"}
_ENTITIES = {"name": "bot.nlu.components.entity_extractor.CharacterEntityExtractor"}
_DIET = {"name": "DIETClassifier", "constrain_similarities": True, "random_seed": 0, "batch_size": [64, 256]}

PIPELINES: dict[str, list[dict[str, Any]]] = {
    "reference": [_JIEBA, _CHARACTERS, _LOGISTIC, _CRF],
    "reference+words": [_JIEBA, _CHARACTERS, _WORDS, _LOGISTIC, _CRF],
    "reference+words+regex": [
        _JIEBA,
        {"name": "RegexFeaturizer", "use_word_boundaries": False},
        _CHARACTERS,
        _WORDS,
        _LOGISTIC,
        _CRF,
    ],
    "ours": [_JIEBA, _NGRAMS, _ENTITIES],
    "ours, no groups": [_JIEBA, {**_NGRAMS, "group_weight": 0.0}, _ENTITIES],
    "ours, C=1": [_JIEBA, {**_NGRAMS, "C": 1.0}, _ENTITIES],
    "ours, C=0.1": [_JIEBA, {**_NGRAMS, "C": 0.1}, _ENTITIES],
    "diet, 20 epochs": [_JIEBA, _CHARACTERS, {**_DIET, "epochs": 20}],
}


def write_project(folder: Path, phrasings: Iterable[Phrasing], pipeline: list[dict[str, Any]]) -> None:
    """Write the training data and configuration of one training."""
    by_intent: dict[str, list[str]] = {}
    for phrasing in phrasings:
        by_intent.setdefault(phrasing.intent, []).append("- " + _marked(phrasing))
    blocks = [
        {"intent": intent, "metadata": {"group": INTENT_GROUP[intent]}, "examples": "\n".join(lines) + "\n"}
        for intent, lines in by_intent.items()
    ]
    _write_yaml(folder / "nlu.yml", {"version": "3.1", "nlu": blocks + _evidence_blocks()})
    config = {"recipe": "default.v1", "language": "zh", "assistant_id": "benchmark", "pipeline": pipeline}
    _write_yaml(folder / "config.yml", {**config, "policies": [{"name": "RulePolicy"}]})


def train(folder: Path) -> tuple[str, float]:
    """Return the model's path and the processor seconds its training took, Rasa being loaded already."""
    from rasa.model_training import train_nlu

    start = time.process_time()
    model = train_nlu(
        config=str(folder / "config.yml"),
        nlu_data=str(folder / "nlu.yml"),
        output=str(folder),
        domain=str(ROOT / "intents" / "domain" / "base.yml"),
    )
    if not model:
        raise SystemExit("nothing was trained")
    return model, time.process_time() - start


async def ask(model: str, texts: Sequence[str]) -> tuple[list[dict[str, Any]], list[float], float]:
    """Return the parses, the seconds of each, and the seconds it took to load the model."""
    from rasa.core.agent import load_agent

    start = time.perf_counter()
    agent = await load_agent(model_path=model)
    loading = time.perf_counter() - start
    await agent.parse_message("你好")
    parses, times = [], []
    for text in texts:
        start = time.perf_counter()
        parses.append(await agent.parse_message(text))
        times.append(time.perf_counter() - start)
    return parses, times, loading


async def cross_validate(
    pipeline: list[dict[str, Any]], phrasings: list[Phrasing], folds: int
) -> dict[str, float]:
    """Return accuracy by intent and group, and F1 of the entities, over stratified folds."""
    parts: list[list[Phrasing]] = [[] for _ in range(folds)]
    shuffled = phrasings[:]
    random.Random(0).shuffle(shuffled)
    for number, phrasing in enumerate(sorted(shuffled, key=lambda item: item.intent)):
        parts[number % folds].append(phrasing)
    right = {"intent": 0, "group": 0}
    found = [0, 0, 0]
    for held_out in range(folds):
        learned = [item for number, part in enumerate(parts) if number != held_out for item in part]
        with tempfile.TemporaryDirectory() as folder:
            write_project(Path(folder), learned, pipeline)
            model, _ = train(Path(folder))
            parses, _, _ = await ask(model, [item.text for item in parts[held_out]])
        for item, parse in zip(parts[held_out], parses, strict=True):
            right["intent"] += parse["intent"]["name"] == item.intent
            right["group"] += _group(parse) == INTENT_GROUP[item.intent]
            got = {(e["entity"], e["start"], e["end"]) for e in parse["entities"]}
            wanted = {(e.name, e.start, e.end) for e in item.entities}
            found = [found[0] + len(got & wanted), found[1] + len(got), found[2] + len(wanted)]
    count = len(phrasings)
    return {
        "cv_intent": right["intent"] / count,
        "cv_group": right["group"] / count,
        "cv_entity_f1": 2 * found[0] / max(1, found[1] + found[2]),
    }


async def measure(pipeline: list[dict[str, Any]], phrasings: list[Phrasing]) -> dict[str, float]:
    """Train on everything; return how it does on messages it never saw, and what it costs."""
    own, jddc = _read(MESSAGES, "intent"), _read(JDDC, "topic")
    jddc = [(text, JDDC_GROUPS[topic]) for text, topic in jddc if topic in JDDC_GROUPS]
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), phrasings, pipeline)
        model, seconds = train(Path(folder))
        parses, times, loading = await ask(model, [text for text, _ in own + jddc])
    mine, theirs = parses[: len(own)], parses[len(own) :]
    known = [(wanted, parse) for (_, wanted), parse in zip(own, mine, strict=True) if wanted in INTENT_GROUP]
    groups = [INTENT_GROUP.get(wanted, wanted) for _, wanted in own]
    return {
        "own_intent": _share(parse["intent"]["name"] == wanted for wanted, parse in known),
        "own_group": _share(_group(parse) == wanted for wanted, parse in zip(groups, mine, strict=True)),
        "jddc_group": _share(
            _group(parse) == wanted for (_, wanted), parse in zip(jddc, theirs, strict=True)
        ),
        "train_cpu_seconds": seconds,
        "load_seconds": loading,
        "parse_ms": 1000 * statistics.median(times),
        "parse_p99_ms": 1000 * sorted(times)[int(len(times) * 0.99)],
    }


def _marked(phrasing: Phrasing) -> str:
    text, position = "", 0
    for entity in phrasing.entities:
        text += phrasing.text[position : entity.start] + f"[{entity.value}]({entity.name})"
        position = entity.end
    return text + phrasing.text[position:]


def _evidence_blocks() -> list[dict[str, Any]]:
    path = ROOT / "intents" / "nlu" / "lookups.yml"
    blocks: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    return blocks


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, width=10_000), encoding="utf-8")


def _read(path: Path, label: str) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (row["text"], row[label]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def _group(parse: dict[str, Any]) -> str:
    return INTENT_GROUP.get(parse["intent"]["name"] or "", "")


def _share(outcomes: Iterable[bool]) -> float:
    listed = list(outcomes)
    return sum(listed) / len(listed) if listed else float("nan")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=list(PIPELINES), choices=list(PIPELINES))
    parser.add_argument("--folds", type=int, default=3, help="0 = no cross-validation")
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    phrasings = read_phrasings(ROOT / "intents" / "nlu")
    for name in arguments.only:
        figures = await measure(PIPELINES[name], phrasings)
        if arguments.folds:
            figures.update(await cross_validate(PIPELINES[name], phrasings, arguments.folds))
        print(
            json.dumps({"pipeline": name, **{key: round(value, 4) for key, value in figures.items()}}),
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main())
