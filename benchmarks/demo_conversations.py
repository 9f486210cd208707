"""Conversations with the demo shops whose right answers are known, and how an answer to one is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from bot.domain.conversation import Turn
from bot.domain.suggestion import SuggestionResult
from bot.settings import PROJECT_ROOT

FOLDER: Final = PROJECT_ROOT / "tests" / "data" / "demo_questions"
KINDS: Final = ("single", "follow-up", "double", "English", "silence")
SHOWN: Final = 3
_BY_SHOP: Final = "agent: "
_FEWEST_LETTERS: Final = 3


@dataclass(frozen=True, slots=True)
class Conversation:
    """A message with what came before it. `right` are the acceptable entries, none where silence is right.

    `also` are those for the second question of a message that asks two.
    """

    shop: str
    text: str
    right: tuple[str, ...]
    also: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()
    viewed: str = ""
    adapted: bool = False

    @property
    def kind(self) -> str:
        """One of KINDS; what is true of a message in two ways counts as the rarer."""
        if not self.right:
            return "silence"
        if self.also:
            return "double"
        if _is_english(self.text):
            return "English"
        return "follow-up" if self.turns else "single"


@dataclass(frozen=True, slots=True)
class Reply:
    """One suggestion: its entries in order, its confidence, and whether it would go out alone."""

    entries: tuple[str, ...]
    confidence: float
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """A conversation with the replies that were suggested, best first."""

    conversation: Conversation
    replies: tuple[Reply, ...]

    @classmethod
    def of(cls, conversation: Conversation, result: SuggestionResult) -> Outcome:
        """Return what became of the conversation."""
        replies = tuple(
            Reply(tuple(part.entry for part in given.parts), given.confidence, given.automatic)
            for given in result.suggestions
        )
        return cls(conversation, replies)

    @property
    def wants_answer(self) -> bool:
        return bool(self.conversation.right)

    @property
    def is_among_three(self) -> bool:
        """Whether one of the three replies is right by itself: to two questions, that it answers both, in the order asked."""
        return any(is_right(self.conversation, reply) for reply in self.replies[:SHOWN])

    @property
    def is_first_right(self) -> bool:
        return bool(self.replies) and is_right(self.conversation, self.replies[0])

    @property
    def are_both_among_three(self) -> bool:
        """Whether the three replies together hold an answer to each of the questions."""
        held = {entry for reply in self.replies[:SHOWN] for entry in reply.entries}
        asked = (self.conversation.right, self.conversation.also)
        return all(held.intersection(entries) for entries in asked if entries)

    @property
    def is_silent(self) -> bool:
        return not self.replies

    @property
    def is_automatic(self) -> bool:
        return bool(self.replies) and self.replies[0].automatic

    @property
    def is_wrongly_automatic(self) -> bool:
        """Whether a reply would go out alone that is not right, or that answers one of two questions only."""
        return self.is_automatic and not self.is_first_right

    @property
    def is_half_right(self) -> bool:
        """Whether the first reply rightly answers one of two questions, and says nothing else."""
        accepted = {*self.conversation.right, *self.conversation.also}
        first = self.replies[0].entries if self.replies else ()
        return (
            bool(self.conversation.also and first) and accepted.issuperset(first) and not self.is_first_right
        )

    @property
    def is_fine(self) -> bool:
        """Whether nothing is wrong: a right reply among three, or silence where silence is right."""
        return self.is_among_three if self.wants_answer else self.is_silent

    @property
    def confidence(self) -> float:
        """That of the first reply; 0 in silence."""
        return self.replies[0].confidence if self.replies else 0.0


def is_right(conversation: Conversation, reply: Reply) -> bool:
    """Whether the reply, sent alone, answers the message: all that was asked, in the order asked, and nothing else."""
    right, also = set(conversation.right), set(conversation.also)
    if not reply.entries or not (right | also).issuperset(reply.entries):
        return False
    if not also:
        return True
    firsts = [place for place, entry in enumerate(reply.entries) if entry in right]
    seconds = [place for place, entry in enumerate(reply.entries) if entry in also]
    # One entry that is acceptable for both questions answers both by itself.
    return bool(firsts and seconds) and min(firsts) <= max(seconds)


def read_conversations(folder: Path = FOLDER) -> list[Conversation]:
    """Return the conversations of all shops, shop by shop."""
    found: list[Conversation] = []
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += [_conversation(content["shop"], item) for item in content["conversations"]]
    return found


def _conversation(shop: str, item: dict[str, Any]) -> Conversation:
    return Conversation(
        shop,
        str(item["text"]),
        tuple(item["right"]),
        tuple(item.get("also", ())),
        _turns(item.get("turns", ())),
        str(item.get("viewed", "")),
        item["from"] == "adapted",
    )


def _turns(said: Sequence[str]) -> tuple[Turn, ...]:
    return tuple(
        Turn("agent", text.removeprefix(_BY_SHOP)) if text.startswith(_BY_SHOP) else Turn("buyer", text)
        for text in map(str, said)
    )


def _is_english(text: str) -> bool:
    letters = sum(character.isascii() and character.isalpha() for character in text)
    return letters >= _FEWEST_LETTERS and not any("\u4e00" <= character <= "\u9fff" for character in text)
