"""Packs of played conversations: what a buyer says, bubble by bubble, and what has to come of it. docs/playing.md has the form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

HEAD_NAME: Final = "head.yml"
IMAGE: Final = "[image]"
"""A bubble that is a picture without words."""

Deed = Literal["reply", "ask_back", "hand_over", "silent"]
_SPOKEN: Final = frozenset({"reply", "ask_back"})
_DAY: Final = re.compile(r"\{([+-]\d{1,3})d\}")
_BRACES: Final = re.compile(r"\{[^}]*\}")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class InvalidPack(ValueError):
    """A pack is not of the documented form; the message names file, conversation and field."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a buyer says once when the last bubble asks him for one of `asked`."""

    asked: tuple[str, ...]
    say: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Bubbles of a buyer, and what may follow. `has`: of each group of words one must stand in the answer; `lacks`: none may."""

    say: tuple[str, ...]
    expect: frozenset[str]
    has: tuple[tuple[str, ...], ...] = ()
    lacks: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class PlayedConversation:
    """A conversation of a shop. `person_by` is the turn by which a person has to be asked for, None when none is needed."""

    shop: str
    id: str
    kind: str
    buyer: str
    viewed: str
    turns: tuple[Turn, ...]
    person_by: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What packs share: the policy the shops answer by, and the lists of words that `$name` stands for."""

    policy: Mapping[str, Any]
    words: Mapping[str, tuple[str, ...]]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


_Text = Annotated[str, Field(min_length=1, max_length=2000)]
_Texts = Annotated[list[_Text], BeforeValidator(_listed), Field(min_length=1, max_length=60)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Form = TypeVar("_Form", bound=_Strict)


class _Answer(_Strict):
    asked: _Texts
    say: _Texts


class _Turn(_Strict):
    say: _Texts
    expect: Annotated[list[Deed], BeforeValidator(_listed), Field(min_length=1)]
    has: Annotated[list[_Texts], BeforeValidator(_listed)] = []
    lacks: Annotated[list[_Text], BeforeValidator(_listed)] = []
    answers: list[_Answer] = []


class _Person(_Strict):
    person: Annotated[int, Field(ge=1)]


class _Conversation(_Strict):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")] = "any"
    buyer: Annotated[str, Field(max_length=100)] = ""
    viewed: Annotated[str, Field(max_length=100)] = ""
    outcome: Literal["finished"] | _Person
    turns: Annotated[list[_Turn], Field(min_length=1, max_length=20)]


class _Pack(_Strict):
    shop: Annotated[str, Field(min_length=1, max_length=60)]
    words: dict[str, _Texts] = {}
    conversations: Annotated[list[_Conversation], Field(min_length=1, max_length=2000)]


class _Head(_Strict):
    policy: dict[str, Any]
    words: dict[str, _Texts] = {}


def read_head(path: Path) -> Head:
    """Return what the packs beside the file share. Raises InvalidPack."""
    head = _validated(_Head, path)
    return Head(head.policy, {name: tuple(words) for name, words in head.words.items()})


def read_pack(path: Path, head: Head, today: date) -> list[PlayedConversation]:
    """Return the conversations of a pack; `{+7d}` in its words is the day a week after `today`. Raises InvalidPack."""
    pack = _validated(_Pack, path)
    words = {**head.words, **{name: tuple(given) for name, given in pack.words.items()}}
    seen: set[str] = set()
    found = []
    for conversation in pack.conversations:
        if conversation.id in seen:
            raise InvalidPack(f"{path.name}: conversation {conversation.id}: id: stands there twice")
        seen.add(conversation.id)
        try:
            found.append(_read_conversation(pack.shop, conversation, _Words(words, today)))
        except ValueError as error:
            raise InvalidPack(f"{path.name}: conversation {conversation.id}: {error}") from None
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    lists: Mapping[str, tuple[str, ...]]
    today: date

    def spread(self, words: Iterable[str]) -> tuple[str, ...]:
        """Put lists in the place of their names and days in that of their distances."""
        spread: list[str] = []
        for word in words:
            if word.startswith("$"):
                if word[1:] not in self.lists:
                    raise ValueError(f"there is no list of words {word}")
                spread += self.lists[word[1:]]
            else:
                spread += self._dated(word)
        return tuple(spread)

    def _dated(self, word: str) -> Sequence[str]:
        found = _DAY.search(word)
        if not found:
            if odd := _BRACES.search(word):
                raise ValueError(f"{odd[0]} means nothing: a day is written {{+7d}}")
            return (word,)
        day = self.today + timedelta(days=int(found[1]))
        return [word.replace(found[0], form) for form in ways_to_write(day)]


def ways_to_write(day: date) -> tuple[str, ...]:
    """Return how a day may stand in an answer."""
    month = _MONTHS[day.month - 1]
    return (
        f"{day.month}月{day.day}日", f"{day.month}月{day.day}号", day.isoformat(), f"{day:%m-%d}", f"{day.month}/{day.day}",
        f"{month} {day.day}", f"{month[:3]} {day.day}", f"{day.day} {month}", f"{day.day} {month[:3]}",
    )  # fmt: skip


def _read_conversation(shop: str, given: _Conversation, words: _Words) -> PlayedConversation:
    person_by = None if given.outcome == "finished" else given.outcome.person
    turns = tuple(_read_turn(number, turn, words) for number, turn in enumerate(given.turns, 1))
    if person_by is not None:
        if person_by > len(turns):
            raise ValueError(f"outcome: there is no turn {person_by}")
        if "hand_over" not in turns[person_by - 1].expect:
            raise ValueError(f"outcome: turn {person_by} does not expect hand_over")
    elif any(turn.expect == {"hand_over"} for turn in turns):
        raise ValueError("outcome: it is finished without a person, but a turn expects nothing but hand_over")
    return PlayedConversation(shop, given.id, given.kind, given.buyer, given.viewed, turns, person_by)


def _read_turn(number: int, given: _Turn, words: _Words) -> Turn:
    try:
        has = tuple(words.spread(group) for group in given.has)
        lacks = words.spread(given.lacks)
    except ValueError as error:
        raise ValueError(f"turn {number}: has or lacks: {error}") from None
    if has and not _SPOKEN & set(given.expect):
        raise ValueError(f"turn {number}: has: neither reply nor ask_back is expected")
    answers = tuple(Answer(tuple(answer.asked), tuple(answer.say)) for answer in given.answers)
    return Turn(tuple(given.say), frozenset(given.expect), has, lacks, answers)


def _validated(form: type[_Form], path: Path) -> _Form:
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPack(f"{path.name}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise InvalidPack(f"{path.name}: is not YAML: {error}") from None
    if not isinstance(read, dict):
        raise InvalidPack(f"{path.name}: has no fields; it begins with `shop:`")
    try:
        return form.model_validate(read)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidPack(f"{path.name}: {_place(read, first['loc'])}: {first['msg']}") from None


def _place(read: Mapping[str, Any], where: Sequence[int | str]) -> str:
    """Say where an error is: the conversation by its id, turns by their number."""
    said: list[str] = []
    path = [step for step in where if step != "literal['finished']"]
    if path[:1] == ["conversations"] and len(path) > 1 and isinstance(path[1], int):
        conversation = read["conversations"][path[1]]
        name = conversation.get("id") if isinstance(conversation, dict) else None
        said.append(f"conversation {name or f'number {path[1] + 1}'}")
        path = path[2:]
    if path[:1] == ["turns"] and len(path) > 1 and isinstance(path[1], int):
        said.append(f"turn {path[1] + 1}")
        path = path[2:]
    said.append(".".join(str(step + 1 if isinstance(step, int) else step) for step in path))
    return ": ".join(part for part in said if part)
