"""Dialogues over the real Rasa: through our channel, with actions on our site."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.domain.dialogue_secret import SECRET_HEADER
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.ports.dialogue import DialogueUnavailable
from tests.contract.dialogue_contract import DialogueContract, tell
from tests.integration.dialogue_probe import ProbeSite, probe_model
from tests.integration.rasa_models import RASA_PYTHON, ROOT

_PATIENCE = 120.0
_WORDS = "把发票开给没人知道的公司"


async def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110 - other processes have no event to wait for
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def site() -> ProbeSite:
    return ProbeSite()


@pytest.fixture(scope="module")
async def rasa(tmp_path_factory: pytest.TempPathFactory, site: ProbeSite) -> AsyncIterator[RasaProcess]:
    """One server for the whole file, the actions beside it; a test that kills it waits until it is back."""
    model = await asyncio.to_thread(probe_model)
    folder = tmp_path_factory.mktemp("rasa")
    process = RasaProcess(folder, ROOT, RASA_PYTHON, model=model, actions_url=site.url, first_pause=0.05)
    await process.start()
    try:
        async with site.served(process.secret):
            await until(lambda: process.state == "running")
            yield process
    finally:
        await process.stop()


@pytest.fixture
async def real(rasa: RasaProcess) -> AsyncIterator[RasaDialogue]:
    dialogue = RasaDialogue(
        rasa.url, rasa.secret, lambda: "ready" if rasa.state == "running" else "warming", timeout=10
    )
    await dialogue.start()
    yield dialogue
    await dialogue.close()


class TestRealDialogue(DialogueContract):
    @pytest.fixture
    def dialogue(self, real: RasaDialogue) -> RasaDialogue:
        return real


async def test_actions_stand_in_the_shop_that_the_dialogue_is_named_after(
    real: RasaDialogue, site: ProbeSite
) -> None:
    site.places.clear()
    await tell(real, "能开发票吗", "shop=food food:c9", shop="life", conversation="c7")
    assert set(site.places) == {("life", "c7")}


async def test_words_in_english_are_answered_in_english(real: RasaDialogue) -> None:
    assert (await tell(real, "can I get an invoice")).bubbles[0].text == "What is the heading?"


async def test_a_dialogue_goes_on_after_its_server_was_killed(real: RasaDialogue, rasa: RasaProcess) -> None:
    before = await tell(real, "能开发票吗", "某某公司")
    assert rasa.pid is not None
    os.kill(rasa.pid, signal.SIGKILL)
    await until(lambda: rasa.state == "restarting")
    with pytest.raises(DialogueUnavailable):
        await real.take_turn("life", "c1", "123", before.events)
    await until(lambda: rasa.state == "running")
    assert "某某公司，123" in (await real.take_turn("life", "c1", "123", before.events)).bubbles[0].text


async def test_a_dialogue_goes_on_after_the_model_was_trained_anew(
    real: RasaDialogue, rasa: RasaProcess
) -> None:
    grown = await asyncio.to_thread(probe_model, grown=True)
    before = await tell(real, "能开发票吗", "某某公司")
    for model in (grown, probe_model()):
        await rasa.use_model(model)
        await until(lambda: rasa.state == "starting")
        await until(lambda: rasa.state == "running")
        assert "某某公司，123" in (await real.take_turn("life", "c1", "123", before.events)).bubbles[0].text


async def test_a_turn_whose_action_fails_is_no_turn(real: RasaDialogue) -> None:
    with pytest.raises(DialogueUnavailable, match="action_probe_fail"):
        await tell(real, "气死了")


async def test_a_form_that_is_gone_is_not_waited_for(real: RasaDialogue) -> None:
    before = await tell(real, "能开发票吗")
    gone = [
        {name: "gone_form" if value == "probe_form" else value for name, value in event.items()}
        for event in before.events
    ]
    assert (await real.take_turn("life", "c1", "某某公司", gone)).active == ""


async def test_a_long_dialogue_keeps_what_it_knows_in_few_events(real: RasaDialogue) -> None:
    turn = await tell(real, "能开发票吗", "某某公司", *["发什么快递"] * 60)
    assert len(turn.events) < 230
    assert "某某公司，123" in (await real.take_turn("life", "c1", "123", turn.events)).bubbles[0].text


async def test_no_words_are_kept_but_in_slots(real: RasaDialogue) -> None:
    turn = await tell(real, "能开发票吗", "某某公司", "发什么快递")
    assert all("text" not in event for event in turn.events)
    assert not [event for event in turn.events if event["event"] == "bot"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"conversation": "no-shop"}, 400),
        ({"conversation": "life:c1:food"}, 400),
        ({"conversation": "Life:c1"}, 400),
        ({"text": ""}, 400),
        ({"text": 5}, 400),
        ({"past": [5]}, 400),
        ({"past": [{"event": "unheard of"}]}, 400),
        ({"past": {}}, 400),
        ({"more": 1}, 400),
        ({"text": "长" * 1_000_000}, 413),
    ],
)
async def test_the_channel_refuses_what_is_no_turn(
    rasa: RasaProcess, change: dict[str, object], status: int
) -> None:
    body = {"conversation": "life:c1", "text": "在吗", "past": [], **change}
    async with aiohttp.ClientSession(headers={SECRET_HEADER: rasa.secret}) as session:
        data = io.BytesIO(json.dumps(body).encode())
        answer = await session.post(f"{rasa.url}/webhooks/kuaihui/turn", data=data)
        assert answer.status == status


@pytest.mark.parametrize("secret", [None, "", "wrong", "错"])
async def test_both_doors_are_shut_without_the_secret(
    rasa: RasaProcess, site: ProbeSite, secret: str | None
) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with aiohttp.ClientSession(headers=headers) as session:
        for url in (f"{rasa.url}/webhooks/kuaihui/turn", site.url):
            answer = await session.post(url, json={"conversation": "life:c1", "text": "在吗", "past": []})
            assert answer.status == 401


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""


async def test_the_log_of_rasa_holds_no_words(real: RasaDialogue, rasa: RasaProcess) -> None:
    await tell(real, "能开发票吗", _WORDS)
    with pytest.raises(DialogueUnavailable):
        await tell(real, "气死了")
    written = _read(rasa.data_dir / "logs" / "rasa.log")
    assert _WORDS not in written
    assert "气死了" not in written
