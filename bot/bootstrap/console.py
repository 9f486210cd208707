"""The owner's page of entries, wired to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.colleagues import Colleagues
from bot.services.entries import EntryEditor
from bot.services.entry_console import EntryConsole
from bot.services.entry_drafting import EntryDrafts
from bot.services.entry_finding import EntryFinder
from bot.services.entry_previewing import EntryPreviews
from bot.services.entry_trying import EntryTrials
from bot.services.entry_use import EntryUses
from bot.services.entry_warning import EntryWarnings
from bot.services.known_entries import KnownEntries
from bot.services.live_shops import LiveShops
from bot.services.shop_indexing import ShopIndexer
from bot.services.suggesting import Suggester
from bot.services.waiting import TimedClassifier

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


def build_console(
    parts: Parts, live_shops: LiveShops, suggester: Suggester, editor: EntryEditor, colleagues: Colleagues
) -> EntryConsole:
    """Return the use cases of the owner's page."""
    indexer = ShopIndexer(parts.embedder, parts.vectors, parts.indexes, parts.normaliser)
    known = KnownEntries(parts.shops, parts.entries)
    classifier = TimedClassifier(parts.classifier)
    return EntryConsole(
        EntryFinder(
            known, parts.entries, EntryUses(parts.events, parts.clock), parts.normaliser, parts.clock
        ),
        EntryPreviews(live_shops, parts.facts, parts.clock),
        EntryTrials(live_shops, suggester, indexer, parts.embedder, classifier, parts.normaliser),
        EntryWarnings(live_shops, known, parts.facts, parts.embedder, classifier, parts.normaliser),
        EntryDrafts(parts.shops, parts.entries, editor, colleagues, parts.clock),
    )
