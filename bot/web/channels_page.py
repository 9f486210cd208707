"""The page /shops/{shop}/channels: through which outer channels buyers speak with the shop, and how each does."""

from __future__ import annotations

from typing import Final

from bot.domain.account import Right
from bot.web.owner_pages import OwnerPage
from bot.web.texts_channels import CHANNELS_WORDS

CHANNELS_PAGE: Final = OwnerPage("channels", Right.SET_POLICY, CHANNELS_WORDS)
