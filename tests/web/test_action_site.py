"""The site on which Rasa has its actions run."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.saying import say
from bot.domain.dialogue_secret import SECRET_HEADER
from bot.web.action_site import ACTIONS_PATH, create_action_site

_SECRET = "0123456789abcdef"
_WORDS = "把发票开给没人知道的公司"
Client = TestClient[web.Request, web.Application]


class _Played(Action):
    """Does what its name says."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        if self._name == "action_reject":
            raise ActionExecutionRejection(self._name, _WORDS)
        if self._name == "action_break":
            raise RuntimeError(_WORDS)
        say(dispatcher, "还有12件。", "stock")
        return [
            SlotSet("heard", tracker.latest_message["text"]),
            SlotSet("forms", list(domain.get("forms", {}))),
        ]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    names = ("action_say", "action_reject", "action_break")
    site = create_action_site([_Played(name) for name in names], _SECRET)
    async with TestClient(TestServer(site)) as made:
        yield made


async def _call(
    client: Client, name: Any = "action_say", secret: str = _SECRET, **more: Any
) -> tuple[int, Any]:
    tracker = {"sender_id": "life:c1", "latest_message": {"text": _WORDS}, "slots": {}, "events": []}
    body = {"next_action": name, "tracker": tracker, **more}
    async with client.post(ACTIONS_PATH, json=body, headers={SECRET_HEADER: secret}) as answer:
        return answer.status, await answer.json()


async def test_an_action_runs_with_its_tracker_and_domain(client: Client) -> None:
    status, answer = await _call(client, domain={"forms": {"probe_form": {}}})
    assert status == 200
    assert [(event["name"], event["value"]) for event in answer["events"]] == [
        ("heard", _WORDS),
        ("forms", ["probe_form"]),
    ]
    assert [message["text"] for message in answer["responses"]] == ["还有12件。"]


async def test_a_call_without_a_domain_does_not_see_an_earlier_ones(client: Client) -> None:
    await _call(client, domain={"slots": {}})
    assert (await _call(client))[0] == 200


@pytest.mark.parametrize("secret", ["", "0123456789abcdeg", _SECRET + "0", "错"])
async def test_the_secret_is_asked_for(client: Client, secret: str) -> None:
    headers = {SECRET_HEADER: secret.encode().decode("latin-1")}
    async with client.post(ACTIONS_PATH, json={}, headers=headers) as answer:
        assert answer.status == 401


async def test_an_action_that_does_not_apply_says_so_as_rasa_expects(client: Client) -> None:
    status, answer = await _call(client, "action_reject")
    assert (status, answer["action_name"]) == (400, "action_reject")
    assert _WORDS not in str(answer)


async def test_a_broken_action_tells_nothing_but_its_name(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        status, answer = await _call(client, "action_break")
    assert (status, answer) == (500, {"error": "the action failed", "action_name": "action_break"})
    assert "action_break failed: RuntimeError at " in caplog.text
    assert _WORDS not in caplog.text


async def test_an_unknown_action_is_not_there(client: Client) -> None:
    assert (await _call(client, "action_unheard"))[0] == 404


@pytest.mark.parametrize("name", [None, 5, ""])
async def test_a_call_of_no_action_is_refused(client: Client, name: Any) -> None:
    assert (await _call(client, name))[0] in (400, 404)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"next_action": "action_say", "tracker": 5}'])
async def test_a_body_of_another_form_is_refused(client: Client, body: bytes) -> None:
    async with client.post(ACTIONS_PATH, data=body, headers={SECRET_HEADER: _SECRET}) as answer:
        assert answer.status == 400


async def test_a_huge_body_is_refused(client: Client) -> None:
    data = io.BytesIO(b'{"next_action": "' + b"x" * 3_000_000 + b'"}')
    async with client.post(ACTIONS_PATH, data=data, headers={SECRET_HEADER: _SECRET}) as answer:
        assert answer.status == 413


async def test_there_is_one_route(client: Client) -> None:
    for path in ("/", "/health", "/webhook", "/actions/more"):
        async with client.get(path) as answer:
            assert answer.status == 404
    async with client.get(ACTIONS_PATH) as answer:
        assert answer.status == 405
