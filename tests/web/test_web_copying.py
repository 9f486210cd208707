"""Entries copied from one of a person's shops to another: read anew against its facts, warned of, and audited in both."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import pytest

from tests.web.memory_app import WORDS, Served, teach_guard
from tests.web.people import ORGANISATION, Person, hire

COPY = "/shops/tea/entries/copy"


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner", "lamp": "owner"})


async def copied(
    owner: Person, *entries: str, path: str = COPY, to: str = "lamp", **how: bool
) -> dict[str, Any]:
    status, answer = await owner.call("POST", path, {"entries": list(entries), "to": to, **how})
    assert status == 200, answer
    return dict(answer)


async def write(owner: Person, shop: str = "tea", **fields: Any) -> None:
    entry = {"group": "other", "question": "问", "reply": "答", **fields}
    status, answer = await owner.call("POST", f"/shops/{shop}/entries", entry)
    assert status == 201, answer


async def entries_of(served: Served, shop: str) -> dict[str, Any]:
    return {entry.id: entry for entry in await served.engine.parts.entries.list_entries(shop)}


def warnings_of(report: dict[str, Any], at: int = 0) -> set[tuple[str, str, str]]:
    return {(each["kind"], each["field"], each["text"]) for each in report["entries"][at]["warnings"]}


async def test_a_look_tells_what_would_be_copied_and_writes_nothing(served: Served, owner: Person) -> None:
    await write(owner, id="wrap", question="能包礼盒吗", reply="可以包礼盒")
    before = await entries_of(served, "lamp")
    report = await copied(owner, "wrap", dry_run=True)
    assert report == {
        "written": 0,
        "entries": [
            {
                "entry": "wrap", "title": "能包礼盒吗", "verdict": "new", "target": "wrap", "status": "draft",
                "warnings": [],
            }
        ],
    }  # fmt: skip
    assert await entries_of(served, "lamp") == before


async def test_copies_are_drafts_unless_publishing_is_asked_for(served: Served, owner: Person) -> None:
    await write(owner, id="wrap", question="能包礼盒吗", reply="可以包礼盒")
    await write(owner, id="card", question="能写贺卡吗", reply="可以写贺卡")
    assert (await copied(owner, "wrap"))["written"] == 1
    assert (await copied(owner, "card", publish=True))["written"] == 1
    kept = await entries_of(served, "lamp")
    assert [(kept[name].status, kept[name].reply) for name in ("wrap", "card")] == [
        ("draft", "可以包礼盒"), ("published", "可以写贺卡"),
    ]  # fmt: skip


async def test_what_is_the_first_shops_is_named_and_keeps_the_copy_a_draft(
    served: Served, owner: Person
) -> None:
    await write(
        owner, id="when", question="今天发吗", reply=f"{WORDS['tea']}小店承诺{WORDS['tea']}48小时内用{WORDS['tea']}速运发出，{{发票类型}}"
    )  # fmt: skip
    report = await copied(owner, "when", publish=True)
    word = WORDS["tea"]
    assert warnings_of(report) == {
        ("name", "reply", f"{word}小店"), ("fact", "reply", f"{word}48小时内"), ("fact", "reply", f"{word}速运"),
        ("variable", "reply", "invoice_types"),
    }  # fmt: skip
    assert (await entries_of(served, "lamp"))["when"].status == "draft"


async def test_what_the_guard_knows_as_anothers_is_named_too(served: Served, owner: Person) -> None:
    product = {"id": "pot", "title": f"{WORDS['tea']}朱泥西施紫砂壶", "item_id": "612001334501"}
    assert (await owner.call("PUT", "/shops/tea/products", {"products": [product]}))[0] == 200
    await write(owner, id="pot", question="买哪个", reply="看 612001334501，全网最低价，加微信 chaguan88")
    await teach_guard(served)
    report = await copied(owner, "pot", dry_run=True)
    found = warnings_of(report)
    assert ("foreign", "reply", "612001334501") in found
    assert {"foreign", "forbidden", "contact"} == {kind for kind, _, _ in found}


async def test_nothing_of_the_other_shop_is_written_over(served: Served, owner: Person) -> None:
    theirs = await entries_of(served, "lamp")
    await write(owner, "lamp", id="mine", question="灯亮吗", reply="亮", short_code="kd")
    await write(owner, id="mine", question="茶香吗", reply="香", short_code="kd")
    report = await copied(owner, "courier", "mine")
    assert [each["target"] for each in report["entries"]] == ["courier-2", "mine-2"]
    assert ("code", "short_code", "kd") in warnings_of(report, 1)
    after = await entries_of(served, "lamp")
    assert {name: after[name] for name in theirs} == theirs
    assert (after["mine"].reply, after["mine-2"].reply, after["mine-2"].short_code) == ("亮", "香", "")


async def test_copying_again_copies_nothing(served: Served, owner: Person) -> None:
    await write(owner, id="wrap", question="能包礼盒吗", reply="可以包礼盒")
    await copied(owner, "wrap")
    again = await copied(owner, "wrap")
    assert (again["written"], again["entries"][0]["verdict"], again["entries"][0]["target"]) == (
        0,
        "same",
        "wrap",
    )


async def test_products_that_the_other_shop_lacks_are_left_out_with_a_word(
    served: Served, owner: Person
) -> None:
    product = {"id": "pot", "title": "紫砂壶", "category": "茶具"}
    assert (await owner.call("PUT", "/shops/tea/products", {"products": [product]}))[0] == 200
    await write(owner, id="pot", question="壶多大", reply="半升", scope={"products": ["pot", "shirt"]})
    report = await copied(owner, "pot", publish=True)
    assert warnings_of(report) == {("scope", "scope", "pot")}
    assert (await entries_of(served, "lamp"))["pot"].scope.products == ("shirt",)


async def test_both_shops_audit_lines_say_who_copied_what_where(served: Served, owner: Person) -> None:
    await write(owner, id="wrap", question="能包礼盒吗", reply="可以包礼盒")
    await copied(owner, "wrap", dry_run=True)
    await copied(owner, "wrap")
    lines = await served.engine.auditor.read(ORGANISATION)
    found = {line.shop: dict(line.data) for line in lines if line.kind == "entries_copied"}
    assert found == {
        "tea": {"copied_to": "lamp", "entries": ["wrap"]}, "lamp": {"copied_from": "tea", "entries": ["wrap"]},
    }  # fmt: skip
    assert {line.actor for line in lines} == {owner.account.login}


@pytest.mark.parametrize("role", ["agent", "supervisor", None])
@pytest.mark.parametrize("mine", ["tea", "lamp"])
async def test_one_must_be_an_owner_of_both(served: Served, mine: str, role: str | None) -> None:
    other = "lamp" if mine == "tea" else "tea"
    person = await hire(served, {mine: "owner"} | ({other: role} if role else {}))
    before = [await entries_of(served, shop) for shop in ("tea", "lamp")]
    for dry_run in (True, False):
        body = {"entries": ["courier"], "to": "lamp", "dry_run": dry_run}
        status, answer = await person.call("POST", COPY, body)
        assert status in (403, 404)
        assert WORDS[other] not in json.dumps(answer, ensure_ascii=False)
    assert [await entries_of(served, shop) for shop in ("tea", "lamp")] == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"entries": ["courier"], "to": "tea"}, 422),
        ({"entries": ["courier"], "to": "nowhere"}, 404),
        ({"entries": ["courier", "none-such"], "to": "lamp"}, 404),
        ({"entries": [], "to": "lamp"}, 422),
        ({"entries": ["courier"] * 201, "to": "lamp"}, 422),
        ({"entries": ["courier"], "to": "no shop!"}, 422),
    ],
)
async def test_what_cannot_be_copied_is_refused_whole(
    served: Served, owner: Person, body: dict[str, Any], status: int
) -> None:
    before = await entries_of(served, "lamp")
    assert (await owner.call("POST", COPY, body))[0] == status
    assert await entries_of(served, "lamp") == before


async def test_others_are_served_while_many_phrasings_are_looked_through(
    served: Served, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(owner, id="many", phrasings=[f"第{number}种问法" for number in range(30)])
    guard = served.engine.workspace.guard
    check, seen, turns = guard.check, list[int](), list[int]()

    async def noted(*what: Any, **how: Any) -> Any:
        seen.append(len(turns))
        return await check(*what, **how)

    async def others() -> None:
        for turn in itertools.count():
            turns.append(turn)
            await asyncio.sleep(0)

    monkeypatch.setattr(guard, "check", noted)
    waiting = asyncio.create_task(others())
    await copied(owner, "many", dry_run=True)
    waiting.cancel()
    assert len(seen) > 30
    assert len(set(seen)) == len(seen)
