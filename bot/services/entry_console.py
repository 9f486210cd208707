"""The use cases behind the owner's page of entries, together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.entry_drafting import EntryDrafts
from bot.services.entry_finding import EntryFinder
from bot.services.entry_previewing import EntryPreviews
from bot.services.entry_trying import EntryTrials
from bot.services.entry_warning import EntryWarnings


@dataclass(frozen=True, slots=True)
class EntryConsole:
    """What the routes of the owner's page are made of."""

    finder: EntryFinder
    previews: EntryPreviews
    trials: EntryTrials
    warnings: EntryWarnings
    drafts: EntryDrafts
