"""The use cases of one process, wired to their parts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.bootstrap.asked import build_asked
from bot.bootstrap.auto_reply import build_answering, build_auto_reply
from bot.bootstrap.channels import build_channels
from bot.bootstrap.console import build_console
from bot.bootstrap.dialogues import MissingDialogue
from bot.bootstrap.facts import build_facts_desk
from bot.bootstrap.records import build_records
from bot.bootstrap.settings import build_settings
from bot.bootstrap.sources import build_sources
from bot.bootstrap.talks import build_talks
from bot.bootstrap.workspace import build_chat, build_workspace, send_held
from bot.domain.entry import Entry
from bot.domain.intents import Understanding
from bot.ports import (
    AccountStore,
    ClassifierUnavailable,
    Clock,
    ConversationStore,
    Embedder,
    EntryIndexes,
    EntryStore,
    EventLog,
    FactStore,
    ForgettingStore,
    IntentClassifier,
    PresenceStore,
    ShopStore,
    TextNormaliser,
    TokenStore,
    TypingRelay,
    VectorStore,
)
from bot.ports.asked import AskedStore
from bot.ports.auto_ratings import AutoRatingStore
from bot.ports.auto_reply import AutoReplyStore
from bot.ports.auto_turns import AutoTurnStore
from bot.ports.channels import Channel, ChannelStore
from bot.ports.dialogue import Dialogue
from bot.ports.fact_sources import FactSourceStore, HttpFetcher, SourceFolders
from bot.ports.guard import PhraseMatchers
from bot.ports.invoice_requests import InvoiceRequestStore
from bot.ports.order_tries import OrderTryStore
from bot.retrieval.thresholds_file import bundled_thresholds
from bot.services.auditing import Auditor
from bot.services.auto_replying import MOST_PER_SHOP, Limits
from bot.services.entries import EntryEditor
from bot.services.learning import Aim
from bot.services.live_shops import LiveShops
from bot.services.managing_accounts import Team
from bot.services.model_watching import ModelWatcher
from bot.services.passwords import Passwords
from bot.services.reacting import ReactionLog
from bot.services.recording import EventRecorder
from bot.services.repeating import repeat
from bot.services.signing_in import SigningIn
from bot.services.suggesting import Suggester
from bot.services.vector_keeping import VectorKeeper
from bot.services.waiting import TimedClassifier


class SystemClock:
    """The machine's time, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MissingClassifier:
    """Stands where no Rasa is: suggestions come from retrieval alone."""

    @property
    def state(self) -> str:
        return "down"

    async def classify(self, text: str) -> Understanding:
        raise ClassifierUnavailable("Rasa is not running here: build its environment with `make setup`")

    async def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept in the database."""

    shops: ShopStore
    entries: EntryStore
    vectors: VectorStore
    facts: FactStore
    events: EventLog
    tokens: TokenStore
    accounts: AccountStore
    presence: PresenceStore
    conversations: ConversationStore
    forgetting: ForgettingStore
    typing: TypingRelay
    asked: AskedStore
    auto_replies: AutoReplyStore
    auto_turns: AutoTurnStore
    auto_ratings: AutoRatingStore
    fact_sources: FactSourceStore
    channels: ChannelStore
    order_tries: OrderTryStore
    invoice_requests: InvoiceRequestStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Parts(Stores):
    """Everything the use cases are built from; tests put fakes here."""

    embedder: Embedder
    classifier: IntentClassifier
    indexes: EntryIndexes
    normaliser: TextNormaliser
    matchers: PhraseMatchers
    fetcher: HttpFetcher
    folders: SourceFolders
    dialogue: Dialogue = field(default_factory=MissingDialogue)
    channel_kinds: Mapping[str, Channel] = field(default_factory=dict)


class Engine:
    """The use cases over their parts. `start` before use, `close` after; closing the parts is their owner's job."""

    def __init__(
        self,
        parts: Parts,
        *,
        shop_capacity: int = 2000,
        shop_idle: timedelta = timedelta(hours=6),
        auto_precision: float = 0.95,
        auto_replies_per_minute: int = MOST_PER_SHOP,
        passwords: Passwords | None = None,
        common: Iterable[Entry] = (),
    ) -> None:
        self.parts = parts
        self.recorder = EventRecorder(parts.events)
        self.live_shops = LiveShops(
            parts.shops, parts.vectors, parts.events, parts.embedder, parts.indexes, parts.normaliser, parts.clock,
            aim=Aim(auto_precision, bundled_thresholds()), capacity=shop_capacity, idle=shop_idle,
        )  # fmt: skip
        self.suggester = Suggester(
            self.live_shops, parts.embedder, TimedClassifier(parts.classifier), parts.facts, parts.normaliser,
            self.recorder, parts.clock,
        )  # fmt: skip
        self.reactions = ReactionLog(parts.events, self.recorder, parts.clock, self.live_shops.notice)
        self.editor = EntryEditor(parts.shops, parts.entries, parts.clock)
        self.auditor = Auditor(parts.accounts, parts.clock)
        self.passwords = passwords or Passwords()
        self.signing_in = SigningIn(parts.accounts, self.passwords, self.auditor, parts.clock)
        self.team = Team(parts.accounts, parts.shops, self.passwords, self.auditor, parts.clock)
        self.talks = build_talks(parts, self.live_shops, self.recorder)
        self.workspace = build_workspace(
            parts, self.live_shops, self.suggester, self.reactions, self.recorder, self.auditor, common
        )
        self.chat = build_chat(parts, self.workspace)
        self.records = build_records(parts, self.workspace, self.editor, self.recorder)
        self.console = build_console(
            parts, self.live_shops, self.suggester, self.editor, self.workspace.colleagues
        )
        self.auto_reply = build_auto_reply(parts, self.workspace, self.suggester)
        self.answering = build_answering(
            parts, self.workspace, self.suggester, self.recorder, self.talks.proofs,
            Limits(per_shop=auto_replies_per_minute),
        )  # fmt: skip
        self.asked = build_asked(parts, self.editor)
        self.settings = build_settings(parts, self.workspace, self.editor, self.records, self.auditor)
        self.sources = build_sources(parts, self.auditor)
        self.channels = build_channels(parts, self.workspace, self.recorder, self.auditor, self.answering)
        self.facts_desk = build_facts_desk(parts, self.auditor)
        self._keeper = VectorKeeper(
            parts.shops, parts.vectors, parts.embedder, parts.normaliser, self.live_shops.holds
        )
        self._following: list[asyncio.Task[None]] = []

    async def start(self, *, keep_vectors: bool = False, serves: bool = False) -> None:
        """Begin to write events and to follow changes of shops; one process also keeps everybody's vectors.

        One that `serves` people also sends what they wrote and guards it.
        """
        self.recorder.start()
        self._keep_doing("following changes of shops", self.live_shops.follow_changes)
        changed = [self.live_shops.renew_held, *([self._keeper.complete_all] if keep_vectors else [])]
        self._keep_doing("watching the model", ModelWatcher(self.parts.embedder, changed).follow)
        if keep_vectors:
            self._keep_doing("keeping vectors", self._keeper.follow_changes)
        if serves:
            self._serve()

    def _serve(self) -> None:
        workspace = self.workspace

        async def send() -> None:
            await send_held(workspace.outbox)

        self._keep_doing("following the guard's shops", workspace.guard.follow)
        self._keep_doing("following the chat's feeds", self.chat.feeds.follow)
        self._keep_doing("distributing conversations", workspace.distributing.run)
        self._keep_doing("passing typing on", workspace.typing.relay)
        self._keep_doing("following typing", workspace.typing.follow)
        self._keep_doing("sending held messages", send)
        answering = self.answering
        self._keep_doing("following automatic rules", answering.policies.follow)
        self._keep_doing("answering without a person", answering.auto_replies.run)
        self._keep_doing("sending automatic replies", answering.outbox.run)
        self._keep_doing("judging automatic replies", answering.rating.run)
        self._keep_doing("forgetting", self.records.forgetting.run)
        self._keep_doing("pulling facts", self.sources.pulling.run)
        self._keep_doing("delivering to channels", self.channels.delivering.run)
        self._keep_doing("following what is to be delivered", self.channels.delivering.follow)

    def _keep_doing(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        self._following.append(asyncio.create_task(repeat(what, work)))

    async def close(self) -> None:
        """Stop following and write the events that wait."""
        self.live_shops.close()
        self.answering.standards.close()
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self.recorder.close()
