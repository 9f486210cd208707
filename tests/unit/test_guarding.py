"""The guard finds what belongs to another shop, names it to its members only, and lets a shop's own words pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import Entry
from bot.domain.guard import Finding, GuardResult, Kind, Sighting, Verdict, without_nested
from bot.domain.service_policy import ServicePolicy
from bot.services.packs import load_pack
from tests.unit.fakes.counter import NOW
from tests.unit.fakes.guarded import CLOUD, HILL, GuardedShops, guarded_shops

_MEMBER = frozenset({"cloud", "hill"})


@pytest.fixture
async def shops() -> AsyncIterator[GuardedShops]:
    async with guarded_shops() as held:
        yield held


_FOREIGN = [
    ("欢迎来云朵优选", Kind.NAME, "云朵优选"),
    ("這裡是雲.朵 優選哦", Kind.NAME, "雲.朵 優選"),
    ("我们是 CLOUD select", Kind.NAME, "CLOUD select"),
    ("可以看看云感纯棉圆领短袖", Kind.TITLE, "云感纯棉圆领短袖"),
    ("拍846700559901", Kind.ITEM, "846700559901"),
    ("拍8 4 6 7 0 0 5 5 9 9 0 1", Kind.ITEM, "8 4 6 7 0 0 5 5 9 9 0 1"),
    ("打四零零零零零二二零二", Kind.PHONE, "四零零零零零二二零二"),
    ("400 000 2202 这个电话", Kind.PHONE, "400 000 2202"),
    ("用券码duoxuan-20", Kind.CODE, "duoxuan-20"),
    ("见m.cloud.example.com/g/1", Kind.LINK, "m.cloud.example.com"),
    ("寄到广东省东莞市虎门镇朵选路66号退货中心吧", Kind.SENTENCE, "广东省东莞市虎门镇朵选路66号退货中心"),
    ("退换都由顺丰免费上门取件 来回运费小店承担", Kind.SENTENCE, "退换都由顺丰免费上门取件 来回运费小店承担"),
    ("您的运单YT123当前状态：派送中", Kind.SENTENCE, "您的运单YT123当前状态"),
    ("订单2026030500000001已发", Kind.ORDER, "2026030500000001"),
    ("单号sf1350000007919", Kind.ORDER, "sf1350000007919"),
]


@pytest.mark.parametrize(("text", "kind", "stretch"), _FOREIGN)
async def test_what_is_another_shops_is_found_and_marked(
    shops: GuardedShops, text: str, kind: Kind, stretch: str
) -> None:
    result = await shops.guard.check("hill", text, may_name=_MEMBER)
    foreign = [finding for finding in result.findings if finding.kind.is_foreign]
    assert [(f.kind, f.text, f.shop, f.shop_name) for f in foreign] == [(kind, stretch, "cloud", "云朵优选")]
    assert text[foreign[0].start : foreign[0].end] == stretch
    assert result.verdict is Verdict.ASK


@pytest.mark.parametrize(("text", "kind", "stretch"), _FOREIGN)
async def test_who_is_no_member_never_learns_whose_it_is(
    shops: GuardedShops, text: str, kind: Kind, stretch: str
) -> None:
    for may_name in (frozenset[str](), frozenset({"hill"})):
        result = await shops.guard.check("hill", text, may_name=may_name)
        assert all(not finding.shop and not finding.shop_name for finding in result.findings)
        said = repr(result)
        assert "云朵优选" not in said.replace(text, "").replace(stretch, "")
        assert "cloud" not in said.replace(stretch, "")
        if kind is not Kind.ORDER:
            assert [f.text for f in result.findings if f.kind is kind] == [stretch]


async def test_orders_of_shops_that_one_is_no_member_of_are_not_looked_up(shops: GuardedShops) -> None:
    result = await shops.guard.check("hill", "订单2026030500000001已发", may_name=frozenset({"hill"}))
    assert result.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "text",
    [
        "欢迎光临小铺", "短袖有货的", "亲，麻烦您提供一下订单号我帮您查", "好的亲", "", "   ", "😊",
        "订单2026030500000002今天发", "买云朵，优选好物", "9999846700559", "山间小屋的山间亚麻短袖衬衫",
    ],
)  # fmt: skip
async def test_what_is_common_or_the_shops_own_passes(shops: GuardedShops, text: str) -> None:
    assert await shops.guard.check("hill", text, may_name=_MEMBER) == GuardResult(Verdict.PASS)


async def test_everything_in_a_shops_own_pack_passes(shops: GuardedShops) -> None:
    for shop, source in (("cloud", CLOUD), ("hill", HILL)):
        pack = load_pack(source.encode(), shop, NOW)
        assert pack.shop is not None
        texts = [pack.shop.name, *pack.shop.aliases, *(fact.value for fact in pack.facts)]
        texts += [part for p in pack.products for part in (p.title, p.item_id, p.url, *p.aliases) if part]
        texts += [entry.reply.replace("{称呼}", "亲") for entry in pack.entries]
        for text in texts:
            result = await shops.guard.check(shop, text, may_name=_MEMBER)
            assert (text, result.verdict) == (text, Verdict.PASS)


async def test_an_automatic_text_is_blocked_where_a_person_is_asked(shops: GuardedShops) -> None:
    assert (await shops.guard.check("hill", "云朵优选", automatic=True)).verdict is Verdict.BLOCK
    assert (await shops.guard.check("hill", "好的亲", automatic=True)).verdict is Verdict.PASS


async def test_sentences_of_starter_packs_are_nobodys_own() -> None:
    starter = Entry("s", "other", "问", "您好，本屋所有衬衫都是手工缝制的呢")
    async with guarded_shops(common=(starter,)) as shops:
        result = await shops.guard.check("cloud", "本屋所有衬衫都是手工缝制的呢", may_name=_MEMBER)
    assert result.verdict is Verdict.PASS


async def test_before_all_shops_are_known_a_person_may_speak_and_a_machine_may_not() -> None:
    shops = GuardedShops()
    for text in (CLOUD, HILL):
        await shops.counter.open_shop(text)
    person = await shops.guard.check("hill", "云朵优选")
    machine = await shops.guard.check("hill", "好的", automatic=True)
    assert (person.verdict, person.is_ready, shops.guard.state) == (Verdict.PASS, False, "building")
    assert (machine.verdict, machine.findings) == (Verdict.BLOCK, ())
    assert (await shops.guard.check("hill", "全网最低价")).verdict is Verdict.ASK


async def test_who_can_wait_is_told_when_every_shop_is_known() -> None:
    shops = GuardedShops()
    assert not await shops.guard.become_ready(0)
    async with guarded_shops() as known:
        assert await known.guard.become_ready(5)


async def _eventually(shops: GuardedShops, text: str, verdict: Verdict) -> None:
    async with asyncio.timeout(20):
        while (await shops.guard.check("hill", text)).verdict is not verdict:  # noqa: ASYNC110 - it comes unannounced
            await asyncio.sleep(0)


async def test_an_edit_counts_without_a_restart(shops: GuardedShops) -> None:
    sentence = "云朵的新说法是满三件一起寄出更划算"
    await shops.counter.entries.put_entries("cloud", [Entry("n", "other", "新问", sentence)])
    await _eventually(shops, sentence, Verdict.ASK)
    await shops.counter.entries.delete_entry("cloud", "n")
    await _eventually(shops, sentence, Verdict.PASS)


async def test_what_a_second_shop_comes_to_say_too_is_nobodys_alone(shops: GuardedShops) -> None:
    sentence = "退换都由顺丰免费上门取件，来回运费小店承担"
    assert (await shops.guard.check("hill", sentence)).verdict is Verdict.ASK
    await shops.counter.entries.put_entries("hill", [Entry("n", "other", "新问", sentence)])
    await _eventually(shops, sentence, Verdict.PASS)


async def test_a_shop_that_is_gone_owns_nothing(shops: GuardedShops) -> None:
    await shops.counter.shops.delete_shop("cloud")
    await shops.guard._bring_up({"cloud": 99})
    assert (await shops.guard.check("hill", "欢迎来云朵优选")).verdict is Verdict.PASS


async def test_words_that_the_shop_forbids_are_found_disguised_too(shops: GuardedShops) -> None:
    shops.policies["hill"] = ServicePolicy(forbidden=("仙气",))
    result = await shops.guard.check("hill", "很仙 氣哦")
    assert [(f.kind, f.text) for f in result.findings] == [(Kind.FORBIDDEN, "仙 氣")]


async def test_outside_contacts_are_found_and_the_shops_own_are_not(shops: GuardedShops) -> None:
    found = await shops.guard.check("hill", "加我微信，电话1 3 8-0000-1111，或www.elsewhere.com")
    assert [f.kind for f in found.findings] == [Kind.CONTACT] * 3
    own = "客服400-000-3303，或 https://detail.tmall.com/item.htm?id=1"
    assert (await shops.guard.check("hill", own)).verdict is Verdict.PASS


async def test_contacts_of_the_policy_may_be_said(shops: GuardedShops) -> None:
    text = "微信号：hill_2024，电话13800001111，见www.hill.example.com"
    shops.policies["hill"] = ServicePolicy(contacts=("hill_2024", "138-0000-1111", "hill.example.com"))
    assert (await shops.guard.check("hill", text)).findings == ()
    shops.policies["hill"] = ServicePolicy(blocks_contacts=False)
    shops.guard.forget_policy("hill")
    assert (await shops.guard.check("hill", text)).verdict is Verdict.PASS


async def test_a_number_that_the_buyer_gave_may_be_read_back(shops: GuardedShops) -> None:
    text = "收件电话13800001111对吗"
    assert (await shops.guard.check("hill", text)).verdict is Verdict.ASK
    assert (await shops.guard.check("hill", text, heard=["我的是138 0000 1111"])).verdict is Verdict.PASS


async def test_what_was_confirmed_stays_confirmed_while_one_types_on(shops: GuardedShops) -> None:
    first = await shops.guard.check("hill", "云朵优选")
    later = await shops.guard.check("hill", "亲，云朵优选和400-000-2202")
    left = later.after_confirming(finding.id for finding in first.findings)
    assert (left.verdict, [f.kind for f in left.findings]) == (Verdict.ASK, [Kind.PHONE])
    assert later.after_confirming(f.id for f in later.findings).verdict is Verdict.PASS


def test_what_is_blocked_cannot_be_confirmed() -> None:
    blocked = GuardResult(Verdict.BLOCK, (Finding(Kind.NAME, 0, 1, "云"),))
    assert blocked.after_confirming(f.id for f in blocked.findings) is blocked


def test_a_finding_within_another_is_not_shown_twice() -> None:
    link, item, later = Sighting(Kind.LINK, 0, 9), Sighting(Kind.ITEM, 4, 9), Sighting(Kind.NAME, 9, 12)
    assert without_nested([item, later, link]) == [link, later]


_PIECES = st.sampled_from(
    ["云朵优选", "846700559901", "DUOXUAN20", "400-000-2202", "，", "。", " ", "全网最低", "加v", "亲", "一二三", "\u200b", "İ", "ﬁ",
     "退换都由顺丰免费上门取件，来回运费小店承担", "您的运单", "当前状态", "www.a.com", "山间小屋", "2026030500000001", "\ud800"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=8).map("".join))
def test_no_text_breaks_the_guard_and_spans_lie_in_the_text(text: str) -> None:
    async def judge() -> None:
        async with guarded_shops() as shops:
            for shop in ("cloud", "hill"):
                result = await shops.guard.check(shop, text, may_name=_MEMBER)
                assert all(0 <= f.start < f.end <= len(text) for f in result.findings)
                assert all(f.text == text[f.start : f.end] and f.shop != shop for f in result.findings)
                assert (result.verdict is Verdict.PASS) == (not result.findings)

    asyncio.run(judge())
