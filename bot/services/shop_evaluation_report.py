"""What an evaluation tells an owner of his shop: findings with their evidence, and figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.answer_quality import AnswerQuality


@dataclass(frozen=True, slots=True)
class Example:
    """A phrasing of the entry `own` as it fared: which entry came first, how surely, and its own's place (None: not shown)."""

    text: str
    own: str
    entry: str
    confidence: float
    own_place: int | None


@dataclass(frozen=True, slots=True)
class Theft:
    """`entry` loses `count` of its `asked` phrasings to `thief`. `action` is "merge", "move", "add" or "part"."""

    entry: str
    thief: str
    count: int
    asked: int
    confidence: float
    mutual: int
    action: str
    examples: tuple[Example, ...]

    @property
    def share(self) -> float:
        return self.count / self.asked


@dataclass(frozen=True, slots=True)
class Twins:
    """Two entries that ask the same. `kind` is "identical", "shared" (some phrasings stand in both) or "near"."""

    first: str
    second: str
    kind: str
    same_reply: bool
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """An entry that none of its own phrasings brings among the replies shown; `behind` is what comes instead, if one does."""

    entry: str
    asked: int
    behind: str | None
    shown_in_log: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Harm:
    """A phrasing without which `repaired` questions come right and `broken` that are right go wrong, itself included."""

    entry: str
    text: str
    repaired: int
    broken: int
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A phrasing that sits nearer another entry than its own: asked without it, the shop is sure of `nearer`."""

    entry: str
    text: str
    nearer: str
    confidence: float
    own_confidence: float


@dataclass(frozen=True, slots=True)
class Unasked:
    """A phrasing that no message finds, because messages like it are not looked up; `reason` says why."""

    entry: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unjudged:
    """An entry that cannot be judged: too few different phrasings. `write` more are needed."""

    entry: str
    phrasings: int
    write: int
    shown_in_log: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that no buyer gets at present. `reason` is "draft", "archived" or "not valid now"."""

    entry: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What buyers asked in vain: the folded text, how often, and when last (ISO 8601)."""

    text: str
    count: int
    newest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Logged:
    """What the shop's log holds: how many messages were read of it, how many stayed without a reply, and the commonest."""

    messages: int
    unanswered: int
    commonest: tuple[Unanswered, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One question as it counts in the figures."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class ShopReport:
    """The whole evaluation. `entries` are those that buyers get, `questions` maps an entry's id to its question.

    `classifier` is "ready" when every question was read by it, "partly", or "none".
    """

    shop: str
    name: str
    entries: int
    phrasings: int
    classifier: str
    first_right: int
    among_three: int
    questions: dict[str, str]
    quality: AnswerQuality
    stealing: tuple[Theft, ...]
    twins: tuple[Twins, ...]
    unreachable: tuple[Unreachable, ...]
    harms: tuple[Harm, ...]
    harms_tried: int
    misplaced: tuple[Misplaced, ...]
    unasked: tuple[Unasked, ...]
    unjudged: tuple[Unjudged, ...]
    left_out: tuple[LeftOut, ...]
    logged: Logged
    answers: tuple[Answered, ...]

    def as_mapping(self) -> dict[str, Any]:
        """Return the report, without the single answers, as JSON values."""
        mapping = asdict(self)
        del mapping["answers"]
        rounded: dict[str, Any] = _rounded(mapping)
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
