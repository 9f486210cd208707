"""Public FAQ sets to measure on: entries with their variants, and queries; read from a folder beside the project."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.retrieval.evaluation_files import FaqEntry, FaqQuery

VARIANTS: Final = 5
OUT_OF_SCOPE: Final = "NO_NODES_DETECTED"


@dataclass(frozen=True, slots=True)
class FaqSet:
    """One set, with what is known of other systems on it: (name, hit@1, hit@3, share answered at 90 % precision)."""

    name: str
    entries: list[FaqEntry]
    queries: list[FaqQuery]
    baselines: tuple[tuple[str, float | None, float | None, float | None], ...]


def read_sets(data: Path) -> tuple[list[FaqSet], list[str]]:
    """Return the sets found under `data`, and the files that are missing."""
    found: list[FaqSet] = []
    missing: list[str] = []
    for names, read in (
        (("jddc_dev_topics.tsv",), jddc_topics),
        (("hint3/sofmattress_train.csv", "hint3/sofmattress_test.csv"), hint_shop),
    ):
        absent = [str(data / name) for name in names if not (data / name).is_file()]
        missing += absent
        if not absent:
            found.append(read(data))
    return found, missing


def jddc_topics(data: Path, seed: int = 0) -> FaqSet:
    """Return the JDDC topics: five variants of each drawn by `seed`, the others are queries."""
    topics: defaultdict[str, set[str]] = defaultdict(set)
    with (data / "jddc_dev_topics.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            topics[row["topic"]].add(row["text"])
    chance = random.Random(seed)
    entries: list[FaqEntry] = []
    queries: list[FaqQuery] = []
    for topic in sorted(topics):
        texts = sorted(topics[topic])
        chance.shuffle(texts)
        entries.append(FaqEntry(topic, tuple(texts[:VARIANTS])))
        queries += [FaqQuery(text, topic) for text in texts[VARIANTS:]]
    baselines = (
        ("character TF-IDF, nearest variant", 50.2, 71.6, None),
        ("the same, document frequencies from dialogues", 53.8, 73.7, None),
        ("LSA of 256 dimensions, nearest variant", 42.8, 65.0, None),
        ("a logistic regression per shop over TF-IDF", 65.0, 82.9, None),
    )
    return FaqSet("JDDC, 51 topics, 5 variants each (Chinese, all in scope)", entries, queries, baselines)


def hint_shop(data: Path) -> FaqSet:
    """Return the English shop of HINT3: the training sentences are variants, the test sentences queries."""
    variants: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(data / "hint3" / "sofmattress_train.csv"):
        variants[row["label"]].append(row["sentence"])
    queries = [
        FaqQuery(row["sentence"], None if row["label"] == OUT_OF_SCOPE else row["label"])
        for row in _rows(data / "hint3" / "sofmattress_test.csv")
    ]
    baselines = (
        ("all-MiniLM-L6-v2, nearest variant", 77.9, 90.9, 15.4),
        ("MiniLM and TF-IDF regressions, times nearest cosine", 79.4, 97.2, 35.5),
        ("character TF-IDF + logistic regression", 74.7, 94.5, 31.2),
        ("published on v1: Haptik", 72.3, None, 15.6),
        ("published on v1: Rasa", 69.3, None, 1.3),
        ("published on v1: Dialogflow", 73.2, None, 13.9),
        ("published on v1: LUIS", 63.6, None, 1.3),
        ("published on v1: BERT", 73.6, None, 6.3),
    )
    entries = [FaqEntry(label, tuple(texts)) for label, texts in variants.items()]
    return FaqSet("HINT3 sofmattress (English, a third out of scope)", entries, queries, baselines)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
