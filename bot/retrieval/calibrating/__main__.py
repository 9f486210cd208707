"""`python -m bot.retrieval.calibrating`: writes the files of bot/retrieval/data from the texts of the repository.

Half of the phrasings (by hash) are taken out, a model is trained on the rest by the recipe of the bundled one, and the
shops are drawn from the half that it has not seen. With the bundled model itself the ranker would learn to trust
likenesses that exist only because the model was trained on them.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from sentence_transformers import SentenceTransformer

from bot.domain.entry import Scope
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.ports import IndexedEntry, Question, TextNormaliser, Vectors
from bot.retrieval.calibrating.families import Sources, draw_all_shops
from bot.retrieval.calibrating.fitting import Example, fit_coefficients
from bot.retrieval.calibrating.precision import measure_thresholds
from bot.retrieval.calibrating.shops import (
    MadeUpShop,
    Meaning,
    held_out_texts,
    held_out_turns,
    only,
    read_intent_meanings,
    read_message_meanings,
    read_pack_meanings,
    read_question_meanings,
    without,
    without_held_out_sessions,
)
from bot.retrieval.calibration import Calibration, bundled_calibration
from bot.retrieval.embedder_training.corpus import read_corpus
from bot.retrieval.embedder_training.model_writing import SYNONYMS, write_model
from bot.retrieval.embedder_training.tokenizer import build_tokenizer
from bot.retrieval.embedder_training.training import Recipe, train_vectors
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.ngrams import count_rarity
from bot.retrieval.normaliser import OpenccNormaliser

_DATA: Final = Path(__file__).parents[1] / "data"
_SEED: Final = 11
_LABELLED: Final = 0.7
_MISLABELLED: Final = 0.2
"""Share of the entries that carry an intent, and of these that carry one that fits their questions badly."""
_CANDIDATES: Final = 25


class CrossedClassifier:
    """What bot.nlu.crossed_classifying wrote: the intents of texts, by a classifier that was not taught them."""

    def __init__(self, path: Path, normaliser: TextNormaliser) -> None:
        self._intents: dict[str, tuple[IntentScore, ...]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            scores = (IntentScore(name, INTENT_GROUP[name], chance) for name, chance in row["intents"])
            self._intents[normaliser.normalise(row["text"])] = tuple(scores)

    def classify(self, texts: Sequence[str]) -> list[tuple[IntentScore, ...]]:
        """Return the ten likeliest intents of each (folded) text. Raises KeyError for one that is not in the file."""
        return [self._intents[text] for text in texts]


def main() -> None:
    """Run the command."""
    arguments = _parse()
    if arguments.rarity:
        _write_rarity(arguments)
    intents, packs = read_intent_meanings(arguments.intents), read_pack_meanings(arguments.templates)
    turns = list(held_out_turns(arguments.dialogues, arguments.labels)) if arguments.dialogues else []
    messages = read_message_meanings(arguments.intents, turns)
    questions = read_question_meanings(SYNONYMS.parent / "questions")
    texts = held_out_texts([*intents, *packs, *messages, *questions]) | {text for text, _ in turns}
    model = arguments.model or _train_model(arguments, texts)
    encoder = SentenceTransformer(str(model), device="cpu")
    normaliser = OpenccNormaliser()
    sources = Sources(*(only(each, texts, normaliser) for each in (packs, intents, messages, questions)))
    shops = draw_all_shops(sources)
    classifier = CrossedClassifier(arguments.crossed, normaliser)
    if arguments.thresholds:
        calibration = bundled_calibration()
        seen = [example for example, _ in _examples(shops, encoder, classifier, calibration)]
    else:
        calibration, seen = _fitted(shops, encoder, classifier)
    content = {
        **calibration.to_mapping(),
        "thresholds": measure_thresholds(seen, calibration.with_intents),
    }
    path = arguments.out / "calibration.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: measured on {len(seen)} questions to {len(shops)} shops")


def _fitted(
    shops: Sequence[MadeUpShop], encoder: SentenceTransformer, classifier: CrossedClassifier
) -> tuple[Calibration, list[Example]]:
    """Return the coefficients that fit the shops, and the questions as examples with intents."""
    # What reads left-out phrasings comes first: how steep a shop is, is measured with it.
    plain = [blind for _, blind in _examples(shops, encoder, classifier, Calibration.even())]
    reading = fit_coefficients(plain)
    examples = list(_examples(shops, encoder, classifier, replace(Calibration.even(), left_out=reading)))
    seen, blind = [example for example, _ in examples], [example for _, example in examples]
    return Calibration(fit_coefficients(seen), fit_coefficients(blind), reading), seen


def _examples(
    shops: Sequence[MadeUpShop],
    encoder: SentenceTransformer,
    classifier: CrossedClassifier,
    calibration: Calibration,
) -> Iterator[tuple[Example, Example]]:
    """Yield each question as an example with intents and one without."""
    chance = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    indexes = FaissEntryIndexes(calibration)
    for number, shop in enumerate(shops):
        entries = [_indexed(meaning, encoder, chance) for meaning in shop.entries]
        index = indexes.build(entries, entries[0].vectors.shape[1])
        texts = [text for text, _ in shop.questions]
        vectors = _encode(encoder, texts)
        intents = classifier.classify(texts)
        for (text, right), vector, scores in zip(shop.questions, vectors, intents, strict=True):
            both = []
            for question in (Question(text, vector, scores), Question(text, vector)):
                names, evidence = index.evidence(question)
                if evidence is None or (right and right not in names):
                    continue
                order = np.argsort(-evidence.entries[:, 0])[:_CANDIDATES]
                place = names.index(right) if right else -1
                if right and place not in order:
                    order[-1] = place
                spot = int(np.flatnonzero(order == place)[0]) if right else -1
                both.append(
                    Example(
                        evidence.entries[order] * evidence.steepness,
                        evidence.none * evidence.steepness,
                        spot,
                        number,
                    )
                )
            if len(both) == 2:
                yield both[0], both[1]


def _indexed(meaning: Meaning, encoder: SentenceTransformer, chance: random.Random) -> IndexedEntry:
    intent = meaning.intent if chance.random() < _LABELLED else ""
    if intent and chance.random() < _MISLABELLED:
        intent = chance.choice(sorted(INTENT_GROUP))
    group = INTENT_GROUP.get(intent, "") or (meaning.group if chance.random() < _LABELLED else "")
    vectors = _encode(encoder, meaning.texts)
    return IndexedEntry(meaning.name, group, intent or None, Scope(), meaning.texts, vectors)


def _encode(encoder: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    vectors: Vectors = np.nan_to_num(
        np.asarray(encoder.encode(list(texts), normalize_embeddings=True), np.float32)
    )
    return vectors


def _train_model(arguments: argparse.Namespace, unseen: frozenset[str]) -> Path:
    dialogues = arguments.dialogues
    if dialogues is not None:
        arguments.work.mkdir(parents=True, exist_ok=True)
        dialogues = without_held_out_sessions(dialogues, arguments.work / "other-half.jsonl")
    corpus = without(read_corpus(arguments.intents, arguments.templates, SYNONYMS, dialogues), unseen)
    recipe = Recipe()
    tokenizer = build_tokenizer(corpus.texts, recipe.tokens)
    synonyms = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))["synonyms"]
    vectors = train_vectors(corpus, tokenizer, synonyms, recipe, lambda done, steps: None)
    folder: Path = arguments.work / "held-out-model"
    write_model(folder, tokenizer, vectors)
    return folder


def _write_rarity(arguments: argparse.Namespace) -> None:
    normaliser = OpenccNormaliser()
    corpus = read_corpus(arguments.intents, arguments.templates, SYNONYMS, arguments.dialogues)
    texts = list(dict.fromkeys(map(normaliser.normalise, corpus.texts)))
    np.savez_compressed(_DATA / "rarity.npz", rarity=count_rarity(texts))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--intents", type=Path, default=Path("intents/nlu"))
    parser.add_argument("--templates", type=Path, default=Path("templates"))
    parser.add_argument("--dialogues", type=Path, default=None, help="JSON lines of dialogues to learn from")
    parser.add_argument("--labels", type=Path, default=Path("intents/labels/jddc_turns.tsv"))
    parser.add_argument(
        "--crossed",
        type=Path,
        default=Path("build/crossed.jsonl"),
        help="what bot.nlu.crossed_classifying wrote",
    )
    parser.add_argument("--model", type=Path, default=None, help="a model trained without the held-out half")
    parser.add_argument(
        "--work", type=Path, default=Path("build"), help="where the held-out model is written"
    )
    parser.add_argument("--out", type=Path, default=_DATA, help="folder of calibration.json")
    parser.add_argument(
        "--thresholds", action="store_true", help="keep the coefficients, measure the thresholds anew"
    )
    parser.add_argument("--rarity", action="store_true", help="write the table of n-gram rarities anew too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
