"""Telling what became of a suggestion, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.memory_app import SUGGESTION, Served

PATH = f"/shops/tea/suggestions/{SUGGESTION}/reaction"


def told(served: Served, shop: str = "tea") -> list[tuple[str, dict[str, Any]]]:
    events = served.memory.shops[shop].events
    return [(event.kind, dict(event.data)) for event in events if event.kind != "suggestion_shown"]


@pytest.mark.parametrize(
    ("body", "kind", "place"),
    [
        ({"kind": "taken"}, "suggestion_taken", 0),
        ({"kind": "taken", "text": "发出去的", "conversation": "c-2"}, "suggestion_taken", 0),
        ({"kind": "edited", "text": "改过的"}, "suggestion_edited", 0),
        ({"kind": "refused", "reason": "不对"}, "suggestion_refused", 0),
        ({"kind": "refused", "all": True}, "suggestion_refused", None),
    ],
)
async def test_a_reaction_is_kept(served: Served, body: dict[str, Any], kind: str, place: int | None) -> None:
    assert await served.call("POST", PATH, token="tea-read", json=body) == (204, None)
    [(found, data)] = told(served)
    assert (found, data["place"], data["suggestion"]) == (kind, place, SUGGESTION)
    assert told(served, "lamp") == []


async def test_a_suggestion_that_was_just_shown_can_be_reacted_to(served: Served) -> None:
    _, answer = await served.call("POST", "/shops/tea/suggestions", json={"text": "发什么快递"})
    last = answer["suggestions"][-1]["id"]
    status, _ = await served.call("POST", f"/shops/tea/suggestions/{last}/reaction", json={"kind": "taken"})
    assert status == 204


async def test_a_suggestion_of_another_shop_does_not_exist_even_for_a_token_of_both(served: Served) -> None:
    _, answer = await served.call(
        "POST", "/shops/lamp/suggestions", token="both", json={"text": "发什么快递"}
    )
    theirs = answer["suggestions"][0]["id"]
    for token in ("both", "tea"):
        status, error = await served.call(
            "POST", f"/shops/tea/suggestions/{theirs}/reaction", token=token, json={"kind": "taken"}
        )
        assert status == 404
        assert error["error"]["message"] == "this shop has shown no such suggestion"
    assert [kind for kind, _ in told(served, "lamp") if kind == "suggestion_taken"] == []


@pytest.mark.parametrize("suggestion", ["00000000000000a1-9", "00000000000000ff-1", "nonsense", "1"])
async def test_a_suggestion_that_was_never_shown_does_not_exist(served: Served, suggestion: str) -> None:
    path = f"/shops/tea/suggestions/{suggestion}/reaction"
    assert (await served.call("POST", path, json={"kind": "taken"}))[0] == 404
    assert told(served) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "liked"}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": "edited"}, "text"),
        ({"kind": "edited", "text": "  "}, "text"),
        ({"kind": "taken", "all": True}, "all"),
        ({"kind": "taken", "text": "长" * 4001}, "text"),
        ({"kind": "refused", "reason": "长" * 501}, "reason"),
        ({"kind": "taken", "conversation": "c" * 101}, "conversation"),
    ],
)
async def test_a_wrong_reaction_names_its_field_and_is_not_kept(
    served: Served, body: dict[str, Any], field: str
) -> None:
    status, answer = await served.call("POST", PATH, json=body)
    assert status == 422
    assert list(answer["error"]["fields"]) == [field]
    assert told(served) == []


async def test_what_cannot_be_stored_is_left_out_of_the_agents_words(served: Served) -> None:
    body = {"kind": "edited", "text": "好\0的\ud800", "reason": "\0错"}
    assert (await served.call("POST", PATH, json=body))[0] == 204
    assert told(served)[0][1]["reason"] == "错"
