"""Reply templates: plain text with variables such as {库存} or {dispatch_time|48小时内}. No expressions, no code.

Grammar: ``{name}`` or ``{name|fallback}``; name is a Chinese or English name of a variable; ``{?what}`` is a blank that the
agent fills; ``{{`` and ``}}`` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bot.domain.variables import VARIABLE_BY_NAME, Variable

_BLANK: Final = re.compile(r"[^【】|\n]{1,40}")
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")


class TemplateError(ValueError):
    """The template cannot be used; the message names the place and what would be right."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable's place in a template; `fallback` None means that the reply needs the fact."""

    variable: Variable
    fallback: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: literal texts and slots in order. `blanks` are what an agent fills: they stand as 【what】."""

    pieces: tuple[str | Slot, ...]
    blanks: tuple[str, ...] = ()

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Slot))

    def fill(self, value_of: Callable[[Variable], str | None]) -> str | None:
        """Return the text with every slot filled, or None when a slot has neither a value nor a fallback."""
        out: list[str] = []
        for piece in self.pieces:
            if isinstance(piece, str):
                out.append(piece)
                continue
            value = value_of(piece.variable)
            if value is None or value == "":
                value = piece.fallback
            if value is None:
                return None
            out.append(value)
        return "".join(out)


def parse_template(text: str) -> Template:
    """Return the parsed template. Raises TemplateError for a lone brace, an unknown variable or a blank without a name."""
    pieces: list[str | Slot] = []
    blanks: list[str] = []
    literal: list[str] = []
    position = 0
    for match in _TOKEN.finditer(text):
        literal.append(text[position : match.start()])
        position = match.end()
        token = match.group()
        if token in ("{{", "}}"):
            literal.append(token[0])
        elif token in ("{", "}"):
            raise TemplateError(
                f"第 {match.start() + 1} 个字的 {token} 没有配对，要写括号本身请写 {token * 2}。 "
                f"lone {token!r} at character {match.start() + 1}; write {token * 2} for a brace"
            )
        elif token.startswith("{?"):
            blanks.append(_blank(token[2:-1].strip()))
            literal.append(f"【{blanks[-1]}】")
        else:
            if joined := "".join(literal):
                pieces.append(joined)
            literal = []
            pieces.append(Slot(_variable(match.group(1).strip()), match.group(2)))
    if joined := "".join(literal) + text[position:]:
        pieces.append(joined)
    return Template(tuple(pieces), tuple(blanks))


def _blank(what: str) -> str:
    if not _BLANK.fullmatch(what):
        raise TemplateError(
            "要客服填写的地方请写明填什么，最多 40 字，如 {?取件码}。 "
            "a place for the agent to fill says what with, in at most 40 characters, such as {?pickup code}"
        )
    return what


def _variable(name: str) -> Variable:
    variable = VARIABLE_BY_NAME.get(name)
    if variable is not None:
        return variable
    close = get_close_matches(name, VARIABLE_BY_NAME, n=1, cutoff=0.5)
    advice = f"，是不是 {{{close[0]}}}？" if close else "。"
    hint = f"; did you mean {{{close[0]}}}?" if close else "; docs/templates.md lists the variables"
    raise TemplateError(f"没有变量 {{{name}}}{advice} unknown variable {{{name}}}{hint}")
