"""Dialogues about orders and stock over the real Rasa and PostgreSQL: to an order's own buyer alone, and each shop by itself."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.bootstrap.dialogues import actions_url, serve_actions
from bot.bootstrap.engine import Engine
from bot.domain.conversation import Buyer, Conversation
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.ports import NewMessage
from bot.ports.dialogue import DialogueTurn
from bot.services.order_proof import MOST_WRONG
from bot.services.order_talk import MOST_WRONG_AT_ONCE
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.storage.database import Database
from tests.integration.engines import real_parts, running
from tests.integration.rasa_models import RASA_PYTHON, ROOT, project_model

SHOP = """
kuaihui: 1
shop: {{id: {shop}, name: 店{shop}, languages: [zh, en]}}
products:
  - id: tee
    title: 纯棉短袖
    title_en: Cotton tee
    aliases: [短袖, tee]
    variants:
      - {{sku: bl, options: {{colour: 黑色, size: L}}, stock: 12}}
      - {{sku: bm, options: {{colour: 黑色, size: M}}, stock: 9}}
      - {{sku: wl, options: {{colour: 白色, size: L}}, stock: 0, restock: +5d}}
orders:
  - {{order_no: "3326001000514149001", status: shipped, items: ["短袖 ×1"], buyer_id: b-1, phone_last4: "{digits}", courier: 中通快递,
      tracking_no: YT75300000001, tracking_status: 已到{shop}转运中心, eta: +2d}}
  - {{order_no: "3326001000514149002", status: paid, items: ["短袖 ×1"], buyer_id: b-2, phone_last4: "0702", paid_at: -4d, promised_ship_by: -1d}}
entries: []
"""
MINE, NOWHERE = "3326001000514149001", "3326001000999999999"
LEFT, RIGHT = "talk-left", "talk-right"
_PATIENCE = 120.0
_keys = itertools.count()


@dataclass
class Scene:
    """The running parts; `past` is what each conversation's dialogue left."""

    engine: Engine
    dialogue: RasaDialogue
    past: dict[str, tuple[dict[str, object], ...]] = field(default_factory=dict)

    async def opened(self, shop: str, who: str, channel: str = "web_chat") -> Conversation:
        stores = self.engine.parts
        return await stores.conversations.open_conversation(
            shop, Buyer("", who, channel, who), stores.clock.now()
        )

    async def says(self, shop: str, talk: Conversation, text: str) -> DialogueTurn:
        """Let the buyer speak, and the dialogue answer."""
        stores = self.engine.parts
        message = NewMessage("buyer", text, stores.clock.now(), f"k{next(_keys)}")
        await stores.conversations.write_message(shop, talk.id, message, lambda _: {})
        turn = await self.dialogue.take_turn(shop, talk.id, text, self.past.get(talk.id, ()))
        self.past[talk.id] = turn.events
        for bubble in turn.bubbles:
            said = NewMessage("auto", bubble.text, stores.clock.now(), f"k{next(_keys)}")
            await stores.conversations.write_message(shop, talk.id, said, lambda _: {})
        return turn


@pytest.fixture(scope="module")
async def scene(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    model = await asyncio.to_thread(project_model)
    listener = socket.create_server(("127.0.0.1", 0))
    folder = tmp_path_factory.mktemp("rasa")
    rasa = RasaProcess(folder, ROOT, RASA_PYTHON, model=model, actions_url=actions_url(listener))
    await rasa.start()
    try:
        async with running(real_parts(database)) as engine, serve_actions(engine, rasa.secret, listener):
            for shop, digits in ((LEFT, "0670"), (RIGHT, "0671")):
                pack = load_pack(
                    SHOP.format(shop=shop, digits=digits).encode(), "t.yml", engine.parts.clock.now()
                )
                await load_shop(engine.parts.shops, engine.parts.entries, engine.parts.facts, pack)
            async with asyncio.timeout(_PATIENCE):
                while rasa.state != "running":  # noqa: ASYNC110 - another process has no event to wait for
                    await asyncio.sleep(0.05)
            dialogue = RasaDialogue(rasa.url, rasa.secret, lambda: "ready", timeout=10)
            await dialogue.start()
            yield Scene(engine, dialogue)
            await dialogue.close()
    finally:
        await rasa.stop()


def words(turn: DialogueTurn) -> str:
    return "\n".join(bubble.text for bubble in turn.bubbles)


async def test_anothers_order_is_refused_like_one_that_there_is_not_and_ones_own_is_told(
    scene: Scene,
) -> None:
    kinds: list[tuple[object, ...]] = []
    for who, number in (("甲", MINE), ("乙", NOWHERE)):
        talk = await scene.opened(LEFT, who)
        first = await scene.says(LEFT, talk, f"{number} 我的快递到哪了")
        wrong = await scene.says(LEFT, talk, "9999")
        for turn in (first, wrong):
            assert [bubble.asks for bubble in turn.bubbles] == [True]
            assert not any(fact.name for bubble in turn.bubbles for fact in bubble.facts)
            kinds.append((who, turn.active, turn.hand_over, "后四位" in words(turn), "对上" in words(turn)))
    assert [kind[1:] for kind in kinds[:2]] == [kind[1:] for kind in kinds[2:]]
    mine = await scene.opened(LEFT, "丙")
    await scene.says(LEFT, mine, "我的快递到哪了")
    await scene.says(LEFT, mine, MINE)
    told = await scene.says(LEFT, mine, "0670")
    assert "YT75300000001" in words(told)
    assert f"已到{LEFT}转运中心" in words(told)
    assert told.active == ""
    assert all(any(f.name == "order_no" and f.value == MINE for f in bubble.facts) for bubble in told.bubbles)


async def test_after_so_many_wrong_tries_a_person_goes_on(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "丁")
    turn = await scene.says(LEFT, talk, "帮我查下物流")
    for n in range(MOST_WRONG):
        assert turn.hand_over == ("" if n < MOST_WRONG_AT_ONCE else "order_unproven")
        turn = await scene.says(LEFT, talk, f"{MINE} 到哪了 尾号{n:04}")
    assert (turn.hand_over, turn.active, turn.bubbles) == ("order_unproven", "", ())
    again = await scene.says(LEFT, talk, f"{MINE} 0670 到哪了")
    assert "YT75300000001" not in words(again)
    assert again.hand_over == "order_unproven"


async def test_a_late_order_goes_to_a_person_as_urgent(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "b-2", channel="webhook:main")
    turn = await scene.says(LEFT, talk, "我的订单怎么还不发货，什么时候发货")
    assert (turn.hand_over, turn.urgent) == ("late_order", True)
    assert turn.bubbles
    assert any("3326001000514149002" in line for line in turn.open)


async def test_shops_with_the_same_order_number_stay_apart(scene: Scene) -> None:
    for shop, other, digits in ((LEFT, RIGHT, "0670"), (RIGHT, LEFT, "0671")):
        talk = await scene.opened(shop, "戊")
        told = await scene.says(shop, talk, f"{MINE} {digits} 我的快递到哪了")
        assert f"已到{shop}转运中心" in words(told)
        assert other not in words(told)


async def test_a_variant_is_asked_for_corrected_and_offered(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "己")
    asked = await scene.says(LEFT, talk, "短袖还有货吗")
    assert asked.active == "stock_form"
    assert asked.bubbles[0].asks
    assert "黑色 L" in words(asked)
    aside = await scene.says(LEFT, talk, "发什么快递？")
    assert [bubble.is_reminder for bubble in aside.bubbles] == [True]
    assert aside.active == "stock_form"
    out = await scene.says(LEFT, talk, "不是黑的 要白的L码")
    assert (out.active, out.hand_over) == ("", "")
    assert "白色 L" in out.bubbles[0].text
    assert "黑色 L" in out.bubbles[1].text
    order = await scene.says(LEFT, talk, "短袖有货吗")
    order = await scene.says(LEFT, talk, "对了我的快递到哪了")
    assert order.active == "order_form"
    over = await scene.says(LEFT, talk, "算了不查了")
    assert (over.active, over.hand_over) == ("", "")
