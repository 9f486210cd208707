"""What buyers of a shop asked lately, as automatic replies would have met it: bubbles in a row are one question."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.conversation import MAX_HISTORY_TURNS, MAX_MESSAGE_CHARACTERS, Message, Turn
from bot.ports import Event
from bot.ports.auto_reply import Said

_ROLES: Final = {"buyer": "buyer", "agent": "agent", "auto": "bot"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What a buyer said at once, by `at`; "" when it was an image alone. `met_by_person`: an agent spoke before he did again."""

    conversation: str
    at: datetime
    text: str
    history: tuple[Turn, ...] = ()
    viewed: str = ""
    met_by_person: bool = False


def asks_in(said: Iterable[Said], merge: timedelta) -> list[Ask]:
    """Return the questions among messages (oldest first), oldest first; of forgotten ones nothing is left."""
    threads: dict[str, list[Said]] = {}
    for each in said:
        threads.setdefault(each.conversation, []).append(each)
    asks = [ask for thread in threads.values() for ask in _asks_of(thread, merge)]
    return sorted(asks, key=lambda ask: ask.at)


def asks_logged(events: Iterable[Event], since: datetime | None, known: Collection[str]) -> list[Ask]:
    """Return the questions of other channels (newest first), for which suggestions were asked by API or side panel.

    `known` are the conversations kept here, all of them from `since` on (None: all there are).
    """
    return [
        Ask(event.conversation, event.at, text)
        for event in events
        if event.conversation not in known
        and (since is None or event.at >= since)
        and (text := str(event.data.get("text", "")).strip())
    ]


def _asks_of(thread: Sequence[Said], merge: timedelta) -> Iterable[Ask]:
    past: list[Turn] = []
    for index, group in _groups(thread, merge):
        bubbles = [each.message for each in group]
        text = "\n".join(each.text.strip() for each in bubbles if each.text.strip())
        if bubbles[0].author == "buyer" and (text or any(each.image for each in bubbles)):
            last = group[-1]
            met = _met_by_person(thread[index + len(group) :])
            history = tuple(past[-MAX_HISTORY_TURNS:])
            kept = text[-MAX_MESSAGE_CHARACTERS:]
            yield Ask(last.conversation, last.message.at, kept, history, last.viewed, met)
        past += [Turn(_ROLES[each.author], each.text) for each in bubbles if _is_turn(each)]


def _groups(thread: Sequence[Said], merge: timedelta) -> Iterable[tuple[int, Sequence[Said]]]:
    """Yield messages that belong together, with the place of the first: a buyer's in a row, and any other alone."""
    start = 0
    for index in range(1, len(thread) + 1):
        if index < len(thread) and _goes_on(thread[index - 1].message, thread[index].message, merge):
            continue
        yield start, thread[start:index]
        start = index


def _goes_on(before: Message, after: Message, merge: timedelta) -> bool:
    return before.author == after.author == "buyer" and after.at - before.at <= merge


def _is_turn(message: Message) -> bool:
    return message.author in _ROLES and bool(message.text.strip())


def _met_by_person(later: Iterable[Said]) -> bool:
    for each in later:
        if each.message.author in ("buyer", "agent"):
            return each.message.author == "agent"
    return False
