"""Before a download the hub is asked once, and what is wrong is said in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HFValidationError

from bot.ports import EmbedderUnavailable
from bot.retrieval.embedder_hub import check_downloadable


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], None]) -> list[str]:
    """Let the hub answer so; return the names that it is asked for."""
    asked: list[str] = []

    def model_info(_: HfApi, name: str, *, timeout: float) -> None:
        assert timeout <= 10
        asked.append(name)
        answer(name)

    monkeypatch.setattr(HfApi, "model_info", model_info)
    return asked


def test_a_hub_out_of_reach_is_asked_once_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(_: str) -> None:
        raise OSError("Name or service not known\nand more")

    asked = answering(monkeypatch, away)
    with pytest.raises(EmbedderUnavailable) as raised:
        check_downloadable("shop/model")
    assert asked == ["shop/model"]
    for words in (
        "无法下载",
        "hf download shop/model",
        "KUAIHUI_EMBEDDER",
        "Name or service not known",
        "'bundled'",
    ):
        assert words in str(raised.value)
    assert "and more" not in str(raised.value)


def test_a_name_that_nobody_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> None:
        raise HFValidationError("not a name")

    asked = answering(monkeypatch, unknown)
    with pytest.raises(EmbedderUnavailable, match=r"没有名为 no such 的模型.*no model named no such"):
        check_downloadable("no such")
    assert asked == ["sentence-transformers/no such", "no such"]


def test_a_model_that_is_there_may_be_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert answering(monkeypatch, lambda _: None) == []
    check_downloadable("all-MiniLM-L6-v2")
