"""The real Rasa: its server's life and death, its door, and what it understands."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import psutil
import pytest

from bot.nlu.cache import CachedClassifier
from bot.nlu.client import RasaClassifier
from bot.nlu.process import RasaProcess
from bot.ports import ClassifierUnavailable
from tests.contract.classifier_contract import ClassifierContract
from tests.integration.rasa_models import RASA_PYTHON, ROOT, project_model

PATIENCE = 120.0
SECRET_MESSAGE = "请把发票寄到没人知道的地方"

_OWNER = """
import asyncio, sys
from pathlib import Path
from bot.nlu.process import RasaProcess

async def main():
    process = RasaProcess(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), model=Path(sys.argv[4]))
    await process.start()
    while process.pid is None:
        await asyncio.sleep(0.01)
    print(process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - other processes have no event to wait for
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def rasa(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RasaProcess]:
    """One server for the whole file; a test that kills it waits until it is back."""
    model = await asyncio.to_thread(project_model)
    process = RasaProcess(tmp_path_factory.mktemp("rasa"), ROOT, RASA_PYTHON, model=model, first_pause=0.05)
    await process.start()
    await until(lambda: process.state == "running")
    yield process
    await process.stop()


@pytest.fixture
async def real(rasa: RasaProcess) -> AsyncIterator[RasaClassifier]:
    made = RasaClassifier(rasa.url, rasa.token, 5.0, starting=rasa.is_starting, probe_seconds=0.05)
    await made.start()
    await until(lambda: made.state == "ready")
    yield made
    await made.close()


class TestRealClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self, real: RasaClassifier) -> RasaClassifier:
        return real

    async def test_the_model_is_named(self, real: RasaClassifier) -> None:
        assert real.model.startswith(project_model().name)

    @pytest.mark.parametrize(
        ("text", "name", "value"),
        [
            ("发顺丰吗", "courier", "顺丰"),
            ("新疆包邮吗", "region", "新疆"),
            ("能开专票吗", "invoice_type", "专票"),
            ("发到buyer@example.com", "email", "buyer@example.com"),
        ],
    )
    async def test_entities_are_found(self, real: RasaClassifier, text: str, name: str, value: str) -> None:
        entities = (await real.classify(text)).entities
        assert (name, value) in [(item.name, item.value) for item in entities]


class TestCachedRealClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self, real: RasaClassifier) -> CachedClassifier:
        return CachedClassifier(real, version=lambda: real.model)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"),
        ("POST", "/model/parse"),
        ("POST", "/model/train"),
        ("PUT", "/model"),
        ("GET", "/domain"),
        ("GET", "/conversations/any:one/tracker"),
        ("POST", "/conversations/any:one/messages"),
    ],
)
async def test_nothing_is_answered_without_the_token(rasa: RasaProcess, method: str, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        for query in ("", "?token=", "?token=wrong"):
            async with session.request(method, rasa.url + path + query, json={"text": "你好"}) as response:
                assert response.status == 401


async def test_there_is_no_public_channel(rasa: RasaProcess) -> None:
    async with aiohttp.ClientSession() as session:
        for path in ("/webhooks/rest/webhook", "/webhooks/rest/", "/socket.io/"):
            async with session.post(rasa.url + path, json={"sender": "a", "message": "你好"}) as response:
                assert response.status == 404


async def test_it_listens_on_loopback_only(rasa: RasaProcess) -> None:
    listening = [
        c.laddr.ip for c in psutil.Process(rasa.pid).net_connections() if c.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


async def test_the_token_shows_neither_in_the_process_list_nor_in_the_environment(rasa: RasaProcess) -> None:
    process = psutil.Process(rasa.pid)
    assert rasa.token not in " ".join(process.cmdline())
    assert rasa.token not in json.dumps(process.environ())


async def test_our_settings_do_not_reach_its_environment(rasa: RasaProcess) -> None:
    passed = psutil.Process(rasa.pid).environ()
    assert not [name for name in passed if name.startswith(("KUAIHUI_", "PG"))]
    assert passed["RASA_TELEMETRY_ENABLED"] == "false"


async def test_neither_messages_nor_the_token_are_logged(rasa: RasaProcess, real: RasaClassifier) -> None:
    await real.classify(SECRET_MESSAGE)
    logged = "".join(path.read_text(encoding="utf-8") for path in (rasa.data_dir / "logs").glob("rasa.log*"))
    assert SECRET_MESSAGE not in logged
    assert rasa.token not in logged


async def test_a_killed_server_is_started_again_at_the_same_address(
    rasa: RasaProcess, real: RasaClassifier
) -> None:
    url, pid = rasa.url, rasa.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: rasa.state != "running")
    with pytest.raises(ClassifierUnavailable):
        await real.classify("发货")
    await until(lambda: rasa.state == "running" and real.state == "ready")
    assert (rasa.url, rasa.pid != pid) == (url, True)
    assert (await real.classify("可以开发票吗")).intents[0].group == "invoice"


async def test_nothing_is_left_when_its_owner_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _OWNER, str(tmp_path), str(ROOT), str(RASA_PYTHON), str(project_model())]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:  # noqa: ASYNC220
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [server], PATIENCE)
    assert not alive


async def test_stopping_leaves_nothing_and_may_be_repeated(tmp_path: Path) -> None:
    process = RasaProcess(tmp_path, ROOT, RASA_PYTHON, model=project_model())
    await process.start()
    await until(lambda: process.pid is not None)
    server = psutil.Process(process.pid)
    await process.stop()
    await process.stop()
    assert not server.is_running()
    assert process.state == "stopped"


async def test_what_is_missing_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ClassifierUnavailable, match="make setup"):
        await RasaProcess(tmp_path, ROOT, tmp_path / "python", model=tmp_path).start()
    with pytest.raises(ClassifierUnavailable, match="kuaihui train"):
        await RasaProcess(tmp_path, ROOT, RASA_PYTHON, model=tmp_path / "none.tar.gz").start()


async def test_a_server_that_cannot_run_says_why_and_is_tried_again(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not a model")
    process = RasaProcess(tmp_path, ROOT, RASA_PYTHON, model=broken)
    await process.start()
    await until(lambda: process.state == "restarting")
    assert process.problem
    await process.stop()
