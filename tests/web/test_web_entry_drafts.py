"""Drafts of entries over HTTP: written beside what is suggested, handed over for review, published by another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.calls import ENTRY
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire

_PATH = "/shops/tea/entries/dispatch"


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


@pytest.fixture
async def reviewer(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def entry(owner: Person) -> dict[str, Any]:
    """Return the entry as it is suggested."""
    status, answer = await owner.call("GET", _PATH)
    assert status == 200
    return dict(answer)


async def changed(owner: Person, **changes: Any) -> tuple[dict[str, Any], int]:
    """Return the entry's document with changes, and its version."""
    document = await entry(owner)
    return {**document, **changes}, document.pop("version")


async def draft(owner: Person, headers: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """Write a draft that is right, and return it."""
    more: dict[str, Any] = {name: changes.pop(name) for name in ("ready", "note") if name in changes}
    document, base = await changed(owner, **changes)
    document.pop("version")
    body = {"entry": document, "base": base, **more}
    status, answer = await owner.call("PUT", f"{_PATH}/draft", body, headers=headers or {})
    assert status == 200, answer
    return dict(answer["draft"])


async def suggested(owner: Person) -> str:
    """Return what a buyer's question is answered with."""
    status, answer = await owner.call("POST", "/shops/tea/entries/try", {"text": "什么时候发货"})
    assert status == 200
    return str(answer["suggestions"][0]["text"])


async def test_what_is_published_goes_on_being_suggested_until_the_draft_is(owner: Person) -> None:
    written = await draft(owner, reply="青岚明天发")
    assert (written["version"], written["handed_by"]) == (1, None)
    assert [(each["field"], each["after"]) for each in written["differences"]] == [("reply", "青岚明天发")]
    assert await suggested(owner) == "青岚青岚48小时内发出"
    status, published = await owner.call("POST", f"{_PATH}/draft/publish", headers={"If-Match": "1"})
    assert (status, published["reply"], published["status"]) == (200, "青岚明天发", "published")
    assert (await entry(owner))["version"] == published["version"]
    assert (await owner.call("GET", f"{_PATH}/draft"))[1] == {"draft": None}


async def test_one_hands_over_and_another_publishes_and_history_names_both(
    owner: Person, reviewer: Person
) -> None:
    await draft(owner, reply="青岚明天发", ready=True, note="时限改了")
    _, found = await reviewer.call("GET", f"{_PATH}/draft")
    assert (found["draft"]["note"], found["draft"]["handed_by"]["account"]) == ("时限改了", owner.account.id)
    assert found["draft"]["handed_at"]
    assert (await reviewer.call("POST", f"{_PATH}/draft/publish"))[0] == 200
    _, history = await owner.call("GET", f"{_PATH}/versions")
    newest = history["versions"][0]
    assert newest["author"]["account"] == reviewer.account.id
    assert newest["drafted_by"]["account"] == owner.account.id


async def test_who_publishes_his_own_draft_is_named_once(owner: Person) -> None:
    await draft(owner, reply="青岚明天发")
    await owner.call("POST", f"{_PATH}/draft/publish")
    _, history = await owner.call("GET", f"{_PATH}/versions")
    assert history["versions"][0]["drafted_by"] is None


async def test_handing_over_anothers_words_leaves_them_his(owner: Person, reviewer: Person) -> None:
    await draft(owner, reply="青岚明天发")
    handed = await draft(reviewer, reply="青岚明天发", ready=True)
    assert (handed["author"]["account"], handed["handed_by"]["account"]) == (
        owner.account.id, reviewer.account.id,
    )  # fmt: skip
    again = await draft(reviewer, reply="青岚后天发")
    assert (again["author"]["account"], again["handed_by"]) == (reviewer.account.id, None)


async def test_two_who_write_the_same_draft_are_told(owner: Person, reviewer: Person) -> None:
    await draft(owner, {"If-Match": "0"}, reply="青岚明天发")
    document, base = await changed(reviewer, reply="青岚后天发")
    document.pop("version")
    body = {"entry": document, "base": base}
    status, answer = await reviewer.call("PUT", f"{_PATH}/draft", body, headers={"If-Match": "0"})
    assert (status, answer["draft"]["entry"]["reply"]) == (409, "青岚明天发")
    assert (await reviewer.call("POST", f"{_PATH}/draft/publish", headers={"If-Match": "7"}))[0] == 409
    assert (await reviewer.call("DELETE", f"{_PATH}/draft", headers={"If-Match": "7"}))[0] == 409
    assert (await entry(owner))["reply"] == "青岚{发货时限}发出"


async def test_a_draft_of_an_entry_that_was_changed_since_is_not_published_over_it(owner: Person) -> None:
    await draft(owner, reply="青岚明天发")
    document, version = await changed(owner, reply="青岚今天发")
    document.pop("version")
    await owner.call("PUT", _PATH, document, headers={"If-Match": str(version)})
    _, found = await owner.call("GET", f"{_PATH}/draft")
    assert found["draft"]["is_behind"]
    status, answer = await owner.call("POST", f"{_PATH}/draft/publish")
    assert (status, answer["current"]["reply"]) == (409, "青岚今天发")
    assert (await entry(owner))["reply"] == "青岚今天发"
    assert (await owner.call("GET", f"{_PATH}/draft"))[1]["draft"] is not None


async def test_a_draft_is_dropped_and_the_entry_stays(owner: Person) -> None:
    await draft(owner, reply="青岚明天发")
    assert (await owner.call("DELETE", f"{_PATH}/draft", headers={"If-Match": "1"}))[0] == 204
    assert (await owner.call("POST", f"{_PATH}/draft/publish"))[0] == 404
    assert (await entry(owner))["reply"] == "青岚{发货时限}发出"


async def test_what_is_wrong_with_a_draft_is_named_by_its_field(owner: Person) -> None:
    document, base = await changed(owner)
    document.pop("version")
    for wrong, field in (
        ({"reply": "{库村}"}, "entry.reply"),
        ({"scope": {"products": ["none-such"]}}, "scope.products"),
        ({"id": "courier"}, "entry.id"),
    ):
        body = {"entry": {**document, **wrong}, "base": base}
        status, answer = await owner.call("PUT", f"{_PATH}/draft", body)
        assert (status, list(answer["error"]["fields"])) == (422, [field])
    await owner.call("POST", "/shops/tea/entries", {**ENTRY, "short_code": "ma"})
    body = {"entry": {**document, "short_code": "ma"}, "base": base}
    assert list((await owner.call("PUT", f"{_PATH}/draft", body))[1]["error"]["fields"]) == ["short_code"]


async def test_drafts_stay_in_their_shop(served: Served, owner: Person) -> None:
    await draft(owner, reply="青岚明天发", note="青岚内部")
    lamps = await hire(served, {"lamp": "owner"})
    for method, path in (
        ("GET", f"{_PATH}/draft"), ("POST", f"{_PATH}/draft/publish"), ("DELETE", f"{_PATH}/draft"),
    ):  # fmt: skip
        assert (await lamps.call(method, path))[0] == 404
    _, found = await lamps.call("GET", "/shops/lamp/entries/dispatch/draft")
    assert found == {"draft": None}
    assert (await lamps.call("POST", "/shops/lamp/entries/dispatch/draft/publish"))[0] == 404
    assert (await lamps.call("DELETE", "/shops/lamp/entries/dispatch/draft"))[0] == 204
    assert (await owner.call("GET", f"{_PATH}/draft"))[1]["draft"] is not None
    _, answer = await lamps.call("GET", "/shops/lamp/entries/dispatch")
    assert WORDS["tea"] not in json.dumps(answer, ensure_ascii=False)
    agent = await hire(served, {"tea": "agent"})
    assert (await agent.call("GET", f"{_PATH}/draft"))[0] == 403
