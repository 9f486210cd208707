"""Templates are text with variables, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.template import Slot, Template, TemplateError, parse_template
from bot.domain.variables import VARIABLES, Variable

PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FALLBACK = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}"), max_size=10)
SLOTS = st.builds(Slot, st.sampled_from(VARIABLES), FALLBACK)


def written(template: Template) -> str:
    """Return a text that means the template."""
    out = ""
    for piece in template.pieces:
        if isinstance(piece, str):
            out += piece.replace("{", "{{").replace("}", "}}")
        else:
            out += "{" + piece.variable.zh + ("" if piece.fallback is None else f"|{piece.fallback}") + "}"
    return out


def joined(pieces: list[str | Slot]) -> Template:
    """Return the template in which neighbouring texts are one piece, as parsing gives it."""
    out: list[str | Slot] = []
    for piece in pieces:
        if isinstance(piece, str) and out and isinstance(last := out[-1], str):
            out[-1] = last + piece
        elif piece:
            out.append(piece)
    return Template(tuple(out))


@given(st.lists(PLAIN | SLOTS, max_size=8).map(joined))
def test_a_template_that_is_written_out_is_read_back_the_same(template: Template) -> None:
    assert parse_template(written(template)) == template


@given(PLAIN)
def test_parsing_any_text_gives_a_template_or_says_what_is_wrong(text: str) -> None:
    try:
        parse_template(text)
    except TemplateError as error:
        assert str(error)  # noqa: PT017  (either outcome is right)


@given(PLAIN)
def test_a_text_with_doubled_braces_says_itself(text: str) -> None:
    template = parse_template(text.replace("{", "{{").replace("}", "}}"))
    assert template.fill(lambda _: None) == text


def value_of(variable: Variable) -> str | None:
    return {"stock": "12", "dispatch_time": "48小时内", "notice": ""}.get(variable.name)


@pytest.mark.parametrize(
    ("template", "reply"),
    [
        ("还有{库存}件", "还有12件"),
        ("还有{stock}件", "还有12件"),
        ("{ 库存 }件，{发货时限|尽快}发", "12件，48小时内发"),
        ("{截单时间|16:00}前下单", "16:00前下单"),
        ("{今日公告|没有公告}", "没有公告"),
        ("预计{补货日期|}补货", "预计补货"),
        ("{补货日期|这周|下周}", "这周|下周"),
        ("{截单时间}前下单", None),
        ("{{库存}}", "{库存}"),
    ],
)
def test_a_variable_takes_its_fact_then_its_fallback_and_else_the_reply_is_not_sent(
    template: str, reply: str | None
) -> None:
    assert parse_template(template).fill(value_of) == reply


def test_a_fact_with_braces_is_text_and_not_a_template() -> None:
    assert parse_template("{库存}").fill(lambda _: "{快递}") == "{快递}"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("还有{库存", "lone '{' at character 3"),
        ("还有库存}件", "lone '}' at character 5"),
        ("{库存件}", "did you mean {库存}"),
        ("{stok}", "did you mean {stock}"),
        ("{价格 * 2}", "unknown variable"),
        ("{}", "unknown variable"),
        ("{库存|{快递}}", "lone"),
        ("{?}", "a place for the agent"),
        ("{? }", "a place for the agent"),
        ("{?码|没有}", "a place for the agent"),
        ("{?" + "长" * 41 + "}", "a place for the agent"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_a_hint(template: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said.replace("{", r"\{").replace("}", r"\}")):
        parse_template(template)


def test_a_blank_for_the_agent_stands_where_he_finds_it() -> None:
    template = parse_template("{库存}件，码是{? 取件码 }，{?自提点}取")
    assert template.blanks == ("取件码", "自提点")
    assert template.fill(lambda _: "3") == "3件，码是【取件码】，【自提点】取"
    assert parse_template("【温馨提示】{{?}}").blanks == ()
