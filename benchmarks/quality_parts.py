"""The model and the classifier that quality is measured with: the real ones, in no hurry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bot.bootstrap.platform import Needs, open_platform
from bot.ports import Embedder, IntentClassifier
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.embedder import SentenceTransformerEmbedder, resolve_model
from bot.settings import load_settings

_PATIENCE: Final = 10.0
"""Seconds for a message: on a busy machine an answer that comes late is no worse an answer."""


@dataclass(frozen=True, slots=True)
class QualityParts:
    """What is measured. `classifier` is None where there is no Rasa, or none is wanted."""

    embedder: Embedder
    classifier: IntentClassifier | None


@asynccontextmanager
async def open_parts(model: str, with_rasa: bool, say: Callable[[str], None]) -> AsyncIterator[QualityParts]:
    """Yield the parts; each text is encoded and classified once. Raises Unavailable."""
    plain = SentenceTransformerEmbedder(resolve_model(model))
    await plain.warm_up()
    embedder = CachedEmbedder(plain)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(embedder.close)
        if not with_rasa:
            yield QualityParts(embedder, None)
            return
        settings = load_settings().model_copy(update={"rasa_timeout": _PATIENCE})
        needs = Needs(embedder=False, classifier=True, wait_for_classifier=True)
        platform = await stack.enter_async_context(open_platform(settings, needs, say))
        classifier = await stack.enter_async_context(platform.classifier())
        yield QualityParts(embedder, classifier if classifier.state == "ready" else None)
