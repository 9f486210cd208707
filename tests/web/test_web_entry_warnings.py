"""Warnings about an entry while it is written, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.calls import ENTRY
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def warnings(owner: Person, shop: str = "tea", **entry: Any) -> list[dict[str, Any]]:
    """Return the warnings about an entry that is right."""
    status, answer = await owner.call("POST", f"/shops/{shop}/entries/warnings", {"entry": entry})
    assert status == 200, answer
    return list(answer["warnings"])


async def test_a_phrasing_that_another_entry_has_is_told_at_its_field(owner: Person) -> None:
    found = await warnings(owner, id="new", question="怎么寄", phrasings=["可以开发票吗？"], reply="好的")
    [taken] = [each for each in found if each["kind"] == "taken"]
    assert (taken["field"], taken["entry"]["id"], taken["entry"]["status"]) == (
        "phrasings[0]", "invoice", "published",
    )  # fmt: skip


async def test_an_entry_is_no_likeness_of_itself(owner: Person) -> None:
    own = {"id": "invoice", "group": "invoice", "question": "可以开发票吗", "reply": "青岚可以开票"}
    assert await warnings(owner, **own) == []


async def test_drafts_are_looked_at_and_archived_entries_are_not(owner: Person) -> None:
    await owner.call("POST", "/shops/tea/entries", {**ENTRY, "status": "draft", "question": "送什么礼物"})
    found = await warnings(owner, id="new", question="送什么礼物", reply="好的")
    assert [each["entry"]["status"] for each in found if each["kind"] == "taken"] == ["draft"]
    await owner.call("POST", "/shops/tea/entries/status", {"entries": [ENTRY["id"]], "status": "archived"})
    found = await warnings(owner, id="new", question="送什么礼物", reply="好的")
    assert [each for each in found if each["kind"] == "taken"] == []


async def test_another_time_than_the_shops_own_is_told(owner: Person) -> None:
    found = await warnings(owner, id="new", question="多久寄", reply="24小时内发货")
    told = [(each["entry"], each["there"]) for each in found if each["kind"] == "contradiction"]
    assert (None, "青岚48小时内") in told
    assert any(entry and entry["id"] == "dispatch" for entry, _ in told)


async def test_a_variable_without_a_fact_is_told(owner: Person) -> None:
    found = await warnings(owner, id="new", question="有礼物吗", reply="送{赠品}")
    assert [each["variable"] for each in found if each["kind"] == "no_fact"] == ["gift"]


async def test_an_entry_that_is_hardly_begun_is_read(owner: Person) -> None:
    assert await warnings(owner) == []
    assert await warnings(owner, question="有", validity={"since": "2026-03-05", "until": "2026-03-04"}) == []


async def test_a_text_that_is_no_template_is_refused(owner: Person) -> None:
    status, answer = await owner.call("POST", "/shops/tea/entries/warnings", {"entry": {"reply": "{库村}"}})
    assert status == 422
    assert "entry.reply" in answer["error"]["fields"]


async def test_warnings_never_hold_a_word_of_another_shop(served: Served, owner: Person) -> None:
    lamps = await hire(served, {"lamp": "owner"})
    secret = {
        **ENTRY,
        "id": "secret",
        "question": "赤霞秘密的问法",
        "reply": "赤霞72小时内发货，赤霞独有的回复",
    }
    assert (await lamps.call("POST", "/shops/lamp/entries", secret))[0] == 201
    copied = {**secret, "id": "copy", "phrasings": ["可以开发票吗"]}
    found = await warnings(owner, **{key: copied[key] for key in ("id", "question", "reply", "phrasings")})
    told = [{**each, "text": ""} for each in found]
    assert found
    assert WORDS["lamp"] not in json.dumps(told, ensure_ascii=False)
    assert "secret" not in json.dumps(told)
    status, _ = await owner.call(
        "POST", "/shops/lamp/entries/warnings", {"entry": {"question": "赤霞秘密的问法"}}
    )
    assert status == 404
