"""What the handlers share, under typed keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.ports import AccountStore, FactStore, Grant, IntentClassifier, ShopStore, TokenStore
from bot.services.asked_desk import AskedDesk
from bot.services.auditing import Auditor
from bot.services.auto_reply_desk import AutoReplyDesk
from bot.services.channels import Channels
from bot.services.entries import EntryEditor
from bot.services.entry_console import EntryConsole
from bot.services.fact_sources import FactSources
from bot.services.fact_tables import FactDesk
from bot.services.invoice_requests import InvoiceRequests
from bot.services.managing_accounts import Team
from bot.services.reacting import ReactionLog
from bot.services.shop_records import ShopRecords
from bot.services.shop_settings import ShopSettings
from bot.services.signing_in import SigningIn
from bot.services.suggesting import Suggester
from bot.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Health:
    """Which parts answer: "ready", "warming" or "down" each."""

    database: str
    embedder: str
    classifier: str


@dataclass(frozen=True, slots=True)
class WebServices:
    """The use cases behind the routes. `trusts_caller` marks the operator's own socket, where no token is asked."""

    suggester: Suggester
    reactions: ReactionLog
    editor: EntryEditor
    shops: ShopStore
    facts: FactStore
    tokens: TokenStore
    classifier: IntentClassifier
    health: Callable[[], Awaitable[Health]]
    accounts: AccountStore
    auditor: Auditor
    signing_in: SigningIn
    team: Team
    workspace: Workspace
    records: ShopRecords
    console: EntryConsole
    asked: AskedDesk
    auto_reply: AutoReplyDesk
    settings: ShopSettings
    sources: FactSources
    facts_desk: FactDesk
    channels: Channels
    invoices: InvoiceRequests
    trusts_caller: bool = False


SERVICES = web.AppKey("services", WebServices)
GRANT = web.RequestKey("grant", Grant)
