"""What is offered to an agent: rendered replies with their confidence, parts and facts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.intents import IntentScore


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact as it stands in a rendered reply. `as_of` is ISO 8601 with offset."""

    name: str
    value: str
    source: str
    as_of: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The piece of a suggestion that answers one question, from one version of one entry.

    `common` is what its confidence would be in a shop that has learned nothing from its agents.
    """

    entry: str
    version: int
    intent: str | None
    text: str
    common: float = 0.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reply ready to send. `confidence` is the estimated probability that it is right, 0 to 1.

    `automatic` says that it is sure enough, and its facts fresh enough, to go out without an agent. `stands_alone` leaves
    both out: whatever the message asks is answered, and those who read it agree on what that is. `image` is an image of the
    shop's entries that goes with the text, "" for none.
    """

    id: str
    text: str
    confidence: float
    parts: tuple[Part, ...]
    facts: tuple[FactUsed, ...] = ()
    automatic: bool = False
    stands_alone: bool = False
    image: str = ""


@dataclass(frozen=True, slots=True)
class SuggestionResult:
    """The answer to one message for one shop.

    `silent` says that the message wants no answer (an acknowledgement) or that no entry answers it;
    `classifier` is "ready", "warming" or "down": without it the suggestions come from retrieval alone. So is `embedder`:
    without the vectors they come from characters and words alone, with lower confidences, and none is automatic.
    `only_person` is the probability that only a person may settle the message; None where nobody read it for that.
    """

    shop: str
    silent: bool
    intents: tuple[IntentScore, ...]
    suggestions: tuple[Suggestion, ...]
    classifier: str = "ready"
    reason: str = ""
    embedder: str = "ready"
    only_person: float | None = None
