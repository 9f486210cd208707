"""Fields of documents: their kinds, how each is checked, and how what is wrong is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from bot.domain.entry import MAX_PHRASING, MAX_REPLY
from bot.domain.template import parse_template

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
_CODE: Final = re.compile(r"[a-z0-9]{0,20}")
_CODE_SCHEMA: Final[dict[str, Any]] = {"maxLength": 20, "pattern": "^[a-z0-9]*$"}
_UNSTORABLE: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong in which field: `field` is a path such as entries[3].reply."""

    field: str
    message: str


def field_errors(error: ValidationError, root: str = "") -> list[FieldError]:
    """Return pydantic's findings by field, without the values that were given."""
    found = []
    for item in error.errors(include_input=False, include_url=False):
        path = root
        for part in item["loc"]:
            path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "没有这一项，是不是写错了。 unknown field; check its spelling"
        elif item["type"] == "value_error" and (named := _NAMED.match(message)):
            # A check over a whole document begins its message with the field that it is about.
            path, message = f"{path}.{named[1]}".lstrip("."), message[named.end() :]
        elif item["type"] in _SAID:
            message = f"{_SAID[item['type']]} {message}"
        found.append(FieldError(path, message))
    return found


_SAID: Final = {
    "missing": "缺少这一项。", "string_type": "应是文字。", "string_too_short": "不能为空。", "string_too_long": "太长。",
    "string_pattern_mismatch": "写法不对。", "list_type": "应是一个列表。", "dict_type": "应是一组字段。", "model_type": "应是一组字段。",
    "model_attributes_type": "应是一组字段。", "int_type": "应是整数。", "int_parsing": "应是整数。", "decimal_parsing": "应是数字。",
    "greater_than_equal": "太小。", "less_than_equal": "太大。", "too_long": "太多。", "too_short": "太少。",
}  # fmt: skip
"""What pydantic says in English alone, in Chinese before it."""
_NAMED: Final = re.compile(r"([a-z_]+): ")


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("use 1 to 80 of a-z, 0-9, - and _, beginning and ending with a letter or digit")
    return value


def _template(value: str) -> str:
    if len(value) > MAX_REPLY:
        raise ValueError(f"has {len(value)} characters; at most {MAX_REPLY} fit into a reply")
    parse_template(value)
    return value


def _phrasing(value: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise ValueError(
            "是空的：写买家会怎么问，一个字也可以，或删掉这一条。 "
            "is empty; write what a buyer would type, one character is enough, or remove it"
        )
    if len(text) > MAX_PHRASING:
        raise ValueError(
            f"有 {len(text)} 个字，问法是一句话，最多 {MAX_PHRASING} 字：拆成几条，或把长文放进回复。 "
            f"has {len(text)} characters; a phrasing is one question, at most {MAX_PHRASING}: split it, or move the text "
            "to the reply"
        )
    return text


def _question(value: str) -> str:
    """Nothing at all says that no question is known; blanks are a slip."""
    return _phrasing(value) if value else value


def _code(value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(
            "短码只用小写字母和数字，最多 20 个，如 kd1；中文或更长的请改写，或留空。 "
            "a short code is at most 20 small letters and digits, such as kd1; rewrite it, or leave it out"
        )
    return value


def as_text(value: Any) -> Any:
    """YAML reads 100 or 2026 as a number where a text is meant."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _clock_text(value: Any) -> Any:
    """YAML reads an unquoted 22:00 as the number of its minutes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return f"{value // 60:02}:{value % 60:02}"
    return value


def _money(value: Any) -> Any:
    return str(value) if isinstance(value, float) else value


Slug = Annotated[str, AfterValidator(_slug)]
TemplateText = Annotated[str, AfterValidator(_template)]
CodeText = Annotated[
    str, BeforeValidator(as_text), AfterValidator(_code), Field(json_schema_extra=_CODE_SCHEMA)
]
ImageId = Annotated[str, Field(max_length=40, pattern="^(e[0-9a-f]{24})?$")]
PhrasingText = Annotated[str, BeforeValidator(as_text), AfterValidator(_phrasing)]
QuestionText = Annotated[str, BeforeValidator(as_text), AfterValidator(_question)]
Text = Annotated[str, BeforeValidator(as_text), Field(max_length=500)]
ClockText = Annotated[str, BeforeValidator(_clock_text)]
Money = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=10_000_000, decimal_places=2)]


class Document(BaseModel):
    """Base of all documents: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for name, value in data.items():
                if any(_UNSTORABLE.search(text) for text in _texts(value)):
                    raise ValueError(
                        f"{name}: holds a character that is no text (a control character or half of a pair); remove it"
                    )
        return data


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts directly in a field; documents within check their own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))
    elif isinstance(value, dict):
        yield from (item for pair in value.items() for item in pair if isinstance(item, str))
