"""Where the running server lets Rasa have its actions run: inside, with a secret, on every worker, never on the public site."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request

import psutil

from bot.domain.dialogue_secret import SECRET_HEADER
from bot.web.action_site import ACTIONS_PATH
from tests.integration.installations import Server, until


def _post(address: str, secret: str = "") -> int:
    data = json.dumps({"next_action": "action_stock", "tracker": {"sender_id": "yunduo-life:c1"}}).encode()
    request = urllib.request.Request(address + ACTIONS_PATH, data, {SECRET_HEADER: secret})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        return error.code
    return status


def _inner(server: Server, worker: psutil.Process) -> set[tuple[str, int]]:
    """Return where a worker listens besides the public address."""
    public = int(server.address.rsplit(":", 1)[1])
    listening = [each for each in worker.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
    return {(each.laddr.ip, each.laddr.port) for each in listening if each.laddr.port != public}


def _site(server: Server) -> str:
    worker = server.parts("bot.bootstrap.worker")[0]
    ((host, port),) = _inner(server, worker)
    return f"http://{host}:{port}"


def test_every_worker_runs_actions_on_one_inner_address(ready: Server) -> None:
    workers = ready.parts("bot.bootstrap.worker")
    found = [_inner(ready, worker) for worker in workers]
    assert len(found) == 2
    assert found[0] == found[1]
    assert [host for host, _ in found[0]] == ["127.0.0.1"]


def test_nobody_without_the_secret_has_an_action_run(ready: Server) -> None:
    assert _post(_site(ready)) == 401
    assert _post(_site(ready), "0" * 64) == 401


def test_the_public_site_runs_no_actions(ready: Server) -> None:
    assert _post(ready.address) == 404


def test_actions_are_run_while_a_worker_is_gone(ready: Server) -> None:
    site, killed = _site(ready), ready.parts("bot.bootstrap.worker")[0]
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    assert [_post(site) for _ in range(5)] == [401] * 5
    until(lambda: len(ready.parts("bot.bootstrap.worker")) == 2)
    until(lambda: all(_inner(ready, worker) for worker in ready.parts("bot.bootstrap.worker")))
    until(ready.is_ready)
