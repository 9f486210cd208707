"""What the embedding model adds to character n-grams, on public FAQ sets: run by hand, results in docs/model-card.md.

    .venv/bin/python -m benchmarks.embedder_quality [--model FOLDER] [--data ../shared/data]

A set is a list of entries (a topic and its question variants) and queries; the measure is how often the right entry comes
first, and is among the first three and five. Nothing here is learned from the queries.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.retrieval.embedder import BUNDLED_MODEL

Matrix: TypeAlias = NDArray[np.float64]
Labelled: TypeAlias = tuple[str, str]

VARIANTS: Final = 5
CUTS: Final = (1, 3, 5)
RIDGE: Final = 1.0
C: Final = 30.0


@dataclass(frozen=True, slots=True)
class FaqSet:
    """`variants` and `queries` are (text, entry); `company` are texts from which document frequencies are counted."""

    name: str
    variants: list[Labelled]
    queries: list[Labelled]
    company: list[str]


def jddc_topics(data: Path) -> FaqSet:
    """The 51 topics: five variants each by the protocol of the data's README, the rest are queries."""
    topics: defaultdict[str, set[str]] = defaultdict(set)
    lines = (data / "jddc_dev_topics.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        text, topic = line.split("\t")
        topics[topic].add(text)
    shuffler = random.Random(0)
    variants: list[Labelled] = []
    queries: list[Labelled] = []
    for topic in sorted(topics):
        texts = sorted(topics[topic])
        shuffler.shuffle(texts)
        variants += [(text, topic) for text in texts[:VARIANTS]]
        queries += [(text, topic) for text in texts[VARIANTS:]]
    sessions = (data / "jddc_dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    company = [turn["text"] for line in sessions for turn in json.loads(line)["turns"]]
    return FaqSet("JDDC, 51 topics", variants, queries, company)


def hint_shop(data: Path) -> FaqSet:
    """An English shop: the training sentences are the variants, the test sentences that are in scope the queries."""

    def read(name: str) -> list[Labelled]:
        with (data / "hint3" / name).open(encoding="utf-8", newline="") as file:
            return [(row["sentence"], row["label"]) for row in csv.DictReader(file)]

    variants = read("sofmattress_train.csv")
    queries = [query for query in read("sofmattress_test.csv") if query[1] != "NO_NODES_DETECTED"]
    return FaqSet("HINT3 sofmattress, in scope", variants, queries, [text for text, _ in variants])


def evaluate(faq: FaqSet, model: Path) -> dict[str, list[float]]:
    """Return hit@1, 3 and 5 in percent of each way of ranking."""
    entries = sorted({entry for _, entry in faq.variants})
    number = {entry: place for place, entry in enumerate(entries)}
    owners = np.array([number[entry] for _, entry in faq.variants])
    wanted = np.array([number[entry] for _, entry in faq.queries])
    texts = [text for text, _ in faq.variants], [text for text, _ in faq.queries]
    dense = _dense(model, texts)
    grams = _grams(faq.company, texts)
    both = (np.hstack([dense[0], grams[0]]), np.hstack([dense[1], grams[1]]))
    scores = {
        "nearest variant, TF-IDF": _nearest(*grams, owners),
        "nearest variant, dense": _nearest(*dense, owners),
        "nearest variant, dense + TF-IDF": _nearest(*dense, owners) + _nearest(*grams, owners),
        "ridge, TF-IDF": _ridge(*grams, owners),
        "ridge, dense": _ridge(*dense, owners),
        "ridge, dense beside TF-IDF": _ridge(*both, owners),
        "logistic regression, TF-IDF": _logistic(*grams, owners),
        "logistic regression, dense": _logistic(*dense, owners),
        "logistic regression, dense beside TF-IDF": _logistic(*both, owners),
    }
    return {way: _hits(score, wanted) for way, score in scores.items()}


def _dense(model: Path, texts: tuple[Sequence[str], Sequence[str]]) -> tuple[Matrix, Matrix]:
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(model), device="cpu").float()
    first, second = (encoder.encode(list(part), show_progress_bar=False) for part in texts)
    return first.astype(np.float64), second.astype(np.float64)


def _grams(company: Sequence[str], texts: tuple[Sequence[str], Sequence[str]]) -> tuple[Matrix, Matrix]:
    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit(company)
    return vectoriser.transform(texts[0]).toarray(), vectoriser.transform(texts[1]).toarray()


def _nearest(variants: Matrix, queries: Matrix, owners: NDArray[np.int64]) -> Matrix:
    likeness = queries @ variants.T
    return np.stack([likeness[:, owners == entry].max(axis=1) for entry in range(owners.max() + 1)], axis=1)


def _ridge(variants: Matrix, queries: Matrix, owners: NDArray[np.int64]) -> Matrix:
    targets = (owners[:, None] == np.arange(owners.max() + 1)).astype(float)
    kernel = variants @ variants.T + RIDGE * np.eye(len(variants))
    weights: Matrix = np.linalg.solve(kernel, targets - targets.mean(axis=0))
    return queries @ variants.T @ weights


def _logistic(variants: Matrix, queries: Matrix, owners: NDArray[np.int64]) -> Matrix:
    scores: Matrix = LogisticRegression(C=C, max_iter=300).fit(variants, owners).decision_function(queries)
    return scores


def _hits(scores: Matrix, wanted: NDArray[np.int64]) -> list[float]:
    better = (scores > scores[np.arange(len(wanted)), wanted][:, None]).sum(axis=1)
    return [round(100 * float((better < cut).mean()), 1) for cut in CUTS]


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=BUNDLED_MODEL)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    options = parser.parse_args()
    for faq in (jddc_topics(options.data), hint_shop(options.data)):
        print(
            f"\n| {faq.name}, {len(faq.queries):,} queries | hit@1 | hit@3 | hit@5 |\n| --- | --- | --- | --- |"
        )
        for way, hits in evaluate(faq, options.model).items():
            print(f"| {way} | {' | '.join(map(str, hits))} |", flush=True)


if __name__ == "__main__":
    main()
