"""An engine started for one command: database, embedder and Rasa as needed, ended with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import islice
from typing import Any

from pydantic import ValidationError

from bot.bootstrap.engine import Engine
from bot.bootstrap.platform import Needs, open_platform
from bot.cli.console import say
from bot.domain.text import UnreadableMessage
from bot.ports import Unavailable
from bot.services.classifying import classify_message
from bot.services.document_fields import field_errors
from bot.services.rendering import result_data, understanding_data
from bot.settings import Settings
from bot.web.bodies import WRONG_FIELDS, ClassifyBody, SuggestionBody
from bot.web.errors import by_field

_WINDOW = 32


class EngineBackend:
    """An engine in this process."""

    def __init__(self, engine: Engine, runner: asyncio.Runner) -> None:
        self._engine = engine
        self._runner = runner

    def suggest(self, shop: str, bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        self._runner.run(self._prepare(shop))
        return self._map(lambda body: self._suggest(shop, body), bodies)

    async def _prepare(self, shop: str) -> None:
        """Wait for what a running server would have learned long ago. Raises NotFound."""
        await self._engine.parts.shops.get_shop(shop)
        with suppress(Unavailable):  # each line says so itself
            live = await self._engine.live_shops.get(shop)
            await self._engine.live_shops.settle(shop)
            await live.lessons.settle()

    def classify(self, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
        return self._map(self._classify, texts)

    def _map(self, answer: Any, questions: Iterable[Any]) -> Iterator[dict[str, Any]]:
        remaining = iter(questions)

        async def together(window: list[Any]) -> list[dict[str, Any]]:
            return list(await asyncio.gather(*(answer(question) for question in window)))

        while window := list(islice(remaining, _WINDOW)):
            yield from self._runner.run(together(window))

    async def _suggest(self, shop: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            request = SuggestionBody.model_validate(body).to_request(shop)
            return result_data(await self._engine.suggester.suggest(request))
        except _REFUSALS as error:
            return _error_data(error)

    async def _classify(self, text: str) -> dict[str, Any]:
        try:
            body = ClassifyBody(text=text)
            return understanding_data(await classify_message(self._engine.parts.classifier, body.text))
        except _REFUSALS as error:
            return _error_data(error)


_REFUSALS = (ValidationError, UnreadableMessage, Unavailable)


def _error_data(error: BaseException) -> dict[str, Any]:
    """Return the error as a running server would."""
    code, fields = "invalid", {"text": str(error)}
    if isinstance(error, Unavailable):
        code, fields = "unavailable", {}
    elif isinstance(error, ValidationError):
        fields = by_field(field_errors(error))
    message = WRONG_FIELDS if isinstance(error, ValidationError) else str(error)
    return {"error": {"code": code, "message": message, "fields": fields}}


@asynccontextmanager
async def _opened(settings: Settings, with_classifier: bool) -> AsyncIterator[Engine]:
    needs = Needs(embedder=True, classifier=with_classifier, wait_for_classifier=with_classifier)
    async with open_platform(settings, needs, say) as platform, platform.engine() as engine:
        yield engine


@contextmanager
def engine_backend(settings: Settings, *, with_classifier: bool) -> Iterator[EngineBackend]:
    """Yield a backend over an engine that lives as long as the block."""
    with asyncio.Runner() as runner:
        opening = _opened(settings, with_classifier)
        engine = runner.run(opening.__aenter__())
        try:
            yield EngineBackend(engine, runner)
        finally:
            runner.run(opening.__aexit__(None, None, None))
