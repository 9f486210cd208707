"""Automatic messages at the moment of sending."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import queueing
from bot.domain.auto_reply import Deed
from bot.domain.auto_reply_policy import GroupRule, Mode
from bot.domain.auto_turn import SendState
from bot.domain.conversation import Buyer
from bot.domain.suggestion import FactUsed
from bot.ports import StoreUnavailable
from bot.ports.auto_turns import Stopped
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from tests.unit.auto_parts import OTHER, POLICY, SHOP, Automaton, automaton


@pytest.fixture
async def worker() -> AsyncIterator[Automaton]:
    async with automaton() as worker:
        yield worker


async def decided(worker: Automaton, *texts: str) -> str:
    """Let the buyer ask and the turn be decided; what is said still waits."""
    talk = await worker.hear(*(texts or ("有货吗",)))
    await worker.decide()
    return talk


async def states(worker: Automaton) -> list[tuple[str, str, str]]:
    return [(each.text, str(each.state), each.error) for each in reversed(await worker.sends())]


async def test_bubbles_leave_in_order_each_in_its_time(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, greeting="您好，我是小店助手"))
    talk = await decided(worker)
    assert await worker.outbox.send_due() == 0
    worker.passes(0.7)
    assert await worker.outbox.send_due() == 1
    assert await worker.said(talk) == ["您好，我是小店助手"]
    assert await worker.outbox.send_due() == 0
    worker.passes(1)
    assert await worker.outbox.send_due() == 1
    assert await worker.said(talk) == ["您好，我是小店助手", "有货的"]


async def test_a_message_is_said_once_however_often_its_worker_dies(worker: Automaton) -> None:
    talk = await decided(worker)
    settle = worker.turns.settle_send

    async def dies(*_: object, **__: object) -> None:
        raise StoreUnavailable("gone")

    worker.turns.settle_send = dies  # type: ignore[method-assign]
    worker.passes(1)
    await worker.outbox.send_due()
    worker.turns.settle_send = settle  # type: ignore[method-assign]
    assert await worker.outbox.send_due() == 0
    worker.passes(20)
    assert await worker.outbox.send_due() == 1
    assert await worker.said(talk) == ["有货的"]
    assert await states(worker) == [("有货的", "sent", "")]


async def test_the_first_keystroke_of_a_person_drops_what_waits(worker: Automaton) -> None:
    talk = await decided(worker)
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert await states(worker) == [("有货的", "dropped", "person_present")]
    await worker.send()
    assert await worker.said(talk) == []
    assert (await worker.conversation(talk)).waiting_since is not None


async def test_a_person_who_comes_while_it_is_sent_wins(worker: Automaton) -> None:
    talk = await decided(worker)
    say = worker.conversing.say_automatically

    async def late(*args: object, **fields: object) -> object:
        await worker.store.change_conversation(SHOP, talk, lambda _: {"person_at": worker.clock.now()})
        return await say(*args, **fields)  # type: ignore[arg-type]

    worker.conversing.say_automatically = late  # type: ignore[assignment, method-assign]
    await worker.send()
    assert await worker.said(talk) == []
    assert await states(worker) == [("有货的", "dropped", "person_present")]


async def test_keystrokes_are_written_once_in_a_while(worker: Automaton) -> None:
    talk = await decided(worker)
    for _ in range(50):
        await worker.stepping_in.step_in(SHOP, talk, "a1")
        worker.passes(0.2)
    found = await worker.conversation(talk)
    assert (found.version, found.person_at) == (3, worker.clock.now() - timedelta(seconds=10))
    worker.passes(600)
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert (await worker.conversation(talk)).person_at == worker.clock.now()


async def test_who_types_on_after_it_was_given_back_is_heard_at_once(worker: Automaton) -> None:
    talk = await decided(worker)
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    worker.passes(1)
    # On another worker: this one is not told.
    await worker.store.change_conversation(SHOP, talk, queueing.given_to_software)
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert (await worker.conversation(talk)).person_at == worker.clock.now()


async def test_a_keystroke_says_who_took_what_was_handed_over(worker: Automaton) -> None:
    talk = await worker.ask("没把握")
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert (await worker.hand_over(talk)).taken_by == "a1"


async def test_in_a_shop_without_automatic_replies_a_keystroke_writes_nothing(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, is_on=False))
    talk = await worker.hear("有货吗")
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert (await worker.conversation(talk)).person_at is None


async def test_the_shops_switch_stops_what_waits(worker: Automaton) -> None:
    talk = await decided(worker)
    await worker.rules.put_policy(SHOP, replace(POLICY, is_on=False))
    await worker.send()
    assert (await worker.said(talk), await states(worker)) == ([], [("有货的", "dropped", "switched_off")])
    assert (await worker.conversation(talk)).waiting_since is not None


async def test_a_group_that_was_taken_off_is_not_answered_any_more(worker: Automaton) -> None:
    talk = await decided(worker)
    others = {group: rule for group, rule in POLICY.groups.items() if group != "stock"}
    await worker.rules.put_policy(SHOP, replace(POLICY, groups={**others, "stock": GroupRule(Mode.SUGGEST)}))
    await worker.send()
    assert (await worker.said(talk), await states(worker)) == ([], [("有货的", "dropped", "left_to_person")])


async def test_the_switch_for_all_shops_stops_every_one_and_lets_it_go_on(worker: Automaton) -> None:
    talk = await decided(worker)
    other = await worker.hear("有货吗", shop=OTHER)
    await worker.turns.put_stop(Stopped(True, worker.clock.now()))
    assert await worker.decide() == []
    await worker.send()
    assert await worker.said(talk) == []
    await worker.turns.put_stop(Stopped())
    await worker.send()
    await worker.decide()
    await worker.send()
    assert (await worker.said(talk), await worker.said(other, OTHER)) == (["有货的"], ["有货的"])


async def test_what_could_not_leave_in_time_is_a_persons(worker: Automaton) -> None:
    talk = await decided(worker)
    await worker.send(seconds=150)
    assert await worker.last(talk) == (Deed.HAND_OVER, ["expired"])
    assert await worker.said(talk) == ["马上转人工"]
    assert ("有货的", "dropped", "expired") in await states(worker)
    assert (await worker.conversation(talk)).waiting_since is not None


async def test_words_of_a_hand_over_that_come_too_late_are_just_dropped(worker: Automaton) -> None:
    talk = await decided(worker, "没把握")
    await worker.send(seconds=150)
    assert await worker.said(talk) == []
    assert [each.deed for each in await worker.decisions(talk)] == [Deed.HAND_OVER]


async def test_a_fact_that_grew_old_on_the_way_is_not_told(worker: Automaton) -> None:
    at = worker.clock.now() - timedelta(hours=24) + timedelta(seconds=4)
    worker.suggester.facts["有货吗"] = (FactUsed("stock", "3", "sheet", at.isoformat(), stale=False),)
    talk = await decided(worker)
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    worker.passes(60)
    await worker.send()
    assert await worker.last(talk) == (Deed.HAND_OVER, ["stale_facts"])
    assert await worker.said(talk) == ["马上转人工"]


async def test_the_guard_has_the_last_word(worker: Automaton) -> None:
    talk = await decided(worker)
    forbidden = replace(await worker.store.get_policy(SHOP), forbidden=("有货的",))
    await worker.store.put_policy(SHOP, forbidden)
    worker.outbox._guard.forget_policy(SHOP)
    await worker.send()
    assert await worker.said(talk) == ["马上转人工"]
    assert await worker.last(talk) == (Deed.HAND_OVER, ["guarded"])


async def test_a_guard_that_does_not_know_the_shop_yet_condemns_nothing(worker: Automaton) -> None:
    talk = await decided(worker)
    guard = worker.outbox._guard
    await worker.store.put_policy(SHOP, replace(await worker.store.get_policy(SHOP), forbidden=("有货的",)))
    guard.forget_policy(SHOP)
    guard._ready.clear()
    worker.passes(3)
    await worker.outbox.send_due()
    assert [each[1] for each in await states(worker)] == ["waiting"]
    await worker.store.put_policy(SHOP, replace(await worker.store.get_policy(SHOP), forbidden=()))
    guard.forget_policy(SHOP)
    guard._ready.set()
    await worker.send(20)
    assert await worker.said(talk) == ["有货的"]


async def test_what_he_says_between_two_bubbles_of_an_answer_is_decided_about(worker: Automaton) -> None:
    worker.suggester.intents["能开发票吗"] = "invoice_can"
    worker.dialogue.turns["能开发票吗"] = DialogueTurn(
        (DialogueBubble("可以的", "invoice"), DialogueBubble("请下单时勾选", "invoice"))
    )
    talk = await decided(worker, "能开发票吗")
    worker.passes(0.7)
    await worker.outbox.send_due()
    await worker.hear("好的")
    worker.passes(1)
    await worker.outbox.send_due()
    assert await worker.said(talk) == ["可以的", "请下单时勾选"]
    await worker.decide()
    assert await worker.last(talk) == (Deed.SILENT, ["no_answer_wanted"])
    assert (await worker.decisions(talk))[-1].upto == 3


async def test_half_an_answer_is_none(worker: Automaton) -> None:
    worker.suggester.intents["能开发票吗"] = "invoice_can"
    worker.dialogue.turns["能开发票吗"] = DialogueTurn(
        (DialogueBubble("可以的", "invoice"), DialogueBubble("抬头是？", "invoice", asks=True)),
        "invoice_form",
    )
    talk = await decided(worker, "能开发票吗")
    worker.passes(0.7)
    await worker.outbox.send_due()
    assert await worker.said(talk) == ["可以的"]
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    assert [each[1] for each in await states(worker)] == ["sent", "dropped"]


async def test_only_the_bubbles_that_it_answers_stop_the_clock(worker: Automaton) -> None:
    talk = await decided(worker)
    later = await worker.conversing.receive(
        SHOP, Buyer("", "", "web", external_id="x1"), "发什么快递", key="later"
    )
    worker.passes(1)
    await worker.outbox.send_due()
    assert await worker.said(talk) == ["有货的"]
    assert (await worker.conversation(talk)).waiting_since == later.message.at


async def test_what_fails_again_and_again_is_dead_and_a_persons(worker: Automaton) -> None:
    talk = await decided(worker)

    async def breaks(*_: object, **__: object) -> object:
        raise RuntimeError("broken by the test")

    worker.conversing.say_automatically = breaks  # type: ignore[assignment, method-assign]
    for _ in range(8):
        worker.passes(12)
        await worker.outbox.send_due()
    assert ("有货的", "dead", "RuntimeError") in await states(worker)
    assert await worker.last(talk) == (Deed.HAND_OVER, ["needs_person"])


async def test_a_message_of_a_conversation_that_was_closed_is_not_said(worker: Automaton) -> None:
    talk = await decided(worker)
    await worker.conversing.close(SHOP, talk, "a1", take_over=True)
    await worker.send()
    assert await worker.said(talk) == []


async def test_one_shops_trouble_holds_up_no_other(worker: Automaton) -> None:
    talk = await decided(worker)
    other = await worker.hear("有货吗", shop=OTHER)
    await worker.decide()
    say = worker.conversing.say_automatically

    async def breaks(shop: str, *args: object, **fields: object) -> object:
        if shop == SHOP:
            raise RuntimeError("broken by the test")
        return await say(shop, *args, **fields)  # type: ignore[arg-type]

    worker.conversing.say_automatically = breaks  # type: ignore[assignment, method-assign]
    worker.passes(1)
    await worker.outbox.send_due()
    assert (await worker.said(talk), await worker.said(other, OTHER)) == ([], ["有货的"])


async def test_sent_messages_say_so(worker: Automaton) -> None:
    await worker.ask("有货吗")
    (sent,) = await worker.sends(SendState.SENT)
    assert sent.text == "有货的"


@pytest.mark.parametrize("deed", ["take", "reply", "note", "hand_over"])
async def test_whatever_a_person_does_silences_software_at_once(worker: Automaton, deed: str) -> None:
    talk = await decided(worker)
    match deed:
        case "take":
            await worker.conversing.take(SHOP, talk, "a1")
        case "reply":
            await worker.conversing.reply(SHOP, talk, "a1", "我来", key="r1")
        case "note":
            await worker.conversing.add_note(SHOP, talk, "a1", "老客户")
        case _:
            await worker.conversing.take(SHOP, talk, "a1")
            await worker.conversing.hand_over(SHOP, talk, "a1", "")
    assert await states(worker) == [("有货的", "dropped", "person_present")]
    assert (await worker.conversation(talk)).person_at == worker.clock.now()
