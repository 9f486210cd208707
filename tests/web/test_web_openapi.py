"""openapi.json: valid, complete, and true of what the server answers."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.web.authorisation import Needs
from bot.web.openapi import _RESPONSES, openapi_document
from bot.web.routes import ROUTES, ApiRoute
from tests.web.calls import body_of, name_of
from tests.web.memory_app import ORDERS, SUGGESTION, Served, serve

KNOWN = {
    "shop": "tea",
    "suggestion": SUGGESTION,
    "entry": "courier",
    "sku": "shirt-black-l",
    "order": ORDERS["tea"],
}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@asynccontextmanager
async def closing(served: Served) -> AsyncIterator[Served]:
    yield served
    await served.client.close()
    await served.engine.close()


@pytest.fixture
def address() -> Iterator[tuple[str, str]]:
    """Address and token of an application that runs in a thread of its own: the checks below are not asynchronous."""
    ready: threading.Event = threading.Event()
    found: list[Any] = []

    async def run() -> None:
        async with closing(await serve()) as served:
            stop = asyncio.Event()
            found.extend(
                [
                    str(served.client.make_url("/")).rstrip("/"),
                    served.tokens["both"],
                    stop,
                    asyncio.get_running_loop(),
                ]
            )
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(30)
    url, token, stop, loop = found
    yield url, token
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


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_what_the_server_answers_is_as_described(address: tuple[str, str], route: ApiRoute) -> None:
    url, token = address
    schema = schemathesis.openapi.from_dict(openapi_document())
    schema.config.update(base_url=url)
    operation = schema[route.path][route.method]

    def call(case: Any) -> int:
        case.path_parameters = {name: KNOWN.get(name, "none-such") for name in case.path_parameters or {}}
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
        return int(answer.status_code)

    right: dict[str, Any] = {"media_type": "application/json", "body": body_of(route)} if route.body else {}
    names = {name: KNOWN.get(name, "none-such") for name in re.findall(r"\{(\w+)\}", route.path)}
    # A token does nothing where a person must be signed in; who signs in here is unknown.
    expected = route.answers if route.needs is Needs.TOKEN or route.path.endswith("/health") else (401,)
    assert call(operation.Case(path_parameters=names, **right)) in expected

    @settings(max_examples=10, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy())
    def call_with_anything(case: Any) -> None:
        call(case)

    call_with_anything()
