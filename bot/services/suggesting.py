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
from bot.domain.intents import IntentScore
from bot.domain.resolving import FactResolver, Subject
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.domain.text import (
    find_seams,
    is_acknowledgement,
    is_opener,
    join_pieces,
    read_message,
    split_questions,
    strip_opener,
)
from bot.ports import (
    Clock,
    Embedder,
    EntryIndex,
    FactStore,
    IntentClassifier,
    Question,
    TextNormaliser,
)
from bot.services.agreeing import PLAIN, is_undisputed
from bot.services.composing import (
    Candidate,
    Composed,
    Reading,
    compose,
    divide,
    is_guessed,
    is_one_question,
    joins_to_read,
    leans_on_context,
    leaves_open,
    mix,
    questions_among,
    say_together,
    stands_first,
    without_background,
)
from bot.services.context import (
    PastTurn,
    is_fragment,
    language_of,
    own_weight,
    previous_question,
    read_history,
    resolve_subject,
    viewed_turn,
    was_asked_back,
)
from bot.services.filling import facts_used, fill_reply
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.recording import EventRecorder
from bot.services.searching import QuestionReader, rank_entries
from bot.services.suggestion_events import suggestion_events

MAX_SUGGESTIONS = 3
_FILLED = MAX_SUGGESTIONS + 2
"""So many filled replies are enough, even when two of them read the same."""
_MIN_CONFIDENCE = 0.12
"""Below this an entry is not shown at all: it would be wrong seven times in eight."""
_MIN_OTHERS = 0.02
"""Below the first one less will do: who reads it already and finds it wrong looks at the next."""
_SEAMS = 5
_SUPPORT = 0.1
"""What the ranking must think of two halves together before the classifier is asked about them."""
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


@dataclass(slots=True)
class _Scene:
    """All that one request needs of its shop, gathered once; `index` and `embedder` belong to what was asked last.

    `only_person` is what was said of the message itself, before it was divided or read together with another.
    """

    live: LiveShop
    subject: Subject
    now: datetime
    language: str
    message: str
    index: EntryIndex
    embedder: str = "ready"
    only_person: float | None = None
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
                snapshot.lifetimes,
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
        return self._record(request, message_id, await self.try_out(request, live, message_id))

    async def try_out(self, request: SuggestionRequest, live: LiveShop, message: str) -> SuggestionResult:
        """Return what the shop answers as `live` holds it. Nothing is written to the log. Raises UnreadableMessage."""
        read = read_message(request.text)
        whole = self._normaliser.normalise(read.text)
        # 「老板好呀」 is a greeting: what is left without the address is no more than a 好呀.
        text = whole if is_opener(whole) else strip_opener(whole)
        past = read_history(request.history[-MAX_HISTORY_TURNS:], self._normaliser)
        # An item or a number alone answers the question that the shop asked back.
        asked = previous_question(past, live.catalogue) if not text and was_asked_back(past) else None
        if asked is None and (reason := _wants_no_answer(text)):
            return self._silence(request.shop, (), reason)
        if viewed := viewed_turn(request.viewed, live.snapshot.products):
            past.insert(0, viewed)
        subject = await resolve_subject(request.shop, live.catalogue, self._facts, read, text, past)
        now = self._clock.now().astimezone(ZoneInfo(live.snapshot.shop.timezone))
        scene = _Scene(live, subject, now, language_of(text, past), message, live.index)
        result = await self._answer(request.shop, asked.text if asked else text, past, scene)
        return replace(result, only_person=None if asked else scene.only_person)

    async def _answer(
        self, shop: str, text: str, past: Sequence[PastTurn], scene: _Scene
    ) -> SuggestionResult:
        pieces = split_questions(text)
        whole, *parts = await self._read([text, *pieces] if len(pieces) > 1 else [text], scene)
        intents, scene.only_person = whole.intents, whole.only_person
        questions = without_background(questions_among(await self._divided(parts, scene)))
        if len(questions) < 2 and (in_context := await self._in_context(whole, past, scene)) is not None:
            whole, parts, questions = in_context, [], []
            intents = in_context.intents if leans_on_context(intents) else intents
        elif len(questions) < 2 and not whole.is_quiet:
            asking = questions[0] if questions else whole
            if halves := await self._run_together(asking, scene):
                parts = [half for part in parts or [whole] for half in (halves if part is asking else [part])]
                questions = without_background(questions_among(parts))
        if len(parts) > 1 and is_one_question(whole, parts):
            parts, questions = [], []
        if is_guessed(questions) and whole.confidence >= PLAIN:
            questions = []  # one question, and what leads up to it
        composed = compose(questions)
        if whole.is_quiet and not (composed and stands_first(composed[0], whole)):
            return self._silence(shop, intents[:3], "nothing to answer", scene.embedder)
        if not whole.candidates and not composed:
            return self._silence(shop, intents[:3], "no entry answers it", scene.embedder)
        if composed:
            intents = tuple(part.intents[0] for part in questions if part.intents) or intents
        suggestions = self._suggestions(whole, questions, composed, scene)
        together = len(suggestions[0].parts) > 1
        given = composed[0].answers if together else whole.candidates[:1]
        if leaves_open(parts, given) or (is_guessed(questions) if together else bool(composed)):
            suggestions[0] = replace(suggestions[0], automatic=False, stands_alone=False)
        first, *others = _different(suggestions)[:MAX_SUGGESTIONS]
        # One reply goes out alone, if any: what stands below another is not what the message wants most.
        shown = (first, *(replace(other, automatic=False) for other in others))
        return SuggestionResult(
            shop, False, intents[:3], shown, self._classifier.state, embedder=scene.embedder
        )

    async def _in_context(self, whole: Reading, past: Sequence[PastTurn], scene: _Scene) -> Reading | None:
        """Return the message read together with the question before it, where it leans on that one."""
        catalogue = scene.live.catalogue
        earlier = previous_question(past, catalogue) if past else None
        if earlier is None or earlier.text == whole.text:
            return None
        weight = own_weight(whole, catalogue.find(whole.text), past)
        if weight is None:
            return None
        together, before = await self._read([join_pieces(earlier.text, whole.text), earlier.text], scene)
        if is_fragment(whole.text, catalogue.find(whole.text)):
            together = mix(before, together, 0.5)
        return mix(whole, together, weight)

    async def _divided(self, pieces: Sequence[Reading], scene: _Scene) -> list[Reading]:
        """Return the pieces cut anew: neighbours that are only understood together are one."""
        spans = joins_to_read(pieces) if len(pieces) > 2 else []
        if not spans:
            return list(pieces)
        texts = [join_pieces(*(piece.text for piece in pieces[start:end])) for start, end in spans]
        return divide(pieces, dict(zip(spans, await self._read(texts, scene), strict=True)))

    async def _run_together(self, whole: Reading, scene: _Scene) -> list[Reading]:
        """Return the message in two where the ranking alone finds two answers best, none when it finds one."""
        if not (seams := find_seams(whole.text, _SEAMS)):
            return []
        texts = [half for seam in seams for half in (whole.text[:seam], whole.text[seam:])]
        asked = await self._reader.read(texts, scene.live, scene.subject.mention, classified=False)
        best = [asked.index.rank(each, 1) for each in asked.questions]
        support = {
            (first, second): left[0].confidence * right[0].confidence
            for first, second, left, right in zip(texts[::2], texts[1::2], best[::2], best[1::2], strict=True)
            if left and right and left[0].entry != right[0].entry
        }
        halves = max(support, key=support.__getitem__, default=None)
        if halves is None or support[halves] < _SUPPORT:
            return []
        return await self._read(list(halves), scene)

    async def _read(self, texts: list[str], scene: _Scene) -> list[Reading]:
        questions = await self._ask(texts, scene)
        return [
            Reading(each.text, each.intents, tuple(self._candidates(each, scene)), each.only_person)
            for each in questions
        ]

    async def _ask(self, texts: list[str], scene: _Scene) -> list[Question]:
        asked = await self._reader.read(texts, scene.live, scene.subject.mention)
        scene.index, scene.embedder = asked.index, asked.embedder
        return asked.questions

    def _candidates(self, question: Question, scene: _Scene) -> list[Candidate]:
        """Return the filled candidates for one question, best first."""
        found: dict[str, Candidate] = {}
        for confidence, common, same, entry in self._in_order(question, scene):
            if confidence < (_MIN_OTHERS if found else _MIN_CONFIDENCE) or len(found) >= _FILLED:
                break
            filled = fill_reply(entry, scene.resolver(entry.language))
            if filled is None:
                continue
            # What is found by its own reply alone was never asked for in a buyer's words.
            alone = (
                bool(entry.all_phrasings)
                and not (filled.blanks or filled.keeps_back)
                and entry.language == scene.language
                and scene.embedder == "ready"
                and is_undisputed(question.intents, entry, common)
            )
            if (twin := found.get(filled.text)) is not None:
                # Two entries that say the same share what is one chance: that this reply is right.
                together = min(twin.confidence + confidence, 1.0)
                found[filled.text] = replace(
                    twin, confidence=together, may_go_alone=twin.may_go_alone and alone
                )
            else:
                found[filled.text] = Candidate(entry, confidence, filled, common, alone, same)
        return sorted(found.values(), key=attrgetter("confidence"), reverse=True)

    @staticmethod
    def _in_order(question: Question, scene: _Scene) -> list[tuple[float, float, bool, Entry]]:
        """Return the entries that hold now: the shop's own confidence, the common one, word for word; best first.

        Those of a group that the shop has switched off are left out.
        """
        snapshot = scene.live.snapshot
        calibration = scene.live.lessons.learned.calibration(was_read=bool(question.intents))
        found: list[tuple[float, float, bool, Entry]] = []
        for ranked in rank_entries(question, scene.index):
            entry = snapshot.entries.get(ranked.entry)
            if entry is None or entry.group in snapshot.auto_reply.silenced:
                continue
            if entry.validity.holds_at(scene.now):
                fits = entry.language == scene.language
                common = ranked.confidence if fits else ranked.confidence * _OTHER_LANGUAGE
                own = calibration.confidence(entry.id, entry.version, common)
                found.append((own, common, ranked.same, entry))
        return sorted(found, key=itemgetter(0), reverse=True)

    def _suggestions(
        self, whole: Reading, questions: Sequence[Reading], composed: Sequence[Composed], scene: _Scene
    ) -> list[Suggestion]:
        """Return the replies, best first: to all questions of the message at once, and to the message as one."""
        singles = [([each], each.confidence) for each in whole.candidates]
        halves = [([each.candidates[0]], each.confidence) for each in questions]
        together = [(list(each.answers), each.confidence) for each in composed]
        if composed and stands_first(composed[0], whole):
            ordered = [*together, *halves, *singles]
        else:
            others = sorted([*together, *singles[1:]], key=itemgetter(1), reverse=True)
            ordered = [*singles[:1], *others]
        suggestions: list[Suggestion] = []
        for answers, confidence in ordered[: _FILLED + len(together)]:
            # A reply to one of the questions is no better an answer to the message than the reply to all of them.
            limit = suggestions[-1].confidence if suggestions else 1.0
            suggestions.append(self._suggestion(answers, min(confidence, limit), scene))
        return suggestions

    @staticmethod
    def _suggestion(candidates: Sequence[Candidate], confidence: float, scene: _Scene) -> Suggestion:
        facts: list[Fact] = [fact for candidate in candidates for fact in candidate.filled.facts]
        used = facts_used(facts, scene.now)
        is_sure = confidence >= scene.live.lessons.learned.threshold
        stands_alone = all(c.may_go_alone for c in candidates)
        said = say_together([c.filled.text for c in candidates])
        return Suggestion(
            scene.next_id(),
            "\n".join(said),
            round(confidence, 4),
            tuple(
                Part(c.entry.id, c.entry.version, c.entry.intent, text, round(c.common, 4))
                for c, text in zip(candidates, said, strict=True)
            ),
            used,
            is_sure and stands_alone and not any(fact.stale for fact in used),
            stands_alone,
            # One message carries one image: that of the first question which has any.
            next((c.entry.image for c in candidates if c.entry.image), ""),
        )

    def _silence(
        self, shop: str, intents: tuple[IntentScore, ...], reason: str, embedder: str = ""
    ) -> SuggestionResult:
        state = embedder or self._reader.embedder_state
        return SuggestionResult(shop, True, intents, (), self._classifier.state, reason, state)

    def _record(self, request: SuggestionRequest, message: str, result: SuggestionResult) -> SuggestionResult:
        for event in suggestion_events(
            request.text, result, self._clock.now(), request.conversation, message
        ):
            self._recorder.record(request.shop, event)
        return result


def _wants_no_answer(text: str) -> str:
    """Return why the message wants no answer, "" when it may want one."""
    if not text:
        return "item or number only"
    if is_acknowledgement(text):
        return "acknowledgement"
    return "" if any(character.isalnum() for character in text) else "no words"


def _different(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    unique: dict[str, Suggestion] = {}
    for suggestion in suggestions:
        unique.setdefault(suggestion.text, suggestion)
    return list(unique.values())
