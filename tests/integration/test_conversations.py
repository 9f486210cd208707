"""The dialogues of intents/ and actions/, played: tests/conversations/test_*.yml over the real Rasa and our real actions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.bootstrap.dialogues import actions_url, open_action_listener, serve_actions
from bot.bootstrap.engine import Engine
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.settings import Settings
from bot.storage.memory import Memory
from tests.integration.conversation_tests import PlayedConversation, load_packs, play, read_topics
from tests.integration.rasa_models import RASA_PYTHON, ROOT, project_model
from tests.web.memory_app import StandingClock, parts

_PATIENCE = 120.0
_TOPICS = read_topics()


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[Engine]:
    """The use cases over the demo's shops, in memory, on a day that stands still."""
    made = Engine(parts(StandingClock(), Memory()))
    await load_packs(made)
    yield made
    made.live_shops.close()


@pytest.fixture(scope="module")
async def dialogue(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> AsyncIterator[RasaDialogue]:
    """Rasa with the project's own model, its actions run by the engine."""
    model = await asyncio.to_thread(project_model)
    with open_action_listener(Settings()) as listener:
        process = RasaProcess(
            tmp_path_factory.mktemp("rasa"), ROOT, RASA_PYTHON, model=model, actions_url=actions_url(listener)
        )
        await process.start()
        try:
            async with asyncio.timeout(_PATIENCE):
                while process.state != "running":  # noqa: ASYNC110 - another process has no event to wait for
                    await asyncio.sleep(0.02)
            async with serve_actions(engine, process.secret, listener):
                held = RasaDialogue(process.url, process.secret, lambda: "ready", timeout=10)
                await held.start()
                yield held
                await held.close()
        finally:
            await process.stop()


@pytest.mark.parametrize(
    ("shop", "played", "number"),
    [
        pytest.param(shop, played, number, id=f"{file}: {played.name}")
        for number, (file, shop, played) in enumerate(_TOPICS)
    ],
)
async def test_a_conversation_goes_as_written(
    engine: Engine, dialogue: RasaDialogue, shop: str, played: PlayedConversation, number: int
) -> None:
    await play(engine, dialogue, shop, played, number)
