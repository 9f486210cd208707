"""The use cases behind the owner's page of what was asked in vain, together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.entry import Entry
from bot.services.asked_in_vain import Asked, AskedInVain
from bot.services.asked_reading import AskedLog, AskedReader
from bot.services.known_entries import KnownEntries
from bot.services.phrasing_proposals import PhrasingProposals, Proposed


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for an owner, of the time from `log.since` on. `drafts` are entries to confirm, agents' proposals among them."""

    log: AskedLog
    asked: Asked
    proposed: list[Proposed]
    drafts: list[Entry]


@dataclass(frozen=True, slots=True)
class AskedDesk:
    """What the routes of the page are made of."""

    reader: AskedReader
    known: KnownEntries
    asked: AskedInVain
    proposals: PhrasingProposals

    async def look(self, shop: str, days: int) -> Desk:
        """Return what waits for the shop's owners. Raises NotFound, ValueError."""
        log = await self.reader.read(shop, days)
        entries = await self.known.of(shop)
        asked = await self.asked.group(shop, log, entries)
        proposed = await self.proposals.propose(shop, log, entries)
        return Desk(log, asked, proposed, [entry for entry in entries if entry.status == "draft"])
