"""Buyers and agents converse: clocks, claims, and two at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.account import ShopScope
from bot.domain.message_text import UnusableMessage
from bot.ports import Conflict, NewMessage, NotFound, Rule, Written
from bot.services.conversation_rules import NotForSoftware
from bot.services.conversing import Conversing, HeldByColleague
from tests.unit.conversing_parts import BUYER, OTHER, SHOP, Office, open_office


@pytest.fixture
async def office() -> Office:
    office = await open_office()
    await office.hires("a1", SHOP, OTHER)
    await office.hires("a2")
    return office


async def test_a_buyers_first_words_open_a_conversation_and_start_the_clock(office: Office) -> None:
    written = await office.says("黑色有货吗", "k1")
    conversation = written.conversation
    assert conversation.waiting_since == office.clock.now()
    assert conversation.due_at == office.clock.now() + timedelta(seconds=120)
    assert [len(office.events(kind)) for kind in ("conversation_opened", "message_in", "waiting_since")] == [
        1
    ] * 3
    assert office.distributing._woken.is_set()
    again = await office.says("黑色有货吗", "k1")
    assert (again.is_new, len(office.events("message_in"))) == (False, 1)


async def test_an_answer_stops_the_clock_and_says_how_long_it_took(office: Office) -> None:
    asked = await office.says("黑色有货吗", "k1")
    await office.passes(45)
    answered = await office.conversing.reply(SHOP, asked.conversation.id, "a1", "有的", key="r1", answers=1)
    assert answered.conversation.waiting_since is None
    assert answered.conversation.assignee == "a1"
    out = office.events("message_out")[0].data
    assert (out["by"], out["waited"], out["in_time"]) == ("a1", 45.0, True)
    assert office.events("taken")[0].data["by"] == "a1"


async def test_a_question_that_came_while_the_answer_was_written_goes_on_waiting(office: Office) -> None:
    asked = await office.says("黑色有货吗", "k1")
    since = await office.passes(20)
    await office.says("多久发货", "k2")
    await office.passes(5)
    answered = await office.conversing.reply(SHOP, asked.conversation.id, "a1", "有的", key="r1", answers=1)
    assert answered.conversation.waiting_since == since
    assert len(office.events("waiting_since")) == 2
    await office.conversing.reply(SHOP, asked.conversation.id, "a1", "今天", key="r2", answers=2)
    assert (await office.store.get_conversation(SHOP, asked.conversation.id)).waiting_since is None


async def test_of_two_who_answer_at_once_the_second_is_told_who_was_first(office: Office) -> None:
    asked = await office.says("在吗", "k1")
    await office.conversing.reply(SHOP, asked.conversation.id, "a1", "在的", key="r1")
    with pytest.raises(HeldByColleague, match="客服a1") as refused:
        await office.conversing.reply(SHOP, asked.conversation.id, "a2", "在的亲", key="r2")
    assert (refused.value.account, refused.value.name) == ("a1", "客服a1")
    assert len(await office.store.list_messages(SHOP, asked.conversation.id, 9)) == 2
    taken = await office.conversing.reply(SHOP, asked.conversation.id, "a2", "我来", key="r3", take_over=True)
    assert taken.conversation.assignee == "a2"


async def test_holding_texts_leave_the_clock_running(office: Office) -> None:
    asked = await office.says("在吗", "k1")
    held = await office.conversing.say_automatically(SHOP, asked.conversation.id, "请稍等", key="h1")
    assert held.conversation.waiting_since is not None
    assert office.events("message_out")[0].data["waited"] is None
    final = await office.conversing.say_automatically(
        SHOP, asked.conversation.id, "有货", key="h2", answers=1
    )
    assert final.conversation.waiting_since is None
    assert final.conversation.assignee == ""


async def test_software_answers_what_it_read_and_the_clock_goes_on_from_what_came_later(
    office: Office,
) -> None:
    asked = (await office.says("有货吗", "k1")).conversation.id
    await office.passes(5)
    later = await office.says("发什么快递", "k2")
    said = await office.conversing.say_automatically(SHOP, asked, "有货", key="h1", answers=1, image="i1")
    assert said.conversation.waiting_since == later.message.at
    assert (said.message.author, said.message.image) == ("auto", "i1")
    assert office.events("message_out")[0].data["by"] == "auto"


async def test_software_says_nothing_once_a_person_has_it_in_hand(office: Office) -> None:
    asked = (await office.says("有货吗", "k1")).conversation.id
    taken = await office.conversing.take(SHOP, asked, "a1")
    assert taken.person_at == office.clock.now()
    with pytest.raises(NotForSoftware):
        await office.conversing.say_automatically(SHOP, asked, "有货", key="h1", answers=1)
    resumed = await office.conversing.resume(SHOP, asked, "a1")
    assert resumed.person_at is None
    await office.conversing.say_automatically(SHOP, asked, "有货", key="h1", answers=1)
    answered = await office.conversing.reply(SHOP, asked, "a1", "有的", key="r1")
    assert answered.conversation.person_at == office.clock.now()
    await office.conversing.close(SHOP, asked, "a1")
    with pytest.raises(NotForSoftware):
        await office.conversing.say_automatically(SHOP, asked, "再见", key="h2")
    again = await office.conversing.reopen(SHOP, asked, "a1")
    assert again.person_at is None


async def test_software_looks_at_a_message_where_its_shop_wants_that(office: Office) -> None:
    looked: list[dict[str, object]] = []

    async def soon(shop: str, at: datetime) -> datetime | None:
        return at + timedelta(seconds=3) if shop == SHOP else None

    class Watched:
        """The store, whose rules are looked at."""

        def __getattr__(self, name: str) -> object:
            return getattr(office.store, name)

        async def write_message(self, shop: str, each: str, message: NewMessage, rule: Rule) -> Written:
            looked.append(dict(rule(await office.store.get_conversation(shop, each))))
            return await office.store.write_message(
                shop, each, message, lambda before: {k: v for k, v in rule(before).items() if k != "auto_at"}
            )

    conversing = Conversing(
        Watched(), office.conversing._manners, office.conversing._colleagues, office.recorder, office.clock,  # type: ignore[arg-type]
        auto_at=soon,
    )  # fmt: skip
    await conversing.receive(SHOP, BUYER, "有货吗", key="k1")
    await conversing.receive(OTHER, BUYER, "有货吗", key="k1")
    assert looked[0]["auto_at"] == office.clock.now() + timedelta(seconds=3)
    assert "auto_at" not in looked[1]


async def test_a_conversation_is_taken_handed_over_and_given_back(office: Office) -> None:
    each = (await office.says("在吗", "k1")).conversation.id
    assert (await office.conversing.take(SHOP, each, "a1")).assignee == "a1"
    await office.conversing.take(SHOP, each, "a1")
    assert len(office.events("taken")) == 1
    with pytest.raises(HeldByColleague):
        await office.conversing.take(SHOP, each, "a2")
    with pytest.raises(HeldByColleague):
        await office.conversing.hand_over(SHOP, each, "a2", "a2")
    with pytest.raises(NotFound):
        await office.conversing.hand_over(SHOP, each, "a1", "stranger")
    assert (await office.conversing.hand_over(SHOP, each, "a1", "a2")).assignee == "a2"
    assert (await office.conversing.hand_over(SHOP, each, "a2", "")).assignee == ""
    assert [event.data["to"] for event in office.events("handed")] == ["a2", ""]


async def test_a_conversation_is_not_handed_to_who_has_no_right_in_the_shop(office: Office) -> None:
    written = await office.says("在吗", "k1", shop=OTHER)
    with pytest.raises(NotFound):
        await office.conversing.hand_over(OTHER, written.conversation.id, "a1", "a2")


async def test_what_is_put_aside_comes_back_when_the_buyer_writes(office: Office) -> None:
    each = (await office.says("在吗", "k1")).conversation.id
    until = office.clock.now() + timedelta(hours=1)
    aside = await office.conversing.put_aside(SHOP, each, "a1", until)
    assert (aside.state, aside.assignee) == ("snoozed", "a1")
    for wrong in (office.clock.now(), until + timedelta(days=400)):
        with pytest.raises(ValueError):
            await office.conversing.put_aside(SHOP, each, "a1", wrong)
    assert (await office.says("还在吗", "k2")).conversation.state == "open"


async def test_a_closed_conversation_is_followed_by_a_new_one(office: Office) -> None:
    first = (await office.says("在吗", "k1")).conversation.id
    await office.conversing.close(SHOP, first, "a1")
    again = await office.conversing.reopen(SHOP, first, "a1")
    assert (again.state, again.assignee) == ("open", "a1")
    await office.conversing.close(SHOP, first, "a1")
    second = (await office.says("又来了", "k2")).conversation
    assert second.id != first
    with pytest.raises(Conflict, match="newer"):
        await office.conversing.reopen(SHOP, first, "a1")
    with pytest.raises(Conflict):
        await office.conversing.put_aside(SHOP, first, "a1", office.clock.now() + timedelta(hours=1))


async def test_looking_into_a_colleagues_conversation_does_not_read_it(office: Office) -> None:
    each = (await office.says("在吗", "k1")).conversation.id
    await office.conversing.take(SHOP, each, "a1")
    assert (await office.conversing.mark_read(SHOP, each, "a2")).unread == 1
    assert (await office.conversing.mark_read(SHOP, each, "a1")).unread == 0
    assert len(office.events("read")) == 1


async def test_notes_and_tags_are_kept_within_bounds(office: Office) -> None:
    each = (await office.says("在吗", "k1")).conversation.id
    note = await office.conversing.add_note(SHOP, each, "a1", " 老客，态度好 ")
    assert await office.store.list_notes(SHOP, each) == [note]
    assert note.text == "老客，态度好"
    assert (await office.conversing.set_tags(SHOP, each, ["老客", " 老客 ", ""])).tags == ("老客",)
    for tags in (["长" * 30], [str(i) for i in range(30)]):
        with pytest.raises(ValueError):
            await office.conversing.set_tags(SHOP, each, tags)
    with pytest.raises(UnusableMessage):
        await office.conversing.add_note(SHOP, each, "a1", "长" * 3000)


async def test_an_image_of_another_conversation_cannot_be_sent(office: Office) -> None:
    mine = (await office.says("在吗", "k1")).conversation.id
    other = (await office.says("在吗", "k1", replace(BUYER, external_id="x2"))).conversation.id
    image = await office.store.put_image(SHOP, other, "image/png", b"x")
    with pytest.raises(NotFound):
        await office.conversing.reply(SHOP, mine, "a1", "", key="r1", image=image)
    sent = await office.conversing.reply(SHOP, other, "a1", "", key="r1", image=image)
    assert sent.conversation.last_text == "[图片]"
    with pytest.raises(NotFound):
        await office.conversing.reply(SHOP, mine, "a1", "好", key="r2", quotes=9)


async def test_a_search_stays_in_the_persons_shops(office: Office) -> None:
    await office.says("黑色有货吗", "k1")
    await office.says("黑色有货吗", "k1", shop=OTHER)
    found = await office.conversing.search(ShopScope("a1", frozenset({SHOP})), "有货")
    assert [one.shop for one in found] == [SHOP]


async def test_an_export_says_who_said_what_and_stands_in_the_audit_log(office: Office) -> None:
    asked = await office.says("=1+1 黑色有货吗", "k1")
    await office.says("别家的话", "k1", shop=OTHER)
    await office.conversing.reply(SHOP, asked.conversation.id, "a1", "有的", key="r1")
    actor = await office.accounts.get_account("org", "a1")
    since, until = office.clock.now() - timedelta(days=1), office.clock.now() + timedelta(days=1)
    table = "".join([line async for line in office.exporting.export(SHOP, actor, since, until, "csv")])
    assert "'=1+1" in table
    assert "客服a1" in table
    lines = [line async for line in office.exporting.export(SHOP, actor, since, until, "jsonl")]
    assert len(lines) == 1
    assert "别家的话" not in table + lines[0]
    audit = await office.accounts.read_audit("org", 10)
    assert [(line.kind, line.shop, line.data["format"]) for line in audit] == [
        ("exported", SHOP, "jsonl"),
        ("exported", SHOP, "csv"),
    ]
    with pytest.raises(ValueError):
        [line async for line in office.exporting.export(SHOP, actor, since, until, "pdf")]


async def test_an_erased_buyers_words_are_gone(office: Office) -> None:
    asked = await office.says("我的手机号", "k1")
    await office.conversing.erase_buyer(SHOP, asked.conversation.buyer.id)
    assert [m.text for m in await office.store.list_messages(SHOP, asked.conversation.id, 9)] == [""]
