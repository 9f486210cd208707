"""Which kinds of made-up shops there are: they differ in how their phrasings came about and in what buyers ask them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.intents import SILENT_INTENTS
from bot.retrieval.calibrating.shops import MadeUpShop, Meaning, draw_mixed_shops, draw_shops

_SEED: Final = 11
_PACKS: Final = (8, 120)
_INTENTS: Final = (24, 60)
_MESSAGES: Final = (16, 60)
_QUESTIONS: Final = (7, 50)
"""Most phrasings of an entry, and how many shops are drawn."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Meanings by where their texts come from, each without what the model in use has learned from."""

    packs: Sequence[Meaning]
    intents: Sequence[Meaning]
    messages: Sequence[Meaning]
    questions: Sequence[Meaning]


def draw_all_shops(sources: Sources) -> list[MadeUpShop]:
    """Return shops of every kind.

    Tidy phrasings asked for by their like (packs, intents), messages by messages, fine meanings in Chinese and in English, and
    tidy phrasings asked for by messages: the shop whose owner writes otherwise than his buyers.
    """
    strangers = [meaning for meaning in sources.intents if meaning.group in ("other", "greeting_thanks")]
    silent = [meaning for meaning in sources.messages if meaning.intent in SILENT_INTENTS]
    asked = [meaning for meaning in sources.messages if meaning.intent not in SILENT_INTENTS]
    chinese = [meaning for meaning in sources.questions if meaning.name.endswith("zh")]
    english = [meaning for meaning in sources.questions if meaning.name.endswith("en")]
    return [
        *draw_shops(sources.packs, [*strangers, *silent], *_PACKS, _SEED),
        *draw_shops(sources.intents, [], *_INTENTS, _SEED + 1),
        *draw_shops(asked, silent, *_MESSAGES, _SEED + 2),
        *draw_shops(chinese, silent, *_QUESTIONS, _SEED + 3),
        *draw_shops(english, [], *_QUESTIONS, _SEED + 4),
        *draw_mixed_shops(sources.intents, asked, silent, *_MESSAGES, _SEED + 5),
    ]
