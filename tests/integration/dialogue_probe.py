"""A small dialogue of two questions, for trying what holds dialogues: its model, its actions, and the site they run on."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.place import place_of
from actions.saying import ask_person, say_response
from bot.domain.auto_reply import Reason
from bot.nlu.training import train
from bot.web.action_site import ACTIONS_PATH, create_action_site
from tests.integration.rasa_models import RASA_PYTHON, ROOT

Events = list[dict[str, Any]]


@cache
def probe_model(*, grown: bool = False) -> Path:
    """Return the dialogue's model; one that has `grown` knows one more rule."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        shutil.copytree(Path(__file__).parent / "dialogue_project", project)
        os.symlink(ROOT / "bot", project / "bot")
        if grown:
            rules = project / "intents" / "rules" / "probe.yml"
            more = "  - rule: a person is asked for\n    steps:\n      - intent: human_request\n      - action: action_probe_fail\n"
            rules.write_text(rules.read_text(encoding="utf-8") + more, encoding="utf-8")
        kind = "probe-grown" if grown else "probe"
        return train(ROOT / "build" / "test-models" / kind, project, RASA_PYTHON)


class ValidateProbe(Action):
    """Reads what the buyer says while the form waits, and remembers where it was called from."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        self._places = places

    def name(self) -> str:
        return "validate_probe_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        self._places.append(place_of(tracker))
        assert domain["forms"]["probe_form"]["required_slots"] == ["probe_heading", "probe_number"]
        waits, text = tracker.get_slot("requested_slot"), tracker.latest_message["text"]
        if text == "转人工":
            ask_person(dispatcher, Reason.ASKED_FOR_PERSON, urgent=True, open=["发票没开完"])
        if text in ("转人工", "算了"):
            return [SlotSet("probe_heard", "stop"), SlotSet("requested_slot", None)]
        if text == "发什么快递" or not waits:
            return [SlotSet("probe_heard", "aside")]
        return [SlotSet("probe_heard", "answer"), SlotSet(waits, text)]


class AskNumber(Action):
    """Asks for the second slot, or reminds of it."""

    def name(self) -> str:
        return "action_ask_probe_form_probe_number"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        reminds = tracker.get_slot("probe_heard") == "aside"
        heading = tracker.get_slot("probe_heading")
        say_response(
            dispatcher, "utter_probe_number", "invoice", asks=True, reminder=reminds, heading=heading
        )
        return []


class Finish(Action):
    """Confirms, and forgets what was filled in."""

    def name(self) -> str:
        return "action_probe_finish"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        if tracker.get_slot("probe_heard") != "stop":
            say_response(dispatcher, "utter_probe_done", "invoice")
        return [SlotSet(name, None) for name in ("probe_heading", "probe_number", "probe_heard")]


class Fail(Action):
    """Breaks."""

    def name(self) -> str:
        return "action_probe_fail"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        raise RuntimeError(f"broken by {tracker.latest_message['text']}")


class ProbeSite:
    """The dialogue's actions, served; `places` are the shops and conversations in which they ran."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{ACTIONS_PATH}"

    @asynccontextmanager
    async def served(self, secret: str) -> AsyncIterator[None]:
        """Serve for the length of the block."""
        site = create_action_site([ValidateProbe(self.places), AskNumber(), Finish(), Fail()], secret)
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.SockSite(runner, self._listener).start()
        try:
            yield
        finally:
            await runner.cleanup()
