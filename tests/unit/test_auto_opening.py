"""A dialogue begins where the classifier is sure, or where words and names of the shop leave no doubt."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import Decided
from bot.domain.catalogue import Catalogue
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.domain.suggestion import SuggestionResult
from bot.services.auto_opening import opening_of
from tests.unit.fakes.replies import product, variant

CATALOGUE = Catalogue(
    [product("tee", "纯棉短袖", variant("bl", colour="黑色", size="L"), variant("wm", colour="白色", size="M"), aliases=("短袖",))]
)  # fmt: skip
POLICY = AutoReplyPolicy(
    is_on=True, groups={name: GroupRule(Mode.AUTOMATIC) for name in ("stock", "logistics", "invoice")}
)
NOW = datetime(2026, 3, 5, tzinfo=UTC)


def begins(
    text: str, intent: str = "inform", confidence: float = 0.5, *, known: bool = False, after: str = "", viewed: str = "",
    policy: AutoReplyPolicy = POLICY,
) -> str:  # fmt: skip
    """Return the group of the dialogue that the text begins; `after` is the group of the answer before it."""
    told = (Decided("d", 1, NOW, Deed.REPLY, (Reason.SURE,), groups=(after,)),) if after else ()
    buyer = SimpleNamespace(channel="webhook:main" if known else "web_chat", external_id="u-1", viewed=viewed)
    gathered: Any = SimpleNamespace(
        text=text, conversation=SimpleNamespace(buyer=buyer), visit=SimpleNamespace(decisions=told)
    )
    intents = (IntentScore(intent, INTENT_GROUP[intent], confidence),)
    return opening_of(gathered, CATALOGUE, SuggestionResult("s", False, intents, ()), policy).group


def test_a_sure_intent_begins_its_dialogue() -> None:
    assert begins("我的快递到哪了", "logistics_track", 0.99) == "logistics"
    assert begins("快递呢", "logistics_track", 0.4) == ""


@pytest.mark.parametrize(
    ("text", "known", "group"),
    [
        ("3326001000514149001", False, "logistics"),
        ("闺蜜的3326001000514149001帮查下呗", False, "logistics"),
        ("我那个卫衣出库了没", True, "logistics"),
        ("我那个卫衣出库了没", False, "logistics"),
        ("卫衣出库了没", True, "logistics"),
        ("卫衣出库了没", False, ""),
        ("几天能到", False, ""),
        ("货到哪个城市啦", False, "logistics"),
        ("你们店在哪儿呀", False, ""),
        ("短袖黑色还有没", False, "stock"),
        ("短袖多少钱", False, "stock"),
        ("多少钱", False, ""),
        ("短袖五十件多少钱", False, ""),
        ("短袖L有货吗\n包邮吗", False, "stock"),
        ("短袖券还有吗", False, ""),
        ("这个有货吗", False, ""),
        ("黑L", False, "stock"),
        ("黑色", False, ""),
        ("给我开张发票", False, "invoice"),
    ],
)
def test_words_and_names_that_leave_no_doubt_begin_one_too(text: str, known: bool, group: str) -> None:
    assert begins(text, known=known) == group


def test_a_variant_named_after_an_answer_about_stock_goes_on_with_it() -> None:
    assert begins("白色的呢", after="stock") == "stock"
    assert begins("不要黑的了 白的", after="stock") == "stock"
    assert begins("白色的呢", after="price_promo") == ""
    assert begins("多少钱", after="stock") == "stock"
    assert begins("运费多少钱", after="stock") == ""


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "group"),
    [
        ("短袖白色M还剩几件呀", "chitchat", 0.3, "stock"),
        ("短袖白色M抢光了没", "coupon", 0.3, "stock"),
        ("短袖白色M行不行嘞", "inform", 0.4, "stock"),
        ("短袖白色M行不行嘞", "order_remark", 0.6, ""),
        ("短袖白色会透吗", "chitchat", 0.3, ""),
        ("短袖白色M洗了缩水不", "chitchat", 0.3, ""),
        ("我昨天在你家拿了短袖白色M码一件", "chitchat", 0.3, ""),
        ("can i still get the 短袖", "chitchat", 0.3, "stock"),
    ],
)
def test_a_variant_that_is_named_is_asked_for_where_nothing_else_is_spoken_of(
    text: str, intent: str, confidence: float, group: str
) -> None:
    assert begins(text, intent, confidence) == group


def test_a_variant_of_the_product_in_view_is_asked_for_too() -> None:
    assert begins("白的还拿得到不", viewed="tee") == "stock"
    assert begins("还在卖吗", viewed="tee") == "stock"
    assert begins("白色", viewed="tee") == "stock"
    assert begins("白色", viewed="tee", after="product_info") == ""


def test_what_the_product_in_view_costs_and_comes_in_begins_one() -> None:
    assert begins("多少钱", viewed="tee") == "stock"
    assert begins("有几个花色", viewed="tee") == "stock"
    assert begins("175 70公斤穿啥码", viewed="tee") == ""
    assert begins("多少钱") == ""
    assert begins("运费多少钱", viewed="tee") == ""


def test_what_is_needed_for_an_invoice_is_asked_after_an_answer_about_invoices() -> None:
    assert begins("要什么资料", after="invoice") == "invoice"
    assert begins("要什么资料", after="stock") == ""


def test_what_the_shop_leaves_to_people_begins_nothing() -> None:
    policy = AutoReplyPolicy(is_on=True, groups={"invoice": GroupRule(Mode.AUTOMATIC)})
    for text in ("短袖黑色还有没", "3326001000514149001"):
        assert begins(text, policy=policy) == ""


@pytest.mark.parametrize(
    ("text", "after", "group"),
    [
        ("云州测试有限公司 91350100M000100Y43", "", "invoice"),
        ("抬头云州测试有限公司", "", "invoice"),
        ("云州测试有限公司", "", ""),
        ("云州测试有限公司", "invoice", "invoice"),
        ("邮箱写错了 是cai@example.com", "invoice", "invoice"),
        ("邮箱写错了 是cai@example.com", "", ""),
        ("那单给补张票呗", "", "invoice"),
    ],
)
def test_what_an_invoice_needs_begins_one(text: str, after: str, group: str) -> None:
    assert begins(text, after=after) == group


def test_who_has_made_up_his_mind_begins_nothing() -> None:
    assert begins("就这个了\n买了", "stock_variant", 0.99, after="stock") == ""
    assert begins("就这个了 白色还有没", "stock_variant", 0.99, after="stock") == "stock"
