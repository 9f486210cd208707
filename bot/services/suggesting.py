"""Suggesting: from a buyer's message to at most three filled replies of that shop, or to silence."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter, itemgetter
from zoneinfo import ZoneInfo

from bot.domain.conversation import MAX_HISTORY_TURNS, Turn
from bot.domain.entry import Entry
from bot.domain.facts import Fact
from bot.domain.intents import SILENT_INTENTS, IntentScore, group_confidence
from bot.domain.resolving import FactResolver, Subject
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.domain.text import (
    UnreadableMessage,
    is_acknowledgement,
    read_message,
    split_questions,
    strip_opener,
)
from bot.ports import (
    Clock,
    Embedder,
    EntryIndex,
    Event,
    FactStore,
    IntentClassifier,
    Question,
    RankedEntry,
    TextNormaliser,
)
from bot.services.context import (
    PastTurn,
    is_fragment,
    names_nothing,
    previous_question,
    read_history,
    resolve_subject,
    was_asked_back,
)
from bot.services.filling import FilledReply, facts_used, fill_reply
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.recording import SHOWN, EventRecorder
from bot.services.searching import QuestionReader

MAX_SUGGESTIONS = 3
_RANKED = 8
_FILLED = MAX_SUGGESTIONS + 2
"""So many filled replies are enough, even when two of them read the same."""
_MIN_CONFIDENCE = 0.12
"""Below this an entry is not shown at all: it would be wrong seven times in eight."""
_MIN_OTHERS = 0.02
"""Below the first one less will do: who reads it already and finds it wrong looks at the next."""
_SURE_SILENCE = 0.55
_PART_CONFIDENCE = 0.35
_AGREEING = 0.5
"""What the classifier must give the group of an entry whose reply goes out alone: two readers agree, then."""
_OTHER_LANGUAGE = 0.4
"""Factor on the confidence of an entry written in another language than the message."""


@dataclass(frozen=True, slots=True)
class SuggestionRequest:
    """A message of one buyer to one shop. `viewed` is an item id or product id that the buyer looks at, if known."""

    shop: str
    text: str
    history: tuple[Turn, ...] = ()
    conversation: str = ""
    viewed: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A ranked entry with its filled reply.

    `common` is the confidence before what the shop has learned. `may_go_alone`: the classifier has read the question, and
    the reply is in the language of the message. `same`: the question stands among the entry's phrasings, word for word.
    """

    entry: Entry
    confidence: float
    filled: FilledReply
    common: float
    may_go_alone: bool
    same: bool = False


@dataclass(slots=True)
class _Scene:
    """All that one request needs of its shop, gathered once; `index` and `embedder` belong to what was asked last."""

    live: LiveShop
    subject: Subject
    now: datetime
    language: str
    message: str
    index: EntryIndex
    embedder: str = "ready"
    made: int = 0
    resolvers: dict[str, FactResolver] = field(default_factory=dict)

    def resolver(self, language: str) -> FactResolver:
        if language not in self.resolvers:
            snapshot = self.live.snapshot
            self.resolvers[language] = FactResolver(
                snapshot.shop,
                snapshot.facts,
                snapshot.shipping,
                self.live.catalogue,
                self.subject,
                self.now,
                language,
            )
        return self.resolvers[language]

    def next_id(self) -> str:
        """Return the id of one more suggestion for the message."""
        self.made += 1
        return f"{self.message}-{self.made}"


class Suggester:
    """Suggests replies for any shop; what it holds of a shop it asks of LiveShops, each time, by the shop's id."""

    def __init__(
        self,
        live_shops: LiveShops,
        embedder: Embedder,
        classifier: IntentClassifier,
        facts: FactStore,
        normaliser: TextNormaliser,
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._live_shops = live_shops
        self._reader = QuestionReader(live_shops, embedder, classifier)
        self._classifier = classifier
        self._facts = facts
        self._normaliser = normaliser
        self._recorder = recorder
        self._clock = clock

    @property
    def classifier_state(self) -> str:
        """ "ready", "warming" or "down"."""
        return self._classifier.state

    async def suggest(self, request: SuggestionRequest) -> SuggestionResult:
        """Return the suggestions for the message.

        Raises NotFound for an unknown shop, UnreadableMessage, StoreUnavailable. Without the classifier, or the embedder,
        suggestions come from what is there.
        """
        live = await self._live_shops.get(request.shop)
        message_id = secrets.token_hex(8)
        message = read_message(request.text)
        text = strip_opener(self._normaliser.normalise(message.text))
        past = read_history(request.history[-MAX_HISTORY_TURNS:], self._normaliser)
        # An item or a number alone answers the question that the shop asked back.
        asked = previous_question(past, live.catalogue) if not text and was_asked_back(past) else None
        if asked is None and (reason := _wants_no_answer(text)):
            return self._record(request, message_id, self._silence(request.shop, (), reason))
        if viewed := _viewed_turn(request.viewed, live):
            past.insert(0, viewed)
        subject = await resolve_subject(request.shop, live.catalogue, self._facts, message, text, past)
        now = self._clock.now().astimezone(_zone(live))
        scene = _Scene(live, subject, now, _language_of(text, past), message_id, live.index)
        result = await self._answer(request.shop, asked.text if asked else text, past, scene)
        return self._record(request, message_id, result)

    async def _answer(
        self, shop: str, text: str, past: Sequence[PastTurn], scene: _Scene
    ) -> SuggestionResult:
        pieces = split_questions(text)
        asked = await self._ask([text, *pieces] if len(pieces) > 1 else [text], scene)
        whole, parts = asked[0], asked[1:]
        intents = whole.intents
        if (earlier := self._leans_on(whole, past, scene)) is not None:
            whole = (await self._ask([earlier.text], scene))[0]
            parts = []
        candidates = self._candidates(whole, scene)
        answers = [self._candidates(part, scene) for part in parts]
        composed = self._compose(parts, answers, scene)
        if composed is not None and (
            not candidates or composed[0].confidence >= 0.5 * candidates[0].confidence
        ):
            intents = tuple(part.intents[0] for part in parts if part.intents) or intents
            # A reply to one of the questions is no better an answer to the message than the reply to all of them.
            singles = [
                replace(candidate, confidence=min(candidate.confidence, composed[0].confidence))
                for candidate in self._merge(composed[1], candidates)
            ]
            suggestions = [composed[0], *self._suggestions(singles, scene)]
        else:
            if _says_nothing(whole.intents, candidates):
                return self._silence(shop, intents[:3], "nothing to answer", scene.embedder)
            suggestions = self._suggestions(candidates, scene)
            if suggestions and _leaves_open(parts, answers, candidates[0]):
                suggestions[0] = replace(suggestions[0], automatic=False)
        if not suggestions:
            return self._silence(shop, intents[:3], "no entry answers it", scene.embedder)
        first, *others = _different(suggestions)[:MAX_SUGGESTIONS]
        # One reply goes out alone, if any: what stands below another is not what the message wants most.
        shown = (first, *(replace(other, automatic=False) for other in others))
        return SuggestionResult(
            shop, False, intents[:3], shown, self._classifier.state, embedder=scene.embedder
        )

    def _leans_on(self, whole: Question, past: Sequence[PastTurn], scene: _Scene) -> PastTurn | None:
        """Return the earlier question that the message only says more about, if it does."""
        catalogue = scene.live.catalogue
        mention = catalogue.find(whole.text)
        if not past or not is_fragment(whole.text, mention):
            return None
        if names_nothing(whole.text, mention):
            # 「发票呢」 may well be a question of its own.
            own = self._candidates(whole, scene)
            if own and own[0].confidence >= _PART_CONFIDENCE:
                return None
        return previous_question(past, catalogue)

    async def _ask(self, texts: list[str], scene: _Scene) -> list[Question]:
        asked = await self._reader.read(texts, scene.live, scene.subject.mention)
        scene.index, scene.embedder = asked.index, asked.embedder
        return asked.questions

    def _candidates(self, question: Question, scene: _Scene) -> list[_Candidate]:
        """Return the filled candidates for one question, best first."""
        found: dict[str, _Candidate] = {}
        for confidence, common, same, entry in self._in_order(question, scene):
            if confidence < (_MIN_OTHERS if found else _MIN_CONFIDENCE) or len(found) >= _FILLED:
                break
            filled = fill_reply(entry, scene.resolver(entry.language))
            if filled is None:
                continue
            alone = (
                entry.language == scene.language
                and scene.embedder == "ready"
                and group_confidence(question.intents, entry.group) >= _AGREEING
            )
            if (twin := found.get(filled.text)) is not None:
                # Two entries that say the same share what is one chance: that this reply is right.
                together = min(twin.confidence + confidence, 1.0)
                found[filled.text] = replace(
                    twin, confidence=together, may_go_alone=twin.may_go_alone and alone
                )
            else:
                found[filled.text] = _Candidate(entry, confidence, filled, common, alone, same)
        return sorted(found.values(), key=attrgetter("confidence"), reverse=True)

    @staticmethod
    def _in_order(question: Question, scene: _Scene) -> list[tuple[float, float, bool, Entry]]:
        """Return the entries that hold now: the shop's own confidence, the common one, word for word; best first."""
        calibration = scene.live.lessons.learned.calibration(was_read=bool(question.intents))
        found: list[tuple[float, float, bool, Entry]] = []
        for ranked in _ranked(question, scene.index):
            entry = scene.live.snapshot.entries.get(ranked.entry)
            if entry is not None and entry.validity.holds_at(scene.now):
                fits = entry.language == scene.language
                common = ranked.confidence if fits else ranked.confidence * _OTHER_LANGUAGE
                own = calibration.confidence(entry.id, entry.version, common)
                found.append((own, common, ranked.same, entry))
        return sorted(found, key=itemgetter(0), reverse=True)

    def _compose(
        self, parts: Sequence[Question], answers: Sequence[list[_Candidate]], scene: _Scene
    ) -> tuple[Suggestion, list[_Candidate]] | None:
        """Return one suggestion that answers every part, in the order asked, or None when a part has no sure answer."""
        best: list[_Candidate] = []
        for part, candidates in zip(parts, answers, strict=True):
            if _says_nothing(part.intents, candidates) or not candidates:
                return None
            if candidates[0].confidence < _PART_CONFIDENCE:
                return None
            if not any(_same_answer(candidates[0], other) for other in best):
                best.append(candidates[0])
        if len(best) < 2:
            return None
        confidence = 1.0
        for candidate in best:
            confidence *= candidate.confidence
        text = "\n".join(candidate.filled.text for candidate in best)
        return self._suggestion(best, text, confidence, scene), best

    @staticmethod
    def _merge(first: list[_Candidate], then: list[_Candidate]) -> list[_Candidate]:
        known = {candidate.entry.id for candidate in first}
        return first + [candidate for candidate in then if candidate.entry.id not in known]

    def _suggestions(self, candidates: Sequence[_Candidate], scene: _Scene) -> list[Suggestion]:
        return [
            self._suggestion([candidate], candidate.filled.text, candidate.confidence, scene)
            for candidate in candidates[:_FILLED]
        ]

    @staticmethod
    def _suggestion(
        candidates: Sequence[_Candidate], text: str, confidence: float, scene: _Scene
    ) -> Suggestion:
        facts: list[Fact] = [fact for candidate in candidates for fact in candidate.filled.facts]
        used = facts_used(facts, scene.now)
        is_sure = confidence >= scene.live.lessons.learned.threshold
        return Suggestion(
            scene.next_id(),
            text,
            round(confidence, 4),
            tuple(
                Part(c.entry.id, c.entry.version, c.entry.intent, c.filled.text, round(c.common, 4))
                for c in candidates
            ),
            used,
            is_sure and all(c.may_go_alone for c in candidates) and not any(fact.stale for fact in used),
        )

    def _silence(
        self, shop: str, intents: tuple[IntentScore, ...], reason: str, embedder: str = ""
    ) -> SuggestionResult:
        state = embedder or self._reader.embedder_state
        return SuggestionResult(shop, True, intents, (), self._classifier.state, reason, state)

    def _record(self, request: SuggestionRequest, message: str, result: SuggestionResult) -> SuggestionResult:
        now, conversation = self._clock.now(), request.conversation
        self._recorder.record(
            request.shop, Event("message_received", now, conversation, {"text": request.text}, message)
        )
        data: dict[str, object] = {
            "silent": result.silent,
            "reason": result.reason,
            "classifier": result.classifier,
            "embedder": result.embedder,
            "read": bool(result.intents),
            "suggestions": [
                {
                    "id": s.id,
                    "text": s.text,
                    "confidence": s.confidence,
                    "automatic": s.automatic,
                    "entries": [[p.entry, p.version, p.common] for p in s.parts],
                }
                for s in result.suggestions
            ],
        }
        self._recorder.record(request.shop, Event(SHOWN, now, conversation, data, message))
        return result


def _wants_no_answer(text: str) -> str:
    """Return why the message wants no answer, "" when it may want one."""
    if not text:
        return "item or number only"
    if is_acknowledgement(text):
        return "acknowledgement"
    return "" if any(character.isalnum() for character in text) else "no words"


def _viewed_turn(viewed: str, live: LiveShop) -> PastTurn | None:
    """Return what the buyer looks at as a turn that came before all others."""
    product = live.snapshot.products.get(viewed)
    try:
        message = read_message(product.item_id or product.title if product else viewed)
    except UnreadableMessage:
        return None
    return PastTurn("bot", message, message.text.lower())


def _zone(live: LiveShop) -> ZoneInfo:
    return ZoneInfo(live.snapshot.shop.timezone)


def _language_of(text: str, past: Sequence[PastTurn]) -> str:
    """Return the language to answer in: the message's, or where it is too short to tell, the buyer's before it."""
    for words in (text, *(turn.text for turn in reversed(past) if turn.role == "buyer")):
        if any("\u4e00" <= character <= "\u9fff" for character in words):
            return "zh"
        if " " in words and sum(character.isascii() and character.isalpha() for character in words) >= 3:
            return "en"
    return "zh"


def _ranked(question: Question, index: EntryIndex) -> list[RankedEntry]:
    """Return the entries for a question; one that names a product is read with the name and without, half each."""
    found = index.rank(question, _RANKED)
    if question.bare is None or any(ranked.same for ranked in found[:1]):
        # A question that stands among the phrasings word for word is read as it stands there.
        return found
    chances: dict[str, float] = {}
    for ranked in (*found, *index.rank(question.bare, _RANKED)):
        chances[ranked.entry] = chances.get(ranked.entry, 0.0) + ranked.confidence / 2
    return [
        RankedEntry(entry, chance)
        for entry, chance in sorted(chances.items(), key=itemgetter(1), reverse=True)
    ]


def _says_nothing(intents: Sequence[IntentScore], candidates: Sequence[_Candidate]) -> bool:
    """Whether the classifier is surer that no entry answers than the ranking is that one does."""
    if not intents or intents[0].intent not in SILENT_INTENTS:
        return False
    if candidates and candidates[0].same:
        # The owner wrote this very question: whatever the classifier makes of it, it has an answer.
        return False
    silent = sum(score.confidence for score in intents if score.intent in SILENT_INTENTS)
    return silent >= _SURE_SILENCE and not (candidates and candidates[0].confidence > silent)


def _leaves_open(parts: Sequence[Question], answers: Sequence[list[_Candidate]], given: _Candidate) -> bool:
    """Whether part of the message seems to ask what the reply given does not say: a person reads it, then."""
    return any(
        candidates and not _same_answer(candidates[0], given) and not _says_nothing(part.intents, candidates)
        for part, candidates in zip(parts, answers, strict=True)
    )


def _same_answer(one: _Candidate, other: _Candidate) -> bool:
    """Whether two questions are one asked twice: the buyer wants one answer to it."""
    same_intent = one.entry.intent is not None and one.entry.intent == other.entry.intent
    return one.entry.id == other.entry.id or same_intent or one.filled.text == other.filled.text


def _different(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    unique: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        unique.setdefault(suggestion.text, suggestion)
    return list(unique.values())
