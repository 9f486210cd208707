"""The processes that an engine needs: PostgreSQL, the embedder, Rasa. Started here, ended here, whatever happens."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from bot.bootstrap.channels import all_kinds
from bot.bootstrap.databases import open_database, open_stores
from bot.bootstrap.dialogues import MissingDialogue, actions_url, open_action_listener, serve_actions
from bot.bootstrap.engine import Engine, MissingClassifier, Parts
from bot.bootstrap.workspace import starter_entries
from bot.facts.folder_source import InboxFolders
from bot.facts.http_source import OpenInternetFetcher
from bot.nlu.cache import CachedClassifier
from bot.nlu.client import RasaClassifier
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.nlu.training import TrainingFailed, latest_model, train
from bot.nlu.training_data import InvalidTrainingData
from bot.open_internet import OpenInternet
from bot.ports import IntentClassifier, Unavailable
from bot.ports.dialogue import Dialogue
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.embedder import resolve_model
from bot.retrieval.embedder_supervisor import EmbedderProcess
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.retrieval.remembering_index import RememberingIndexes
from bot.retrieval.remote_embedder import RemoteEmbedder
from bot.run_folder import run_folder
from bot.settings import PROJECT_ROOT, Settings

_log = logging.getLogger(__name__)
_EMBEDDER_SECONDS = 60.0
_RASA_SECONDS = 120.0
_PORT_SECONDS = 4.0
Say = Callable[[str], None]
Prepare = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Needs:
    """Which parts a command needs, besides the database."""

    embedder: bool = False
    classifier: bool = False
    dialogues: bool = False
    wait_for_embedder: bool = True
    wait_for_classifier: bool = False


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the parts of a platform are reached; passed to web workers. "" = not there."""

    app_dsn: str
    embedder_socket: str = ""
    rasa_url: str = ""
    rasa_token: str = ""
    rasa_secret: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain data for another process."""
        return asdict(self)


class Platform:
    """The running parts."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        embedder: EmbedderProcess | None,
        say: Say,
        *,
        patient: bool,
        actions: socket.socket | None = None,
    ) -> None:
        self.settings = settings
        self.endpoints = endpoints
        self.actions = actions
        self._embedder = embedder
        self._say = say
        self._patient = patient

    async def wait_for_embedder(self) -> None:
        """Return once the model answers. Raises EmbedderUnavailable with the reason."""
        if self._embedder is not None:
            await self._embedder.wait_ready()

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """Yield an engine over the platform's parts; with `wait_for_classifier` its classifier has had its time."""
        async with open_engine(self.endpoints, self.settings, self.actions) as engine:
            if self._patient and self.endpoints.rasa_url:
                await _wait_for_classifier(engine.parts.classifier, self._say)
            yield engine

    @asynccontextmanager
    async def classifier(self) -> AsyncIterator[IntentClassifier]:
        """Yield the classifier alone, once it has had its time to start."""
        async with _rasa(self.endpoints, self.settings) as (classifier, _):
            await _wait_for_classifier(classifier, self._say)
            yield classifier


@asynccontextmanager
async def open_platform(
    settings: Settings, needs: Needs, say: Say, prepare: Prepare | None = None
) -> AsyncIterator[Platform]:
    """Yield the running parts; they end with the block. Raises Unavailable with what to do.

    `prepare` is given the application's DSN as soon as the database stands, while the model still loads.
    """
    async with AsyncExitStack() as stack:
        embedder = None
        if needs.embedder:
            folder = stack.enter_context(_own_folder(settings))
            embedder = EmbedderProcess(resolve_model(settings.embedder), folder)
        actions = await _actions(settings) if needs.dialogues else None
        if actions is not None:
            stack.callback(actions.close)
        rasa = None
        if needs.classifier and settings.rasa_url is None:
            rasa = await _rasa_process(settings, say, actions_url(actions) if actions is not None else "")
        stack.push_async_callback(_stop_together, embedder, rasa)
        if embedder is not None:
            await embedder.start()
        if rasa is not None:
            # Retrieval answers without Rasa, not the other way round: unless both are waited for, the embedder goes first.
            first = embedder.wait_ready if embedder is not None and not needs.wait_for_classifier else None
            await rasa.start(first)
        _, app = await stack.enter_async_context(open_database(settings))
        if prepare is not None:
            await prepare(app)
        path = str(embedder.socket) if embedder is not None else ""
        endpoints = Endpoints(app, path, *_rasa_address(settings, rasa, dialogues=actions is not None))
        platform = Platform(
            settings, endpoints, embedder, say, patient=needs.wait_for_classifier, actions=actions
        )
        if needs.wait_for_embedder:
            await platform.wait_for_embedder()
        yield platform


async def _stop_together(*processes: EmbedderProcess | RasaProcess | None) -> None:
    await asyncio.gather(*(process.stop() for process in processes if process is not None))


@contextmanager
def _own_folder(settings: Settings) -> Iterator[Path]:
    """Yield a folder for this process's sockets; those of processes that were killed are removed too."""
    shared = run_folder(settings.resolved_data_dir)
    for left in shared.iterdir():
        if left.name.isdecimal() and not psutil.pid_exists(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    folder = shared / str(os.getpid())
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _actions(settings: Settings) -> socket.socket | None:
    """Return the listener of the actions; None where the Rasa that is used, if there is one, holds no dialogues."""
    if settings.rasa_url is None:
        return open_action_listener(settings) if settings.resolved_rasa_python.exists() else None
    if settings.rasa_secret is None:
        return None
    deadline = asyncio.get_running_loop().time() + _PORT_SECONDS
    while True:
        try:
            return open_action_listener(settings)
        except Unavailable:
            # Workers whose supervisor was killed take a moment to let go of the port.
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.1)


async def _rasa_process(settings: Settings, say: Say, actions: str) -> RasaProcess | None:
    """Return Rasa's process, its model trained if need be; None, with a word, where its environment is missing."""
    python = settings.resolved_rasa_python
    if not python.exists():
        say(
            f"Rasa's environment is not there ({python}): suggestions come from retrieval alone; `make setup` builds it"
        )
        return None
    data = settings.resolved_data_dir
    try:
        # At once when the model of the present intents/ is there; else about a minute.
        model: Path | None = await asyncio.to_thread(train, data, PROJECT_ROOT, python, say)
    except (TrainingFailed, InvalidTrainingData) as error:
        say(f"{error}\nthe model trained before is used, if there is one, until `kuaihui train` succeeds")
        model = latest_model(data)
    if model is None:
        return None
    return RasaProcess(data, PROJECT_ROOT, python, model=model, actions_url=actions)


def _rasa_address(settings: Settings, rasa: RasaProcess | None, *, dialogues: bool) -> tuple[str, str, str]:
    """Return Rasa's URL, its token, and the secret of its dialogues."""
    if settings.rasa_url is not None:
        token, secret = (
            value.get_secret_value() if value is not None else ""
            for value in (settings.rasa_token, settings.rasa_secret)
        )
        return settings.rasa_url, token, secret if dialogues else ""
    return (rasa.url, rasa.token, rasa.secret if dialogues else "") if rasa is not None else ("", "", "")


async def _wait_for_classifier(classifier: IntentClassifier, say: Say) -> None:
    say("waiting for Rasa (20-30 s)…")
    try:
        async with asyncio.timeout(_RASA_SECONDS):
            # The classifier looks by itself, once a second: there is no event to wait for.
            while classifier.state == "warming":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        pass
    if classifier.state != "ready":
        say("Rasa does not answer: suggestions come from retrieval alone")


@asynccontextmanager
async def open_engine(
    endpoints: Endpoints,
    settings: Settings,
    actions: socket.socket | None = None,
    *,
    keep_vectors: bool = False,
    serves: bool = False,
) -> AsyncIterator[Engine]:
    """Yield an engine over running parts; see Engine.start. On `actions` it runs Rasa's. Raises Unavailable."""
    # Only here: FAISS and SciPy take a second to import, and who starts the processes does not search.
    from bot.retrieval.index import FaissEntryIndexes

    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(endpoints.app_dsn))
        remote = RemoteEmbedder(Path(endpoints.embedder_socket))
        stack.push_async_callback(remote.close)
        if endpoints.embedder_socket:
            await remote.wait_ready(_EMBEDDER_SECONDS)
        classifier, dialogue = await stack.enter_async_context(_rasa(endpoints, settings))
        internet = OpenInternet(settings.allowed_networks)
        parts = Parts(
            **{field.name: getattr(stores, field.name) for field in fields(stores)},
            embedder=CachedEmbedder(remote),
            classifier=classifier,
            dialogue=dialogue,
            indexes=RememberingIndexes(FaissEntryIndexes()),
            normaliser=OpenccNormaliser(),
            matchers=AutomatonMatchers(),
            fetcher=OpenInternetFetcher(internet),
            folders=InboxFolders(settings.resolved_inbox),
            channel_kinds=all_kinds(internet),
        )
        common = await asyncio.to_thread(starter_entries, stores.clock.now()) if serves else []
        engine = Engine(
            parts,
            shop_capacity=settings.shop_capacity,
            shop_idle=timedelta(minutes=settings.shop_idle_minutes),
            auto_precision=settings.auto_precision,
            auto_replies_per_minute=settings.auto_replies_per_minute,
            common=common,
        )
        await engine.start(keep_vectors=keep_vectors, serves=serves)
        stack.push_async_callback(engine.close)
        if actions is not None and endpoints.rasa_secret:
            await stack.enter_async_context(serve_actions(engine, endpoints.rasa_secret, actions))
        yield engine


@asynccontextmanager
async def _rasa(endpoints: Endpoints, settings: Settings) -> AsyncIterator[tuple[IntentClassifier, Dialogue]]:
    """Yield what understands messages and what holds dialogues: one server."""
    if not endpoints.rasa_url:
        yield MissingClassifier(), MissingDialogue()
        return
    rasa = RasaClassifier(endpoints.rasa_url, endpoints.rasa_token, settings.rasa_timeout)
    classifier = CachedClassifier(rasa, version=lambda: rasa.model)
    async with AsyncExitStack() as stack:
        await rasa.start()
        stack.push_async_callback(classifier.close)
        if not endpoints.rasa_secret:
            yield classifier, MissingDialogue()
            return
        dialogue = RasaDialogue(endpoints.rasa_url, endpoints.rasa_secret, lambda: rasa.state)
        await dialogue.start()
        stack.push_async_callback(dialogue.close)
        yield classifier, dialogue
