"""From which confidence on replies of a group may go out: what the shop's own agents proved, and nothing beyond."""

from __future__ import annotations

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.entry import Entry
from bot.domain.feedback import COMMON, REFUSED, TAKEN, Offer, Reaction
from bot.domain.intents import GROUPS
from bot.domain.thresholds import NEVER, Outcome
from bot.services.auto_reply_reading import asks_back
from bot.services.auto_reply_standards import Standards, read_standards

USUAL = {0.9: 0.9, 0.95: 0.95, 0.98: 0.98}
ENTRIES = {
    "s": Entry("s", "stock", "有货吗", "有"),
    "i": Entry("i", "invoice", "开票吗", "开"),
}


def reactions(entry: str, kind: str, count: int, confidence: float = 0.97) -> list[tuple[bool, Reaction]]:
    """Return how agents met the entry's reply, so many times."""
    return [(True, Reaction((Offer(entry, 1, confidence),), kind, 0))] * count


def test_a_shop_without_reactions_has_the_common_thresholds() -> None:
    policy = AutoReplyPolicy(groups={"stock": GroupRule(Mode.AUTOMATIC, 0.98)})
    thresholds = Standards(USUAL).thresholds(policy)
    assert set(thresholds) == set(GROUPS)
    assert (thresholds["stock"], thresholds["invoice"]) == (0.98, 0.95)


def test_a_group_that_proved_wrong_is_held_back_and_others_are_warned_of_it() -> None:
    told = reactions("s", TAKEN, 10) + reactions("s", REFUSED, 70)
    standards = read_standards(told, ENTRIES, COMMON, USUAL)
    assert standards.threshold("stock", 0.95) == NEVER
    assert standards.threshold("invoice", 0.95) == NEVER


def test_one_groups_wrong_replies_do_not_hold_back_one_that_proved_right() -> None:
    told = reactions("s", REFUSED, 80) + reactions("i", TAKEN, 300)
    standards = read_standards(told, ENTRIES, COMMON, USUAL)
    assert standards.threshold("stock", 0.95) == NEVER
    assert standards.threshold("invoice", 0.95) <= 0.95


def test_what_other_groups_proved_lowers_nothing() -> None:
    surely = [Outcome(0.93, 1.0)] * 500
    standards = Standards({0.9: 0.97}, {"invoice": surely}, surely, may_fall=True)
    assert standards.threshold("invoice", 0.9) == 0.93
    assert standards.threshold("stock", 0.9) == 0.97


def test_what_the_classifier_had_not_read_proves_nothing() -> None:
    unread = [(False, reaction) for _, reaction in reactions("s", REFUSED, 100)]
    assert read_standards(unread, ENTRIES, COMMON, USUAL).threshold("stock", 0.95) == 0.95


def test_evidence_is_counted_above_the_threshold() -> None:
    told = reactions("s", TAKEN, 3) + reactions("s", REFUSED, 1) + reactions("s", REFUSED, 5, 0.5)
    standards = read_standards(told, ENTRIES, COMMON, USUAL)
    assert standards.judged("stock", 0.9) == (4, 3.0)
    assert standards.judged("stock", 0.3)[0] == 9
    assert standards.judged("invoice", 0.9) == (0, 0)


def test_an_entry_that_is_gone_counts_for_the_shop_alone() -> None:
    standards = read_standards(reactions("gone", TAKEN, 2), ENTRIES, COMMON, USUAL)
    assert (len(standards.altogether), dict(standards.by_group)) == (2, {})


def test_a_reply_that_asks_is_told_from_one_that_answers() -> None:
    for asking in ("亲，您看的是哪一款呢", "请问是要什么颜色？", "麻烦把订单号发我一下", "要M码还是L码呢~"):
        assert asks_back(asking), asking
    for telling in (
        "48小时内发货",
        "有货的亲，可以直接拍~",
        "可以开票。还有其他问题需要帮您吗？",
        "还有7件哦",
    ):
        assert not asks_back(telling), telling


def test_a_reply_written_to_be_slow_to_read_is_read_at_once() -> None:
    # What goes over it once for each of its words and each of its ends would not come back.
    assert asks_back("还有帮" * 20_000 + "。好吗？")
