"""What software would say: the shop's own entries and the dialogue put together. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.auto_reply import DIALOGUE_REASONS, Claim, Heard, Offer, Reason
from bot.domain.entry import Entry
from bot.domain.suggestion import FactUsed, Part, Suggestion, SuggestionResult
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.services.auto_agreeing import Readers, claim_of
from bot.services.auto_reply_reading import Found, as_heard, find_reply, reads_alike
from bot.services.composing import say_together

_POINTS: Final = re.compile(r"[这那]|图|\b(?:this|that|these|pic)", re.IGNORECASE)
"""Words that speak of what an image shows: nothing here can see it."""
_NO_CLAIM: Final = Claim("")


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble as it would be said. `asks`: it asks the buyer for something."""

    text: str
    image: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """The dialogue that the message begins: the group of its question, and how surely it is of that group."""

    group: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What was heard, and what would be said to it. `dialogue` is the form that waits afterwards, "" for none."""

    heard: Heard
    bubbles: tuple[Bubble, ...] = ()
    entries: tuple[tuple[str, int, float], ...] = ()
    facts: tuple[FactUsed, ...] = ()
    dialogue: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """A question beside those that the dialogue took up, and the piece of a reply that answers it; None for none."""

    suggestion: Suggestion | None = None
    part: Part | None = None
    claim: Claim = _NO_CLAIM


def merge(
    text: str,
    result: SuggestionResult,
    found: Found,
    entries: Mapping[str, Entry],
    turn: DialogueTurn | None,
    *,
    was_active: bool,
    opening: Opening,
    told: Collection[str] = (),
    has_image: bool = False,
    others: Sequence[Other] | None = None,
) -> Answer:
    """Return the answer to the buyer's words `text`. `turn` is what the dialogue said, None where none was asked.

    `others` are the message's questions that the dialogue did not take up, each read by itself; None where they were not.

    The dialogue's word counts before the entries': it knows the buyer's order and what he said before. Entries answer what
    it leaves: the message's other questions, or all of it when it says nothing, or only what it waits for.
    """
    heard = as_heard(text, result, found, told=told)
    if has_image and _POINTS.search(text):
        heard = replace(heard, has_words=False)
    readers = Readers.of(text, result, found, entries, was_active=was_active)
    if turn is None:
        return _by_entries(_claiming(heard, found, entries, readers.unasked()), found)
    said = [each for each in turn.bubbles if not each.is_reminder]
    # What reads like an order to the shop may be the very correction that a form waits for, and takes up.
    calls = (*(() if was_active and said else heard.calls_for_person), *_calls(turn))
    heard = replace(heard, calls_for_person=calls)
    if not said and not calls:
        answer = _by_entries(_claiming(heard, found, entries, readers), found)
        again = [_spoken(each) for each in turn.bubbles] if answer.bubbles else []
        return replace(answer, bubbles=(*answer.bubbles, *again), dialogue=turn.active)
    if others is None:
        others = _other_parts(found, entries, said, was_active=was_active)
    return _by_dialogue(heard, turn, said, () if calls else others, was_active=was_active, opening=opening)


def _claiming(heard: Heard, found: Found, entries: Mapping[str, Entry], readers: Readers) -> Heard:
    """Return what was heard with what each part of the entries' reply claims.

    Where the entry that was found is of the very intent that the question leads with, two that do not know of each other
    agree, and it is as sure as the question's group is, for the shop has said what it answers to it.
    """
    if found.suggestion is None or heard.offer is None:
        return heard
    claims = tuple(
        claim_of(part, entries, readers) for part in found.suggestion.parts if part.entry in entries
    )
    if len(claims) == 1:
        claims = (replace(claims[0], confidence=found.suggestion.confidence),)
    return replace(heard, offer=_with_claims(heard.offer, claims))


def _with_claims(offer: Offer, claims: tuple[Claim, ...]) -> Offer:
    """Return the offer, no surer than the least sure of its parts."""
    surest = [max(each.confidence, each.of_group, each.agreed) for each in claims]
    confidence = min(surest, default=offer.confidence)
    return replace(offer, claims=claims, confidence=confidence)


def _calls(turn: DialogueTurn) -> tuple[Reason, ...]:
    if not turn.hand_over:
        return ()
    known = {reason.value: reason for reason in DIALOGUE_REASONS}
    return (known.get(turn.hand_over, Reason.NEEDS_PERSON),)


def _by_entries(heard: Heard, found: Found) -> Answer:
    suggestion = found.suggestion
    if suggestion is None or heard.offer is None:
        return Answer(heard)
    used = tuple((part.entry, part.version, suggestion.confidence) for part in suggestion.parts)
    bubble = Bubble(suggestion.text, suggestion.image, heard.offer.asks_back)
    return Answer(heard, (bubble,), used, suggestion.facts)


def _other_parts(
    found: Found, entries: Mapping[str, Entry], said: Sequence[DialogueBubble], *, was_active: bool
) -> list[Other]:
    """Return the pieces of the entries' reply that answer other questions than the dialogue took up."""
    suggestion = found.suggestion
    if suggestion is None or len(suggestion.parts) < 2:
        return []
    if was_active and not suggestion.stands_alone:
        return []  # names and addresses read like questions now and then: the dialogue asked for them
    taken = {each.group for each in said}
    # The entries' part was guessed, whoever says the rest.
    left = [(part, claim_of(part, entries, Readers())) for part in suggestion.parts if part.entry in entries]
    kept = [(part, claim) for part, claim in left if claim.group not in taken]
    return [Other(suggestion, part, claim) for part, claim in kept]


def other_of(text: str, result: SuggestionResult, entries: Mapping[str, Entry]) -> Other:
    """Return what the entries answer to one question that a dialogue did not take up, read by itself."""
    found = find_reply(result, entries)
    suggestion = found.suggestion
    if suggestion is None or len(suggestion.parts) != 1 or not found.groups:
        return Other()
    if not reads_alike(result, suggestion):
        return Other()
    claim = claim_of(suggestion.parts[0], entries, Readers.of(text, result, found, entries).unasked())
    return Other(suggestion, suggestion.parts[0], replace(claim, confidence=suggestion.confidence))


def _by_dialogue(
    heard: Heard,
    turn: DialogueTurn,
    said: Sequence[DialogueBubble],
    others: Sequence[Other],
    *,
    was_active: bool,
    opening: Opening,
) -> Answer:
    facts = tuple(fact for each in said for fact in each.facts)
    groups = frozenset(each.group for each in said if each.group) or frozenset({opening.group} - {""})
    offer = Offer(
        groups,
        opening.confidence,
        is_fresh=not any(fact.stale for fact in facts),
        asks_back=any(each.asks for each in said),
        in_dialogue=was_active,
        claims=() if was_active else tuple(Claim(group, of_group=opening.confidence) for group in groups),
    )
    answer = Answer(heard, tuple(_spoken(each) for each in turn.bubbles), (), facts, turn.active)
    if others:
        answer, offer = _beside(answer, offer, others)
    # A dialogue that hands over may have said nothing before: nobody is told less for that.
    heard = replace(heard, offer=offer if said else None, wants_answer=True)
    return replace(answer, heard=heard, bubbles=answer.bubbles if said else ())


def _beside(answer: Answer, offer: Offer, others: Sequence[Other]) -> tuple[Answer, Offer]:
    """Return the dialogue's answer with what the entries say to the other questions before it."""
    answered = [each for each in others if each.part is not None and each.suggestion is not None]
    suggestions = [each.suggestion for each in answered if each.suggestion is not None]
    parts = [each.part for each in answered if each.part is not None]
    entry_facts = tuple(dict.fromkeys(fact for each in suggestions for fact in each.facts))
    offer = replace(
        offer,
        groups=offer.groups | {each.claim.group for each in answered},
        # An answer to a part of what he asks is none: the rest stays open.
        stands_alone=len(answered) == len(others) and all(each.stands_alone for each in suggestions),
        is_fresh=offer.is_fresh and not any(fact.stale for fact in entry_facts),
        in_dialogue=False,
    )
    offer = _with_claims(offer, (*offer.claims, *(each.claim for each in answered)))
    bubbles = list(answer.bubbles)
    if parts:
        image = next((each.image for each in suggestions if each.image), "")
        bubbles[:0] = [
            Bubble("\n".join(say_together(list(dict.fromkeys(part.text for part in parts)))), image)
        ]
    used = tuple(
        (each.part.entry, each.part.version, each.suggestion.confidence)
        for each in answered
        if each.part is not None and each.suggestion is not None
    )
    return replace(answer, bubbles=tuple(bubbles), entries=used, facts=(*entry_facts, *answer.facts)), offer


def _spoken(bubble: DialogueBubble) -> Bubble:
    return Bubble(bubble.text, asks=bubble.asks)
