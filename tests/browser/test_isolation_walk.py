"""Every route of the running server, called with another shop's ids: nothing is found, and nothing is told."""

from __future__ import annotations

import io
import json
import re
import secrets
from typing import Any

import pytest
from PIL import Image

from bot.domain.account import Right
from bot.web.csrf import HEADER
from bot.web.live_messages import MODELS
from bot.web.routes import ROUTES, ApiRoute
from bot.web.sessions import COOKIE
from tests.browser.buyers import Buyer
from tests.browser.office import A, B, Office, Person
from tests.web.calls import body_of, fill, name_of

WORD = f"赤霞{secrets.token_hex(4)}"
"""A word that stands in shop B alone."""
UNKNOWN = "no-such-shop"
_IMAGE = io.BytesIO()
Image.new("RGB", (8, 8), (120, 30, 60)).save(_IMAGE, format="PNG")
_UPLOADS = ("put_image", "put_entry_image")
_MAKES_ITS_OWN = ("put_phrase", "delete_phrase")
"""Ids that are chosen by who writes: another shop's phrase of the same id is another phrase, and stays as it was."""
OF_A_SHOP = tuple(route for route in ROUTES if "{shop}" in route.path)
FOR_PEOPLE = tuple(route for route in OF_A_SHOP if isinstance(route.needs, Right) or route.right is not None)
_KINDS = ("{shop}", "{table}", "{starter}", "{group}")
"""Names that every shop has alike: they tell of no shop."""
WITH_IDS = tuple(
    route for route in FOR_PEOPLE
    if set(re.findall(r"{[a-z_]+}", route.path)) - {*_KINDS} and route.handler.__name__ not in _MAKES_ITS_OWN
)  # fmt: skip


def a_picture() -> bytes:
    """Return an image that no other shop has."""
    out = io.BytesIO()
    colour = (secrets.randbelow(256), secrets.randbelow(256), secrets.randbelow(256))
    Image.new("RGB", (9, 9), colour).save(out, format="PNG")
    return out.getvalue()


class Theirs:
    """One of everything in shop B, made by its owner."""

    def __init__(self, office: Office, owner: Person, ids: dict[str, str]) -> None:
        self.office = office
        self.owner = owner
        self.ids = ids

    def address_of(self, route: ApiRoute, shop: str) -> str:
        """Return the route's address under the shop, with the ids of B's things."""
        path = route.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        return fill(path, shop)

    async def call(self, person: Person, route: ApiRoute, shop: str) -> tuple[int, str]:
        """Call the route as right as can be; return the status and all that came back."""
        return await raw(person, route.method, self.address_of(route, shop), *content_of(route))


def content_of(route: ApiRoute) -> tuple[bytes | None, str]:
    """Return a right body of the route and its type."""
    if route.handler.__name__ in _UPLOADS:
        return _IMAGE.getvalue(), "image/png"
    body = body_of(route)
    return (None if body is None else json.dumps(body).encode()), "application/json"


async def raw(
    person: Person, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
) -> tuple[int, str]:
    """Return status and text of a call as the person."""
    headers = {HEADER: person.csrf, "Cookie": f"{COOKIE}={person.cookie}", "Content-Type": kind}
    address = person.office.address + path
    async with person.office.http.request(method, address, data=body, headers=headers) as response:
        return response.status, (await response.read()).decode("utf-8", "replace")


@pytest.fixture(scope="module")
async def theirs(office: Office) -> Any:
    """One of everything in B; the agent who is tried is a member of A alone."""
    owner = await office.hire({A: "owner", B: "owner"}, "店主乙")
    asks = Buyer(B)
    await asks.come(office.http, office.address)
    await asks.say(f"{WORD} 你们发什么快递")
    place = f"/shops/{B}/conversations/{asks.conversation}"
    await owner.must("POST", f"{place}/notes", {"text": f"{WORD} 备注"})
    await owner.must("PUT", f"{place}/draft", {"text": f"{WORD} 草稿"})
    await owner.must("PUT", f"/shops/{B}/phrases/phrase-of-b", {"short_code": "zj", "text": f"{WORD} 短语"})
    _, image = await raw(owner, "POST", f"/api/v1{place}/images", _IMAGE.getvalue(), "image/png")
    _, chart = await raw(owner, "POST", f"/api/v1/shops/{B}/entry-images", a_picture(), "image/png")
    entry = {
        "id": f"only-{secrets.token_hex(4)}", "group": "price_promo", "intent": "gift",
        "question": f"{WORD} 是什么", "reply": f"{WORD} 的回复",
    }  # fmt: skip
    await owner.must("POST", f"/shops/{B}/entries", entry)
    found = await owner.must("GET", f"{place}/suggestions")
    assert found["result"]["suggestions"]
    source = await owner.must(
        "POST",
        f"/shops/{B}/sources",
        {"name": WORD, "table": "stock", "kind": "folder", "pattern": "no-such*.csv"},
    )
    hook = {"kind": "webhook", "name": WORD, "enabled": False, "settings": {"url": "https://mall.example/in"}}
    channel = await owner.must("POST", f"/shops/{B}/channels", hook)
    ignored = await owner.must("POST", f"/shops/{B}/asked/ignored", {"text": f"{WORD} 有吗"})
    order = secrets.choice(range(10**15, 10**16))
    await owner.must("PUT", f"/shops/{B}/orders", {"orders": [{"order_no": str(order), "status": "paid"}]})
    products = (await owner.must("GET", f"/shops/{B}/products"))["products"]
    mine = (await owner.must("GET", f"/shops/{A}/products"))["products"]
    known = {variant["sku"] for product in mine for variant in product["variants"]}
    sku = next(
        each["sku"] for product in products for each in product["variants"] if each["sku"] not in known
    )
    ids = {
        "conversation": asks.conversation, "image": json.loads(image)["id"], "phrase": "phrase-of-b",
        "entry_image": json.loads(chart)["id"],
        "entry": entry["id"], "suggestion": found["result"]["suggestions"][0]["id"], "order": str(order), "sku": sku,
        "buyer": (await owner.must("GET", place))["buyer"]["id"], "number": "1",
        "source": source["id"], "key": ignored["key"], "channel": channel["id"], "position": "1",
        # Only a buyer's dialogue makes one: tests/integration/test_isolation_api.py tries one that there is.
        "request": "inv-none-such",
    }  # fmt: skip
    yield Theirs(office, owner, ids)
    await asks.go()
    await owner.must("POST", f"{place}/close?take_over=1", {})


def test_every_id_of_a_route_is_tried_here(theirs: Theirs) -> None:
    named = {part[1:-1] for route in FOR_PEOPLE for part in route.path.split("/") if part.startswith("{")}
    assert named - {kind[1:-1] for kind in _KINDS} == set(theirs.ids)


@pytest.mark.parametrize("route", OF_A_SHOP, ids=name_of)
async def test_to_an_agent_of_another_shop_nothing_of_it_exists(
    theirs: Theirs, single: Person, route: ApiRoute
) -> None:
    status, answer = await theirs.call(single, route, B)
    assert status == (404 if route in FOR_PEOPLE else 403), answer
    assert WORD not in answer


@pytest.mark.parametrize("route", WITH_IDS, ids=name_of)
async def test_an_id_of_another_shop_is_not_found_under_ones_own(theirs: Theirs, route: ApiRoute) -> None:
    # Even who may see both: an id belongs to its shop.
    status, answer = await theirs.call(theirs.owner, route, A)
    assert status in (404, 422), answer
    assert WORD not in answer


async def test_what_was_tried_changed_nothing(theirs: Theirs, single: Person) -> None:
    place = f"/shops/{B}/conversations/{theirs.ids['conversation']}"
    before = json.dumps(await theirs.owner.must("GET", place), sort_keys=True)
    for route in FOR_PEOPLE:
        if route.method != "GET":
            await theirs.call(single, route, B)
            if route in WITH_IDS:
                await theirs.call(theirs.owner, route, A)
    after = await theirs.owner.must("GET", place)
    assert json.dumps({**after}, sort_keys=True) == before
    own = await theirs.owner.must("GET", f"/shops/{B}/phrases/own")
    assert [each["text"] for each in own["phrases"]] == [f"{WORD} 短语"]


async def test_pages_of_another_shop_tell_nothing_of_it(theirs: Theirs, single: Person) -> None:
    status, _ = await raw(single, "GET", f"/sidebar/{B}/connect")
    assert status == 404
    panel = await raw(single, "GET", f"/sidebar/{B}")
    unknown = await raw(single, "GET", f"/sidebar/{UNKNOWN}")
    assert panel[1].replace(B, "") == unknown[1].replace(UNKNOWN, "")


async def test_what_spans_shops_holds_ones_own_alone(theirs: Theirs, single: Person) -> None:
    for path in ("/queue?states=open,snoozed,closed", f"/search?q={WORD}", "/search?q=快递", "/me", "/shops"):
        status, answer = await raw(single, "GET", f"/api/v1{path}")
        assert status == 200, path
        assert WORD not in answer
        assert f'"{B}"' not in answer, path


async def test_no_message_over_the_socket_reaches_another_shop(theirs: Theirs, single: Person) -> None:
    about = {"shop": B, "conversation": theirs.ids["conversation"]}
    tried: dict[str, dict[str, Any]] = {
        "open": about,
        "typing": {**about, "on": True},
        "send": {**about, "text": "亲，在的", "key": secrets.token_hex(8), "answers": 1},
        "undo": {"shop": B, "key": "any-key"},
    }
    assert set(tried) | {"hello", "presence", "ping"} == set(MODELS)
    headers = {"Cookie": f"{COOKIE}={single.cookie}", "Origin": single.office.address}
    async with single.office.http.ws_connect(f"{single.office.address}/api/v1/live", headers=headers) as live:
        await live.send_json({"type": "hello", "csrf": single.csrf, "feeds": {B: 0, UNKNOWN: 0}})
        for kind, message in tried.items():
            await live.send_json({"type": kind, **message})
        await live.send_json({"type": "ping"})
        heard: list[dict[str, Any]] = []
        while not heard or heard[-1]["type"] != "pong":
            heard.append(await live.receive_json(timeout=15))
    assert sum(each["type"] in ("error", "refused") for each in heard) == len(tried), heard
    # Of a shop that is not one's own no more is told than of one that does not exist.
    lost = {each["shop"] for each in heard if each["type"] == "removed"}
    assert lost in (set(), {B, UNKNOWN})
    told = [each for each in heard if each.get("shop") == B and each["type"] not in ("refused", "removed")]
    assert told == []
    assert WORD not in json.dumps(heard, ensure_ascii=False)
