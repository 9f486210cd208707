"""Made-up shops: entries and questions drawn from texts that the model in use has not learned from."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import exp
from pathlib import Path
from typing import Final

import yaml

from bot.domain.intents import INTENT_GROUP
from bot.ports import TextNormaliser
from bot.retrieval.embedder_training.corpus import Corpus

_ENTITY: Final = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_FEWEST_ENTRIES: Final = 3
_QUESTIONS_A_SHOP: Final = 80
_UNANSWERED_MOST: Final = 0.75
_UNANSWERED_LEAST: Final = 0.03
_UNANSWERED_FADE: Final = 18


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


def held_out_texts(meanings: Iterable[Meaning]) -> frozenset[str]:
    """Return the texts that the model the coefficients are fitted with must not see.

    Of half of the intents every text, so that it meets meanings it never learned; of the others every other text.
    """
    return frozenset(
        text
        for meaning in meanings
        for text in meaning.texts
        if _is_odd(meaning.intent or meaning.name) or _is_odd(text)
    )


def _is_odd(text: str) -> bool:
    return sha256(text.encode()).digest()[0] % 2 == 1


def held_out_turns(dialogues: Path, labels: Path) -> Iterator[tuple[str, str]]:
    """Yield (text, intent) of the labelled turns of every other session; their sessions are for the shops alone."""
    sessions = {}
    for line in dialogues.read_text(encoding="utf-8").splitlines():
        session = json.loads(line)
        sessions[session["id"]] = session["turns"]
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if _is_odd(row["session"]):
                yield sessions[row["session"]][int(row["turn"])]["text"].strip(), row["intent"]


def without_held_out_sessions(dialogues: Path, target: Path) -> Path:
    """Write the other sessions to `target` and return it."""
    lines = dialogues.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not _is_odd(json.loads(line)["id"])]
    target.write_text("".join(kept), encoding="utf-8")
    return target


def without(corpus: Corpus, texts: frozenset[str]) -> Corpus:
    """Return the corpus without `texts`."""
    groups = (tuple(text for text in group if text not in texts) for group in corpus.groups)
    threads = (tuple(pair for pair in thread if pair[0] not in texts) for thread in corpus.threads)
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
    for intent, texts in _intent_blocks(folder, messages=False):
        for language, ascii_only in (("zh", False), ("en", True)):
            chosen = tuple(text for text in texts if text.isascii() is ascii_only)
            found.append(Meaning(f"{intent}/{language}", intent, INTENT_GROUP[intent], chosen))
    return found


def read_message_meanings(folder: Path, turns: Iterable[tuple[str, str]]) -> list[Meaning]:
    """Return the intents as buyers' messages say them: those of the training data under `folder`, and (text, intent) turns."""
    found: dict[str, list[str]] = {intent: [] for intent in INTENT_GROUP}
    for intent, texts in _intent_blocks(folder, messages=True):
        found[intent] += texts
    for text, intent in turns:
        found[intent].append(text)
    return [
        Meaning(f"{intent}/message", intent, INTENT_GROUP[intent], tuple(dict.fromkeys(texts)))
        for intent, texts in found.items()
    ]


def read_question_meanings(folder: Path) -> list[Meaning]:
    """Return the sets of questions of one meaning that the embedding model learns from; they carry no intent."""
    return [
        Meaning(f"{number}/{path.stem}", "", "", tuple(map(str, group)))
        for path in sorted(folder.glob("*.yml"))
        for number, group in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))["paraphrases"])
    ]


def _intent_blocks(folder: Path, *, messages: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield the intent and the texts of every block under `folder` that holds messages, or of every other one."""
    for path in sorted(folder.rglob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or ():
            is_message = (item.get("metadata") or {}).get("kind") == "message"
            if item.get("intent") in INTENT_GROUP and is_message is messages:
                lines = str(item["examples"]).splitlines()
                yield (
                    item["intent"],
                    [_ENTITY.sub(r"\1", line[2:]).strip() for line in lines if line.startswith("- ")],
                )


def only(meanings: Iterable[Meaning], texts: frozenset[str], normaliser: TextNormaliser) -> list[Meaning]:
    """Return the meanings with those of their texts that are in `texts`, folded; fewer than two are left out."""
    kept = []
    for meaning in meanings:
        folded = (normaliser.normalise(text) for text in meaning.texts if text in texts)
        kept.append(replace(meaning, texts=tuple(dict.fromkeys(folded))))
    return [meaning for meaning in kept if len(meaning.texts) > 1]


def unanswered_share(entries: int) -> float:
    """Return the share of questions that a shop of so many entries has no answer to: the more entries, the fewer."""
    return max(_UNANSWERED_LEAST, _UNANSWERED_MOST * exp(-entries / _UNANSWERED_FADE))


def draw_shops(
    meanings: Sequence[Meaning], strangers: Sequence[Meaning], most_phrasings: int, count: int, seed: int
) -> Iterator[MadeUpShop]:
    """Yield `count` shops with some of `meanings` as entries. `strangers` are what no shop has an entry for."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(count):
        entries, others = _drawn(meanings, chance)
        phrasings = chance.randint(1, most_phrasings)
        known: list[Meaning] = []
        asked: list[tuple[str, str]] = []
        for meaning in entries:
            texts = chance.sample(meaning.texts, len(meaning.texts))
            taken = min(phrasings, len(texts) - 1)
            known.append(replace(meaning, texts=tuple(texts[:taken])))
            asked.extend((text, meaning.name) for text in texts[taken:])
        yield _asked_shop(known, asked, [*others, *strangers], chance)


def draw_mixed_shops(
    phrased: Sequence[Meaning],
    asked: Sequence[Meaning],
    strangers: Sequence[Meaning],
    most_phrasings: int,
    count: int,
    seed: int,
) -> Iterator[MadeUpShop]:
    """Yield `count` shops whose entries hold texts of `phrased` and whose questions are those of the same intent in `asked`."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    messages = {meaning.intent: meaning for meaning in asked}
    both = [meaning for meaning in phrased if meaning.intent in messages and meaning.name.endswith("/zh")]
    for _ in range(count):
        entries, others = _drawn(both, chance)
        phrasings = chance.randint(2, most_phrasings)
        known = [
            replace(meaning, texts=tuple(chance.sample(meaning.texts, min(phrasings, len(meaning.texts)))))
            for meaning in entries
        ]
        wanted = [(text, meaning.name) for meaning in entries for text in messages[meaning.intent].texts]
        foreign = [messages[meaning.intent] for meaning in others]
        yield _asked_shop(known, wanted, [*foreign, *strangers], chance)


def _drawn(meanings: Sequence[Meaning], chance: random.Random) -> tuple[list[Meaning], list[Meaning]]:
    """Return the entries of one shop, few as often as many, and what is left."""
    most = len(meanings)
    size = min(most, round(_FEWEST_ENTRIES * (most / _FEWEST_ENTRIES) ** chance.random()))
    shuffled = chance.sample(meanings, most)
    return shuffled[:size], shuffled[size:]


def _asked_shop(
    known: Sequence[Meaning],
    asked: Sequence[tuple[str, str]],
    others: Sequence[Meaning],
    chance: random.Random,
) -> MadeUpShop:
    """Return the shop with as many unanswered questions as one of its size gets."""
    answered = chance.sample(asked, min(len(asked), _QUESTIONS_A_SHOP))
    share = unanswered_share(len(known))
    wanted = round(len(answered) * share / (1 - share))
    foreign = [text for meaning in others for text in meaning.texts]
    unanswered = [(text, "") for text in chance.sample(foreign, min(len(foreign), wanted))]
    return MadeUpShop(tuple(known), (*answered, *unanswered))
