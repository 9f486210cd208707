"""The use cases around what a shop has learned and keeps, together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.buyer_data import BuyerData
from bot.services.entry_copying import EntryCopies
from bot.services.entry_history import EntryHistory
from bot.services.exporting import Exporting
from bot.services.forgetting import Forgetting
from bot.services.proposing import Proposing
from bot.services.shop_imports import ShopImports
from bot.services.suggestion_figures import SuggestionReports


@dataclass(frozen=True, slots=True)
class ShopRecords:
    """What the routes of a shop's records are made of."""

    proposing: Proposing
    reports: SuggestionReports
    buyers: BuyerData
    exporting: Exporting
    forgetting: Forgetting
    history: EntryHistory
    imports: ShopImports
    copies: EntryCopies
