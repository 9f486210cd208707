"""Conversations over stores in memory, with a clock to be set and people to be present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.account import Account, Membership, Organisation
from bot.domain.conversation import Buyer
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import AccountStore, ConversationStore, Event, PresenceStore, ShopStore, Written
from bot.services.auditing import Auditor
from bot.services.colleagues import Colleagues
from bot.services.conversing import Conversing
from bot.services.distributing import Distributing
from bot.services.exporting import Exporting
from bot.services.presence import Presences
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners
from bot.storage.memory import Memory, MemoryEvents, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.store_contract import FixedClock

SHOP, OTHER = "left", "right"
BUYER = Buyer("", "买家甲", "web", external_id="x1")


@dataclass(frozen=True)
class Office:
    """Two shops of one organisation and what its people work with."""

    clock: FixedClock
    shops: ShopStore
    store: ConversationStore
    accounts: AccountStore
    presence: PresenceStore
    recorder: EventRecorder
    presences: Presences
    conversing: Conversing
    distributing: Distributing
    exporting: Exporting

    async def hires(self, account: str, *shops: str, online: bool = True, capacity: int = 8) -> None:
        """Add an agent of the shops."""
        person = Account(account, "org", account, f"客服{account}", capacity=capacity)
        await self.accounts.create_accounts(
            [(person, "hash")], [Membership(account, shop, "agent") for shop in shops or (SHOP,)]
        )
        if online:
            await self.presences.say(account, "online")

    async def says(self, text: str, key: str, buyer: Buyer = BUYER, shop: str = SHOP) -> Written:
        """Let a buyer write."""
        return await self.conversing.receive(shop, buyer, text, key=key)

    async def passes(self, seconds: float, *present: str) -> datetime:
        """Let time go by; who is present says so."""
        self.clock.moment += timedelta(seconds=seconds)
        for account in present:
            await self.presences.say(account, "online")
        return self.clock.moment

    def events(self, kind: str) -> list[Event]:
        """Return what was recorded of that kind, oldest first."""
        return [event for _, event in self.recorder._waiting if event.kind == kind]


async def open_office(policy: ServicePolicy | None = None) -> Office:
    clock, memory, people = FixedClock(), Memory(), MemoryPeople()
    shops, store = MemoryShops(memory), MemoryConversations(memory, SIMPLIFY)
    accounts, presence = MemoryAccounts(people, clock), MemoryPresence(people)
    recorder = EventRecorder(MemoryEvents(memory))
    for shop in (SHOP, OTHER):
        await shops.put_shop(Shop(shop, shop))
        await store.put_policy(shop, policy or ServicePolicy())
    await accounts.put_organisation(Organisation("org", "机构", frozenset({SHOP, OTHER})))
    manners, colleagues = ShopManners(shops, store), Colleagues(accounts, presence)
    presences = Presences(accounts, presence, recorder, clock)
    distributing = Distributing(store, accounts, presences, manners, recorder, clock)
    conversing = Conversing(store, manners, colleagues, recorder, clock, distributing.nudge)
    exporting = Exporting(store, colleagues, Auditor(accounts, clock))
    return Office(
        clock, shops, store, accounts, presence, recorder, presences, conversing, distributing, exporting
    )
