"""Made-up shops: entries and questions drawn from texts that the model in use has not learned from."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import yaml

from bot.domain.intents import INTENT_GROUP
from bot.ports import TextNormaliser
from bot.retrieval.embedder_training.corpus import Corpus

_ENTITY: Final = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_FEWEST_ENTRIES: Final = 3
_QUESTIONS_A_SHOP: Final = 80
_UNANSWERED_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Meaning:
    """Texts of one meaning, with the intent and the group that an entry about it would carry."""

    name: str
    intent: str
    group: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeUpShop:
    """Entries (with the phrasings that the shop knows) and questions with the name of their entry, "" for none."""

    entries: tuple[Meaning, ...]
    questions: tuple[tuple[str, str], ...]


def is_held_out(text: str) -> bool:
    """Whether the model that the coefficients are fitted with must not have seen the text."""
    return sha256(text.encode()).hexdigest()[0] in "02468ace"


def without_held_out(corpus: Corpus) -> Corpus:
    """Return what the model may learn from: the corpus without the held-out texts of its groups."""
    grouped = {text for group in corpus.groups for text in group}
    groups = (tuple(text for text in group if not is_held_out(text)) for group in corpus.groups)
    threads = (
        tuple(pair for pair in thread if not (pair[0] in grouped and is_held_out(pair[0])))
        for thread in corpus.threads
    )
    return Corpus(tuple(filter(None, groups)), tuple(filter(None, threads)))


def read_pack_meanings(folder: Path) -> list[Meaning]:
    """Return the entries of the packs under `folder`; what several packs say of one entry id is one meaning."""
    found: dict[str, Meaning] = {}
    for path in sorted(folder.rglob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get("entries") or ():
            name = f"{item['id']}/{item.get('language', 'zh')}"
            texts = (str(item["question"]), *map(str, item.get("phrasings") or ()))
            known = found.get(
                name, Meaning(name, str(item.get("intent") or ""), str(item.get("group", "")), ())
            )
            found[name] = replace(known, texts=tuple(dict.fromkeys(known.texts + texts)))
    return list(found.values())


def read_intent_meanings(folder: Path) -> list[Meaning]:
    """Return the intents of the training data under `folder`, Chinese and English examples apart."""
    found: list[Meaning] = []
    for path in sorted(folder.rglob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or ():
            intent = item.get("intent")
            if intent not in INTENT_GROUP:
                continue
            lines = str(item["examples"]).splitlines()
            texts = [_ENTITY.sub(r"\1", line[2:]).strip() for line in lines if line.startswith("- ")]
            for language, ascii_only in (("zh", False), ("en", True)):
                chosen = tuple(text for text in texts if text.isascii() is ascii_only)
                found.append(Meaning(f"{intent}/{language}", intent, INTENT_GROUP[intent], chosen))
    return found


def held_out(meanings: Iterable[Meaning], normaliser: TextNormaliser) -> list[Meaning]:
    """Return the meanings with their held-out texts alone, folded; those with fewer than two are left out."""
    kept = [
        replace(
            meaning, texts=tuple(dict.fromkeys(map(normaliser.normalise, filter(is_held_out, meaning.texts))))
        )
        for meaning in meanings
    ]
    return [meaning for meaning in kept if len(meaning.texts) > 1]


def draw_shops(
    meanings: Sequence[Meaning], strangers: Sequence[Meaning], most_phrasings: int, count: int, seed: int
) -> Iterator[MadeUpShop]:
    """Yield `count` shops with some of `meanings` as entries. `strangers` are what no shop has an entry for."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        most = len(meanings)
        size = min(most, round(_FEWEST_ENTRIES * (most / _FEWEST_ENTRIES) ** chance.random()))
        shuffled = chance.sample(meanings, most)
        entries, others = shuffled[:size], [*shuffled[size:], *strangers]
        phrasings = chance.randint(1, most_phrasings)
        known: list[Meaning] = []
        asked: list[tuple[str, str]] = []
        for meaning in entries:
            texts = chance.sample(meaning.texts, len(meaning.texts))
            taken = min(phrasings, len(texts) - 1)
            known.append(replace(meaning, texts=tuple(texts[:taken])))
            asked.extend((text, meaning.name) for text in texts[taken:])
        answered = chance.sample(asked, min(len(asked), _QUESTIONS_A_SHOP))
        wanted = round(len(answered) * _UNANSWERED_SHARE / (1 - _UNANSWERED_SHARE))
        foreign = [text for meaning in others for text in meaning.texts]
        unanswered = [(text, "") for text in chance.sample(foreign, min(len(foreign), wanted))]
        yield MadeUpShop(tuple(known), (*answered, *unanswered))
