"""The use cases around what a shop has learned and keeps, wired to their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.buyer_data import BuyerData
from bot.services.entries import EntryEditor
from bot.services.entry_copying import EntryCopies
from bot.services.entry_history import EntryHistory
from bot.services.exporting import Exporting
from bot.services.forgetting import Forgetting
from bot.services.proposing import Proposing
from bot.services.recording import EventRecorder
from bot.services.shop_imports import ShopImports
from bot.services.shop_records import ShopRecords
from bot.services.suggestion_figures import SuggestionReports
from bot.services.workspace import Workspace

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


def build_records(
    parts: Parts, workspace: Workspace, editor: EntryEditor, recorder: EventRecorder
) -> ShopRecords:
    """Return the use cases."""
    store, clock = parts.conversations, parts.clock
    return ShopRecords(
        proposing=Proposing(store, editor, parts.classifier, workspace.guard, recorder, clock),
        reports=SuggestionReports(parts.shops, parts.entries, parts.events, clock),
        buyers=BuyerData(
            store,
            parts.forgetting,
            workspace.conversing,
            parts.facts,
            workspace.colleagues,
            workspace.auditor,
            clock,
            parts.invoice_requests,
            parts.auto_turns,
        ),
        exporting=Exporting(store, workspace.colleagues, workspace.auditor),
        forgetting=Forgetting(store, parts.forgetting, parts.channels, clock),
        history=EntryHistory(parts.entries, editor, workspace.colleagues),
        imports=ShopImports(parts.shops, parts.entries, editor, parts.events, clock),
        copies=EntryCopies(
            parts.shops,
            parts.facts,
            editor,
            workspace.guard,
            workspace.auditor,
            parts.normaliser,
            clock,
        ),
    )
