"""Reading and playing tests/conversations/test_*.yml: what buyers say to the real Rasa, and what must follow."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.bootstrap.engine import Engine
from bot.domain.conversation import Buyer
from bot.ports.dialogue import Dialogue, DialogueTurn
from bot.services.documents import Loading, OrderDocument
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from tests.integration.rasa_models import ROOT

FOLDER = ROOT / "tests" / "conversations"
_PACKS = ROOT / "templates" / "demo"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlayedBuyer(_Form):
    """Who speaks: without an `external_id` somebody new. `viewed` is the product or item whose page he came from."""

    channel: str = "web_chat"
    external_id: str = ""
    viewed: str = ""


class PlayedTurn(_Form):
    """What the buyer says (a bubble or several), and all that follows: what is not named here must not happen.

    `topic` is the group of the dialogue that it begins, where the application knows it.

    `says`: of each bubble, in order, a pattern that stands in it. `waits`: the form that waits after it. `asks` and `reminds`
    speak of the last bubble.
    """

    buyer: str | list[str]
    topic: str = ""
    says: list[str] = []
    group: str = ""
    asks: bool = False
    reminds: bool = False
    waits: str = ""
    person: str = ""
    urgent: bool = False
    open: list[str] = []

    @property
    def text(self) -> str:
        return self.buyer if isinstance(self.buyer, str) else "\n".join(self.buyer)


class PlayedConversation(_Form):
    """One conversation. `name` says what is tried; `orders` are put beside those of the shop's pack."""

    name: str
    buyer: PlayedBuyer = PlayedBuyer()
    orders: list[dict[str, Any]] = []
    turns: list[PlayedTurn] = Field(min_length=1)


class PlayedTopic(_Form):
    """A file: `shop` is the name of a pack of templates/demo/."""

    shop: str
    conversations: list[PlayedConversation] = Field(min_length=1)


def read_topics() -> list[tuple[str, str, PlayedConversation]]:
    """Return (file, shop, conversation) of every file."""
    found = []
    for path in sorted(FOLDER.glob("test_*.yml")):
        topic = PlayedTopic.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        found += [(path.stem, topic.shop, played) for played in topic.conversations]
    return found


async def load_packs(engine: Engine) -> None:
    """Write the demo's shops."""
    parts = engine.parts
    for path in sorted(_PACKS.glob("*.yml")):
        pack = load_pack(path.read_bytes(), path.name, parts.clock.now(), is_demo=True)
        await load_shop(parts.shops, parts.entries, parts.facts, pack)


async def play(
    engine: Engine, dialogue: Dialogue, shop: str, played: PlayedConversation, number: int
) -> None:
    """Say turn after turn as a buyer of his own, and compare what follows. Raises AssertionError."""
    await _put_orders(engine, shop, played.orders)
    who = played.buyer.external_id or f"played-{number}"
    buyer = Buyer(f"played-{number}", "买家", played.buyer.channel, who, viewed=played.buyer.viewed)
    conversing, past = engine.workspace.conversing, tuple[dict[str, object], ...]()
    for turn_number, turn in enumerate(played.turns, start=1):
        bubbles = turn.text.splitlines()
        for line_number, line in enumerate(bubbles):
            heard = await conversing.receive(shop, buyer, line, key=f"{number}-{turn_number}-{line_number}")
        conversation = heard.conversation.id
        taken = await dialogue.take_turn(shop, conversation, turn.text, past, turn.topic)
        compare(turn, taken)
        past = taken.events
        for n, bubble in enumerate(taken.bubbles):
            await conversing.say_automatically(
                shop, conversation, bubble.text, key=f"{number}-{turn_number}-auto-{n}"
            )


def compare(expected: PlayedTurn, taken: DialogueTurn) -> None:
    """Raises AssertionError when something else happened than was expected."""
    said = [bubble.text for bubble in taken.bubbles]
    after = f"after {expected.text!r} was said {said}, {taken.active or 'nothing'} waits, person: {taken.hand_over!r}"
    assert len(said) == len(expected.says), after
    for pattern, text in zip(expected.says, said, strict=True):
        assert re.search(pattern, text), f"{pattern!r} does not stand in {text!r}; {after}"
    last = taken.bubbles[-1] if taken.bubbles else None
    assert (last is not None and last.asks) is expected.asks, f"asks; {after}"
    assert (last is not None and last.is_reminder) is expected.reminds, f"reminds; {after}"
    assert not expected.group or {bubble.group for bubble in taken.bubbles} == {expected.group}, (
        f"group; {after}"
    )
    assert (taken.active, taken.hand_over, taken.urgent) == (
        expected.waits,
        expected.person,
        expected.urgent,
    ), after
    assert len(taken.open) == len(expected.open), f"open: {taken.open}; {after}"
    for pattern, line in zip(expected.open, taken.open, strict=True):
        assert re.search(pattern, line), f"open: {pattern!r} does not stand in {line!r}"


async def _put_orders(engine: Engine, shop: str, orders: list[dict[str, Any]]) -> None:
    if not orders:
        return
    held = await engine.live_shops.get(shop)
    loading = Loading(engine.parts.clock.now(), ZoneInfo(held.snapshot.shop.timezone), "订单表")
    documents = [OrderDocument.model_validate(order) for order in orders]
    await engine.parts.facts.put_orders(shop, [document.to_order(loading) for document in documents])
