"""A shop's settings over HTTP: its owner alone writes them, everybody who works there sees them at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.account import Account, Membership
from bot.domain.service_policy import ServicePolicy
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire

LOOK = {
    "name": "青岚茶铺",
    "name_en": "Qinglan",
    "colour": "#8a1f6f",
    "avatar": "茶",
    "aliases": ["青岚茶"],
    "timezone": "Asia/Shanghai",
    "languages": ["zh", "en"],
}


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def test_the_owner_reads_all_settings_and_who_works_there(served: Served, owner: Person) -> None:
    agent = await hire(served, {"tea": "agent", "lamp": "agent"})
    status, sheet = await owner.call("GET", "/shops/tea/settings")
    assert status == 200
    assert (sheet["shop"]["id"], sheet["entries"], sheet["policy"]["target_seconds"]) == ("tea", 5, 120)
    names = [(each["name"], each["role"]) for each in sheet["members"]]
    assert names == [(owner.account.name, "owner"), (agent.account.name, "agent")]
    assert "login" not in sheet["members"][0]
    assert WORDS["lamp"] not in str(sheet)


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_nobody_but_the_owner_reads_or_writes_them(served: Served, role: str) -> None:
    person = await hire(served, {"tea": role})
    for method, path, body in (
        ("GET", "/shops/tea/settings", None),
        ("PUT", "/shops/tea/settings", LOOK),
        ("POST", "/shops/tea/starters/food", {}),
    ):
        assert (await person.call(method, path, body))[0] == 403


async def test_a_new_name_and_look_are_written_and_stand_in_the_log(served: Served, owner: Person) -> None:
    status, shop = await owner.call("PUT", "/shops/tea/settings", {**LOOK, "id": "lamp"})
    assert (status, shop["id"], shop["name"], shop["avatar"]) == (200, "tea", "青岚茶铺", "茶")
    assert (await served.engine.parts.shops.get_shop("lamp")).name.startswith(WORDS["lamp"])
    line = (await served.engine.auditor.read(owner.account.organisation))[0]
    assert (line.kind, line.shop, line.actor) == ("shop_changed", "tea", owner.account.login)
    assert "name" in line.data["changed"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "长" * 61),
        ("colour", "red"),
        ("timezone", "Mars/Olympus"),
        ("languages", []),
        ("avatar", "四个字太多"),
        ("aliases", [""]),
        ("surprise", 1),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(
    served: Served, owner: Person, field: str, value: object
) -> None:
    status, answer = await owner.call("PUT", "/shops/tea/settings", {**LOOK, field: value})
    assert status == 422
    assert any(name.startswith(field) for name in answer["error"]["fields"])
    assert (await served.engine.parts.shops.get_shop("tea")).name == f"{WORDS['tea']}小店"


async def test_open_pages_of_the_shop_and_no_others_hear_of_the_new_look(
    served: Served, owner: Person
) -> None:
    agent, stranger = await hire(served, {"tea": "agent"}), await hire(served, {"lamp": "agent"})
    async with agent.page() as page, stranger.page() as other:
        await served.engine.workspace.manners.of("tea")
        await owner.call("PUT", "/shops/tea/settings", LOOK)
        told = await page.hear("shop")
        assert (told["shop"], told["look"]["name"], told["look"]["colour"]) == ("tea", "青岚茶铺", "#8a1f6f")
        assert [each for each in await other.all_until_pong() if each["type"] == "shop"] == []


async def test_open_pages_follow_a_changed_policy(served: Served, owner: Person) -> None:
    agent = await hire(served, {"tea": "agent"})
    async with agent.page() as page:
        await served.engine.workspace.manners.of("tea")
        await owner.call("PUT", "/shops/tea/policy", {"notice": "今天不发货", "address": "宝子"})
        assert (await page.hear("shop"))["shop"] == "tea"


async def test_the_form_of_address_and_the_notice_stand_in_replies_too(served: Served, owner: Person) -> None:
    await owner.call("PUT", "/shops/tea/policy", {"address": "宝子", "notice": "今天不发货"})
    facts = (await served.engine.parts.shops.load_snapshot("tea")).facts
    assert (facts["address_form"].value, facts["notice"].value) == ("宝子", "今天不发货")
    await owner.call("PUT", "/shops/tea/policy", {"address": "", "notice": ""})
    facts = (await served.engine.parts.shops.load_snapshot("tea")).facts
    assert set(facts) == {"dispatch_time"}


async def test_members_hours_move_with_the_shops_time_zone(served: Served, owner: Person) -> None:
    await owner.call("PUT", "/shops/tea/settings", {**LOOK, "timezone": "Europe/Berlin"})
    held = await served.engine.parts.accounts.memberships_of(owner.account.id)
    assert held == [Membership(owner.account.id, "tea", "owner", timezone="Europe/Berlin")]


async def test_who_is_let_go_while_the_time_zone_changes_is_not_taken_back(
    served: Served, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, accounts = await hire(served, {"tea": "agent"}), served.engine.parts.accounts
    members_of, gone = accounts.members_of, list[str]()

    async def members_then_gone(shop: str) -> list[tuple[Account, Membership]]:
        found = await members_of(shop)
        await let_go()
        return found

    async def let_go() -> None:
        gone.append(agent.account.id)
        await accounts.end_membership(agent.account.id, "tea", served.engine.parts.clock.now())

    monkeypatch.setattr(accounts, "members_of", members_then_gone)
    status, _ = await owner.call("PUT", "/shops/tea/settings", {**LOOK, "timezone": "Europe/Berlin"})
    if not gone:
        await let_go()
    assert (status, await accounts.memberships_of(agent.account.id)) == (200, [])


async def test_another_shops_guard_learns_new_names_and_contacts(served: Served, owner: Person) -> None:
    guard = served.engine.workspace.guard
    following = asyncio.create_task(guard.follow())
    try:
        await owner.call("PUT", "/shops/tea/settings", {**LOOK, "aliases": ["青岚山房"]})
        await owner.call("PUT", "/shops/tea/policy", {"contacts": ["客服微信 qinglan_2024"]})
        store, text = served.engine.parts.conversations, "亲，青岚山房的客服是qinglan_2024"
        await store.put_policy("lamp", ServicePolicy(blocks_contacts=False))
        async with asyncio.timeout(10):
            while len(found := (await guard.check("lamp", text)).findings) < 2:  # noqa: ASYNC110 - it says so in no other way
                await asyncio.sleep(0.05)
        assert [(each.kind, each.text) for each in found] == [("name", "青岚山房"), ("phone", "qinglan_2024")]
        assert (await guard.check("tea", text)).findings == ()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_starter_is_looked_at_applied_and_taken_back(served: Served, owner: Person) -> None:
    _, listed = await owner.call("GET", "/shops/tea/starters")
    assert listed["starters"][0]["id"] == "general"
    assert {each["id"] for each in listed["starters"]} == {"general", "clothing", "food", "electronics"}
    status, plan = await owner.call("GET", "/shops/tea/starters/food")
    assert status == 200
    assert plan["written"] == 0
    assert "couriers" in plan["missing"] or "return_address" in plan["missing"]
    assert "dispatch_time" not in plan["missing"]
    assert (await owner.call("GET", "/shops/tea/settings"))[1]["entries"] == 5
    status, done = await owner.call("POST", "/shops/tea/starters/food", {})
    fresh = [each for each in plan["entries"] if each["is_new"]]
    assert (status, done["written"]) == (200, len(fresh))
    assert (await owner.call("GET", "/shops/tea/settings"))[1]["entries"] == 5 + len(fresh)
    assert (await owner.call("POST", "/shops/tea/starters/food", {}))[1]["written"] == 0
    await owner.call("POST", "/shops/tea/entries/import/undo", {})
    assert (await owner.call("GET", "/shops/tea/settings"))[1]["entries"] == 5


async def test_what_a_shop_has_stays_and_its_short_codes_too(served: Served, owner: Person) -> None:
    mine = {
        "id": "ship-when", "group": "shipping", "question": "几号发", "reply": "我们自己的话", "short_code": "kc",
    }  # fmt: skip
    assert (await owner.call("POST", "/shops/tea/entries", mine))[0] == 201
    _, plan = await owner.call("GET", "/shops/tea/starters/clothing")
    assert [each["id"] for each in plan["entries"] if not each["is_new"]] == ["ship-when"]
    assert (await owner.call("POST", "/shops/tea/starters/clothing", {}))[0] == 200
    kept = (await owner.call("GET", "/shops/tea/entries/ship-when"))[1]
    assert (kept["reply"], kept["short_code"]) == ("我们自己的话", "kc")
    assert (await owner.call("GET", "/shops/tea/entries/stock-available"))[1]["short_code"] == ""


async def test_a_starter_that_is_none_is_not_found(owner: Person) -> None:
    assert (await owner.call("POST", "/shops/tea/starters/weapons", {}))[0] == 404
    assert (await owner.call("POST", "/shops/lamp/starters/food", {}))[0] == 404


async def test_an_admin_makes_a_shop_and_owns_it(served: Served) -> None:
    admin = await hire(served, {}, is_admin=True)
    status, shop = await admin.call("POST", "/team/shops", {**LOOK, "id": "lamp"})
    assert status == 201
    assert shop["id"].startswith("qinglan-")
    assert (await admin.call("GET", f"/shops/{shop['id']}/settings"))[1]["entries"] == 0
    assert (await served.engine.parts.shops.get_shop("lamp")).name.startswith(WORDS["lamp"])
    plain = await hire(served, {"tea": "owner"})
    assert (await plain.call("POST", "/team/shops", LOOK))[0] == 403
    assert (await plain.call("GET", f"/shops/{shop['id']}/settings"))[0] == 404
