"""The embedder process as it runs: started, asked, killed, restarted, stopped, and gone with its parent."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from bot.ports import EmbedderUnavailable
from bot.retrieval.embedder import BUNDLED_MODEL
from bot.retrieval.embedder_supervisor import EmbedderProcess
from bot.retrieval.remote_embedder import RemoteEmbedder
from tests.contract.embedder_contract import EmbedderContract

PATIENCE = 120.0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="kh-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
async def process(folder: Path) -> AsyncIterator[EmbedderProcess]:
    supervisor = EmbedderProcess(str(BUNDLED_MODEL), folder)
    await supervisor.start()
    await supervisor.wait_ready(PATIENCE)
    yield supervisor
    pid = supervisor.pid
    await supervisor.stop()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert not supervisor.socket.exists()


class TestEmbedderProcess(EmbedderContract):
    @pytest.fixture
    async def embedder(self, process: EmbedderProcess) -> AsyncIterator[RemoteEmbedder]:
        remote = RemoteEmbedder(process.socket)
        await remote.wait_ready(PATIENCE)
        yield remote
        await remote.close()

    async def test_the_ready_signal_names_the_model(
        self, process: EmbedderProcess, embedder: RemoteEmbedder
    ) -> None:
        notice = await process.wait_ready()
        assert (notice.fingerprint, notice.dimension) == (embedder.fingerprint, 256)

    async def test_a_killed_process_is_started_again_and_clients_find_it(
        self, process: EmbedderProcess, embedder: RemoteEmbedder
    ) -> None:
        assert process.pid is not None
        old = process.pid
        os.kill(old, signal.SIGKILL)
        newcomer = RemoteEmbedder(process.socket)
        await newcomer.wait_ready(PATIENCE)
        assert (await embedder.encode(["发货"]) == await newcomer.encode(["发货"])).all()
        assert process.pid != old
        await newcomer.close()

    async def test_a_second_process_on_the_socket_is_refused(
        self, process: EmbedderProcess, folder: Path
    ) -> None:
        status = await asyncio.to_thread(
            lambda: os.spawnv(os.P_WAIT, sys.executable, _command(process.socket, BUNDLED_MODEL))
        )
        assert status == 3
        assert (await RemoteEmbedder(process.socket).encode(["发货"])).any()


def _command(socket: Path, model: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "bot.retrieval.embedder_process",
        "--socket",
        str(socket),
        "--model",
        str(model),
    ]


async def test_a_model_that_cannot_be_used_is_said_and_not_tried_again(tmp_path: Path, folder: Path) -> None:
    private = folder / "other"
    private.mkdir(mode=0o700)
    supervisor = EmbedderProcess(str(tmp_path / "gone"), private)
    await supervisor.start()
    with pytest.raises(EmbedderUnavailable, match="there is no folder"):
        await supervisor.wait_ready(PATIENCE)
    assert supervisor.state == "down"
    await supervisor.stop()


async def test_before_it_is_started_nothing_is_ready(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="not started"):
        await EmbedderProcess("bundled", tmp_path).wait_ready()


@pytest.mark.parametrize("where", ["open", "missing", "d" * 110])
def test_a_folder_that_others_may_enter_or_that_cannot_be_used_is_refused(where: str, folder: Path) -> None:
    path = folder / where
    if where == "open":
        path.mkdir()
        path.chmod(0o755)
    command = ["--socket", str(path / "s"), "--model", str(BUNDLED_MODEL)]
    assert _main_apart(command) == 3


def _main_apart(command: list[str]) -> int:
    return os.spawnv(
        os.P_WAIT, sys.executable, [sys.executable, "-m", "bot.retrieval.embedder_process", *command]
    )


async def test_the_process_ends_when_its_parent_is_killed(folder: Path) -> None:
    private = folder / "orphan"
    private.mkdir(mode=0o700)
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from bot.retrieval.embedder_supervisor import EmbedderProcess\n"
        "async def run():\n"
        "    process = EmbedderProcess(sys.argv[1], Path(sys.argv[2]))\n"
        "    await process.start()\n"
        "    await process.wait_ready()\n"
        "    print(process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(run())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(BUNDLED_MODEL), str(private), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    await asyncio.to_thread(child.wait, 10)
    assert not child.is_running()
