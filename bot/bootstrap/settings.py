"""The use cases around a shop's settings, wired to their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.bootstrap.workspace import starter_packs
from bot.services.auditing import Auditor
from bot.services.entries import EntryEditor
from bot.services.shop_records import ShopRecords
from bot.services.shop_settings import ShopSettings
from bot.services.starter_packs import StarterPacks
from bot.services.workspace import Workspace

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts


def build_settings(
    parts: Parts, workspace: Workspace, editor: EntryEditor, records: ShopRecords, auditor: Auditor
) -> ShopSettings:
    """Return the use cases. The starter packs are read when somebody first asks for them."""
    return ShopSettings(
        parts.shops,
        parts.conversations,
        parts.facts,
        parts.accounts,
        workspace.colleagues,
        StarterPacks(starter_packs, parts.facts, editor, records.imports, parts.clock),
        auditor,
        parts.clock,
    )
