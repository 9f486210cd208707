"""The sources of shops' facts, wired to their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.auditing import Auditor
from bot.services.fact_importing import FactImports
from bot.services.fact_pulling import FactPulling
from bot.services.fact_sources import FactSources

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


@dataclass(frozen=True, slots=True)
class Sources:
    """What owners do with sources, and what reads them."""

    owners: FactSources
    pulling: FactPulling


def build_sources(parts: Parts, auditor: Auditor) -> Sources:
    """Return the use cases."""
    imports = FactImports(parts.shops, parts.facts, parts.events, parts.clock)
    store, fetcher, folders = parts.fact_sources, parts.fetcher, parts.folders
    return Sources(
        FactSources(store, fetcher, folders, imports, auditor, parts.clock),
        FactPulling(store, fetcher, folders, imports, parts.clock),
    )
