"""Reading a buyer's question for the decision: the reply found, its groups, and what else his words say."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.auto_reply import Heard, Offer, Reason
from bot.domain.entry import Entry
from bot.domain.giving_up import has_decided
from bot.domain.intents import INTENT_GROUP, group_confidence
from bot.domain.mood import asks_for_person, is_upset
from bot.domain.only_person import needs_person
from bot.domain.remarks import asks_for_nothing
from bot.domain.suggestion import Suggestion, SuggestionResult

_ASKS_BACK: Final = re.compile(
    r"(?:哪|什么|多少|几号|吗|呢|么|还是)[^。！!？?\n]{0,12}[？?~～]*$|[？?]$"
    r"|(?:发|告诉|报|说)(?:给?我|一下|下)[^。！!\n]{0,6}[~～。]?$"
)
_MORE: Final = re.compile(r"还有|其他|其它|别的|还需要")
_HELP: Final = re.compile(r"帮|问题|需要|了解|咨询")
_SENTENCE: Final = re.compile(r"[。！!？?\n]")
_UNFOUND: Final = "no entry answers it"
_QUIET: Final = "nothing to answer"
_PRICES: Final = "price_promo"
_PLAIN_PRICE: Final = 0.9
_PLAIN_ENGLISH: Final = 0.8
_SURE_GROUP: Final = 0.85
_HEARD: Final = 2
"""So many of the classifier's first readings may be the right one: two intents of money are asked in much the same words."""
_OF_MONEY: Final = frozenset({"return_refund", "price_promo"})
"""Groups of which a wrong answer costs somebody money: the classifier has to have read the very question that is answered."""
_CLOSING: Final = frozenset({"acknowledge", "goodbye", "deny"})


@dataclass(frozen=True, slots=True)
class Found:
    """The first reply that was suggested, None without one; `groups` are its entries'."""

    suggestion: Suggestion | None
    groups: frozenset[str] = frozenset()


def find_reply(result: SuggestionResult, entries: Mapping[str, Entry]) -> Found:
    """Return the reply that would go out first."""
    if not result.suggestions:
        return Found(None)
    first = result.suggestions[0]
    return Found(first, frozenset(entries[part.entry].group for part in first.parts if part.entry in entries))


def reads_alike(result: SuggestionResult, suggestion: Suggestion) -> bool:
    """Whether the classifier leads with the intent of every part of the reply that is about money, or of one has it second.

    What no classifier read, and an entry that has no intent, are held to other measures.
    """
    leading = {each.intent for each in result.intents[: max(len(suggestion.parts), _HEARD)]}
    if len(suggestion.parts) == 1 and INTENT_GROUP.get(suggestion.parts[0].intent or "") == _PRICES:
        # What is off and whether it can be cheaper are asked in the same words; money that comes back is another thing.
        is_of_prices = group_confidence(result.intents, _PRICES) >= _SURE_GROUP
        if is_of_prices and suggestion.confidence >= _PLAIN_PRICE:
            return True
        if _is_english(suggestion.text) and suggestion.confidence >= _PLAIN_ENGLISH:
            return True  # the classifier has hardly learned English
    asked = {part.intent for part in suggestion.parts if INTENT_GROUP.get(part.intent or "") in _OF_MONEY}
    return not leading or asked <= leading


def _is_english(text: str) -> bool:
    latin = sum(each.isascii() and each.isalpha() for each in text)
    return latin > 2 * sum("\u4e00" <= each <= "\u9fff" for each in text)


def asks_back(text: str) -> bool:
    """Whether the reply ends with a question to the buyer, such as which size he means."""
    said = text.strip()
    return bool(_ASKS_BACK.search(said)) and not _is_courtesy(said)


def _is_courtesy(said: str) -> bool:
    """Whether the last sentence offers further help: a reply that ends in this has said what it had to say.

    Step by step: one pattern for all of it takes seconds over a reply that was written to make it.
    """
    last = _SENTENCE.split(said.rstrip("？?~～"))[-1]
    more = _MORE.search(last)
    return more is not None and _HELP.search(last, more.end()) is not None


def as_heard(
    text: str,
    result: SuggestionResult,
    found: Found,
    *,
    is_allowed: bool = True,
    told: Collection[str] = (),
) -> Heard:
    """Return the question as the decision wants it. `told` are the texts that the buyer was told before."""
    offer = None
    if found.suggestion is not None:
        offer = Offer(
            found.groups,
            found.suggestion.confidence,
            stands_alone=found.suggestion.stands_alone and reads_alike(result, found.suggestion),
            is_fresh=not any(fact.stale for fact in found.suggestion.facts),
            is_allowed=is_allowed,
            asks_back=asks_back(found.suggestion.text),
            was_said=found.suggestion.text in told,
        )
    calls = needs_person(text, result.only_person)
    return Heard(
        offer,
        has_words=True,
        wants_answer=calls or _wants_answer(text, result, offer, told),
        asks_for_person=asks_for_person(text, result.intents),
        is_upset=is_upset(text, result.intents),
        was_read=bool(result.intents),
        calls_for_person=(Reason.NEEDS_PERSON,) if calls else (),
    )


def _wants_answer(text: str, result: SuggestionResult, offer: Offer | None, told: Collection[str]) -> bool:
    """Whether somebody has to say something: not to thanks, nor to a remark about what was just said.

    What no entry answers though the classifier takes it for a statement is a person's, not nobody's; so is what tells of
    something to be done.
    """
    if has_decided(text):
        return False
    is_remark = asks_for_nothing(text)
    if offer is not None:
        return not (is_remark and offer.was_said)
    if result.reason != _QUIET:
        return result.reason == _UNFOUND
    if not is_remark:
        return True
    lead = result.intents[0].intent if result.intents else ""
    return lead not in _CLOSING and not (lead == "inform" and told)


IMAGE_ALONE: Final = Heard(has_words=False)
"""What is heard of a buyer who sent an image and no word."""
