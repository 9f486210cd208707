"""Answering without a person over stores in memory: a shop whose entries, dialogue and orders say what a test wrote down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.auto_reply import Deed
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import AutoMessage, Decided, HandOver, SendState
from bot.domain.conversation import Buyer, Conversation, Message
from bot.domain.entry import Entry
from bot.domain.intents import GROUPS, INTENT_GROUP, IntentScore
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.domain.suggestion import FactUsed, Part, Suggestion, SuggestionResult
from bot.domain.text import is_acknowledgement, read_message
from bot.ports import Event
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.auto_answering import Answering
from bot.services.auto_policies import AutoPolicies, MergeWindows
from bot.services.auto_replying import AutoReplies, Limits
from bot.services.auto_sending import AutoOutbox
from bot.services.auto_standards import ShopStandards
from bot.services.colleagues import Colleagues
from bot.services.conversing import Conversing
from bot.services.due_timers import DueTimers
from bot.services.guarding import Guard
from bot.services.handing_over import HandingOver
from bot.services.learning import Aim
from bot.services.live_shops import LiveShops
from bot.services.recording import EventRecorder
from bot.services.repeat_asking import RepeatAsking
from bot.services.shop_manners import ShopManners
from bot.services.stepping_in import SteppingIn
from bot.services.suggesting import SuggestionRequest
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops, MemoryVectors
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_auto_turns import MemoryAutoTurns
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_facts import MemoryFacts
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.store_contract import FixedClock
from tests.unit.fakes.plain_index import PlainIndexes
from tests.unit.fakes.scripted_dialogue import ScriptedDialogue

SHOP, OTHER = "mine", "other"
BUYER = Buyer("", "买家甲", "web", external_id="x1")
POLICY = AutoReplyPolicy(
    is_on=True,
    groups={group: GroupRule(Mode.AUTOMATIC) for group in ("stock", "shipping", "invoice", "logistics")},
    hand_over="马上转人工",
    repeat_limit=3,
)
UNLIMITED = Limits(1000, 1000)
COMMON = {0.9: 0.8, 0.95: 0.9, 0.98: 0.99}


@dataclass
class ScriptedSuggester:
    """Suggests for each text what `replies` hold for it: (entry, confidence). Intents come from the entry's intent."""

    entries: dict[str, Entry]
    replies: dict[str, tuple[str, float]] = field(default_factory=dict)
    facts: dict[str, tuple[FactUsed, ...]] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    asked: list[SuggestionRequest] = field(default_factory=list)
    breaks: int = 0

    async def suggest(self, request: SuggestionRequest) -> SuggestionResult:
        self.asked.append(request)
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("broken by the test")
        read_message(request.text)
        text = request.text
        if is_acknowledgement(text):
            return SuggestionResult(request.shop, True, (), (), reason="acknowledgement")
        intent = self.intents.get(text, "")
        scores = (
            (IntentScore(intent, INTENT_GROUP[intent], 0.97),)
            if intent
            else (IntentScore("inform", "other", 0.9),)
        )
        if text not in self.replies:
            return SuggestionResult(request.shop, True, scores, (), reason="no entry answers it")
        entry, confidence = self.replies[text]
        reply = self.entries[entry].reply
        suggestion = Suggestion(
            "s1",
            reply,
            confidence,
            (Part(entry, 1, None, reply),),
            self.facts.get(text, ()),
            stands_alone=True,
        )
        return SuggestionResult(request.shop, False, scores, (suggestion,))

    async def try_out(self, request: SuggestionRequest, live: object, message: str) -> SuggestionResult:
        return await self.suggest(request)


@dataclass
class FakeProofs:
    """Lets buyers see the orders in `seen`; whether one may be heard of is `may`."""

    seen: set[tuple[str, str]] = field(default_factory=set)
    may: bool = True

    async def may_see(self, shop: str, conversation: str, order_no: str) -> bool:
        return (shop, order_no) in self.seen

    async def may_hear(self, shop: str, conversation: str, said: Iterable[str]) -> bool:
        return self.may


@dataclass
class Automaton:
    """One worker that answers without a person, and hands to look at it with."""

    clock: FixedClock
    store: MemoryConversations
    rules: MemoryAutoReplies
    turns: MemoryAutoTurns
    recorder: EventRecorder
    conversing: Conversing
    policies: AutoPolicies
    suggester: ScriptedSuggester
    dialogue: ScriptedDialogue
    proofs: FakeProofs
    auto_replies: AutoReplies
    outbox: AutoOutbox
    handing_over: HandingOver
    stepping_in: SteppingIn
    noticed: list[str]

    async def put_policy(self, policy: AutoReplyPolicy, shop: str = SHOP) -> None:
        """Write the rules, and let the worker hear of it."""
        await self.rules.put_policy(shop, policy)
        self.policies._held.forget(shop)

    async def hear(self, *texts: str, shop: str = SHOP, buyer: Buyer = BUYER, image: str = "") -> str:
        """Let the buyer say something; return the conversation."""
        conversation = ""
        for text in texts:
            number = sum(
                len(each) for talks in self.store._talks.values() for each in talks.messages.values()
            )
            written = await self.conversing.receive(shop, buyer, text, key=f"k{number}", image=image)
            conversation = written.conversation.id
        return conversation

    async def decide(self, seconds: float = 3) -> list[Deed | None]:
        """Let the merge window end and take the turns that are due."""
        self.passes(seconds)
        due = await self.turns.turns_due(self.clock.now(), 10)
        return [await self.auto_replies.take_turn(shop, conversation) for shop, conversation in due]

    async def send(self, seconds: float = 0) -> None:
        """Let the time for typing go by, bubble by bubble."""
        self.passes(seconds)
        while True:
            self.passes(3)
            if not await self.outbox.send_due():
                return

    def passes(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    async def ask(self, *texts: str, shop: str = SHOP, buyer: Buyer = BUYER) -> str:
        """Let the buyer say something and the worker do all that follows."""
        conversation = await self.hear(*texts, shop=shop, buyer=buyer)
        await self.decide()
        await self.send()
        return conversation

    async def said(self, conversation: str, shop: str = SHOP) -> list[str]:
        """Return what software said."""
        return [each.text for each in await self.messages(conversation, shop) if each.author == "auto"]

    async def messages(self, conversation: str, shop: str = SHOP) -> list[Message]:
        return await self.store.list_messages(shop, conversation, 999)

    async def conversation(self, conversation: str, shop: str = SHOP) -> Conversation:
        return await self.store.get_conversation(shop, conversation)

    async def decisions(self, conversation: str, shop: str = SHOP) -> list[Decided]:
        return await self.turns.list_decisions(shop, conversation, 99)

    async def last(self, conversation: str, shop: str = SHOP) -> tuple[Deed, list[str]]:
        """Return the newest decision's deed and reasons."""
        decided = (await self.decisions(conversation, shop))[-1]
        return decided.deed, [str(reason) for reason in decided.reasons]

    async def hand_over(self, conversation: str, shop: str = SHOP) -> HandOver:
        (newest,) = (await self.turns.list_hand_overs(shop, conversation, 9))[:1]
        return newest

    async def sends(self, *states: SendState, shop: str = SHOP) -> list[AutoMessage]:
        return await self.turns.list_sends(shop, states or tuple(SendState), 99)

    def events(self, kind: str) -> list[Event]:
        return [event for _, event in self.recorder._waiting if event.kind == kind]


ENTRIES = (
    Entry("stock", "stock", "有货吗", "有货的"),
    Entry("ship", "shipping", "发什么快递", "发中通"),
    Entry("size", "product_info", "什么码", "您平时穿什么码"),
    Entry("which", "stock", "还有吗", "请问您要哪个颜色呢？"),
    Entry("parcel", "logistics", "到哪了", "您的包裹已到杭州"),
    Entry("bill", "invoice", "能开专票吗", "本店开电子普票"),
    Entry("contact", "stock", "加微信", "加我微信13800138000"),
)
REPLIES = {
    "有货吗": ("stock", 0.98), "发什么快递": ("ship", 0.97), "什么码": ("size", 0.99), "还有吗": ("which", 0.95),
    "到哪了": ("parcel", 0.96), "没把握": ("stock", 0.5), "联系方式": ("contact", 0.99),
}  # fmt: skip


@asynccontextmanager
async def automaton(
    policy: AutoReplyPolicy = POLICY,
    limits: Limits = UNLIMITED,
    memory: Memory | None = None,
) -> AsyncIterator[Automaton]:
    """Yield a worker over two shops that have the same entries, each ready to answer."""
    assert set(policy.groups) <= set(GROUPS)
    clock, memory, people = FixedClock(), memory or Memory(), MemoryPeople()
    clock.moment = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
    shops, store, events = MemoryShops(memory), MemoryConversations(memory, SIMPLIFY), MemoryEvents(memory)
    rules, turns = MemoryAutoReplies(memory, store), MemoryAutoTurns(store)
    normaliser, recorder, noticed = OpenccNormaliser(), EventRecorder(events), list[str]()
    for shop in (SHOP, OTHER):
        await shops.put_shop(Shop(shop, shop))
        await MemoryEntries(memory).put_entries(shop, ENTRIES)
        await store.put_policy(shop, ServicePolicy())
        await rules.put_policy(shop, policy)
    accounts, presence = MemoryAccounts(people, clock), MemoryPresence(people)
    manners, colleagues = ShopManners(shops, store), Colleagues(accounts, presence)
    guard = Guard(shops, MemoryFacts(memory), store.get_policy, AutomatonMatchers(), normaliser, settle=0)
    live = LiveShops(
        shops,
        MemoryVectors(memory),
        events,
        FakeEmbedder(64),
        PlainIndexes(),
        normaliser,
        clock,
        aim=Aim(0.95, COMMON),
    )
    policies, due, sends = AutoPolicies(rules, shops), DueTimers(clock), DueTimers(clock)
    stepping_in = SteppingIn(store, turns, policies, clock)
    conversing = Conversing(
        store, manners, colleagues, recorder, clock,
        lambda: noticed.append("waiting"), MergeWindows(policies, due).auto_at, stepping_in.step_in,
    )  # fmt: skip
    handing_over = HandingOver(
        turns, policies, manners, recorder, clock, lambda: noticed.append("person"), sends.expect
    )
    suggester = ScriptedSuggester({each.id: each for each in ENTRIES}, dict(REPLIES))
    dialogue, proofs = ScriptedDialogue(), FakeProofs()
    standards = ShopStandards(events, COMMON, clock)
    repeats = RepeatAsking(store, turns, recorder, clock)
    auto_replies = AutoReplies(
        store, turns, live, policies, manners, standards,
        Answering(suggester, dialogue, guard, proofs, repeats),  # type: ignore[arg-type]
        handing_over, guard, due, clock, limits,
    )  # fmt: skip
    outbox = AutoOutbox(store, turns, conversing, manners, policies, live, handing_over, guard, sends, clock)
    await guard._read_all()
    yield Automaton(
        clock, store, rules, turns, recorder, conversing, policies, suggester, dialogue, proofs, auto_replies,
        outbox, handing_over, stepping_in, noticed,
    )  # fmt: skip
    live.close()
