"""Become Rasa's HTTP server: runs inside the Rasa environment (Python 3.10 or 3.11) as ``python -m bot.nlu.launcher``.

What it must know comes as one JSON line on standard input (so that the token shows neither in the process list nor in the
environment): ``{"token", "model", "endpoints", "socket", "parent", "dialogues"}``; ``dialogues`` is ``{"secret", "actions_url"}``,
or null where none are held (bot/nlu/dialogue_channel.py). Standard input then stays open as a lifeline: when
it ends, the process that started us is gone, however it died, and so are we. Standard output says ``ready`` once the model
is loaded and the socket accepts; logs go to standard error, at level WARNING, so without any message text.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import socket
import sys
import threading
from typing import Any

_PR_SET_PDEATHSIG = 1
KEEP_ALIVE_SECONDS = 75


def die_with_parent(parent: int) -> None:
    """On Linux, ask the kernel to kill us with our parent; it may be gone before we asked."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)


def hold_lifeline(descriptor: int) -> None:
    """Kill this process's whole group when `descriptor` ends: works where the kernel does not do it for us."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(descriptor, 4096):
                pass
        if os.getpgid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def read_settings(descriptor: int) -> dict[str, Any]:
    """Return the JSON object on the first line, reading not a byte more."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            raise SystemExit("bot.nlu.launcher is started by `kuaihui serve`, not by hand")
        line += byte
    settings: dict[str, Any] = json.loads(line)
    return settings


def serve(settings: dict[str, Any]) -> None:
    """Load the model and serve until SIGTERM."""
    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings, update_sanic_log_level
    from rasa.utils.log_utils import configure_structlog

    from bot.nlu.dialogue_channel import MOST_BYTES, DialogueChannel

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    configure_logging_and_warnings(log_level=logging.WARNING)
    configure_structlog(logging.WARNING)
    update_sanic_log_level()
    logging.getLogger("jieba").setLevel(logging.WARNING)
    endpoints = AvailableEndpoints.read_endpoints(settings["endpoints"])
    app = rasa.core.run.configure_app(
        input_channels=[DialogueChannel(**settings["dialogues"])] if settings["dialogues"] else None,
        cors=None,
        auth_token=settings["token"],
        enable_api=True,
        endpoints=endpoints,
        keep_alive_timeout=KEEP_ALIVE_SECONDS,
    )

    app.config.REQUEST_MAX_SIZE = MOST_BYTES

    async def load(app: Any, loop: Any) -> None:
        agent = await rasa.core.run.load_agent_on_start(settings["model"], endpoints, None, app, loop)
        # The first parse loads dictionaries: no buyer shall wait for them.
        await agent.parse_message("你好")

    async def say_ready(app: Any, loop: Any) -> None:
        print("ready", flush=True)

    app.register_listener(load, "before_server_start")
    app.register_listener(say_ready, "after_server_start")
    app.register_listener(rasa.core.run.close_resources, "after_server_stop")
    listening = socket.socket(fileno=settings["socket"])
    app.run(sock=listening, workers=1, access_log=False, motd=False, debug=False, auto_reload=False)


def main() -> None:
    settings = read_settings(0)
    hold_lifeline(0)
    die_with_parent(settings["parent"])
    serve(settings)


if __name__ == "__main__":
    main()
