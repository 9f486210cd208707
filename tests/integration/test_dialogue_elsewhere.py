"""A Rasa that was started by hand, as docs/dialogues.md says, holds the same dialogues."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from bot.nlu.dialogue import RasaDialogue
from bot.nlu.environment import rasa_environment
from tests.contract.dialogue_contract import tell
from tests.integration.dialogue_probe import ProbeSite, probe_model
from tests.integration.rasa_models import RASA_PYTHON, ROOT

_SECRET = "a-secret-of-both-machines"
_PATIENCE = 120.0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _write_credentials(path: Path, actions_url: str) -> Path:
    channel = {"secret": _SECRET, "actions_url": actions_url}
    path.write_text(yaml.safe_dump({"bot.nlu.dialogue_channel.DialogueChannel": channel}), encoding="utf-8")
    return path


async def _until_it_answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(_PATIENCE):
        while True:
            try:
                async with session.get(f"{url}/status?token=token") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[str, ProbeSite]]:
    """`rasa run` with our channel among its credentials."""
    model, site, port = await asyncio.to_thread(probe_model), ProbeSite(), _free_port()
    credentials = _write_credentials(tmp_path / "credentials.yml", site.url)
    command = ["run", "-i", "127.0.0.1", "-p", str(port), "-m", str(model), "--enable-api"]
    command += ["--auth-token", "token", "--credentials", str(credentials), "--endpoints", "endpoints.yml"]
    environment = {**rasa_environment(tmp_path / "scratch"), "HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(RASA_PYTHON), "-m", "rasa", *command, cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        async with site.served(_SECRET):
            await _until_it_answers(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", site
    finally:
        process.kill()
        await process.wait()


async def test_a_rasa_elsewhere_holds_dialogues_by_its_credentials(elsewhere: tuple[str, ProbeSite]) -> None:
    url, site = elsewhere
    dialogue = RasaDialogue(url, _SECRET, lambda: "ready", timeout=10)
    await dialogue.start()
    turn = await tell(dialogue, "能开发票吗", "某某公司", "123")
    await dialogue.close()
    assert "某某公司，123" in turn.bubbles[0].text
    assert set(site.places) == {("life", "c1")}
