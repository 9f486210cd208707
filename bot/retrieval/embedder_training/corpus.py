"""What the model learns from: phrasings that mean the same, and questions with the replies they were given."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

import yaml

_MARKUP: Final = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_VARIABLE: Final = re.compile(r"\{[^{}|]*(?:\|([^{}]*))?\}")
_MASK: Final = re.compile(r"\[[^\[\]]{1,8}\]|#E-s\S*|https?://\S+")
_MEASURED: Final = "0123"
_SHORTEST: Final = 4
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Corpus:
    """`groups` hold texts of one meaning; `threads` hold one dialogue's (question, reply) pairs in order."""

    groups: tuple[tuple[str, ...], ...]
    threads: tuple[tuple[tuple[str, str], ...], ...]

    @property
    def texts(self) -> list[str]:
        """Every text, in a fixed order."""
        grouped = [text for group in self.groups for text in group]
        return grouped + [text for thread in self.threads for pair in thread for text in pair]


def read_corpus(intents: Path, templates: Path, synonyms: Path, dialogues: Path | None) -> Corpus:
    """Return the corpus of the folders `intents` and `templates`, the synonym file with the folder `questions` beside it,
    and the dialogue file, if any.

    Raises OSError or yaml.YAMLError for what cannot be read.
    """
    groups = [*_intent_groups(intents), *_synonym_groups(synonyms)]
    for path in sorted((synonyms.parent / "questions").glob("*.yml")):
        groups.extend(_synonym_groups(path))
    threads: list[tuple[tuple[str, str], ...]] = []
    for phrasings, replies in _entries(templates):
        groups.append(phrasings)
        threads.extend(((phrasings[0], reply),) for reply in replies)
    if dialogues is not None:
        threads.extend(_dialogue_threads(dialogues))
    unique = dict.fromkeys(tuple(dict.fromkeys(group)) for group in groups)
    return Corpus(tuple(group for group in unique if group), tuple(dict.fromkeys(threads)))


def may_be_trained_on(session: str) -> bool:
    """Whether a dialogue of that id belongs to the part that is not kept for measuring."""
    return hashlib.sha256(session.encode()).hexdigest()[0] not in _MEASURED


def _intent_groups(folder: Path) -> Iterator[tuple[str, ...]]:
    for path in sorted(folder.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in content.get("nlu") or ():
            if "intent" in item:
                lines = str(item.get("examples", "")).splitlines()
                texts = [_MARKUP.sub(r"\1", line[2:]).strip() for line in lines if line.startswith("- ")]
                if (item.get("metadata") or {}).get("kind") == "message":
                    # What buyers send under one intent is of many meanings.
                    yield from ((text,) for text in texts)
                else:
                    yield tuple(texts)


def _synonym_groups(path: Path) -> Iterator[tuple[str, ...]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section in ("synonyms", "paraphrases"):
        for group in content.get(section) or ():
            yield tuple(map(str, group))


def _entries(folder: Path) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield (phrasings, replies) of every mapping under `folder` that has a question."""
    for path in sorted(folder.rglob("*.y*ml")):
        for item in _mappings(yaml.safe_load(path.read_text(encoding="utf-8"))):
            if isinstance(item.get("question"), str):
                more, cases = item.get("phrasings"), item.get("cases")
                phrasings = [item["question"], *(more if isinstance(more, list) else ())]
                replies = [item.get("reply"), *(cases.values() if isinstance(cases, Mapping) else ())]
                plain = tuple(
                    _VARIABLE.sub(r"\1", reply) for reply in replies if isinstance(reply, str) and reply
                )
                yield tuple(map(str, phrasings)), plain


def _mappings(content: object) -> Iterator[Mapping[str, object]]:
    if isinstance(content, Mapping):
        yield content
        for value in content.values():
            yield from _mappings(value)
    elif isinstance(content, list):
        for value in content:
            yield from _mappings(value)


def _dialogue_threads(path: Path) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the question and reply pairs of every dialogue that may be trained on; successive turns count as one."""
    for line in path.read_text(encoding="utf-8").splitlines():
        session = json.loads(line)
        if not may_be_trained_on(session["id"]):
            continue
        turns = [
            (role, _MASK.sub(" ", " ".join(turn["text"] for turn in run)).strip()[:_LONGEST])
            for role, run in groupby(session["turns"], key=lambda turn: str(turn["role"]))
        ]
        pairs = tuple(
            (asked, answered)
            for (asker, asked), (_, answered) in pairwise(turns)
            if asker == "buyer" and len(asked) >= _SHORTEST and len(answered) >= _SHORTEST
        )
        if pairs:
            yield pairs
