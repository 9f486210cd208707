"""Every route and every WebSocket message, tried without rights, with another shop's ids, and after the membership ended."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain.account import RIGHTS, Right
from bot.domain.conversation import Note
from bot.ports import Phrase
from bot.web.authorisation import Needs
from bot.web.live_messages import MODELS
from bot.web.routes import ROUTES, ApiRoute
from tests.web.calls import body_of, name_of
from tests.web.calls import fill as filled
from tests.web.memory_app import WORDS, Served, serve, teach_guard
from tests.web.people import Person, hire, says

ROLES = ("agent", "supervisor", "owner")
OF_A_SHOP = tuple(route for route in ROUTES if "{shop}" in route.path)
FOR_PEOPLE = tuple(route for route in OF_A_SHOP if isinstance(route.needs, Right) or route.right is not None)
SECRET = WORDS["lamp"]
_UPLOADS = ("put_image", "put_entry_image")


@dataclass
class Tried:
    """A shop `tea` of one's own and a shop `lamp` of others, each with a conversation that holds its word."""

    served: Served
    mine: dict[str, str]
    theirs: dict[str, str]


@pytest.fixture
async def tried() -> AsyncIterator[Tried]:
    served = await serve()
    owner = await hire(served, {"tea": "owner", "lamp": "owner"})
    things = {shop: await things_of(served, shop, owner) for shop in ("tea", "lamp")}
    yield Tried(served, things["tea"], things["lamp"])
    await served.client.close()
    await served.engine.close()


async def things_of(served: Served, shop: str, owner: Person) -> dict[str, str]:
    """Make one of everything in the shop and return the ids."""
    store, word = served.engine.parts.conversations, WORDS[shop]
    for number in range(3):  # so that the same number is another conversation in the other shop
        if shop == "lamp":
            await says(served, shop, f"{word}在吗", buyer=f"early-{number}")
    conversation = (await says(served, shop, f"{word}发什么快递", buyer=f"of-{shop}")).conversation.id
    await store.add_note(shop, conversation, Note("n1", owner.account.id, f"{word}备注", served.clock.now()))
    await store.put_draft(shop, conversation, owner.account.id, f"{word}草稿")
    await store.put_phrase(shop, owner.account.id, Phrase("own-1", "zj", f"{word}短语"))
    image = await store.put_image(shop, conversation, "image/png", b"png")
    chart = await served.engine.parts.entries.put_image(shop, "image/png", f"chart of {shop}".encode())
    return {"conversation": conversation, "image": image, "phrase": "own-1", "entry_image": chart}


def address_of(route: ApiRoute, shop: str, ids: dict[str, str]) -> str:
    """Return the route's address with these ids."""
    path = route.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    return filled(path, shop).removeprefix("/api/v1")


async def call(
    person: Person, route: ApiRoute, shop: str, ids: dict[str, str], **options: Any
) -> tuple[int, str]:
    """Call the route as right as can be; return the status and all that came back."""
    body = {} if route.handler.__name__ in _UPLOADS else {"json": body_of(route)}
    status, answer = await person.call(route.method, address_of(route, shop, ids), **body, **options)
    return status, answer.decode("utf-8", "replace") if isinstance(answer, bytes) else json.dumps(
        answer, ensure_ascii=False
    )


def needed(route: ApiRoute) -> Right:
    """Return the right that a person needs."""
    right = route.needs if isinstance(route.needs, Right) else route.right
    assert right is not None
    return right


@pytest.mark.parametrize("route", [route for route in ROUTES if route.needs is not Needs.OPEN], ids=name_of)
async def test_nobody_gets_in_without_a_session_or_a_token(tried: Tried, route: ApiRoute) -> None:
    body = None if route.handler.__name__ in _UPLOADS else body_of(route)
    status, answer = await tried.served.call(
        route.method, address_of(route, "lamp", tried.theirs), token=None, json=body
    )
    assert status == 401
    assert SECRET not in str(answer)


@pytest.mark.parametrize("route", OF_A_SHOP, ids=name_of)
async def test_to_a_stranger_a_shop_does_not_exist(tried: Tried, route: ApiRoute) -> None:
    stranger = await hire(tried.served, {"tea": "owner"})
    status, answer = await call(stranger, route, "lamp", tried.theirs)
    expected = 404 if route in FOR_PEOPLE else 403
    assert status == expected, answer
    assert SECRET not in answer


@pytest.mark.parametrize("route", FOR_PEOPLE, ids=name_of)
async def test_a_member_without_the_right_is_refused_and_one_with_it_is_not(
    tried: Tried, route: ApiRoute
) -> None:
    for role in ROLES:
        member = await hire(tried.served, {"tea": role})
        status, answer = await call(member, route, "tea", tried.mine)
        if needed(route) in RIGHTS[role]:
            assert status not in (401, 403), (role, answer)
        else:
            assert status == 403, (role, answer)


@pytest.mark.parametrize(
    "route",
    [route for route in FOR_PEOPLE if {"{conversation}", "{image}"} & set(route.path.split("/"))],
    ids=name_of,
)
async def test_another_shops_id_under_ones_own_shop_is_not_found(tried: Tried, route: ApiRoute) -> None:
    owner = await hire(tried.served, {"tea": "owner", "lamp": "owner"})
    status, answer = await call(owner, route, "tea", tried.theirs)
    # Even for who may see both: an id belongs to its shop.
    assert status in (404, 422), answer
    assert SECRET not in answer


@pytest.mark.parametrize("route", FOR_PEOPLE, ids=name_of)
async def test_nothing_opens_any_more_once_the_membership_has_ended(tried: Tried, route: ApiRoute) -> None:
    former = await hire(tried.served, {"lamp": "owner", "tea": "owner"})
    await former.call("GET", "/me")
    accounts = tried.served.engine.parts.accounts
    await accounts.end_membership(former.account.id, "lamp", tried.served.clock.now())
    status, answer = await call(former, route, "lamp", tried.theirs)
    assert status == 404, answer
    assert SECRET not in answer


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.method != "GET" and route.needs is not Needs.OPEN],
    ids=name_of,
)
async def test_no_change_is_made_for_a_page_of_another_site(tried: Tried, route: ApiRoute) -> None:
    owner = await hire(tried.served, {"tea": "owner"}, is_admin=True)
    for options in ({"csrf": "wrong"}, {"csrf": ""}, {"headers": {"Origin": "https://evil.example"}}):
        status, answer = await call(owner, route, "tea", tried.mine, **options)  # type: ignore[arg-type]
        assert status == 403, answer


@pytest.mark.parametrize("route", [route for route in ROUTES if route.needs is Needs.ADMIN], ids=name_of)
async def test_what_is_for_admins_is_refused_to_others(tried: Tried, route: ApiRoute) -> None:
    owner = await hire(tried.served, {"tea": "owner", "lamp": "owner"})
    status, _ = await call(owner, route, "tea", {"account": owner.account.id})
    assert status == 403


async def test_what_spans_shops_holds_those_of_ones_own_memberships_alone(tried: Tried) -> None:
    agent = await hire(tried.served, {"tea": "agent"})
    for path in (
        "/queue?states=open,snoozed,closed",
        "/search?q=发什么快递",
        f"/search?q={SECRET}",
        "/me",
        "/shops",
    ):
        status, answer = await agent.call("GET", path)
        assert status == 200
        assert SECRET not in json.dumps(answer, ensure_ascii=False)
        assert '"lamp"' not in json.dumps(answer)


async def test_a_colleagues_draft_and_phrases_are_his_own(tried: Tried) -> None:
    colleague = await hire(tried.served, {"tea": "owner"})
    _, whole = await colleague.call("GET", f"/shops/tea/conversations/{tried.mine['conversation']}")
    assert whole["draft"] == ""
    _, own = await colleague.call("GET", "/shops/tea/phrases/own")
    assert own == {"phrases": []}


def messages_for(shop: str, conversation: str, image: str) -> dict[str, dict[str, Any]]:
    """Return one message of each type that names a shop."""
    about = {"shop": shop, "conversation": conversation}
    return {
        "open": about,
        "typing": {**about, "on": True},
        "send": {**about, "text": "亲，在的", "key": "k-1"},
        "send with an image": {**about, "type": "send", "image": image, "key": "k-2"},
        "undo": {"shop": shop, "key": "k-1"},
    }


def test_every_type_of_message_is_tried_here() -> None:
    named = {each.get("type", kind) for kind, each in messages_for("s", "c", "i").items()}
    assert named | {"hello", "presence", "ping"} == set(MODELS)


@pytest.mark.parametrize("kind", messages_for("s", "c", "i"))
@pytest.mark.parametrize("case", ["a stranger", "ids of another shop", "a former member"])
async def test_no_message_reaches_another_shop(tried: Tried, kind: str, case: str) -> None:
    served, store = tried.served, tried.served.engine.parts.conversations
    person = await hire(
        served, {"tea": "owner"} if case == "a stranger" else {"tea": "owner", "lamp": "owner"}
    )
    shop = "tea" if case == "ids of another shop" else "lamp"
    message = messages_for(shop, tried.theirs["conversation"], tried.theirs["image"])[kind]
    before = await store.get_conversation("lamp", tried.theirs["conversation"])
    async with person.page() as page:
        if case == "a former member":
            await served.engine.parts.accounts.end_membership(person.account.id, "lamp", served.clock.now())
            await page.hear("removed")
        page.heard.clear()
        await page.say(**{"type": kind, **message})
        heard = await page.all_until_pong()
        told = [each for each in heard if each["type"] not in ("conversation", "message")]
        assert [each["type"] for each in told] in (["error"], ["refused"]), heard
        assert SECRET not in json.dumps(heard, ensure_ascii=False)
    assert await store.get_conversation("lamp", tried.theirs["conversation"]) == before
    assert await store.held_of("lamp", tried.theirs["conversation"]) == []


async def test_a_message_of_a_colleague_cannot_be_taken_back(tried: Tried) -> None:
    await teach_guard(tried.served)
    first, second = await hire(tried.served, {"tea": "agent"}), await hire(tried.served, {"tea": "owner"})
    async with first.page() as page, second.page() as other:
        await page.say(
            type="send", shop="tea", conversation=tried.mine["conversation"], text="在的", key="k-1"
        )
        await page.hear("held")
        await other.say(type="undo", shop="tea", key="k-1")
        await other.hear("refused")
    held = await tried.served.engine.parts.conversations.held_of("tea", tried.mine["conversation"])
    assert [each.message.key for each in held] == ["k-1"]
