"""Two shops whose channels, buyers, threads and messages have the same ids: what each hears, says, decides, keeps and is told of."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import asyncpg
import pytest

from bot.bootstrap.channels import all_kinds
from bot.bootstrap.engine import Engine
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import SendState
from bot.domain.channels import DeliveryState, Setting, ShopChannel
from bot.domain.conversation import Conversation
from bot.domain.invoices import InvoiceDetails, RequestState
from bot.domain.suggestion import FactUsed
from bot.open_internet import OpenInternet
from bot.ports import NotFound
from bot.ports.channels import Incoming, Unverified
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.services.order_proof import Proof
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from tests.integration.engines import Secret, real_parts, running, two_shops
from tests.integration.webhook_peer import WebhookPeer, signed, webhook_peer
from tests.web.memory_app import StandingClock

LOCAL = OpenInternet((ip_network("127.0.0.1/32"),))
POLICY = AutoReplyPolicy(
    is_on=True,
    groups={group: GroupRule(Mode.AUTOMATIC) for group in ("stock", "logistics")},
    hand_over="马上转人工",
)
ASKS = "有货吗"


@dataclass
class TalkativeDialogue:
    """Tells each shop's buyers its own word, and of an order where a test has it do so."""

    words: dict[str, str] = field(default_factory=dict)
    order_no: str = ""

    @property
    def state(self) -> str:
        return "ready"

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        about = FactUsed("order_no", self.order_no, "sheet", "2026-03-05T02:00:00+00:00", stale=False)
        bubble = DialogueBubble(f"{self.words[shop]}在的", "stock", (about,) if self.order_no else ())
        return DialogueTurn((bubble,), events=({"event": "slot", "value": self.words[shop]},))


@dataclass
class Side:
    """A shop, and the integrator of its channel."""

    secret: Secret
    peer: WebhookPeer

    @property
    def shop(self) -> str:
        return self.secret.shop


@dataclass
class Town:
    """Both shops on one worker."""

    engine: Engine
    clock: StandingClock
    dialogue: TalkativeDialogue
    left: Side
    right: Side

    async def post(
        self, side: Side, document: dict[str, Any], *, secret: str = "", verified: bool = True
    ) -> None:
        """Let the shop's integrator send something."""
        buyer = {"id": "b-1", "verified": verified}
        told = {"type": "message", "id": "m-1", "buyer": buyer, "thread": "t-1", **document}
        body = json.dumps(told).encode()
        receiving = self.engine.channels.receiving
        place, adapter = await receiving.place_of(side.shop, "hook")
        headers = signed(body, secret or side.peer.secret, self.clock.now())
        await receiving.take(place, receiving.read(place, adapter, Incoming(headers, body)))

    async def talk(self, side: Side, *, verified: bool = True) -> Conversation:
        store, external = self.engine.parts.conversations, "b-1" if verified else "unverified:b-1"
        buyer = await store.find_buyer(side.shop, "webhook:hook", external)
        assert buyer is not None
        return (await store.buyer_conversations(side.shop, buyer.id, 1))[0]

    async def answer(self) -> list[Deed | None]:
        """Let software take all turns that are due, send and deliver what follows."""
        self.clock.moment += timedelta(seconds=4)
        answering, shops = self.engine.answering, (self.left.shop, self.right.shop)
        due = await answering.turns.turns_due(self.clock.now(), 99)
        deeds = [await answering.auto_replies.take_turn(*each) for each in sorted(due) if each[0] in shops]
        for _ in range(5):
            self.clock.moment += timedelta(seconds=3)
            await answering.outbox.send_due()
            while begun := await self.engine.channels.delivering.begin_due():
                await asyncio.gather(*begun)
        return deeds


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    clock, dialogue = StandingClock(), TalkativeDialogue()
    parts = replace(real_parts(database, clock), dialogue=dialogue, channel_kinds=all_kinds(LOCAL))
    async with AsyncExitStack() as stack:
        sides = []
        for secret in await two_shops(parts):
            peer = await stack.enter_async_context(webhook_peer())
            peer.secret = f"secret-of-{secret.shop}"
            settings: dict[str, Setting] = {"url": peer.url, "vouches": True}
            channel = ShopChannel("hook", "webhook", secret.word, settings=settings)
            await parts.channels.put_channel(secret.shop, channel, {"secret": peer.secret}, clock.now())
            await parts.auto_replies.put_policy(secret.shop, POLICY)
            dialogue.words[secret.shop] = secret.word
            sides.append(Side(secret, peer))
        engine = await stack.enter_async_context(running(parts))
        await engine.workspace.guard._read_all()
        yield Town(engine, clock, dialogue, *sides)


async def everything_of(town: Town, side: Side) -> str:
    """Return all that is kept and told of the shop's automatic answers, as text."""
    parts, turns, shop = town.engine.parts, town.engine.answering.turns, side.shop
    talk = await town.talk(side)
    await town.engine.recorder.close()  # the log is whole
    kept = [
        await turns.read_turn(shop, talk.id, 99),
        await turns.list_sends(shop, tuple(SendState), 99),
        await turns.list_hand_overs(shop, talk.id, 99),
        await parts.channels.list_channels(shop),
        await parts.channels.list_deliveries(shop, "hook", tuple(DeliveryState), 99),
        await town.engine.talks.invoice_requests.page(shop, tuple(RequestState)),
        await parts.events.read(shop, 99),
        await parts.conversations.feed_since(shop, 0, 99),
        side.peer.calls,
    ]
    return repr(kept)


async def test_the_same_ids_in_two_shops_are_two_buyers_two_answers_and_two_deliveries(town: Town) -> None:
    for side in (town.left, town.right):
        await town.post(side, {"text": ASKS})
    assert await town.answer() == [Deed.REPLY, Deed.REPLY]
    for side in (town.left, town.right):
        talk = await town.talk(side)
        await town.engine.talks.invoice_requests.make(
            side.shop, talk.id, InvoiceDetails(heading=side.secret.word)
        )
        await town.engine.answering.handing_over.hand_over(side.shop, talk.id, Reason.EXPIRED)
    await town.answer()
    for side, other in ((town.left, town.right), (town.right, town.left)):
        assert f"{side.secret.word}在的" in side.peer.kept()
        assert {call["shop"] for call in side.peer.calls} == {side.shop}
        told = await everything_of(town, side)
        assert side.secret.word in told
        for strange in (other.secret.word, other.shop, other.peer.secret, (await town.talk(other)).id):
            assert strange not in told


async def test_the_secret_of_one_shops_channel_opens_no_other_of_the_same_name(town: Town) -> None:
    with pytest.raises(Unverified):
        await town.post(town.left, {"text": ASKS}, secret=town.right.peer.secret)
    buyer = await town.engine.parts.conversations.find_buyer(town.left.shop, "webhook:hook", "b-1")
    assert buyer is None


async def test_nothing_of_another_shop_is_found_or_changed_by_its_id(town: Town) -> None:
    for side in (town.left, town.right):
        await town.post(side, {"text": ASKS})
    await town.answer()
    here, theirs = town.left.shop, await town.talk(town.right)
    await town.engine.talks.invoice_requests.make(town.right.shop, theirs.id, InvoiceDetails(heading="一"))
    await town.engine.answering.handing_over.hand_over(town.right.shop, theirs.id, Reason.EXPIRED)
    before = await everything_of(town, town.right)
    parts, answering, proofs = town.engine.parts, town.engine.answering, town.engine.talks.proofs
    turns, requests, now = answering.turns, town.engine.talks.invoice_requests, town.clock.now()
    (sent,) = await turns.list_sends(town.right.shop, (SendState.SENT,), 9)
    request = (await requests.page(town.right.shop, tuple(RequestState))).requests[0].id
    key = (await parts.channels.list_deliveries(town.right.shop, "hook", tuple(DeliveryState), 9))[0].key
    for refused in (
        turns.read_turn(here, theirs.id, 9),
        turns.list_decisions(here, theirs.id, 9),
        turns.list_hand_overs(here, theirs.id, 9),
        turns.get_send(here, sent.key),
        turns.settle_send(here, sent.key, SendState.WAITING, now),
        answering.handing_over.hand_over(here, theirs.id, Reason.EXPIRED, urgent=True),
        answering.stepping_in.step_in(here, theirs.id, "a-1"),
        answering.auto_replies.take_turn(here, theirs.id),
        parts.channels.retry_delivery(here, theirs.id, 1, now),
        proofs.may_see(here, theirs.id, town.right.secret.order_no),
        proofs.may_hear(here, theirs.id, [town.right.secret.order_no]),
        requests.make(here, theirs.id, InvoiceDetails(heading="二")),
        requests.get(here, request),
        requests.settle(here, request, RequestState.CANCELLED, "", "a-1"),
        town.engine.talks.orders.begin(here, theirs.id, "logistics_track", "到哪了", "zh"),
        town.engine.talks.stock.begin(here, theirs.id, "stock_available", "短袖有货吗", "zh"),
        town.engine.talks.invoices.begin(here, theirs.id, "invoice_can", "我要开发票", "zh"),
    ):
        with pytest.raises(NotFound):
            await refused
    assert await turns.drop_sends(here, theirs.id, "x") == 0
    assert await parts.channels.find_delivery(here, "hook", key) is None
    assert await parts.channels.thread_of(here, theirs.id) == ""
    assert await parts.channels.conversation_of(here, "hook", "t-1") == (await town.talk(town.left)).id
    assert await everything_of(town, town.right) == before


async def test_a_thread_of_another_shop_closes_and_silences_nothing(town: Town) -> None:
    await town.post(town.right, {"text": ASKS, "thread": "t-theirs"})
    for number, status in enumerate(("closed", "person", "software")):
        told = {"type": "status", "status": status, "id": f"s-{number}", "thread": "t-theirs"}
        receiving = town.engine.channels.receiving
        body = json.dumps({**told, "buyer": {"id": "b-1"}}).encode()
        place, adapter = await receiving.place_of(town.left.shop, "hook")
        headers = signed(body, town.left.peer.secret, town.clock.now())
        await receiving.take(place, receiving.read(place, adapter, Incoming(headers, body)))
    theirs = await town.talk(town.right)
    assert (theirs.state, theirs.person_at) == ("open", None)


async def test_an_order_of_another_shop_is_neither_told_nor_proven_nor_shown_to_exist(town: Town) -> None:
    town.dialogue.order_no = town.right.secret.order_no
    await town.post(town.left, {"text": ASKS})
    assert await town.answer() == [Deed.HAND_OVER]
    assert town.left.peer.kept() == ["马上转人工"]
    proofs, talk = town.engine.talks.proofs, await town.talk(town.left)
    for number in (town.right.secret.order_no, "20200101999999999"):
        assert await proofs.prove(town.left.shop, talk, number, "0000") is Proof.WRONG
    invoice = await town.engine.talks.invoice_requests.make(
        town.left.shop, talk.id, InvoiceDetails(heading="一", order_no=town.right.secret.order_no)
    )
    assert not invoice.order_is_proven


async def test_an_order_is_not_told_to_who_only_says_that_he_is_its_buyer(town: Town) -> None:
    """The same id at the same channel, once vouched for and once not, are two buyers."""
    side, facts = town.left, town.engine.parts.facts
    order = await facts.find_order(side.shop, side.secret.order_no)
    assert order is not None
    await facts.put_orders(side.shop, [replace(order, buyer_id="b-1")])
    await town.post(side, {"text": "我的", "id": "m-1"})
    await town.post(side, {"text": "我的", "id": "m-2"}, verified=False)
    proofs = town.engine.talks.proofs
    own, other = await town.talk(side), await town.talk(side, verified=False)
    assert own.id != other.id
    assert await proofs.may_see(side.shop, own.id, order.order_no)
    assert not await proofs.may_see(side.shop, other.id, order.order_no)
    assert not await proofs.may_hear(side.shop, other.id, [f"{order.order_no}到哪了"])
    told = await town.engine.talks.orders.begin(
        side.shop, other.id, "logistics_track", "我的快递到哪了", "zh"
    )
    assert side.secret.word not in repr(told)


async def test_neither_notices_of_the_database_nor_the_log_hold_a_word_or_a_secret(
    town: Town, postgres: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    connection = await asyncpg.connect(postgres.owner_dsn)
    for name in ("kuaihui_feed", "kuaihui_shops", "kuaihui_access", "kuaihui_typing"):
        await connection.add_listener(name, lambda *given: heard.append(str(given[3])))
    with caplog.at_level(logging.DEBUG, logger="bot"):
        town.left.peer.statuses = [500, 400]
        for side in (town.left, town.right):
            await town.post(side, {"text": f"{ASKS}我住花园路八号"})
            await town.post(side, {"text": "我要投诉你们", "id": "m-2"})
        await town.answer()
        await town.answer()
    await connection.execute("SELECT 1")
    await connection.close()
    assert any(line.startswith(f"{town.left.shop} ") for line in heard)
    words = ("有货", "花园路", "投诉", "马上转人工", town.left.secret.word, town.left.peer.secret, "b-1")
    for word in words:
        assert not [line for line in heard if word in line]
        assert not [line for line in caplog.messages if word in line]
