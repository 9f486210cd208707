"""The demo's buyers: their scripts, and how they pace themselves."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.account import ShopScope
from bot.domain.conversation import Conversation
from bot.domain.shop import Shop
from bot.services.demo_buyers import DemoBuyers, Pacing, Play
from bot.services.demo_scripts import InvalidScript, Line, Script, load_scripts
from bot.services.packs import load_pack
from bot.settings import PROJECT_ROOT
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY
from tests.unit.fakes.plain_conversing import PlainConversing

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
FOLDER = PROJECT_ROOT / "templates" / "demo" / "buyers"
FILES = sorted(FOLDER.glob("*.yml"))


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def a_script(*turns: tuple[str, ...], mood: str = "calm", shop: str = "tea", buyer: str = "b-1") -> Script:
    lines = tuple(tuple(Line(text) for text in turn) for turn in turns)
    return Script(shop, buyer, "tb_****12", "", mood, lines, ("人呢",), ("谢谢",))


class Stage:
    """Demo buyers over stores in memory, and a clock."""

    def __init__(self, scripts: list[Script]) -> None:
        self.clock = HandClock()
        self.memory = Memory()
        self.store = MemoryConversations(self.memory, SIMPLIFY)
        self.conversing = PlainConversing(self.store, self.clock)
        self.scripts, self.pacing = scripts, Pacing()
        self.shops = frozenset(script.shop for script in scripts)
        self.buyers = self.begin()

    def begin(self) -> DemoBuyers:
        return DemoBuyers(
            self.scripts,
            self.store,
            self.conversing,
            self.clock,
            pacing=self.pacing,
            chance=random.Random(7),
        )

    async def open_shops(self) -> None:
        for shop in self.shops:
            await MemoryShops(self.memory).put_shop(Shop(shop, shop))

    async def run(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(round(seconds / step)):
            await self.buyers.step()
            self.clock.pass_by(step)
        await self.buyers.step()

    async def open(self) -> list[tuple[str, Conversation]]:
        return await self.store.queue(ShopScope("a1", self.shops), ["open"], 1000)

    async def said(self, shop: str, conversation: str) -> list[str]:
        return [each.text for each in await self.store.messages_after(shop, conversation, 0)]


@pytest.fixture
async def demo() -> Stage:
    """The demo as it is served."""
    stage = Stage([script for path in FILES for script in load_scripts(path)])
    await stage.open_shops()
    return stage


async def a_stage(*scripts: Script) -> Stage:
    stage = Stage(list(scripts))
    await stage.open_shops()
    return stage


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_demo_shop_has_buyers_of_all_kinds_who_name_only_what_it_has(path: Path) -> None:
    scripts = load_scripts(path)
    pack = load_pack((FOLDER.parent / path.name).read_bytes(), path.name, NOW)
    products = {product.id for product in pack.products}
    orders = {order.order_no: order.buyer_id for order in pack.orders}
    assert len(scripts) >= 8
    assert {script.mood for script in scripts} == {"calm", "hurried", "angry"}
    assert {script.viewed for script in scripts} <= products | {""}
    assert len({script.buyer for script in scripts}) == len(scripts)
    assert any(len(turn) >= 3 for script in scripts for turn in script.turns)
    for script in scripts:
        for line in (line for turn in script.turns for line in turn if line.text.isdecimal()):
            assert orders[line.text] == script.buyer


def test_there_are_scripts_for_the_three_demo_shops() -> None:
    assert {path.stem for path in FILES} == {path.stem for path in FOLDER.parent.glob("*.yml")}


def test_no_buyer_bears_a_name_that_could_be_a_persons() -> None:
    assert all(
        "****" in script.nickname or "_" in script.nickname for path in FILES for script in load_scripts(path)
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("shop: tea\nbuyers:\n  - nickname: a\n    turns: [[嗯], []]\n", "line 4: buyers[0].turns[1]"),
        ("shop: tea\nbuyers:\n  - nickname: a\n    mood: sad\n    turns: [[嗯]]\n", "line 4: buyers[0].mood"),
        ("shop: tea\nbuyers: []\n", "line 2: buyers"),
        ("shop: [", "line 2"),
    ],
)
def test_a_broken_script_is_refused_with_its_line(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "tea.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidScript) as refused:
        load_scripts(tmp_path / "tea.yml")
    assert str(refused.value).startswith("tea.yml")
    assert named in str(refused.value)


async def test_the_demo_begins_with_a_living_queue_over_all_its_shops(demo: Stage) -> None:
    await demo.run(2)
    assert len(await demo.open()) >= 4
    await demo.run(30)
    queue = await demo.open()
    assert 9 <= len(queue) <= 11
    assert {shop for shop, _ in queue} == demo.shops


async def test_buyers_keep_coming_until_the_bound_and_never_beyond(demo: Stage) -> None:
    await demo.run(150)
    assert len(await demo.open()) >= 11
    most = 0
    for _ in range(30):
        await demo.run(60, step=5)
        most = max(most, len(await demo.open()))
    assert 15 <= most <= demo.pacing.at_once


async def test_whom_its_buyer_left_long_ago_is_closed_and_the_queue_lives_on(demo: Stage) -> None:
    await demo.run(40)
    first = {each.id for _, each in await demo.open()}
    await demo.run(45 * 60, step=5)
    still = {each.id for _, each in await demo.open()}
    assert still
    assert not first & still


async def test_a_question_comes_in_bubbles_with_the_time_that_typing_takes() -> None:
    stage = await a_stage(a_script(("在吗", "黑色L码还有货吗", "什么时候发")))
    await stage.run(60)
    [(shop, conversation)] = await stage.open()
    messages = await stage.store.messages_after(shop, conversation.id, 0)
    assert [each.text for each in messages][:3] == ["在吗", "黑色L码还有货吗", "什么时候发"]
    said = [each.at for each in messages[:3]]
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(said)]
    assert all(2 <= gap <= 8 for gap in gaps)


async def test_a_reply_brings_the_follow_up_and_the_last_one_a_thank_you() -> None:
    stage = await a_stage(a_script(("有货吗",), ("L码呢",)))
    await stage.run(40)
    [(shop, conversation)] = await stage.open()
    await stage.conversing.answer(shop, conversation.id, "有的")
    await stage.run(30)
    await stage.conversing.answer(shop, conversation.id, "L码也有", author="auto")
    await stage.run(30)
    assert await stage.said(shop, conversation.id) == ["有货吗", "有的", "L码呢", "L码也有", "谢谢"]


async def test_who_gets_no_answer_asks_again_the_angry_ones_sooner_and_more_often() -> None:
    asked = {}
    for mood in ("calm", "angry"):
        stage = await a_stage(a_script(("有货吗",), mood=mood))
        await stage.run(200)
        [(shop, conversation)] = await stage.open()
        asked[mood] = (await stage.said(shop, conversation.id)).count("人呢")
    assert asked == {"calm": 1, "angry": 3}


async def test_a_reply_while_the_buyer_still_types_does_not_cut_its_turn_short() -> None:
    stage = await a_stage(a_script(("在吗", "我想问一下", "这个什么时候发货"), ("好的",)))
    await stage.run(1)
    [(shop, conversation)] = await stage.open()
    await stage.conversing.answer(shop, conversation.id, "在的亲")
    await stage.run(20)
    assert await stage.said(shop, conversation.id) == ["在吗", "在的亲", "我想问一下", "这个什么时候发货"]


async def test_a_buyer_whom_the_shop_said_goodbye_to_does_not_come_back_to_ask_again() -> None:
    stage = await a_stage(a_script(("有货吗",), mood="angry"))
    stage.pacing = Pacing(at_first=2, first_within=3600)
    stage.buyers = stage.begin()
    await stage.run(5)
    [(shop, conversation)] = await stage.open()
    await stage.conversing.close(shop, conversation.id, "")
    await stage.run(120)
    assert await stage.open() == []


def test_a_buyer_who_only_thanked_is_gone_and_never_nags() -> None:
    play = Play(a_script(("好的谢谢",)), NOW, random.Random(1))
    assert play.say(NOW) == "好的谢谢"
    assert play.is_over
    assert play.say(NOW + timedelta(hours=1)) is None


async def test_a_new_start_takes_up_what_the_last_one_left_open() -> None:
    shops = ("tea", "lamp", "silk")
    scripts = [a_script(("有货吗",), shop=shop, buyer=f"b-{number}") for shop in shops for number in range(8)]
    stage = await a_stage(*scripts)
    await stage.run(40)
    before = {each.id for _, each in await stage.open()}
    stage.buyers = stage.begin()
    await stage.run(10)
    assert {each.id for _, each in await stage.open()} == before
    stage.clock.pass_by(3600)
    stage.buyers = stage.begin()
    await stage.run(40)
    after = {each.id for _, each in await stage.open()}
    assert len(after) >= 9
    assert not after & before


async def test_a_shop_that_was_deleted_does_not_stop_the_others() -> None:
    stage = await a_stage(a_script(("有货吗",), shop="tea"), a_script(("有货吗",), shop="lamp", buyer="b-2"))
    del stage.memory.shops["tea"]
    await stage.run(40)
    stage.shops = frozenset({"lamp"})
    assert [shop for shop, _ in await stage.open()] == ["lamp"]
