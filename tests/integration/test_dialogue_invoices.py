"""Dialogues about invoices over the real Rasa and PostgreSQL: through a killed Rasa, each shop by itself, gone with the buyer."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.bootstrap.dialogues import actions_url, serve_actions
from bot.bootstrap.engine import Engine
from bot.domain.conversation import Buyer, Conversation
from bot.domain.invoices import InvoiceDetails, InvoiceRequest
from bot.nlu.dialogue import RasaDialogue
from bot.nlu.process import RasaProcess
from bot.ports import NewMessage
from bot.ports.dialogue import DialogueTurn
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.storage.database import Database
from tests.integration.engines import real_parts, running
from tests.integration.rasa_models import RASA_PYTHON, ROOT, project_model

SHOP = """
kuaihui: 1
shop: {{id: {shop}, name: 店{shop}, languages: [zh, en]}}
facts: {{发票类型: {kinds}, 开票时限: {time}, 开票内容: 商品明细}}
entries: []
"""
LEFT, RIGHT = "bill-left", "bill-right"
TAX, ORDER = "91350100M000100Y43", "3021457896541236547"
_PATIENCE = 120.0
_keys = itertools.count()


@dataclass
class Scene:
    """The running parts; `past` is what each conversation's dialogue left."""

    engine: Engine
    rasa: RasaProcess
    dialogue: RasaDialogue
    past: dict[str, tuple[dict[str, object], ...]] = field(default_factory=dict)

    async def opened(self, shop: str, who: str) -> Conversation:
        stores = self.engine.parts
        return await stores.conversations.open_conversation(
            shop, Buyer("", who, "web_chat", who), stores.clock.now()
        )

    async def says(self, shop: str, talk: Conversation, text: str) -> DialogueTurn:
        """Let the buyer speak, and the dialogue answer."""
        stores = self.engine.parts
        message = NewMessage("buyer", text, stores.clock.now(), f"k{next(_keys)}")
        await stores.conversations.write_message(shop, talk.id, message, lambda _: {})
        turn = await self.dialogue.take_turn(shop, talk.id, text, self.past.get(talk.id, ()))
        self.past[talk.id] = turn.events
        return turn

    async def played(self, shop: str, talk: Conversation, *texts: str) -> DialogueTurn:
        """Let the buyer say these one after another; return the last turn."""
        return [await self.says(shop, talk, text) for text in texts][-1]

    async def requests(self, shop: str, talk: Conversation) -> list[InvoiceRequest]:
        return list(await self.engine.talks.invoice_requests.of_conversation(shop, talk.id))

    async def kill_rasa(self) -> None:
        """Kill the server, and wait until another stands in its place."""
        killed = self.rasa.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(_PATIENCE):
            while self.rasa.pid in (None, killed):  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.05)
        await self.is_up()

    async def is_up(self) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self.rasa.state != "running":  # noqa: ASYNC110 - another process has no event to wait for
                await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def scene(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    model = await asyncio.to_thread(project_model)
    listener = socket.create_server(("127.0.0.1", 0))
    folder = tmp_path_factory.mktemp("rasa")
    rasa = RasaProcess(folder, ROOT, RASA_PYTHON, model=model, actions_url=actions_url(listener))
    await rasa.start()
    try:
        async with running(real_parts(database)) as engine, serve_actions(engine, rasa.secret, listener):
            for shop, kinds, time in ((LEFT, "电子普通发票", "3天内"), (RIGHT, "纸质普通发票", "次月15号前")):
                text = SHOP.format(shop=shop, kinds=kinds, time=time).encode()
                pack = load_pack(text, "t.yml", engine.parts.clock.now())
                await load_shop(engine.parts.shops, engine.parts.entries, engine.parts.facts, pack)
            dialogue = RasaDialogue(rasa.url, rasa.secret, lambda: "ready", timeout=10)
            await dialogue.start()
            scene = Scene(engine, rasa, dialogue)
            await scene.is_up()
            yield scene
            await dialogue.close()
    finally:
        await rasa.stop()


def words(turn: DialogueTurn) -> str:
    return "\n".join(bubble.text for bubble in turn.bubbles)


async def test_an_invoice_goes_on_after_rasa_was_killed_in_the_middle_of_it(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "甲")
    turn = await scene.played(LEFT, talk, "我要发票", f"抬头云州测试有限公司 税号{TAX}")
    assert "订单" in words(turn)
    await scene.kill_rasa()
    turn = await scene.says(LEFT, talk, ORDER)
    assert (turn.active, "邮箱" in words(turn)) == ("invoice_form", True)
    turn = await scene.played(LEFT, talk, "cai@example.com", "确认")
    assert "3天内" in words(turn)
    [request] = await scene.requests(LEFT, talk)
    details = request.details
    assert (details.heading, details.tax_number, details.order_no, details.email) == (
        "云州测试有限公司", TAX, ORDER, "cai@example.com",
    )  # fmt: skip
    assert not request.order_is_proven


async def test_a_turn_that_is_taken_again_makes_no_second_request(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "乙")
    await scene.played(LEFT, talk, "我要发票，抬头个人", ORDER, "cai@example.com")
    before = scene.past[talk.id]
    await scene.says(LEFT, talk, "确认")
    scene.past[talk.id] = before
    await scene.says(LEFT, talk, "确认")
    assert len(await scene.requests(LEFT, talk)) == 1


async def test_each_shop_offers_what_it_has_and_keeps_its_own_requests(scene: Scene) -> None:
    left, right = await scene.opened(LEFT, "丙"), await scene.opened(RIGHT, "丙")
    first = await scene.says(LEFT, left, "我要发票，抬头个人，订单号3021457896541236547")
    second = await scene.says(RIGHT, right, "我要发票，抬头个人，订单号3021457896541236547")
    assert ("邮箱" in words(first), "邮箱" in words(second)) == (True, False)
    await scene.played(LEFT, left, "cai@example.com", "确认")
    turn = await scene.played(RIGHT, right, "寄到福州市测试路1号", "确认")
    assert ("次月15号前" in words(turn), "3天内" in words(turn)) == (True, False)
    assert len(await scene.requests(RIGHT, right)) == 1
    assert await scene.requests(RIGHT, left) == []


async def test_of_an_erased_buyer_nothing_is_left_in_his_request(scene: Scene) -> None:
    talk = await scene.opened(LEFT, "丁")
    await scene.played(LEFT, talk, "我要发票，抬头个人", ORDER, "cai@example.com", "确认")
    await scene.engine.parts.conversations.erase_buyer(LEFT, talk.buyer.id)
    [request] = await scene.requests(LEFT, talk)
    assert request.details == InvoiceDetails()
