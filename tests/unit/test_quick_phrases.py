"""Quick phrases: found by code, words, initials and group; one's own before the shop's; filled with this shop's facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Buyer
from bot.ports import NewMessage, NotFound, Phrase
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.quick_phrases import LIMIT, QuickPhrases
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY
from tests.unit.fakes.counter import Counter

TEA = """
kuaihui: 1
shop: {id: tea, name: 茶铺}
facts: {称呼: 亲, 发货时限: 48小时内}
products:
  - {id: cup, title: 白瓷盖碗, aliases: [盖碗], variants: [{sku: cup-1, stock: 7}]}
  - {id: pot, title: 紫砂茶壶, aliases: [茶壶], variants: [{sku: pot-1, stock: 3}]}
entries:
  - {id: ship, group: shipping, question: 什么时候发货, reply: "{称呼}，{发货时限}发出", short_code: fh}
  - {id: late, group: shipping, question: 怎么还没发货, reply: "{称呼}，正在为您催促", short_code: fhc}
  - {id: bill, group: invoice, question: 可以开发票吗, reply: 可以的，下单时备注抬头}
  - {id: left, group: stock, question: 还有货吗, reply: "{商品}还有{库存}件"}
  - {id: sale, group: price_promo, question: 有活动吗, reply: 满二百减二十, validity: {since: "2026-06-01"}}
  - {id: asks, group: other, question: "When do you ship?", reply: "{发货时限}", language: en}
"""
LAMP = """
kuaihui: 1
shop: {id: lamp, name: 灯具店}
facts: {称呼: 您好, 发货时限: 当天}
entries: [{id: ship, group: shipping, question: 什么时候发货, reply: "{称呼}，{发货时限}发出", short_code: fh}]
"""
ME, COLLEAGUE = "a1", "a2"


class Shelf:
    """Two shops, conversations in them, and the phrases."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.store = MemoryConversations(counter.memory, SIMPLIFY)
        self.phrases = QuickPhrases(
            self.store, counter.live, counter.facts, OpenccNormaliser(), counter.clock
        )

    async def found(self, query: str, shop: str = "tea", conversation: str = "") -> list[str]:
        return [each.id for each in await self.phrases.search(shop, ME, query, conversation)]

    async def text(self, phrase: str, query: str, shop: str = "tea", conversation: str = "") -> str:
        found = await self.phrases.search(shop, ME, query, conversation)
        return next(each.text for each in found if each.id == phrase)

    async def says(self, text: str) -> str:
        now = self.counter.clock.now()
        opened = await self.store.open_conversation("tea", Buyer("", "买家甲", "web", "x1"), now)
        message = NewMessage("buyer", text, now, f"k-{text}")
        await self.store.write_message("tea", opened.id, message, lambda _: {"waiting_since": now})
        return opened.id


@pytest.fixture
async def shelf() -> Shelf:
    counter = Counter()
    for pack in (TEA, LAMP):
        await counter.open_shop(pack)
    return Shelf(counter)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("fh", "ship"),
        ("FHC", "late"),
        ("什么时候", "ship"),
        ("發貨 什麼", "ship"),
        ("smsh", "ship"),
        ("kykfp", "bill"),
        ("invoice", "bill"),
        ("开票", "bill"),
        ("抬头", "bill"),
        ("when ship", "asks"),
    ],
)
async def test_it_is_found_by_code_words_initials_group_and_text(
    shelf: Shelf, query: str, first: str
) -> None:
    assert (await shelf.found(query))[0] == first


async def test_the_whole_code_comes_before_its_beginning_and_the_title_before_the_text(shelf: Shelf) -> None:
    assert await shelf.found("fh") == ["ship", "late"]
    own = Phrase("p1", "", "还没发货的请看这里")
    await shelf.phrases.put("tea", ME, own)
    assert await shelf.found("没发货") == ["late", "p1"]


async def test_initials_from_the_first_character_on_come_before_those_somewhere_inside(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", ME, Phrase("p1", "", "发票什么时候给"))
    assert await shelf.found("smsh") == ["ship", "p1"]


async def test_what_fits_nothing_finds_nothing(shelf: Shelf) -> None:
    assert await shelf.found("龙井") == []
    assert await shelf.found("xyzq") == []


async def test_without_a_query_come_ones_own_and_what_has_a_code(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", ME, Phrase("p1", "", "谢谢惠顾"))
    assert await shelf.found("") == await shelf.found("  ") == ["p1", "late", "ship"]


async def test_ones_own_comes_before_the_shops_of_the_same_fit_alone(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", ME, Phrase("p1", "fh", "{称呼}，马上发"))
    await shelf.phrases.put("tea", ME, Phrase("p2", "fhx", "现在就发"))
    assert await shelf.found("fh") == ["p1", "ship", "p2", "late"]


async def test_ones_own_are_ones_own_and_of_this_shop(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", COLLEAGUE, Phrase("theirs", "fh", "别人的"))
    await shelf.phrases.put("lamp", ME, Phrase("elsewhere", "fh", "别店的"))
    assert await shelf.found("fh") == ["ship", "late"]
    assert await shelf.phrases.own("tea", ME) == []
    with pytest.raises(NotFound):
        await shelf.phrases.delete("tea", ME, "theirs")
    await shelf.phrases.delete("lamp", ME, "elsewhere")
    assert await shelf.found("fh", shop="lamp") == ["ship"]


async def test_a_new_one_gets_an_id_and_is_written_again_under_it(shelf: Shelf) -> None:
    written = await shelf.phrases.put("tea", ME, Phrase("", "xx", "谢谢"))
    assert written.id
    await shelf.phrases.put("tea", ME, Phrase(written.id, "xx", "多谢"))
    assert [each.text for each in await shelf.phrases.own("tea", ME)] == ["多谢"]


async def test_each_shop_fills_it_with_its_own_facts(shelf: Shelf) -> None:
    assert await shelf.text("ship", "fh") == "亲，48小时内发出"
    assert await shelf.text("ship", "fh", shop="lamp") == "您好，当天发出"
    own = await shelf.phrases.put("tea", ME, Phrase("", "hello", "{称呼}，{发货时限}发出"))
    [found] = await shelf.phrases.search("tea", ME, "hello")
    assert (found.text, found.own) == ("亲，48小时内发出", True)
    assert [fact.name for fact in found.facts] == ["dispatch_time"]
    assert own.text == "{称呼}，{发货时限}发出"


async def test_it_is_filled_with_what_the_conversation_speaks_about(shelf: Shelf) -> None:
    assert await shelf.text("left", "还有货吗") == "【商品】还有【库存】件"
    conversation = await shelf.says("紫砂茶壶还有货吗")
    assert await shelf.text("left", "还有货吗", conversation=conversation) == "紫砂茶壶还有3件"


async def test_a_conversation_that_cannot_be_read_fills_nothing(shelf: Shelf) -> None:
    conversation = await shelf.says("[图片]")
    assert await shelf.text("left", "还有货吗", conversation=conversation) == "【商品】还有【库存】件"
    with pytest.raises(NotFound):
        await shelf.phrases.search("lamp", ME, "", conversation)


async def test_what_is_no_template_stands_as_it_was_written(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", ME, Phrase("p1", "odd", "尺寸{没有这个}和{"))
    assert await shelf.text("p1", "odd") == "尺寸{没有这个}和{"


async def test_an_entry_is_found_while_it_is_valid(shelf: Shelf) -> None:
    assert await shelf.found("有活动吗") == []
    shelf.counter.clock.advance(timedelta(days=120))
    assert await shelf.found("有活动吗") == ["sale"]


async def test_so_many_are_given_and_no_more(shelf: Shelf) -> None:
    for number in range(LIMIT + 5):
        await shelf.phrases.put("tea", ME, Phrase(f"p{number:02}", f"n{number:02}", "同一句"))
    assert len(await shelf.found("n")) == LIMIT


async def test_an_own_ones_title_is_its_beginning(shelf: Shelf) -> None:
    await shelf.phrases.put("tea", ME, Phrase("p1", "long", "谢" * 40, "问候"))
    [found] = await shelf.phrases.search("tea", ME, "long")
    assert found.title == "谢" * 29 + "…"
    assert [each.id for each in await shelf.phrases.search("tea", ME, "问候")] == ["p1"]


async def test_a_phrase_of_the_shop_brings_its_image(shelf: Shelf) -> None:
    entries = shelf.counter.entries
    image = await entries.put_image("tea", "image/png", b"chart")
    await entries.put_entries("tea", [replace(await entries.get_entry("tea", "bill"), image=image)])
    found = {each.id: each.image for each in await shelf.phrases.search("tea", ME, "发票", "")}
    assert found == {"bill": image}
