"""The pages of a shop's console, in the order of their navigation."""

from __future__ import annotations

from typing import Final

from bot.web.asked_page import ASKED_PAGE
from bot.web.auto_reply_page import AUTO_REPLY_PAGE
from bot.web.channels_page import CHANNELS_PAGE
from bot.web.console_page import ENTRIES_PAGE
from bot.web.facts_page import FACTS_PAGE
from bot.web.import_page import IMPORT_PAGE
from bot.web.invoices_page import INVOICES_PAGE
from bot.web.learning_page import LEARNING_PAGE
from bot.web.owner_pages import OwnerPage
from bot.web.settings_page import SETTINGS_PAGE
from bot.web.sources_page import SOURCES_PAGE
from bot.web.usage_page import USAGE_PAGE

OWNER_PAGES: Final[tuple[OwnerPage, ...]] = (
    ENTRIES_PAGE,
    ASKED_PAGE,
    IMPORT_PAGE,
    FACTS_PAGE,
    SOURCES_PAGE,
    AUTO_REPLY_PAGE,
    INVOICES_PAGE,
    CHANNELS_PAGE,
    SETTINGS_PAGE,
    USAGE_PAGE,
    LEARNING_PAGE,
)
