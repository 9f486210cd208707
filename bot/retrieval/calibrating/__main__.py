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
from pathlib import Path
from typing import Final

import numpy as np
import yaml
from scipy import sparse
from sentence_transformers import SentenceTransformer
from sklearn.linear_model import LogisticRegression

from bot.domain.entry import Scope
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.ports import IndexedEntry, Question, Vectors
from bot.retrieval.calibrating.fitting import Example, fit_coefficients
from bot.retrieval.calibrating.shops import (
    MadeUpShop,
    Meaning,
    draw_shops,
    held_out,
    is_held_out,
    read_intent_meanings,
    read_pack_meanings,
    without_held_out,
)
from bot.retrieval.calibration import Calibration, bundled_calibration
from bot.retrieval.embedder_training.corpus import read_corpus
from bot.retrieval.embedder_training.model_writing import SYNONYMS, write_model
from bot.retrieval.embedder_training.tokenizer import build_tokenizer
from bot.retrieval.embedder_training.training import Recipe, train_vectors
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.ngrams import count_rarity, weigh_texts
from bot.retrieval.normaliser import OpenccNormaliser

_DATA: Final = Path(__file__).parents[1] / "data"
_SEED: Final = 11
_SHOPS: Final = ((8, 120), (24, 60))
"""Most phrasings an entry, and shops drawn: from the packs, and from the intents."""
_LABELLED: Final = 0.8
"""Share of the entries that carry an intent; owners leave it out."""
_CANDIDATES: Final = 25


class StandInClassifier:
    """A linear intent classifier over n-grams, trained on the texts that are not held out; it stands in for Rasa."""

    def __init__(self, meanings: Sequence[Meaning]) -> None:
        pairs = [(text, m.intent) for m in meanings for text in m.texts if not is_held_out(text)]
        self._columns = 1 << 16
        self._model = LogisticRegression(C=20, max_iter=200)
        self._model.fit(self._matrix([text for text, _ in pairs]), [intent for _, intent in pairs])

    def classify(self, texts: Sequence[str]) -> list[tuple[IntentScore, ...]]:
        """Return the ten likeliest intents of each text."""
        found = []
        for row in self._model.predict_proba(self._matrix(texts)):
            best = np.argsort(-row)[:10]
            names = [str(self._model.classes_[place]) for place in best]
            found.append(
                tuple(
                    IntentScore(n, INTENT_GROUP[n], float(row[p])) for n, p in zip(names, best, strict=True)
                )
            )
        return found

    def _matrix(self, texts: Sequence[str]) -> sparse.csr_matrix:
        rows = weigh_texts(texts)
        columns = (rows.grams % self._columns).astype(np.int32)
        return sparse.csr_matrix((rows.weights, columns, rows.starts), shape=(len(texts), self._columns))


def main() -> None:
    """Run the command."""
    arguments = _parse()
    if arguments.rarity:
        _write_rarity(arguments)
    model = arguments.model or _train_model(arguments)
    encoder = SentenceTransformer(str(model), device="cpu")
    normaliser = OpenccNormaliser()
    intents = read_intent_meanings(arguments.intents)
    classifier = StandInClassifier(intents)
    packs = held_out(read_pack_meanings(arguments.templates), normaliser)
    known = held_out(intents, normaliser)
    strangers = [meaning for meaning in known if meaning.group in ("other", "greeting_thanks")]
    shops = [
        *draw_shops(packs, strangers, _SHOPS[0][0], _SHOPS[0][1], _SEED),
        *draw_shops(known, [], _SHOPS[1][0], _SHOPS[1][1], _SEED + 1),
    ]
    examples = list(_examples(shops, encoder, classifier))
    calibration = Calibration(
        fit_coefficients([seen for seen, _ in examples]), fit_coefficients([blind for _, blind in examples])
    )
    path = arguments.out / "calibration.json"
    path.write_text(json.dumps(calibration.to_mapping(), indent=1) + "\n", encoding="utf-8")
    print(f"{path}: fitted on {len(examples)} questions to {len(shops)} shops")


def _examples(
    shops: Sequence[MadeUpShop], encoder: SentenceTransformer, classifier: StandInClassifier
) -> Iterator[tuple[Example, Example]]:
    """Yield each question as an example with intents and one without."""
    chance = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    indexes = FaissEntryIndexes(bundled_calibration())
    for shop in shops:
        entries = [_indexed(meaning, encoder, chance) for meaning in shop.entries]
        index = indexes.build(entries, entries[0].vectors.shape[1])
        texts = [text for text, _ in shop.questions]
        vectors = _encode(encoder, texts)
        intents = classifier.classify(texts)
        for (text, right), vector, scores in zip(shop.questions, vectors, intents, strict=True):
            both = []
            for question in (Question(text, vector, scores), Question(text, vector)):
                found = index.evidence(question)
                if found is None:
                    continue
                names = [entries[number].id for number in found[0]]
                if right and right not in names:
                    continue
                order = np.argsort(-found[1].entries[:, 0])[:_CANDIDATES]
                place = names.index(right) if right else -1
                if right and place not in order:
                    order[-1] = place
                spot = int(np.flatnonzero(order == place)[0]) if right else -1
                both.append(Example(found[1].entries[order], found[1].none, spot))
            if len(both) == 2:
                yield both[0], both[1]


def _indexed(meaning: Meaning, encoder: SentenceTransformer, chance: random.Random) -> IndexedEntry:
    labelled = bool(meaning.intent) and chance.random() < _LABELLED
    grouped = labelled or chance.random() < _LABELLED
    return IndexedEntry(
        meaning.name,
        meaning.group if grouped else "",
        meaning.intent if labelled else None,
        Scope(),
        meaning.texts,
        _encode(encoder, meaning.texts),
    )


def _encode(encoder: SentenceTransformer, texts: Sequence[str]) -> Vectors:
    vectors: Vectors = np.nan_to_num(
        np.asarray(encoder.encode(list(texts), normalize_embeddings=True), np.float32)
    )
    return vectors


def _train_model(arguments: argparse.Namespace) -> Path:
    corpus = without_held_out(
        read_corpus(arguments.intents, arguments.templates, SYNONYMS, arguments.dialogues)
    )
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
    parser.add_argument("--model", type=Path, default=None, help="a model trained without the held-out half")
    parser.add_argument(
        "--work", type=Path, default=Path("build"), help="where the held-out model is written"
    )
    parser.add_argument("--out", type=Path, default=_DATA, help="folder of calibration.json")
    parser.add_argument("--rarity", action="store_true", help="write the table of n-gram rarities anew too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
