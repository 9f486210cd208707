"""Evaluating a shop with what is its own: its phrasings, asked where it does not know them, and its log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.domain.answer_quality import AnswerQuality
from bot.domain.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.ports import (
    Clock,
    Embedder,
    EntryIndexes,
    EntryStore,
    EventLog,
    IntentClassifier,
    ShopSnapshot,
    ShopStore,
    TextNormaliser,
)
from bot.services.shop_evaluation_asking import (
    Answer,
    ExaminedShop,
    Tick,
    as_question,
    ask_all,
    classify_all,
    encode_all,
    index_entry,
    read_phrasings,
)
from bot.services.shop_evaluation_findings import (
    find_lost,
    find_misplaced,
    find_thefts,
    find_twins,
    find_unasked,
    find_unjudged,
    find_unreachable,
)
from bot.services.shop_evaluation_harms import find_harms
from bot.services.shop_evaluation_log import EVENTS_READ, read_log
from bot.services.shop_evaluation_report import Answered, LeftOut, ShopReport

Measure: TypeAlias = Callable[[Sequence[float], Sequence[bool], Sequence[str]], AnswerQuality]
"""Confidences, whether right, and the entry of each question; see bot.retrieval.evaluation_coverage.measure_answers."""


def _silent(stage: str, done: int, total: int) -> None:
    return None


class ShopExaminer:
    """Examines one shop at a time; reads only, and only what is that shop's."""

    def __init__(
        self,
        shops: ShopStore,
        entries: EntryStore,
        events: EventLog,
        embedder: Embedder,
        classifier: IntentClassifier | None,
        indexes: EntryIndexes,
        normaliser: TextNormaliser,
        clock: Clock,
        measure: Measure,
    ) -> None:
        self._shops = shops
        self._entries = entries
        self._events = events
        self._embedder = embedder
        self._classifier = classifier
        self._indexes = indexes
        self._normaliser = normaliser
        self._clock = clock
        self._measure = measure

    async def examine(self, shop: str, tick: Tick = _silent) -> ShopReport:
        """Return the evaluation of the shop. Raises NotFound, StoreUnavailable, EmbedderUnavailable."""
        snapshot = await self._shops.load_snapshot(shop)
        kept = await self._entries.list_entries(shop)
        log = read_log(await self._events.read(shop, EVENTS_READ), self._normaliser)
        now = self._clock.now().astimezone(ZoneInfo(snapshot.shop.timezone))
        valid = frozenset(i for i, entry in snapshot.entries.items() if entry.validity.holds_at(now))
        examined = await self._prepare(snapshot, valid, tick)
        folds, answers = await ask_all(examined, self._indexes, self._embedder.dimension, tick)
        lost = find_lost(examined, answers)
        asked = Counter(answer.phrasing.entry for answer in answers)
        twins = find_twins(examined, lost, asked)
        harms, tried = await find_harms(examined, folds, answers, lost, tick)
        right = [examined.is_right(answer) for answer in answers]
        confidences = [answer.confidence for answer in answers]
        return ShopReport(
            shop=shop,
            name=snapshot.shop.name,
            entries=len(valid),
            phrasings=sum(p.entry in valid for p in examined.phrasings),
            classifier=self._classifier_word(examined),
            first_right=sum(right),
            among_three=sum(_is_shown(examined, answer) for answer in answers),
            questions={entry.id: entry.question for entry in kept},
            quality=self._measure(confidences, right, [answer.phrasing.entry for answer in answers]),
            stealing=tuple(find_thefts(examined, lost, asked, twins)),
            twins=tuple(twins),
            unreachable=tuple(find_unreachable(answers, twins, log.shown)),
            harms=tuple(harms),
            harms_tried=tried,
            misplaced=tuple(find_misplaced(lost, twins)),
            unasked=tuple(find_unasked(examined)),
            unjudged=tuple(find_unjudged(examined, asked, log.shown)),
            left_out=tuple(_left_out(kept, valid)),
            logged=log.logged,
            answers=tuple(map(Answered, confidences, right)),
        )

    async def _prepare(self, snapshot: ShopSnapshot, valid: frozenset[str], tick: Tick) -> ExaminedShop:
        """Return the shop with every phrasing encoded and classified."""
        entries = snapshot.entries
        by_entry = {i: read_phrasings(entry, self._normaliser) for i, entry in entries.items()}
        phrasings = [phrasing for own in by_entry.values() for phrasing in own]
        askable = [phrasing for phrasing in phrasings if not phrasing.refusal]
        texts = [p.folded for p in phrasings] + [p.asked for p in askable]
        vectors = await encode_all(texts, self._embedder, tick)
        intents = await classify_all([p.asked for p in askable], self._classifier, tick)
        catalogue = Catalogue(snapshot.products.values())
        return ExaminedShop(
            entries=entries,
            reachable=valid,
            indexed={i: index_entry(entries[i], own, vectors) for i, own in by_entry.items() if own},
            by_entry=by_entry,
            questions={
                p: as_question(p.asked, vectors[p.asked], intents.get(p.asked, ()), catalogue)
                for p in askable
            },
        )

    def _classifier_word(self, shop: ExaminedShop) -> str:
        read = sum(bool(question.intents) for question in shop.questions.values())
        if self._classifier is None or not read:
            return "none"
        return "ready" if read == len(shop.questions) else "partly"


def _is_shown(shop: ExaminedShop, answer: Answer) -> bool:
    return answer.own_place is not None or shop.is_right(answer)


def _left_out(kept: Sequence[Entry], valid: frozenset[str]) -> list[LeftOut]:
    return [
        LeftOut(entry.id, entry.status if entry.status != "published" else "not valid now")
        for entry in sorted(kept, key=lambda entry: entry.id)
        if entry.id not in valid
    ]
