"""What the demo's buyers say: scripts as YAML, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from bot.services.document_fields import field_errors
from bot.services.yaml_reading import UnreadableYaml, read_yaml

MOODS: Final = ("calm", "hurried", "angry")


class InvalidScript(ValueError):
    """The file holds no script; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class Line:
    """One bubble, said `wait` seconds after the one before; None = as long as typing it takes."""

    text: str
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One buyer: each turn is what it says before it waits for a reply."""

    shop: str
    buyer: str
    nickname: str
    viewed: str
    mood: str
    turns: tuple[tuple[Line, ...], ...]
    impatient: tuple[str, ...]
    thanks: tuple[str, ...]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Bubble(_Document):
    say: Annotated[str, Field(min_length=1, max_length=500)]
    wait: Annotated[float, Field(ge=0, le=600)] | None = None


def _as_bubble(value: Any) -> Any:
    return {"say": value} if isinstance(value, str) else value


_Turn = Annotated[list[Annotated[_Bubble, BeforeValidator(_as_bubble)]], Field(min_length=1, max_length=10)]


class _Buyer(_Document):
    nickname: Annotated[str, Field(min_length=1, max_length=40)]
    impatient: list[str] = []
    turns: Annotated[list[_Turn], Field(min_length=1, max_length=10)]
    buyer: str = ""
    viewed: str = ""
    mood: str = "calm"

    @field_validator("mood")
    @classmethod
    def _known_mood(cls, value: str) -> str:
        if value not in MOODS:
            raise ValueError(f"one of {', '.join(MOODS)}")
        return value


class _Buyers(_Document):
    shop: str
    buyers: Annotated[list[_Buyer], Field(min_length=1)]
    impatient: list[str] = []
    thanks: list[str] = []


def load_scripts(path: Path) -> list[Script]:
    """Return the scripts of a file. Raises InvalidScript."""
    try:
        read = read_yaml(path.read_bytes())
        document = _Buyers.model_validate(read.data)
    except UnreadableYaml as error:
        raise InvalidScript(f"{path.name}: {error}") from None
    except ValidationError as error:
        found = field_errors(error)[0]
        raise InvalidScript(
            f"{path.name}, line {read.line_of(found.field)}: {found.field}: {found.message}"
        ) from None
    return [_script(document, each) for each in document.buyers]


def _script(document: _Buyers, each: _Buyer) -> Script:
    return Script(
        shop=document.shop,
        buyer=each.buyer or f"demo-{each.nickname}",
        nickname=each.nickname,
        viewed=each.viewed,
        mood=each.mood,
        turns=tuple(tuple(Line(bubble.say, bubble.wait) for bubble in turn) for turn in each.turns),
        impatient=tuple(each.impatient or document.impatient),
        thanks=tuple(document.thanks),
    )
