"""The page /shops/{shop}/learning: what agents did with a shop's suggestions, and the drafts they proposed."""

from __future__ import annotations

from typing import Final

from bot.domain.account import Right
from bot.web.owner_pages import OwnerPage
from bot.web.texts_learning import LEARNING_WORDS

LEARNING_PAGE: Final = OwnerPage("learning", Right.REPORT, LEARNING_WORDS)
