"""Logging of the processes: one line an event, without buyers' texts unless they are asked for."""

from __future__ import annotations

import logging

from bot.settings import Settings


def configure_logging(settings: Settings) -> None:
    """Log to standard error at the level of the settings."""
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    for noisy in ("asyncio", "aiohttp.access", "alembic", "sqlalchemy", "faiss", "rasa_sdk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
