"""The page /shops/{shop}/usage: how often each entry is shown, taken, edited and sent by itself, as pictures."""

from __future__ import annotations

from typing import Final

from bot.domain.account import Right
from bot.web.owner_pages import OwnerPage
from bot.web.texts_usage import USAGE_WORDS

USAGE_PAGE: Final = OwnerPage("usage", Right.REPORT, USAGE_WORDS)
