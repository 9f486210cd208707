"""What came of played conversations, held against what had to come of them: the decision alone. docs/playing.md says it in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.played_packs import PlayedConversation, Turn

_SPOKEN = frozenset({"reply", "ask_back"})
_QUESTION_MARKS = ("？", "?")


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    """What followed a turn: the system's deed, the bubbles that went out alone, and all that the buyer said in it."""

    deed: str
    bubbles: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a conversation. `wrong` and `off` say why; what is off is no answer that misleads the buyer."""

    conversation: PlayedConversation
    is_due: bool
    handed_over_at: int | None
    wrong: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def finished_rightly(self) -> bool:
        """Whether all that the buyer wanted was done without a person, and no person was due."""
        return not (self.is_due or self.wrong or self.off) and self.handed_over_at is None

    @property
    def handed_over_when_due(self) -> bool:
        """Whether a person was due and was asked for in time."""
        by = self.conversation.person_by
        return by is not None and self.handed_over_at is not None and self.handed_over_at <= by

    @property
    def handed_over_needlessly(self) -> bool:
        """Whether a person was asked for though none was due."""
        return not self.is_due and self.handed_over_at is not None


@dataclass(frozen=True, slots=True)
class Shares:
    """The five figures. `handed_over_when_due` is a share of those due (1 when none was); the others are shares of all."""

    conversations: int
    finished_rightly: float
    wrong: float
    handed_over_when_due: float
    handed_over_needlessly: float

    def as_json(self) -> str:
        """Return the line that programs read."""
        return json.dumps(asdict(self))


def judge(
    conversation: PlayedConversation, played: Sequence[PlayedTurn], foreign: Iterable[str] = ()
) -> Verdict:
    """Return the verdict. `foreign` are words of other shops' facts: no answer holds one that the buyer has not said himself.

    Turns that were not played (the system did not answer in time, say) leave the conversation unfinished.
    """
    strange = tuple(foreign)
    wrong: list[str] = []
    off: list[str] = []
    said = ""
    handed_over_at: int | None = None
    for number, (turn, got) in enumerate(zip(conversation.turns, played, strict=False), 1):
        said += "\n".join(got.said)
        text = "\n".join(got.bubbles)
        faults = [f"holds {word}" for word in turn.lacks if word in text]
        faults += [f"holds another shop's {word}" for word in strange if word in text and word not in said]
        if handed_over_at is not None:
            faults += ["speaks after it asked for a person"] if got.bubbles else []
        elif got.deed == "hand_over":
            handed_over_at = number
        else:
            fault, slip = _hold(turn, got, text)
            faults += [fault] if fault else []
            off += [f"turn {number}: {slip}"] if slip else []
        wrong += [f"turn {number}: {fault}" for fault in faults]
    if len(played) < len(conversation.turns):
        off.append(f"turn {len(played) + 1}: was not played")
    return Verdict(conversation, conversation.person_by is not None, handed_over_at, tuple(wrong), tuple(off))


def _hold(turn: Turn, got: PlayedTurn, text: str) -> tuple[str, str]:
    """Hold what followed against what was expected; return what is wrong with it and what is off, "" for nothing."""
    if got.deed == "silent":
        return "", "" if "silent" in turn.expect else "is silent"
    missing = [group for group in turn.has if not any(word in text for word in group)]
    if not _SPOKEN & turn.expect:
        return (
            ("answers where a person was due", "")
            if "hand_over" in turn.expect
            else ("", "speaks needlessly")
        )
    if got.deed == "ask_back":
        fits = "ask_back" in turn.expect or (turn.has and not missing)
        return "", "" if fits else "asks back"
    if missing:
        return f"lacks {' / '.join(missing[0][:6])}", ""
    knows_too_much = "reply" not in turn.expect and not turn.has
    if knows_too_much and not any(mark in text for mark in _QUESTION_MARKS):
        return "answers what it had to ask about", ""
    return "", ""


def share_of(verdicts: Sequence[Verdict]) -> Shares:
    """Return the figures of these conversations."""
    due = [verdict for verdict in verdicts if verdict.is_due]
    return Shares(
        conversations=len(verdicts),
        finished_rightly=_share(sum(verdict.finished_rightly for verdict in verdicts), len(verdicts)),
        wrong=_share(sum(bool(verdict.wrong) for verdict in verdicts), len(verdicts)),
        handed_over_when_due=_share(sum(v.handed_over_when_due for v in due), len(due), without=1.0),
        handed_over_needlessly=_share(sum(v.handed_over_needlessly for v in verdicts), len(verdicts)),
    )


def _share(part: int, whole: int, without: float = 0.0) -> float:
    return round(part / whole, 4) if whole else without


def foreign_words(
    telling: Mapping[str, Sequence[str]], whole: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return, for each shop, the words that tell the other shops: those of `telling` that its own `whole` text has not."""
    found: dict[str, tuple[str, ...]] = {}
    for shop in telling:
        others = {word for other, words in telling.items() if other != shop for word in words}
        found[shop] = tuple(sorted(word for word in others if word and word not in whole.get(shop, "")))
    return found
