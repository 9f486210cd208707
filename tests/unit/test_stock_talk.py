"""A dialogue about stock finds the variant that is meant, asks when several fit, and offers only what is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auto_reply import Reason
from bot.domain.catalogue import Catalogue
from bot.domain.facts import Product, Variant
from bot.domain.giving_up import gives_up
from bot.domain.stock_choice import Shelf, pieces_wanted, read_wanted
from tests.unit.fakes.counter import NOW
from tests.unit.fakes.talking import Talking, said

SHOP = """
kuaihui: 1
shop: {id: stall, name: 小摊, languages: [zh, en]}
products:
  - id: tee
    item_id: "623456789012"
    title: 纯棉短袖
    title_en: Cotton tee
    aliases: [短袖, tee]
    variants:
      - {sku: bl, options: {colour: 黑色, size: L}, stock: 12}
      - {sku: bm, options: {colour: 黑色, size: M}, stock: 3}
      - {sku: bx, options: {colour: 黑色, size: XL}, stock: 0}
      - {sku: wl, options: {colour: 白色, size: L}, stock: 0, restock: +5d}
      - {sku: wm, options: {colour: 白色, size: M}, stock: 7}
  - {id: cup, title: 陶瓷水杯, aliases: [水杯], variants: [{sku: cup, options: {}, stock: 3}]}
  - {id: mug, title: 马克水杯, aliases: [水杯], variants: [{sku: mug, options: {}, stock: 9}]}
  - {id: lamp, title: 小夜灯, variants: [{sku: lamp, options: {}}]}
  - {id: hat, title: 渔夫帽, variants: [{sku: h1, options: {colour: 黑色}, stock: 0}, {sku: h2, options: {colour: 白色}, stock: 0}]}
entries:
  - {id: when, group: shipping, intent: ship_when, question: 什么时候发货, reply: 48小时内}
"""
OWN_WORDS = SHOP.replace(
    "entries:\n",
    """entries:
  - id: own
    group: stock
    intent: stock_available
    question: 有货吗
    reply: ""
    cases: {in_stock: "{商品}{规格}有的亲", out_of_stock: "{规格}卖完啦"}
""",
)


@pytest.fixture
async def talking() -> Talking:
    talking = Talking()
    await talking.counter.open_shop(SHOP)
    return talking


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("短袖黑色L有货吗", ["utter_stock_in what=纯棉短袖 黑色 L stock=12"]),
        ("短袖黑色M有货吗", ["utter_stock_low what=纯棉短袖 黑色 M stock=3"]),
        (
            "短袖白色L有货吗",
            ["utter_stock_out_until what=纯棉短袖 白色 L date=3月10日", "utter_stock_nearest product=纯棉短袖 choices=黑色 L、白色 M、黑色 M"],
        ),
        (
            "短袖黑色XL有货吗",
            ["utter_stock_out what=纯棉短袖 黑色 XL", "utter_stock_nearest product=纯棉短袖 choices=黑色 L、黑色 M、白色 M"],
        ),
        ("短袖黑色3XL有吗", ["utter_stock_no_such product=纯棉短袖 choices=黑色 L、黑色 M、白色 M wanted=黑色 3XL"]),
        ("短袖不要黑色的有货吗", ["utter_stock_choices product=纯棉短袖 choices=白色 M"]),
        ("短袖有哪些颜色尺码", ["utter_stock_choices product=纯棉短袖 choices=黑色 L、黑色 M、白色 M"]),
        ("渔夫帽有货吗", ["utter_stock_out what=渔夫帽"]),
    ],
)  # fmt: skip
async def test_what_is_there_is_told_with_what_lies_nearest_to_what_is_not(
    talking: Talking, text: str, expected: list[str]
) -> None:
    step = await talking.ask_stock("stall", text)
    assert said(step.answer) == expected
    assert step.state is None
    assert all(told.facts and not any(f.stale for f in told.facts) for told in step.answer.bubbles)


async def test_english_is_answered_in_english(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "is the tee in white L in stock?", language="en")
    assert said(step.answer)[0] == "utter_stock_out_until what=Cotton tee white L date=Mar 10"
    assert said(step.answer)[1] == "utter_stock_nearest product=Cotton tee choices=black L, white M, black M"


async def test_several_variants_are_asked_for_by_name_and_a_correction_counts(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "短袖还有货吗")
    told = await talking.stock_question("stall", step)
    assert said_one(told) == ("utter_stock_which_variant", "黑色 L、黑色 M、白色 M")
    step = await talking.answer_stock("stall", step, "黑色的")
    told = await talking.stock_question("stall", step)
    assert said_one(told) == ("utter_stock_which_variant", "黑色 L、黑色 M")
    step = await talking.answer_stock("stall", step, "不是黑的 要白的")
    assert said(step.answer) == ["utter_stock_choices product=纯棉短袖 choices=白色 M"]


async def test_a_choice_can_be_named_by_its_place_or_left_open(talking: Talking) -> None:
    asked = await talking.ask_stock("stall", "短袖还有货吗")
    second = await talking.answer_stock("stall", asked, "第二个")
    assert said(second.answer) == ["utter_stock_low what=纯棉短袖 黑色 M stock=3"]
    either = await talking.answer_stock("stall", asked, "都可以")
    assert said(either.answer) == ["utter_stock_choices product=纯棉短袖 choices=黑色 L、黑色 M、白色 M"]


async def test_several_products_are_asked_for(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "水杯有货吗")
    assert said_one(await talking.stock_question("stall", step)) == (
        "utter_stock_which_of_products",
        "陶瓷水杯、马克水杯",
    )
    step = await talking.answer_stock("stall", step, "马克的")
    assert said(step.answer) == ["utter_stock_in what=马克水杯 stock=9"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("黑L有吗", "utter_stock_in what=纯棉短袖 黑色 L stock=12"),
        ("黑的M有吗", "utter_stock_low what=纯棉短袖 黑色 M stock=3"),
        ("红色L有吗", "utter_stock_no_such product=纯棉短袖 choices=黑色 L、黑色 M、白色 M wanted=红色 L"),
    ],
)
async def test_short_names_and_colours_that_there_are_not_are_understood(
    talking: Talking, text: str, expected: str
) -> None:
    step = await talking.ask_stock("stall", text, viewed="tee")
    assert said(step.answer)[0].split(" wanted=")[0] == expected.split(" wanted=")[0]
    assert ("红色" in expected) is ("红色" in said(step.answer)[0])


async def test_who_names_no_product_is_asked_and_then_answered(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "还有货吗")
    assert (await talking.stock_question("stall", step)).response == "utter_stock_which_product"
    step = await talking.answer_stock("stall", step, "短袖黑色L")
    assert said(step.answer) == ["utter_stock_in what=纯棉短袖 黑色 L stock=12"]


async def test_what_the_buyer_views_and_said_before_counts(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "黑色L有吗", viewed="tee")
    assert said(step.answer) == ["utter_stock_in what=纯棉短袖 黑色 L stock=12"]
    step = await talking.ask_stock("stall", "那白色M呢", "stock_variant")
    assert said(step.answer) == ["utter_stock_in what=纯棉短袖 白色 M stock=7"]


async def test_something_else_in_between_keeps_the_question_and_giving_up_ends_it(talking: Talking) -> None:
    asked = await talking.ask_stock("stall", "短袖还有货吗")
    aside = await talking.answer_stock("stall", asked, "发什么快递？", "ship_courier")
    assert aside.answer.bubbles == ()
    assert aside.state is not None
    assert aside.state.heard == "aside"
    left = await talking.answer_stock("stall", aside, "那邮费多少？", "ship_fee")
    assert (left.answer.bubbles, left.answer.person, left.state) == ((), None, None)
    over = await talking.answer_stock("stall", asked, "算了不买了")
    assert (said(over.answer), over.state) == (["utter_stock_stopped"], None)
    order = await talking.answer_stock("stall", asked, "我的快递到哪了", "logistics_track")
    assert (order.answer.bubbles, order.state, order.leaves_for_order) == ((), None, True)
    person = await talking.answer_stock("stall", asked, "转人工", "human_request")
    assert person.answer.person is Reason.ASKED_FOR_PERSON


async def test_after_two_questions_a_person_goes_on(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "还有货吗")
    step = await talking.answer_stock("stall", step, "就是那个")
    assert (await talking.stock_question("stall", step)).response == "utter_stock_which_product_again"
    step = await talking.answer_stock("stall", step, "就那个呀")
    assert (step.state, step.answer.person) == (None, Reason.ASKED_BACK_OFTEN)
    assert step.answer.open


async def test_unknown_stock_and_unknown_items_are_left_to_the_faq(talking: Talking) -> None:
    for text in ("小夜灯有货吗", "https://item.example.com/?id=612000000000 有货吗"):
        step = await talking.ask_stock("stall", text, who=text[:3])
        assert (step.answer.bubbles, step.answer.person, step.state) == ((), None, None)


async def test_stale_stock_is_not_told_and_more_than_there_is_goes_to_a_person(talking: Talking) -> None:
    many = await talking.ask_stock("stall", "短袖黑色L要50件有吗")
    assert (many.answer.bubbles, many.answer.person) == ((), Reason.NEEDS_PERSON)
    assert "50" in many.answer.open[0]
    talking.counter.clock.advance(timedelta(hours=7))
    stale = await talking.ask_stock("stall", "短袖黑色L有货吗")
    assert (stale.answer.bubbles, stale.answer.person) == ((), Reason.STALE_FACTS)


async def test_restock_dates_of_several_are_listed(talking: Talking) -> None:
    step = await talking.ask_stock("stall", "短袖什么时候补货", "stock_restock")
    assert said(step.answer) == [
        "utter_stock_restock_list product=纯棉短袖 lines=黑色 XL 时间待定、白色 L 3月10日"
    ]


async def test_the_shop_speaks_in_its_own_words_where_it_has_some() -> None:
    talking = Talking()
    await talking.counter.open_shop(OWN_WORDS)
    there = await talking.ask_stock("stall", "短袖黑色L有货吗")
    assert said(there.answer) == ["纯棉短袖黑色 L有的亲"]
    out = await talking.ask_stock("stall", "短袖白色L有货吗", who="乙")
    assert said(out.answer) == [
        "白色 L卖完啦",
        "utter_stock_nearest product=纯棉短袖 choices=黑色 L、白色 M、黑色 M",
    ]


async def test_no_shop_speaks_of_anothers_products(talking: Talking) -> None:
    await talking.counter.open_shop(
        "kuaihui: 1\nshop: {id: other, name: 乙店}\nproducts: [{id: vase, title: 花瓶, variants: [{sku: v, options: {}, stock: 4}]},"
        " {id: pot, title: 花盆, variants: [{sku: p, options: {}, stock: 4}]}]\nentries: []\n"
    )
    step = await talking.ask_stock("other", "短袖黑色L有货吗")
    assert step.answer.bubbles == ()
    assert step.state is None or "纯棉短袖" not in str(await talking.stock_question("other", step))


def said_one(told: object) -> tuple[str, str]:
    return told.response, told.values["choices"]  # type: ignore[attr-defined]


COLOURS, SIZES = ("黑色", "白色", "红色"), ("M", "L", "XL")
stocks = st.lists(
    st.one_of(st.none(), st.integers(0, 8)),
    min_size=len(COLOURS) * len(SIZES),
    max_size=len(COLOURS) * len(SIZES),
)
ages = st.lists(st.integers(0, 12), min_size=9, max_size=9)


def a_product(amounts: list[int | None], hours: list[int]) -> Product:
    pairs = [(colour, size) for colour in COLOURS for size in SIZES]
    variants = tuple(
        Variant(f"{c}{s}", {"colour": c, "size": s}, n, stock_as_of=NOW - timedelta(hours=h))
        for (c, s), n, h in zip(pairs, amounts, hours, strict=True)
    )
    return Product("tee", "短袖", variants, "sheet", NOW, NOW)


@given(stocks, ages, st.integers(0, 8))
def test_only_what_is_surely_in_stock_is_offered_and_the_nearest_comes_first(
    amounts: list[int | None], hours: list[int], place: int
) -> None:
    product = a_product(amounts, hours)
    shelf, missing = Shelf(product, NOW), product.variants[place]
    for offered in (shelf.offered(), shelf.nearest(missing)):
        assert all(v.stock and NOW - product.learned_at(v) <= timedelta(hours=6) for v in offered)
    near = shelf.nearest(missing)
    assert missing not in near
    apart = [sum(v.options[o] != missing.options[o] for o in v.options) for v in near]
    assert apart == sorted(apart)


@settings(max_examples=60, deadline=None)
@given(
    stocks,
    ages,
    st.sampled_from(["短袖有货吗", "短袖黑色有吗", "短袖白色L有吗", "短袖不要红色的有吗", "短袖XL有没有"]),
)
async def test_no_sentence_offers_what_is_not_there(
    amounts: list[int | None], hours: list[int], text: str
) -> None:
    talking = Talking()
    await talking.counter.open_shop("kuaihui: 1\nshop: {id: stall, name: 小摊}\nentries: []\n")
    product = a_product(amounts, hours)
    await talking.counter.facts.put_products("stall", [product])
    step = await talking.ask_stock("stall", text)
    bubbles = [*step.answer.bubbles]
    if step.state is not None:
        bubbles.append(await talking.stock_question("stall", step))
    there = {v.label for v in Shelf(product, NOW).offered()}
    values = {v for v in COLOURS + SIZES if any(v in label for label in there)}
    for told in bubbles:
        for name in filter(None, told.values.get("choices", "").removesuffix("等").split("、")):
            assert name in there | values
        if told.response in ("utter_stock_in", "utter_stock_low"):
            assert told.values["what"].removeprefix("短袖 ") in there
        assert not any(fact.stale for fact in told.facts)


@pytest.mark.parametrize(
    ("text", "options", "denied"),
    [
        ("不是黑的 要白的", {"colour": "白色"}, {"colour": "黑色"}),
        ("不要黑色，换白色", {"colour": "白色"}, {"colour": "黑色"}),
        ("是不是黑色的", {"colour": "黑色"}, {}),
        ("要不要黑色", {"colour": "黑色"}, {}),
        ("not black, white please", {"colour": "白色"}, {"colour": "黑色"}),
        ("不是纯棉的吧", {}, {}),
    ],
)
def test_what_is_refused_is_not_wanted(text: str, options: dict[str, str], denied: dict[str, str]) -> None:
    wanted = read_wanted(Catalogue([a_product([1] * 9, [0] * 9)]), text)
    assert (dict(wanted.mention.options), dict(wanted.denied)) == (options, denied)


@pytest.mark.parametrize(
    "names",
    [
        ("M", "L", "XL", "2XL"),
        ("S码", "M码", "L码", "XXL码"),
        ("28码", "29码", "30码", "31码"),
        ("1.2米", "1.5米", "1.8米", "2米"),
    ],
)
def test_the_neighbouring_size_is_nearest_in_whatever_order_the_shop_lists_them(
    names: tuple[str, ...],
) -> None:
    listed = [names[i] for i in (2, 0, 3, 1)]
    product = Product("p", "裤", tuple(Variant(n, {"size": n}, 3) for n in listed), "sheet", NOW, NOW)
    out = next(v for v in product.variants if v.sku == names[0])
    assert [each.sku for each in Shelf(product, NOW).nearest(out)] == list(names[1:])


def test_pieces_are_not_a_variants_own_name() -> None:
    socks = Product("s", "中筒袜", (Variant("a", {"quantity": "10双"}, 3),), "sheet", NOW, NOW)
    assert pieces_wanted("10双的有吗", socks) == 1
    assert pieces_wanted("要20 件", socks) == 20


@pytest.mark.parametrize(
    "text", ["算了", "算了吧", "那算了，不买了", "不用了谢谢", "哎算了不退了", "never mind", "不查了。"]
)
def test_giving_up_is_heard(text: str) -> None:
    assert gives_up(text)


@pytest.mark.parametrize("text", ["算了 要黑色5000", "算了那要黑XL", "不要黑的了 白的", "不用发票，黑色有吗"])
def test_choosing_something_else_is_not_giving_up(text: str) -> None:
    assert not gives_up(text)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("短袖黑色L有货吗", "那白M", "utter_stock_in what=纯棉短袖 白色 M stock=7"),
        ("短袖黑色L有货吗", "M的呢", "utter_stock_low what=纯棉短袖 黑色 M stock=3"),
        ("短袖黑色L有货吗", "不要黑的了 白M", "utter_stock_in what=纯棉短袖 白色 M stock=7"),
        ("", "短袖黑L有没", "utter_stock_in what=纯棉短袖 黑色 L stock=12"),
        ("", "短袖 黑L", "utter_stock_in what=纯棉短袖 黑色 L stock=12"),
        ("短袖什么材质的", "黑色呢", ""),
        ("", "黑色多少钱", ""),
        ("短袖黑色L有货吗", "多少钱", ""),
    ],
)
async def test_what_was_read_as_something_else_is_taken_up_where_it_names_a_variant(
    talking: Talking, first: str, then: str, expected: str
) -> None:
    talk = await talking.opened("stall")
    if first:
        await talking.write("stall", talk.id, "buyer", first)
        await talking.write("stall", talk.id, "auto", "好的")
    step = await talking.ask_stock("stall", then, "inform")
    assert said(step.answer)[:1] == [expected][: bool(expected)]


PRICED = """
kuaihui: 1
shop: {id: priced, name: 小店, languages: [zh, en]}
products:
  - id: bank
    item_id: "623456789012"
    title: 充电宝
    price: 149
    variants:
      - {sku: b5, options: {colour: 黑色, model: 5000毫安}, stock: 9}
      - {sku: b10, options: {colour: 黑色, model: 10000毫安}, stock: 9, price: 189}
      - {sku: w5, options: {colour: 白色, model: 5000毫安}, stock: 0, restock: +5d}
      - {sku: w10, options: {colour: 白色, model: 10000毫安}, stock: 9, price: 189}
  - id: light
    title: 小夜灯
    price: 39
    variants: [{sku: l1, options: {model: 充电款}, stock: 9}, {sku: l2, options: {model: 插电款}, stock: 0, restock: +5d}]
  - {id: free, title: 贴纸, variants: [{sku: f1, options: {}, stock: 9}]}
entries: []
"""


@pytest.mark.parametrize(
    ("viewed", "text", "expected"),
    [
        ("bank", "多少钱", ["utter_price_each product=充电宝 lines=5000毫安 149元、10000毫安 189元"]),
        ("bank", "一万毫安的多少钱", ["utter_price_one what=充电宝 10000毫安 price=189"]),
        ("bank", "黑色5000毫安和一万的差多少钱", ["utter_price_each product=充电宝 lines=5000毫安 149元、10000毫安 189元"]),
        ("", "小夜灯什么价", ["utter_price_one what=小夜灯 price=39"]),
        ("light", "两个款分别多少钱", ["utter_price_one what=小夜灯 price=39"]),
        ("", "充电宝黑色5000毫安有货吗\n多少钱一个", ["utter_stock_in what=充电宝 黑色 5000毫安 stock=9",
            "utter_price_one what=充电宝 黑色 5000毫安 price=149"]),
        ("bank", "白色5000", ["utter_stock_out_until what=充电宝 白色 5000毫安 date=3月10日",
            "utter_stock_nearest product=充电宝 choices=黑色 5000毫安、白色 10000毫安、黑色 10000毫安"]),
        ("light", "插电的有吗", ["utter_stock_out_until what=小夜灯 插电款 date=3月10日", "utter_stock_nearest product=小夜灯 choices=充电款"]),
        ("light", "有几个款", ["utter_stock_choices product=小夜灯 choices=充电款"]),
        ("bank", "五十个多少钱", []),
        ("bank", "运费多少钱", []),
        ("", "多少钱", []),
        ("free", "多少钱", []),
    ],
)  # fmt: skip
async def test_prices_and_kinds_of_what_is_meant_are_told_from_the_catalogue(
    viewed: str, text: str, expected: list[str]
) -> None:
    talking = Talking()
    await talking.counter.open_shop(PRICED)
    step = await talking.ask_stock("priced", text, "inform", viewed=viewed)
    assert said(step.answer) == expected
    assert all(told.facts for told in step.answer.bubbles)


async def test_a_price_asked_for_in_between_is_told_and_the_question_stays() -> None:
    talking = Talking()
    await talking.counter.open_shop(PRICED)
    step = await talking.ask_stock("priced", "充电宝有货吗")
    then = await talking.answer_stock("priced", step, "多少钱", "price_bargain")
    assert said(then.answer) == ["utter_price_each product=充电宝 lines=5000毫安 149元、10000毫安 189元"]
    assert then.state is not None
    assert then.state.heard == "aside"
