"""docs/api.md and docs/integrators.md say what the server does: routes, bodies, answers, codes."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from bot.settings import PROJECT_ROOT
from bot.web.authorisation import Needs
from bot.web.bodies import SuggestionBody
from bot.web.errors import CODES
from bot.web.live_messages import MODELS
from bot.web.openapi import openapi_document
from bot.web.routes import ROUTES, ApiRoute
from bot.web.workspace_routes import WORKSPACE_ROUTES
from tests.web.calls import name_of

API = (PROJECT_ROOT / "docs/api.md").read_text(encoding="utf-8")
WORKSPACE = (PROJECT_ROOT / "docs/workspace-api.md").read_text(encoding="utf-8")
INTEGRATORS = (PROJECT_ROOT / "docs/integrators.md").read_text(encoding="utf-8")
DOCUMENTED = tuple(route for route in ROUTES if route.needs is Needs.TOKEN or route.path.endswith("/health"))
"""What programs call. The routes of our own pages are described in openapi.json alone."""
HEADING = re.compile(r"^### `(\w+) (\S+)`$", re.MULTILINE)


def section_of(route: ApiRoute) -> str:
    """Return the text below the route's heading."""
    page = WORKSPACE if route in WORKSPACE_ROUTES else API
    after = page.split(f"### `{route.method} {route.path}`\n", 1)[1]
    return re.split(r"^##", after, maxsplit=1, flags=re.MULTILINE)[0]


def example_of(section: str, kind: str) -> Any:
    """Return the JSON after the paragraph that begins with Request or Response, None when there is none."""
    part = re.search(rf"^{kind}\b(.*?)(?=^Response\b|\Z)", section, re.MULTILINE | re.DOTALL)
    block = re.search(r"```json\n(.*?)```", part[1], re.DOTALL) if part else None
    return json.loads(block[1]) if block else None


def test_every_route_is_documented_once_and_no_other() -> None:
    assert sorted(HEADING.findall(API)) == sorted((route.method, route.path) for route in DOCUMENTED)
    workspace = sorted((route.method, route.path) for route in WORKSPACE_ROUTES)
    assert sorted(HEADING.findall(WORKSPACE)) == workspace


def test_every_message_of_a_page_is_documented() -> None:
    assert set(MODELS) - {"hello"} <= set(re.findall(r"^\| `(\w+)`", WORKSPACE, re.MULTILINE))


@pytest.mark.parametrize(
    "route", [route for route in (*DOCUMENTED, *WORKSPACE_ROUTES) if route.body is not None], ids=name_of
)
def test_the_request_that_is_shown_is_taken(route: ApiRoute) -> None:
    assert route.body is not None
    assert route.body.model_validate(example_of(section_of(route), "Request"))


@pytest.mark.parametrize("route", [*DOCUMENTED, *WORKSPACE_ROUTES], ids=name_of)
def test_the_answer_that_is_shown_is_as_described(route: ApiRoute) -> None:
    section = section_of(route)
    assert re.search(rf"^Response {route.answers[0]}\b", section, re.MULTILINE)
    answer = example_of(section, "Response")
    if answer is not None:
        schema = {
            "$ref": f"#/components/schemas/{route.returns}",
            "components": openapi_document()["components"],
        }
        jsonschema_rs.validate(schema, answer)


def test_every_error_code_is_documented() -> None:
    listed = dict(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", API, re.MULTILINE))
    served = {str(status): code for status, code in CODES.items() if status != 429}
    assert listed == {**served, "500": "internal", "503": "unavailable"}


def test_the_lines_that_integrators_are_shown_are_read() -> None:
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", INTEGRATORS, re.DOTALL)]
    asked, answered, refused = examples
    SuggestionBody.model_validate({key: value for key, value in asked.items() if key != "id"})
    schemas = {"components": openapi_document()["components"]}
    jsonschema_rs.validate({"$ref": "#/components/schemas/SuggestionResult", **schemas}, answered)
    jsonschema_rs.validate({"$ref": "#/components/schemas/Error", **schemas}, refused)
    for body in re.findall(r"-d '(\{.*?\})'$", INTEGRATORS, re.MULTILINE):
        assert json.loads(body)
