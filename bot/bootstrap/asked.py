"""The owner's page of what was asked in vain, wired to its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.asked_desk import AskedDesk
from bot.services.asked_in_vain import AskedInVain
from bot.services.asked_reading import AskedReader
from bot.services.entries import EntryEditor
from bot.services.known_entries import KnownEntries
from bot.services.phrasing_proposals import PhrasingProposals

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


def build_asked(parts: Parts, editor: EntryEditor) -> AskedDesk:
    """Return the use cases of the page."""
    store, clock = parts.asked, parts.clock
    return AskedDesk(
        AskedReader(parts.shops, parts.conversations, parts.events, clock),
        KnownEntries(parts.shops, parts.entries),
        AskedInVain(store, parts.entries, parts.embedder, parts.normaliser, clock),
        PhrasingProposals(store, parts.entries, parts.conversations, editor, clock),
    )
