"""What a decision leaves behind: bubbles with the time that typing them takes, or a hand-over with its summary. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply import Decision, Deed
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.auto_turn import AutoMessage, Decided, Finished, HandOver
from bot.domain.auto_visit import SPOKEN
from bot.domain.conversation import Conversation
from bot.domain.suggestion import FactUsed
from bot.ports.dialogue import DialogueTurn
from bot.services.auto_gathering import Gathered
from bot.services.auto_merging import Answer, Bubble

LIFETIME: Final = timedelta(minutes=2)
"""An answer that could not be sent for so long is stale: a person gives one."""
_LEAST_TYPING: Final = 0.6
_MOST_TYPING: Final = 3.0
_SECONDS_A_CHARACTER: Final = 0.05
_PLACES: Final = 100
"""More than one turn says: what a later turn says stands behind it."""


@dataclass(frozen=True, slots=True)
class Made:
    """A decision about a turn, as it was made `at`. `speaks`: its bubbles may be said, though a person is asked for."""

    decision: Decision
    answer: Answer
    speaks: bool
    at: datetime
    is_open: bool


def compose_turn(
    gathered: Gathered, made: Made, policy: AutoReplyPolicy, turn: DialogueTurn | None
) -> Finished:
    """Return what the turn leaves behind. A dialogue ends where a person is asked for, has spoken, or the visit is another."""
    decided = _decided(gathered, made)
    handed = made.decision.deed is Deed.HAND_OVER
    said = list(made.answer.bubbles) if made.speaks else []
    messages = type_out(
        decided, gathered.conversation.id, _around(gathered, made, policy, said), made.at, stops=not handed
    )
    hand_over = _hand_over(decided, gathered, made, turn) if handed else None
    return Finished(decided, messages, hand_over, _events(gathered, made, turn))


def _events(
    gathered: Gathered, made: Made, turn: DialogueTurn | None
) -> tuple[dict[str, object], ...] | None:
    """Return the dialogue as it goes on, none of it where it ended, None to leave it as it is."""
    if made.decision.deed is Deed.HAND_OVER:
        return ()
    if turn is not None and made.speaks:
        return turn.events
    return None if gathered.visit.decisions else ()


def _decided(gathered: Gathered, made: Made) -> Decided:
    decision, answer = made.decision, made.answer
    offer = answer.heard.offer
    if made.speaks and decision.deed is not Deed.HAND_OVER:
        dialogue = answer.dialogue
    else:
        dialogue = "" if decision.deed is Deed.HAND_OVER else gathered.visit.dialogue
    return Decided(
        # The same turn, taken by two workers, is one.
        f"{gathered.conversation.id}-{gathered.upto}",
        gathered.upto,
        made.at,
        decision.deed,
        decision.reasons,
        offer.confidence if offer is not None and not offer.in_dialogue else None,
        decision.threshold,
        tuple(sorted(offer.groups)) if offer is not None else (),
        answer.entries,
        answer.facts,
        dialogue,
    )


def _around(
    gathered: Gathered, made: Made, policy: AutoReplyPolicy, said: Sequence[Bubble]
) -> list[tuple[Bubble, bool]]:
    """Return all that is said, in order, and of each whether it answers what the buyer asked."""
    conversation = gathered.conversation
    bubbles = [(bubble, True) for bubble in said]
    offer = made.answer.heard.offer
    greets = offer is not None and offer.is_greeting
    if said and not greets and not gathered.visit.was_greeted:
        bubbles[:0] = [(Bubble(each), False) for each in _chosen(policy.greeting, conversation)]
    if made.decision.deed is Deed.HAND_OVER:
        words = policy.hand_over_words(is_open=made.is_open)
        bubbles += [(Bubble(each), False) for each in _chosen(words, conversation)]
    return bubbles


def _chosen(words: str, conversation: Conversation) -> list[str]:
    text = wording(words, conversation.id)
    return [text] if text else []


def wording(words: str, conversation: str) -> str:
    """Return one of the wordings, one a line, always the same for a conversation; "" of none."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    if not lines:
        return ""
    return lines[int(hashlib.sha256(conversation.encode()).hexdigest()[:8], 16) % len(lines)]


def type_out(
    decided: Decided,
    conversation: str,
    bubbles: Sequence[tuple[Bubble, bool]],
    at: datetime,
    *,
    stops: bool,
) -> tuple[AutoMessage, ...]:
    """Return the bubbles as messages, each due when somebody could have typed it after the one before.

    The last that answers stops the clock, unless not even that `stops` it.
    """
    last = max((place for place, (_, answers) in enumerate(bubbles) if answers), default=-1)
    messages: list[AutoMessage] = []
    due = at
    for place, (bubble, _) in enumerate(bubbles):
        due += timedelta(seconds=_LEAST_TYPING if not place else typing_seconds(bubble.text))
        messages.append(
            AutoMessage(
                f"auto-{decided.id}-{place + 1}",
                conversation,
                decided.id,
                decided.upto * _PLACES + place,
                bubble.text,
                due,
                due + LIFETIME,
                decided.upto if stops and place == last else None,
                bubble.image,
                bubble.asks,
            )
        )
    return tuple(messages)


def typing_seconds(text: str) -> float:
    """Return how long a person would type the text, within what a buyer wants to wait."""
    return min(max(len(text) * _SECONDS_A_CHARACTER, _LEAST_TYPING), _MOST_TYPING)


def _hand_over(decided: Decided, gathered: Gathered, made: Made, turn: DialogueTurn | None) -> HandOver:
    heard = made.answer.heard
    return summarise(
        decided,
        gathered,
        urgent=(turn is not None and turn.urgent) or heard.is_upset,
        mood="upset" if heard.is_upset else "calm",
        facts=made.answer.facts if made.speaks else (),
        open=turn.open if turn is not None else (),
    )


def summarise(
    decided: Decided,
    gathered: Gathered,
    *,
    urgent: bool = False,
    mood: str = "calm",
    facts: Sequence[FactUsed] = (),
    open: Sequence[str] = (),
) -> HandOver:
    """Return what the person who goes on is told."""
    visit = gathered.visit
    known = [fact for each in visit.decisions if each.deed in SPOKEN for fact in each.facts]
    return HandOver(
        f"h-{decided.id}",
        decided.at,
        decided.reasons,
        urgent=urgent,
        mood=mood,
        asked=tuple(each.number for each in gathered.waiting),
        answered=tuple(each.number for each in visit.messages if each.author == "auto"),
        facts=tuple(dict.fromkeys([*known, *facts])),
        open=tuple(open),
    )
