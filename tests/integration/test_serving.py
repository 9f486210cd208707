"""`kuaihui serve`: what it says, what it starts, what it survives, and that it leaves nothing behind."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.installations import (
    DEMO_SHOPS,
    LIFE,
    NOWHERE,
    Installation,
    Server,
    alive,
    until,
)

QUESTION = "黑色L码还有货吗什么时候发"
PARTS = ("bot.bootstrap.worker", "embedder_process", "bot.nlu.launcher", "postgres")


def entries_of(answer: dict[str, Any]) -> list[list[str]]:
    return [[part["entry"] for part in suggestion["parts"]] for suggestion in answer["suggestions"]]


def test_it_says_where_it_serves_and_how_to_try_it(served: Server) -> None:
    assert f"{served.address}/try" in served.out
    assert f'kuaihui suggest --shop {LIFE} "' in served.out
    assert f"kuaihui token create --shop {LIFE}" in served.out
    assert "Ctrl-C" in served.out
    assert all(shop in served.err for shop in DEMO_SHOPS)


def test_the_first_suggestion_needs_no_classifier(served: Server) -> None:
    status, answer = served.first_answer
    assert status == 200, answer
    assert answer["classifier"] == "warming"
    assert any("stock-variant" in entries for entries in entries_of(answer))


def test_the_classifier_joins_when_it_is_warm(ready: Server) -> None:
    status, answer = ready.suggest(LIFE, QUESTION)
    assert (status, answer["classifier"]) == (200, "ready")
    assert {intent["intent"] for intent in answer["intents"]} >= {"stock_variant", "ship_when"}


def test_every_part_runs_in_a_session_of_its_own(ready: Server) -> None:
    # So that Ctrl-C in a terminal reaches the server alone, which then ends its parts in order.
    for word in PARTS:
        for part in ready.parts(word):
            assert part.pid != ready.process.pid
            assert part.parent() == ready.process
            assert psutil.Process(part.pid).terminal() is None
    assert len(ready.parts("bot.bootstrap.worker")) == 2


def test_a_second_server_of_the_same_data_folder_is_refused(ready: Server) -> None:
    outcome = ready.installation.run("serve", "--port", "0")
    outcome.refused("already serves", str(ready.process.pid), "KUAIHUI_DATA_DIR")
    assert ready.suggest(LIFE, "发什么快递")[0] == 200
    assert ready.installation.call("shops").status == 0


def test_a_second_server_on_the_same_port_is_refused(ready: Server, still: Installation) -> None:
    port = ready.address.rsplit(":", 1)[1]
    still.run("serve", "--port", port).refused(f"port {port} is in use", "KUAIHUI_PORT")
    assert ready.suggest(LIFE, "发什么快递")[0] == 200


def test_an_address_that_is_not_this_machines_is_refused(still: Installation) -> None:
    still.run("serve", "--host", "192.0.2.1").refused("192.0.2.1", "KUAIHUI_HOST")


def until_replaced(server: Server, word: str, killed: psutil.Process) -> None:
    """Return once another process stands where the killed one stood and suggestions are answered again."""
    until(lambda: [part for part in server.parts(word) if part != killed])
    until(server.works)
    assert [server.suggest(shop, QUESTION)[0] for shop in DEMO_SHOPS] == [200] * 3


@pytest.mark.parametrize("number", [0, 1])
def test_a_killed_web_worker_comes_back_and_no_answer_is_lost_to_it(ready: Server, number: int) -> None:
    killed = ready.parts("bot.bootstrap.worker")[number]
    killed.kill()
    assert not alive([killed])
    # The listening socket outlives the worker: a question that was sent to it waits and is answered.
    assert [ready.suggest(LIFE, QUESTION)[0] for _ in range(8)] == [200] * 8
    until_replaced(ready, "bot.bootstrap.worker", killed)
    assert len(ready.parts("bot.bootstrap.worker")) == 2


def test_a_command_waits_for_the_worker_that_answers_commands(ready: Server) -> None:
    for worker in ready.parts("bot.bootstrap.worker"):
        worker.kill()
    outcome = ready.installation.call("suggest", "--shop", LIFE, "--json", QUESTION)
    assert outcome.status == 0, outcome
    assert outcome.row["suggestions"]
    until(lambda: len(ready.parts("bot.bootstrap.worker")) == 2)


@pytest.mark.parametrize("word", ["embedder_process", "postgres"])
def test_a_killed_part_comes_back_and_is_missed_in_the_right_words(ready: Server, word: str) -> None:
    (killed,) = ready.parts(word)
    killed.kill()
    status, answer = ready.suggest(LIFE, f"{word}不在的时候问这个行不行")
    assert status == 200 or (status, answer["error"]["code"]) == (503, "unavailable"), answer
    until_replaced(ready, word, killed)


def test_suggestions_go_on_while_a_killed_classifier_comes_back(ready: Server) -> None:
    (killed,) = ready.parts("bot.nlu.launcher")
    killed.kill()
    assert not alive([killed])
    status, answer = ready.suggest(LIFE, "亲这个连帽卫衣要多久才能发出来呀")
    assert status == 200
    assert answer["classifier"] in ("warming", "down")
    assert answer["suggestions"]
    until(ready.is_ready)
    assert ready.suggest(LIFE, QUESTION)[1]["classifier"] == "ready"


@pytest.fixture(scope="module")
def mortal(reachable_folder: Path) -> Iterator[Installation]:
    """An installation whose server is ended in every way there is."""
    installation = Installation(reachable_folder / "mortal")
    yield installation
    left = installation.processes()
    for process in left:
        process.kill()
    assert not left


def started(
    installation: Installation, *arguments: str, **settings: str
) -> tuple[Server, list[psutil.Process]]:
    server = Server(installation, *arguments, **settings)
    assert server.address
    assert server.get("/api/v1/health")[0] == 200
    return server, server.family()


def test_after_ctrl_c_nothing_is_left(mortal: Installation) -> None:
    server, family = started(mortal)
    assert all(server.parts(word) for word in PARTS)
    server.signal(signal.SIGINT)
    assert server.process.wait(30) == 0
    assert not alive(family)
    assert not mortal.processes()
    assert "stopping" in server.err
    assert "Traceback" not in server.err
    assert [path.name for path in (mortal.data_dir / "run").iterdir()] == ["serve.lock"]


def test_when_it_is_killed_nothing_is_left_and_it_can_start_at_once(mortal: Installation) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    first, family = started(mortal, "--port", port)
    first.process.kill()
    second, successors = started(mortal, "--port", port, KUAIHUI_RASA_PYTHON=NOWHERE)
    # Each part sees by itself that its parent is gone, and may have something to finish.
    until(lambda: not alive(family), 30)
    assert {process.pid for process in mortal.processes()} <= {process.pid for process in second.family()}
    second.process.terminate()
    assert second.process.wait(30) == 0
    assert not alive(successors)


def test_ctrl_c_while_it_starts_leaves_nothing(mortal: Installation) -> None:
    server = Server(mortal, KUAIHUI_RASA_PYTHON=NOWHERE)
    until(lambda: server.parts("postgres") and server.parts("embedder_process"))
    family = server.family()
    server.signal(signal.SIGINT)
    assert server.process.wait(30) == 0
    assert not alive(family)
    assert "Traceback" not in server.err


def test_without_rasas_environment_it_says_so_and_suggests_from_retrieval(mortal: Installation) -> None:
    assert mortal.call("demo-shops").status == 0
    with Server(mortal, KUAIHUI_RASA_PYTHON=NOWHERE) as server:
        status, answer = server.suggest(LIFE, QUESTION)
        assert (status, answer["classifier"]) == (200, "down")
        assert answer["suggestions"]
        assert "make setup" in server.err


def test_something_else_at_rasas_address_is_not_taken_for_rasa(mortal: Installation, ready: Server) -> None:
    with Server(mortal, KUAIHUI_RASA_URL=ready.address, KUAIHUI_RASA_TOKEN="secret-of-rasa") as server:
        assert server.get("/api/v1/health")[0] == 200
        until(lambda: server.get("/api/v1/health")[1]["classifier"] == "down")
        status, answer = server.suggest(LIFE, QUESTION)
        assert (status, answer["classifier"]) == (200, "down")
        assert answer["suggestions"]
        assert not server.parts("bot.nlu.launcher")
    assert "secret-of-rasa" not in server.err
