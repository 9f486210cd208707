"""Entries and dialogue put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auto_reply import Claim, Reason
from bot.domain.dialogue_openings import OPENINGS
from bot.domain.entry import Entry
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.domain.suggestion import FactUsed, Part, Suggestion, SuggestionResult
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.services.auto_agreeing import lead_with_what_is_asked
from bot.services.auto_merging import Answer, Opening, merge
from bot.services.auto_reply_reading import find_reply

_ENTRIES = {
    "ship": Entry("ship", "shipping", "发什么快递", "发中通"),
    "bill": Entry("bill", "invoice", "能开发票吗", "可以开票", intent="invoice_can"),
}
_STALE = FactUsed("stock", "3", "sheet", "2026-03-05T00:00:00+00:00", stale=True)
_INTENTS = (IntentScore("invoice_can", "invoice", 0.9),)


def suggested(*entries: str, confidence: float = 0.98, stands_alone: bool = True) -> SuggestionResult:
    parts = tuple(Part(each, 1, _ENTRIES[each].intent, _ENTRIES[each].reply, 0.96) for each in entries)
    suggestion = Suggestion(
        "s", "\n".join(part.text for part in parts), confidence, parts, stands_alone=stands_alone, image="i1"
    )
    return SuggestionResult(
        "mine", False, _INTENTS, (suggestion,) if parts else (), reason="" if parts else "no entry answers it"
    )


def answer(
    result: SuggestionResult,
    turn: DialogueTurn | None = None,
    *,
    text: str = "能开发票吗",
    was_active: bool = False,
    has_image: bool = False,
) -> Answer:
    opening = Opening() if was_active else Opening("invoice", 0.9)
    return merge(
        text, result, find_reply(result, _ENTRIES), _ENTRIES, turn,
        was_active=was_active, opening=opening, has_image=has_image,
    )  # fmt: skip


def says(
    *texts: str, active: str = "invoice_form", asks: bool = True, reminder: bool = False, **turn: object
) -> DialogueTurn:
    bubbles = tuple(DialogueBubble(each, "invoice", asks=asks, is_reminder=reminder) for each in texts)
    return DialogueTurn(bubbles, active, **turn)  # type: ignore[arg-type]


def test_without_a_dialogue_the_entries_answer() -> None:
    found = answer(suggested("ship"))
    assert [(each.text, each.image) for each in found.bubbles] == [("发中通", "i1")]
    assert found.entries == (("ship", 1, 0.98),)
    assert found.heard.offer is not None
    assert (found.heard.offer.groups, found.heard.offer.in_dialogue) == (frozenset({"shipping"}), False)


def test_a_dialogue_that_says_nothing_leaves_it_to_the_entries() -> None:
    found = answer(suggested("bill"), DialogueTurn(active=""))
    assert [each.text for each in found.bubbles] == ["可以开票"]


def test_what_a_dialogue_leaves_to_the_entry_of_this_very_question_is_as_sure_as_the_question() -> None:
    left = answer(suggested("bill", confidence=0.6), DialogueTurn())
    assert left.heard.offer is not None
    assert left.heard.offer.claims == (Claim("invoice", 0.6, of_group=0.9, agreed=0.6),)
    other = answer(suggested("ship", confidence=0.6), DialogueTurn())
    unasked = answer(suggested("bill", confidence=0.6))
    assert other.heard.offer is not None
    assert unasked.heard.offer is not None
    assert other.heard.offer.claims == (Claim("shipping", 0.6, agreed=0.6),)
    assert unasked.heard.offer.claims == (Claim("invoice", 0.6, agreed=0.6),)


def test_who_has_waited_long_is_not_soothed_by_what_everybody_is_told() -> None:
    found = answer(suggested("bill", confidence=0.6), DialogueTurn(), text="发票怎么还没开")
    assert found.heard.offer is not None
    assert found.heard.offer.claims == (Claim("invoice", 0.6),)


def test_two_readers_that_agree_on_the_very_entry_are_as_sure_as_the_question() -> None:
    entries = {"gift": Entry("gift", "price_promo", "送什么", "送杯子", intent="gift")}

    def claimed(common: float, intent: str, text: str = "有赠品吗", read: float = 0.9) -> Claim:
        part = Part("gift", 1, "gift", "送杯子", common)
        suggestion = Suggestion("s", "送杯子", common, (part,), stands_alone=True)
        result = SuggestionResult("mine", False, (IntentScore(intent, "price_promo", read),), (suggestion,))
        found = merge(
            text, result, find_reply(result, entries), entries, None, was_active=False, opening=Opening()
        )
        assert found.heard.offer is not None
        (claim,) = found.heard.offer.claims
        return claim

    assert claimed(0.8, "gift") == Claim("price_promo", 0.8, of_group=0.9, agreed=0.8)
    assert claimed(0.9, "gift", read=0.59) == Claim("price_promo", 0.9, agreed=0.9)
    assert claimed(0.79, "gift") == Claim("price_promo", 0.79, agreed=0.79)
    assert claimed(0.9, "coupon") == Claim("price_promo", 0.9, agreed=0.9)
    assert claimed(0.9, "gift", "赠品怎么没收到") == Claim("price_promo", 0.9)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(sorted(INTENT_GROUP)))
def test_an_entry_without_a_dialogue_is_never_surer_than_its_question_or_itself(
    common: float, read: float, intent: str
) -> None:
    group = INTENT_GROUP[intent]
    entries = {"e": Entry("e", group, "问", "答", intent=intent)}
    suggestion = Suggestion("s", "答", common, (Part("e", 1, intent, "答", common),), stands_alone=True)
    result = SuggestionResult("mine", False, (IntentScore(intent, group, read),), (suggestion,))
    found = merge(
        "问", result, find_reply(result, entries), entries, None, was_active=False, opening=Opening()
    )
    assert found.heard.offer is not None
    (claim,) = found.heard.offer.claims
    assert claim.confidence == common
    assert claim.of_group in (0.0, read)
    assert claim.agreed in (0.0, common)
    assert not claim.of_group or (common >= 0.8 and intent not in OPENINGS)


_PRICES = {
    each: Entry(each, "price_promo", each, f"答{each}", intent=intent)
    for each, intent in (("gift", "gift"), ("off", "coupon"), ("less", "price_bargain"))
} | {"fee": Entry("fee", "shipping", "运费", "包邮", intent="ship_fee")}


def agreed(
    *ranked: tuple[str, float], text: str = "有折扣吗", read: float = 0.9, was_active: bool = False
) -> float:
    """Return what is agreed of the first entry when the ranking has these and the classifier reads a price."""
    suggestions = tuple(
        Suggestion("s", each, score, (Part(each, 1, _PRICES[each].intent, each, score),), stands_alone=True)
        for each, score in ranked
    )
    result = SuggestionResult(
        "mine", False, (IntentScore("price_bargain", "price_promo", read),), suggestions
    )
    found = find_reply(result, _PRICES)
    told = merge(
        text, result, found, _PRICES, DialogueTurn() if was_active else None,
        was_active=was_active, opening=Opening(),
    )  # fmt: skip
    assert told.heard.offer is not None
    (claim,) = told.heard.offer.claims
    return round(claim.agreed, 4)


def test_entries_of_the_group_that_the_question_is_read_as_stand_in_for_each_other() -> None:
    assert agreed(("less", 0.6), ("off", 0.35)) == 0.95
    assert agreed(("less", 0.6), ("fee", 0.35)) == 0.6
    assert agreed(("less", 0.49), ("off", 0.45)) == 0.49
    assert agreed(("less", 0.6), ("off", 0.35), read=0.8) == 0.6
    assert agreed(("fee", 0.6), ("less", 0.35)) == 0.6


def test_nothing_is_agreed_of_who_waits_or_of_what_may_be_an_answer_to_a_form() -> None:
    assert agreed(("less", 0.95), text="说好的减价怎么没减") == 0.0
    assert agreed(("less", 0.95), text="折扣公司", was_active=True) == 0.0
    assert agreed(("less", 0.95), was_active=True) == 0.95


def test_each_of_several_questions_claims_for_itself() -> None:
    found = answer(suggested("ship", "bill", confidence=0.9))
    assert found.heard.offer is not None
    assert found.heard.offer.claims == (Claim("shipping", 0.96), Claim("invoice", 0.96))


def test_a_dialogue_that_a_question_began_goes_before_the_entry() -> None:
    found = answer(suggested("bill"), says("抬头是个人还是单位？"))
    assert ([each.text for each in found.bubbles], found.dialogue) == (
        ["抬头是个人还是单位？"],
        "invoice_form",
    )
    offer = found.heard.offer
    assert offer is not None
    assert (offer.in_dialogue, offer.asks_back) == (False, True)
    assert offer.claims == (Claim("invoice", of_group=0.9),)
    assert found.entries == ()


def test_the_answer_to_its_question_is_nothing_that_was_guessed() -> None:
    found = answer(suggested(), says("税号是多少？"), text="上海某某有限公司", was_active=True)
    assert found.heard.offer is not None
    assert (found.heard.offer.in_dialogue, found.heard.offer.claims) == (True, ())
    assert found.heard.wants_answer


def test_the_other_question_is_answered_first() -> None:
    found = answer(suggested("ship", "bill"), says("抬头是个人还是单位？"), text="发什么快递，能开发票吗")
    assert [each.text for each in found.bubbles] == ["发中通", "抬头是个人还是单位？"]
    assert found.entries == (("ship", 1, 0.98),)
    offer = found.heard.offer
    assert offer is not None
    assert offer.groups == {"shipping", "invoice"}
    assert offer.claims == (Claim("invoice", of_group=0.9), Claim("shipping", 0.96))


def test_what_reads_like_a_question_in_an_answer_to_a_form_is_left_to_the_form() -> None:
    found = answer(
        suggested("ship", "bill", stands_alone=False),
        says("邮箱是？"),
        text="顺丰公司，普票",
        was_active=True,
    )
    assert [each.text for each in found.bubbles] == ["邮箱是？"]


def test_an_interruption_is_answered_and_then_the_form_asks_again() -> None:
    found = answer(
        suggested("ship"), says("刚才的抬头还没告诉我哦", reminder=True), text="发什么快递", was_active=True
    )
    assert [each.text for each in found.bubbles] == ["发中通", "刚才的抬头还没告诉我哦"]
    assert found.dialogue == "invoice_form"
    assert found.heard.offer is not None
    assert not found.heard.offer.in_dialogue


def test_a_reminder_never_goes_out_alone() -> None:
    found = answer(
        suggested(), says("刚才的抬头还没告诉我哦", reminder=True), text="天气不错", was_active=True
    )
    assert (found.bubbles, found.heard.offer) == ((), None)


def test_a_dialogue_asks_for_a_person_with_or_without_a_last_word() -> None:
    found = answer(suggested("bill"), says("给您转人工", active="", hand_over="late_order", urgent=True))
    assert found.heard.calls_for_person == (Reason.LATE_ORDER,)
    assert [each.text for each in found.bubbles] == ["给您转人工"]
    silent = answer(suggested("bill"), DialogueTurn(hand_over="something else"))
    assert (silent.heard.calls_for_person, silent.bubbles) == ((Reason.NEEDS_PERSON,), ())


def test_a_stale_fact_of_the_dialogue_makes_all_of_it_stale() -> None:
    turn = DialogueTurn((DialogueBubble("还有3件", "stock", (_STALE,)),))
    found = answer(suggested(), turn)
    assert found.heard.offer is not None
    assert (found.heard.offer.is_fresh, found.facts) == (False, (_STALE,))


def test_words_that_point_at_an_image_are_for_who_can_see_it() -> None:
    assert not answer(suggested("ship"), text="这个发什么快递", has_image=True).heard.has_words
    assert answer(suggested("ship"), text="发什么快递", has_image=True).heard.has_words


_LAMP = {
    "use": Entry("use", "product_info", "怎么开", "轻拍开关", intent="product_usage"),
    "made": Entry("made", "product_info", "什么做的", "硅胶灯罩，亮40小时", intent="product_material"),
    "bill": _ENTRIES["bill"],
}


def _of_lamp(entry: str, confidence: float, attribute: str, value: str) -> Suggestion:
    fact = FactUsed(attribute, value, "sheet", "2026-03-05T00:00:00+00:00", stale=False)
    part = Part(entry, 1, _LAMP[entry].intent, _LAMP[entry].reply, confidence)
    return Suggestion("s", part.text, confidence, (part,), (fact,))


def lamp(text: str, *intents: IntentScore) -> tuple[str, bool, float]:
    """Return the entry that answers a question about the lamp, whether it stands alone, and what is agreed of it."""
    suggestions = (
        _of_lamp("use", 0.4, "usage", "轻拍开关"),
        _of_lamp("made", 0.2, "specs", "一次充电约40小时"),
    )
    result = lead_with_what_is_asked(text, SuggestionResult("mine", False, intents, suggestions), _LAMP)
    told = merge(text, result, find_reply(result, _LAMP), _LAMP, None, was_active=False, opening=Opening())
    assert told.heard.offer is not None
    return told.entries[0][0], told.heard.offer.stands_alone, told.heard.offer.claims[0].agreed


def test_the_reply_that_tells_of_the_product_what_is_asked_stands_first_and_is_agreed() -> None:
    assert lamp("能亮几个小时", IntentScore("product_usage", "product_info", 0.6)) == ("made", True, 1.0)
    assert lamp("能亮几个小时", IntentScore("chitchat", "other", 0.3)) == ("made", True, 1.0)
    assert lamp("能亮几个小时", IntentScore("ship_when", "shipping", 0.8)) == ("use", False, 0.4)
    assert lamp("怎么调颜色", IntentScore("product_usage", "product_info", 0.6)) == ("use", False, 0.4)
    assert lamp("能亮几个小时 什么时候发货", IntentScore("product_usage", "product_info", 0.6))[0] == "use"
