"""A shop's tables of facts, wired to their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.auditing import Auditor
from bot.services.fact_importing import FactImports
from bot.services.fact_tables import FactDesk, FactTables
from bot.services.fact_undoing import FactHistory

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


def build_facts_desk(parts: Parts, auditor: Auditor) -> FactDesk:
    """Return the use cases of the owner's page of facts."""
    return FactDesk(
        FactTables(parts.facts, auditor, parts.clock),
        FactImports(parts.shops, parts.facts, parts.events, parts.clock),
        FactHistory(parts.shops, parts.facts, parts.events, parts.clock),
    )
