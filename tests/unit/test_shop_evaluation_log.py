"""What buyers asked in vain is read from the shop's own log."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.ports import Event
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.shop_evaluation_log import read_log
from bot.services.shop_evaluation_report import Logged
from tests.unit.fakes.counter import Counter
from tests.unit.fakes.examined import NOW, entry, examine

SHOP = """
kuaihui: 1
shop: {id: a, name: 小摊}
entries:
  - {id: stock, group: stock, question: 还有货吗, reply: 有}
"""


def message(text: str, at: datetime, reason: str = "", entries: tuple[str, ...] = ()) -> list[Event]:
    """Return the events of one message, the later first, as the log gives them."""
    shown = {
        "silent": bool(reason),
        "reason": reason,
        "suggestions": [{"id": "1", "confidence": 0.9, "entries": [[name, 1]]} for name in entries],
    }
    return [Event("suggestion_shown", at, "c", shown), Event("message_received", at, "c", {"text": text})]


def logged(*events: list[Event]) -> Logged:
    return read_log([event for pair in events for event in pair], OpenccNormaliser()).logged


def test_messages_that_stayed_without_a_reply_are_counted_by_what_they_say() -> None:
    later = NOW + timedelta(days=2)
    found = logged(
        message("亲 可以寄到月球嗎", later, "no entry answers it"),
        message("可以寄到月球吗?", NOW, "no entry answers it"),
        message("你家狗叫什么", NOW, "nothing to answer"),
        message("还有货吗", NOW, entries=("stock",)),
        message("好的", NOW, "acknowledgement"),
    )
    assert (found.messages, found.unanswered) == (5, 3)
    first, second = found.commonest
    assert (first.text, first.count, first.newest) == ("可以寄到月球吗", 2, later.isoformat())
    assert (second.text, second.reason) == ("你家狗叫什么", "nothing to answer")


def test_at_most_twenty_are_told() -> None:
    found = logged(*(message(f"问题{'甲' * n}", NOW, "no entry answers it") for n in range(1, 31)))
    assert (found.unanswered, len(found.commonest)) == (30, 20)


def test_a_buyers_long_numbers_are_not_shown() -> None:
    (found,) = logged(message("我的电话13800000000打不通", NOW, "no entry answers it")).commonest
    assert found.text == "我的电话…打不通"


def test_events_of_other_kinds_and_broken_ones_are_passed_over() -> None:
    odd = [
        Event("suggestion_taken", NOW),
        Event("suggestion_shown", NOW, "x", {"silent": True, "suggestions": 5}),
    ]
    assert logged(odd) == Logged(0, 0, ())


def test_a_message_without_its_answer_is_counted_and_not_said_to_be_in_vain() -> None:
    assert logged(message("还有货吗", NOW)[1:]) == Logged(1, 0, ())


async def test_what_suggesting_writes_is_what_is_read() -> None:
    counter = Counter()
    shop = await counter.open_shop(SHOP)
    for text in ("还有货吗", "你们董事长属什么生肖", "好的"):
        await counter.ask(shop, text)
    await counter.recorder.close()
    reading = read_log(await counter.events.read(shop, 100), OpenccNormaliser())
    assert reading.logged.messages == 3
    assert [found.text for found in reading.logged.commonest] == ["你们董事长属什么生肖"]
    assert reading.shown == {"stock": 1}


async def test_an_entry_of_one_phrasing_is_told_how_often_buyers_got_it() -> None:
    report = await examine([entry("lone", "门店在哪")], message("在哪", NOW, entries=("lone",)))
    (found,) = report.unjudged
    assert found.shown_in_log == 1
