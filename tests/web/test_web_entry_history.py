"""Who changed an entry and when, the way back, and two people at one entry: over HTTP, shop by shop."""

from __future__ import annotations

import json
from typing import Any

from tests.web.memory_app import WORDS, Served
from tests.web.people import hire

COURIER = "/shops/tea/entries/courier"


async def read(served: Served, entry: str = "courier") -> dict[str, Any]:
    """Return the entry as its document."""
    _, found = await served.call("GET", f"/shops/tea/entries/{entry}")
    return {name: value for name, value in found.items() if name != "version"}


async def test_the_history_tells_who_changed_which_fields_and_leads_back(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    first = await read(served)
    await owner.call("PUT", COURIER, {**first, "reply": "发顺丰", "status": "draft"})
    status, listed = await owner.call("GET", f"{COURIER}/versions")
    assert (status, listed["more"]) == (200, False)
    newest, oldest = listed["versions"]
    assert newest["author"] == {"kind": "person", "account": owner.account.id, "name": owner.account.name}
    assert newest["differences"] == [
        {"field": "reply", "before": first["reply"], "after": "发顺丰"},
        {"field": "status", "before": "published", "after": "draft"},
    ]
    assert (oldest["version"], oldest["author"]["kind"]) == (1, "server")
    status, back = await owner.call("POST", f"{COURIER}/rollback", {"version": 1})
    assert (status, back) == (200, {**first, "version": 3})
    await served.call("DELETE", COURIER)
    status, back = await owner.call("POST", f"{COURIER}/rollback", {"version": 3})
    assert (status, back["version"]) == (200, 5)
    _, listed = await owner.call("GET", f"{COURIER}/versions?before=5")
    assert [(each["version"], each["author"]["kind"]) for each in listed["versions"][:2]] == [
        (4, "token"),
        (3, "person"),
    ]
    assert listed["versions"][0]["entry"] is None


async def test_two_people_at_the_same_entry_are_told_of_each_other(served: Served) -> None:
    one, other = await hire(served, {"tea": "owner"}), await hire(served, {"tea": "owner"})
    entry = await read(served)
    read_at = {"If-Match": "1"}
    assert (await one.call("PUT", COURIER, {**entry, "reply": "先写的"}, headers=read_at))[0] == 200
    for method, path, body in (
        ("PUT", COURIER, {**entry, "reply": "后写的"}),
        ("POST", f"{COURIER}/rollback", {"version": 1}),
    ):
        status, answer = await other.call(method, path, body, headers=read_at)
        assert (status, answer["error"]["code"]) == (409, "conflict")
        assert one.account.name in answer["error"]["message"]
        assert answer["current"]["reply"] == "先写的"
        [edit] = answer["versions"]
        assert (edit["version"], edit["author"]["account"]) == (2, one.account.id)
        assert [each["field"] for each in edit["differences"]] == ["reply"]
    assert (await read(served))["reply"] == "先写的"


async def test_several_entries_are_published_or_archived_together(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    path = "/shops/tea/entries/status"
    body = {"entries": ["courier", "invoice"], "status": "archived"}
    assert await owner.call("POST", path, body) == (200, {"written": 2})
    assert await owner.call("POST", path, body) == (200, {"written": 0})
    assert (await owner.call("POST", path, {**body, "entries": ["courier", "nothing"]}))[0] == 404
    assert (await owner.call("POST", path, {**body, "status": "deleted"}))[0] == 422
    assert (await owner.call("POST", path, {**body, "entries": []}))[0] == 422
    _, held = await owner.call("GET", f"{COURIER}/versions")
    assert held["versions"][0]["author"]["account"] == owner.account.id


async def test_history_is_the_shops_own_and_for_those_who_edit(served: Served) -> None:
    owner, agent = await hire(served, {"tea": "owner"}), await hire(served, {"tea": "agent"})
    theirs = await hire(served, {"lamp": "owner"})
    await theirs.call("PUT", "/shops/lamp/entries", {"entries": [{**await read(served), "id": "theirs"}]})
    calls: tuple[tuple[str, str, Any], ...] = (
        ("GET", "/entries/courier/versions", None),
        ("POST", "/entries/courier/rollback", {"version": 1}),
        ("POST", "/entries/status", {"entries": ["courier"], "status": "archived"}),
    )
    for method, path, body in calls:
        assert (await agent.call(method, f"/shops/tea{path}", body))[0] == 403
        status, answer = await owner.call(method, f"/shops/lamp{path}", body)
        assert status == 404
        assert WORDS["lamp"] not in json.dumps(answer, ensure_ascii=False)
    for method, path, body in (
        ("GET", "/entries/theirs/versions", None),
        ("POST", "/entries/theirs/rollback", {"version": 1}),
        ("POST", "/entries/status", {"entries": ["courier", "theirs"], "status": "archived"}),
    ):
        status, answer = await owner.call(method, f"/shops/tea{path}", body)
        assert status == 404
        assert WORDS["lamp"] not in json.dumps(answer, ensure_ascii=False)
    assert (await read(served))["status"] == "published"
    _, kept = await theirs.call("GET", "/shops/lamp/entries")
    assert {entry["status"] for entry in kept["entries"]} == {"published"}


async def test_what_is_no_version_is_refused(served: Served) -> None:
    owner = await hire(served, {"tea": "owner"})
    assert (await owner.call("GET", f"{COURIER}/versions?before=x"))[0] == 422
    assert (await owner.call("GET", f"{COURIER}/versions?before=9999999999999"))[0] == 422
    assert (await owner.call("POST", f"{COURIER}/rollback", {"version": 0}))[0] == 422
    assert (await owner.call("POST", f"{COURIER}/rollback", {"version": 99}))[0] == 404
    await served.call("DELETE", COURIER)
    status, answer = await owner.call("POST", f"{COURIER}/rollback", {"version": 2})
    assert status == 422
    assert "version" in answer["error"]["fields"]
