"""Secrets of a channel come by question or by standard input, never as arguments."""

from __future__ import annotations

import io

import pytest

from bot.cli.channels import ask_secrets
from bot.cli.console import CommandError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_secrets_that_are_piped_are_read_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one = 1\ntwo\n"))
    assert ask_secrets(["token", "reader"]) == {"token": "one = 1", "reader": "two"}


def test_at_a_terminal_each_is_asked_for_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "s"

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", answer)
    assert ask_secrets(["token"]) == {"token": "s"}
    assert asked == ["token: "]


@pytest.mark.parametrize(("names", "said"), [(["token=abc"], "name alone"), (["token"], "no value")])
def test_a_value_among_the_arguments_or_none_at_all_is_refused(
    monkeypatch: pytest.MonkeyPatch, names: list[str], said: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match=said) as refused:
        ask_secrets(names)
    assert "abc" not in str(refused.value)
