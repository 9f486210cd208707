"""The page /shops/{shop}/asked: what buyers asked in vain, phrasings from use, and drafts to confirm."""

from __future__ import annotations

from typing import Final

from bot.domain.account import Right
from bot.web.owner_pages import OwnerPage
from bot.web.texts_asked import ASKED_WORDS

ASKED_PAGE: Final = OwnerPage("asked", Right.EDIT, ASKED_WORDS)
