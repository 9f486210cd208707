"""The use cases behind the agents' workspace, together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import AccountStore, Clock, ConversationStore, FactStore, PresenceStore
from bot.ports.auto_turns import AutoTurnStore
from bot.ports.channels import ChannelStore
from bot.services.auditing import Auditor
from bot.services.auto_policies import AutoPolicies
from bot.services.colleagues import Colleagues
from bot.services.conversation_suggesting import ConversationSuggester
from bot.services.conversing import Conversing
from bot.services.distributing import Distributing
from bot.services.due_timers import DueTimers
from bot.services.guarding import Guard
from bot.services.live_shops import LiveShops
from bot.services.presence import Presences
from bot.services.quick_phrases import QuickPhrases
from bot.services.reacting import ReactionLog
from bot.services.sending import Outbox
from bot.services.shop_manners import ShopManners
from bot.services.shop_warming import ShopWarming
from bot.services.stepping_in import SteppingIn
from bot.services.typing import TypingBoard


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the workspace's routes and its WebSocket are made of."""

    store: ConversationStore
    channels: ChannelStore
    conversing: Conversing
    outbox: Outbox
    suggester: ConversationSuggester
    phrases: QuickPhrases
    manners: ShopManners
    colleagues: Colleagues
    guard: Guard
    reactions: ReactionLog
    accounts: AccountStore
    presence: PresenceStore
    presences: Presences
    distributing: Distributing
    facts: FactStore
    live_shops: LiveShops
    auditor: Auditor
    typing: TypingBoard
    stepping_in: SteppingIn
    turns: AutoTurnStore
    auto_policies: AutoPolicies
    due_turns: DueTimers
    warming: ShopWarming
    clock: Clock
