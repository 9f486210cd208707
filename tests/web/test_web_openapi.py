"""openapi.json: valid, complete, and true of what the server answers."""

from __future__ import annotations

import asyncio
import base64
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.domain.account import Account
from bot.domain.channels import ShopChannel
from bot.domain.entry import EntryDraft
from bot.domain.fact_sources import FactSource, SourceState
from bot.domain.invoices import InvoiceDetails
from bot.ports import Phrase
from bot.web.authorisation import Needs
from bot.web.csrf import HEADER
from bot.web.openapi import _RESPONSES, openapi_document
from bot.web.routes import ROUTES, ApiRoute
from bot.web.sessions import COOKIE
from tests.web.calls import body_of, name_of
from tests.web.memory_app import ORDERS, SUGGESTION, Served, serve
from tests.web.people import hire, says

KNOWN = {
    "shop": "tea",
    "suggestion": SUGGESTION,
    "entry": "courier",
    "sku": "shirt-black-l",
    "order": ORDERS["tea"],
    "starter": "food",
    "table": "stock",
}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@asynccontextmanager
async def closing(served: Served) -> AsyncIterator[Served]:
    yield served
    await served.client.close()
    await served.engine.close()


@dataclass(frozen=True)
class Address:
    """Where an application runs, how a token and a person are let in there, and ids of things that are there."""

    url: str
    token: dict[str, str]
    person: dict[str, str]
    ids: dict[str, str]


async def open_office(served: Served) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers of an admin who owns the shop, and the ids of one of everything in it."""
    boss = await hire(served, {"tea": "owner", "lamp": "owner"}, is_admin=True)
    other = await hire(served, {"tea": "agent"})
    accounts, store = served.engine.parts.accounts, served.engine.parts.conversations
    password = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("four-quiet-horses")
    signing_in = Account("p-signing-in", boss.account.organisation, "kefu1", "客服一")
    await accounts.create_accounts([(signing_in, password)], [])
    await accounts.set_password(boss.account.id, password, must_change=False)
    later = served.clock.now() + timedelta(hours=8)
    await accounts.create_session(boss.account.id, "secret", boss.csrf, later, "test")
    second = await accounts.create_session(boss.account.id, "other", boss.csrf, later, "test")
    talk = (await says(served, "tea", "发什么快递", channel="webhook:hook")).conversation
    conversation = talk.id
    conversing = served.engine.workspace.conversing
    said = await conversing.reply("tea", conversation, boss.account.id, "发顺丰，隔天到", key="said")
    image = await store.put_image("tea", conversation, "image/png", PIXEL)
    await store.put_phrase("tea", boss.account.id, Phrase("own-1", "", "亲"))
    aside = await served.engine.asked.asked.ignore("tea", "能刻字吗", boss.account.id)
    courier = await served.engine.parts.entries.get_entry("tea", KNOWN["entry"])
    await served.engine.parts.entries.put_draft(
        "tea", EntryDraft(courier, boss.account.id, served.clock.now()), None
    )
    source = FactSource("erp", "仓库", "stock", "folder", timedelta(hours=1))
    await served.engine.parts.fact_sources.put_source("tea", source, {}, SourceState(), served.clock.now())
    hook = ShopChannel("hook", "webhook", "商城", settings={"url": "http://127.0.0.1:9/", "vouches": False})
    await served.engine.parts.channels.put_channel("tea", hook, {"secret": "s"}, served.clock.now())
    wanted = InvoiceDetails(is_person=True, heading="个人", email="cai@example.com")
    invoice = await served.engine.talks.invoice_requests.make("tea", conversation, wanted)
    headers = {"Cookie": f"{COOKIE}=secret", HEADER: boss.csrf}
    ids = {
        "account": other.account.id,
        "member_shop": "tea",
        "session": second,
        "conversation": conversation,
        "image": image,
        "entry_image": await served.engine.parts.entries.put_image("tea", "image/png", PIXEL),
        "buyer": talk.buyer.id,
        "number": str(said.message.number),
        "key": aside.key,
        "source": source.id,
        "channel": hook.id,
        "request": invoice.id,
        "position": "1",
    }
    return headers, {**KNOWN, **ids, "phrase": "own-1", "group": "logistics"}


@pytest.fixture
def address() -> Iterator[Address]:
    """An application that runs in a thread of its own: the checks below are not asynchronous."""
    ready: threading.Event = threading.Event()
    found: list[Any] = []

    async def run() -> None:
        async with closing(await serve()) as served:
            stop = asyncio.Event()
            url = str(served.client.make_url("/")).rstrip("/")
            token = {"Authorization": f"Bearer {served.tokens['both']}"}
            found.extend((Address(url, token, *await open_office(served)), stop, asyncio.get_running_loop()))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    address, stop, loop = found
    yield address
    loop.call_soon_threadsafe(stop.set)
    thread.join()


async def test_the_description_is_served_to_all_and_names_every_route(served: Served) -> None:
    status, document = await served.call("GET", "/openapi.json", token=None)
    assert status == 200
    assert document == openapi_document()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert not any(path.startswith("/try") for path in document["paths"])


def test_every_operation_is_told_apart_and_explained() -> None:
    operations = [operation for item in openapi_document()["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"].endswith(".")


def test_the_description_is_valid() -> None:
    schemathesis.openapi.from_dict(openapi_document()).validate()


def test_every_reference_leads_somewhere() -> None:
    document = openapi_document()
    references = set(re.findall(r"'\$ref': '#/components/schemas/(\w+)'", str(document)))
    assert references
    assert references <= set(document["components"]["schemas"])


def test_no_description_of_an_answer_replaces_that_of_a_body() -> None:
    bodies = {route.body.__name__ for route in ROUTES if route.body is not None}
    assert bodies.isdisjoint(_RESPONSES)
    assert set(_RESPONSES) <= set(openapi_document()["components"]["schemas"])


def test_what_each_operation_asks_for_is_described_as_the_table_says() -> None:
    document = openapi_document()
    assert document["security"] == [{"token": []}, {"session": []}]
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        asked = operation.get("security", document["security"])
        assert (asked == []) == (route.needs is Needs.OPEN)
        assert ({"token": []} in asked) == (route.needs is Needs.TOKEN)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.answers != (101,)], ids=name_of)
def test_what_the_server_answers_is_as_described(address: Address, route: ApiRoute) -> None:
    schema = schemathesis.openapi.from_dict(openapi_document())
    schema.config.update(base_url=address.url)
    headers = address.token if route.needs is Needs.TOKEN else address.person
    operation = schema[route.path][route.method]

    def call(case: Any) -> int:
        case.path_parameters = {name: address.ids[name] for name in case.path_parameters or {}}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        return int(answer.status_code)

    right: dict[str, Any] = {"media_type": "application/json", "body": body_of(route)} if route.body else {}
    names = {name: address.ids[name] for name in re.findall(r"\{(\w+)\}", route.path)}
    if route.handler.__name__ in ("put_image", "put_entry_image"):
        right = {"media_type": "image/png", "body": PIXEL}
    assert call(operation.Case(path_parameters=names, **right)) in route.answers

    @settings(max_examples=10, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def call_with_anything(case: Any) -> None:
        call(case)

    call_with_anything()
