"""The process that holds the embedding model for all web workers and commands, and answers them over a Unix socket.

Run by `python -m bot.retrieval.embedder_process --socket PATH --model FOLDER_OR_NAME`. It writes one line of JSON to standard
output: {"fingerprint", "dimension"} when it is ready, {"error"} when it cannot start; then it serves until it is told to stop
or its parent is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bot.ports import EmbedderUnavailable
from bot.retrieval.embedder import SentenceTransformerEmbedder, is_folder_setting
from bot.retrieval.embedder_server import EmbedderServer
from bot.retrieval.embedder_wire import ModelNotice

CANNOT_START: Final = 3
_MAX_SOCKET_PATH: Final = 100
_PARENT_CHECK_SECONDS: Final = 2.0
_PR_SET_PDEATHSIG: Final = 1

_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; return the exit status."""
    options = _parse(arguments)
    if options.parent is not None:
        _die_with(options.parent)
    _quieten(options.model)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s embedder %(levelname)s %(message)s")
    try:
        asyncio.run(_serve(options.socket, options.model, options.dimension, options.parent))
    except EmbedderUnavailable as error:
        _tell({"error": str(error)})
        return CANNOT_START
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="embedder_process", description=__doc__)
    parser.add_argument(
        "--socket", type=Path, required=True, help="where to listen; its folder must be private (0700)"
    )
    parser.add_argument("--model", required=True, help="folder or name of a sentence-transformers model")
    parser.add_argument("--dimension", type=int, help="refuse a model whose vectors are not of this length")
    parser.add_argument("--parent", type=int, help="stop when this process, our parent, is gone")
    return parser.parse_args(arguments)


def _die_with(parent: int) -> None:
    """Ask Linux for a SIGTERM at the parent's death; elsewhere, and for a death before this line, `_serve` looks itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def _quieten(model: str) -> None:
    """Keep the libraries off the terminal and, with a model that is here, off the network. Before they are imported."""
    os.environ.update(
        TOKENIZERS_PARALLELISM="false", HF_HUB_DISABLE_PROGRESS_BARS="1", TRANSFORMERS_VERBOSITY="error"
    )
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    if is_folder_setting(model):
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")


async def _serve(path: Path, model: str, dimension: int | None, parent: int | None) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    embedder = SentenceTransformerEmbedder(model, dimension)
    listener = _listen(path)
    try:
        await embedder.warm_up()
        notice = ModelNotice(embedder.fingerprint, embedder.dimension)
        server = EmbedderServer(embedder.encode_now, notice)
        endpoint = await loop.create_unix_server(server.open_connection, sock=listener, backlog=256)
        _tell(asdict(notice))
        await _until_stopped(stopping, parent)
        endpoint.close()
        server.close()
    finally:
        listener.close()
        _remove(path)


async def _until_stopped(stopping: asyncio.Event, parent: int | None) -> None:
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), _PARENT_CHECK_SECONDS)
        except TimeoutError:
            if parent is not None and os.getppid() != parent:
                return


def _listen(path: Path) -> socket.socket:
    """Return a socket bound at `path` that is not listening yet. Raises EmbedderUnavailable where it may not be."""
    if len(os.fsencode(path)) > _MAX_SOCKET_PATH:
        raise EmbedderUnavailable(
            f"the socket path {path} is longer than {_MAX_SOCKET_PATH} bytes; use a shorter folder"
        )
    try:
        mode = path.parent.stat().st_mode
    except OSError as error:
        raise EmbedderUnavailable(
            f"the socket's folder {path.parent} cannot be used: {error.strerror}"
        ) from error
    if not stat.S_ISDIR(mode) or mode & 0o077:
        raise EmbedderUnavailable(
            f"the socket's folder {path.parent} must be open to its owner only (chmod 700)"
        )
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise EmbedderUnavailable(f"the socket {path} cannot be made: {error.strerror}") from error
    return listener


def _remove_stale(path: Path) -> None:
    """Remove the socket that a killed process left. Raises EmbedderUnavailable when somebody still listens there."""
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            _remove(path)
            return
    raise EmbedderUnavailable(f"another process serves on {path}")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _tell(content: dict[str, object]) -> None:
    try:
        print(json.dumps(content), flush=True)
    except BrokenPipeError:
        _log.warning("nobody reads the embedder's standard output")


if __name__ == "__main__":
    sys.exit(main())
