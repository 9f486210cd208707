"""The use cases of the workspace and of the buyers' chat, wired to their parts, and what runs beside them in every worker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from bot.domain.entry import Entry
from bot.ports import StoreUnavailable
from bot.services.auditing import Auditor
from bot.services.auto_policies import AutoPolicies, MergeWindows
from bot.services.chat_limits import ChatLimits
from bot.services.chatting import Chatting
from bot.services.colleagues import Colleagues
from bot.services.conversation_suggesting import ConversationSuggester
from bot.services.conversing import Conversing
from bot.services.distributing import Distributing
from bot.services.due_timers import DueTimers
from bot.services.feed_following import FeedFollower
from bot.services.guarding import Guard
from bot.services.live_shops import LiveShops
from bot.services.packs import Pack, load_pack
from bot.services.presence import Presences
from bot.services.quick_phrases import QuickPhrases
from bot.services.reacting import ReactionLog
from bot.services.recording import EventRecorder
from bot.services.sending import Outbox
from bot.services.shop_manners import ShopManners
from bot.services.shop_warming import ShopWarming
from bot.services.stepping_in import SteppingIn
from bot.services.suggesting import Suggester
from bot.services.typing import TypingBoard
from bot.services.workspace import Workspace
from bot.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from bot.bootstrap.engine import Parts

_log = logging.getLogger(__name__)
_STARTER: Final = PROJECT_ROOT / "templates" / "starter"
_OUTBOX_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class BuyerChat:
    """The use cases behind the buyers' chat."""

    chatting: Chatting
    feeds: FeedFollower
    limits: ChatLimits


def build_workspace(
    parts: Parts,
    live_shops: LiveShops,
    suggester: Suggester,
    reactions: ReactionLog,
    recorder: EventRecorder,
    auditor: Auditor,
    common: Iterable[Entry],
) -> Workspace:
    """Return the workspace's use cases. `common` are entries that are no shop's own: the guard lets them pass."""
    store, clock = parts.conversations, parts.clock
    manners = ShopManners(parts.shops, store)
    colleagues = Colleagues(parts.accounts, parts.presence)
    guard = Guard(parts.shops, parts.facts, store.get_policy, parts.matchers, parts.normaliser, common=common)
    presences = Presences(parts.accounts, parts.presence, recorder, clock)
    distributing = Distributing(store, parts.accounts, presences, manners, recorder, clock)
    auto_policies, due_turns = AutoPolicies(parts.auto_replies, parts.shops), DueTimers(clock)
    warming = ShopWarming(live_shops)
    stepping_in = SteppingIn(store, parts.auto_turns, auto_policies, clock)
    windows = MergeWindows(auto_policies, due_turns, warming.want)
    silence = stepping_in.step_in
    conversing = Conversing(
        store, manners, colleagues, recorder, clock, distributing.nudge, windows.auto_at, silence
    )
    return Workspace(
        store=store,
        channels=parts.channels,
        conversing=conversing,
        outbox=Outbox(store, conversing, parts.accounts, guard, reactions, recorder, clock, silence),
        suggester=ConversationSuggester(store, suggester),
        phrases=QuickPhrases(store, live_shops, parts.facts, parts.normaliser, clock),
        manners=manners,
        colleagues=colleagues,
        guard=guard,
        reactions=reactions,
        accounts=parts.accounts,
        presence=parts.presence,
        presences=presences,
        distributing=distributing,
        facts=parts.facts,
        live_shops=live_shops,
        auditor=auditor,
        typing=TypingBoard(parts.typing, colleagues),
        stepping_in=stepping_in,
        turns=parts.auto_turns,
        auto_policies=auto_policies,
        due_turns=due_turns,
        warming=warming,
        clock=clock,
    )


def build_chat(parts: Parts, workspace: Workspace) -> BuyerChat:
    """Return the use cases of the buyers' chat."""
    chatting = Chatting(parts.shops, parts.conversations, workspace.conversing, parts.clock)
    return BuyerChat(chatting, FeedFollower(parts.conversations), ChatLimits(parts.clock))


async def send_held(outbox: Outbox) -> None:
    """Send agents' messages as their time to be taken back runs out, until cancelled."""
    while True:
        try:
            while await outbox.send_due():
                pass
        except StoreUnavailable as error:
            _log.warning("messages wait to be sent: %s", error)
            await asyncio.sleep(1)
        await asyncio.sleep(_OUTBOX_SECONDS)


def starter_packs(now: datetime) -> list[Pack]:
    """Return the starter packs. Reading them takes a while: call it in a thread."""
    return [load_pack(path.read_bytes(), path.name, now) for path in sorted(_STARTER.glob("*.yml"))]


def starter_entries(now: datetime) -> list[Entry]:
    """Return the entries of the starter packs, in a thread too."""
    return [entry for pack in starter_packs(now) for entry in pack.entries]
