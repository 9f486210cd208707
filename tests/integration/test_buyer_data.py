"""A buyer's data in PostgreSQL: given out whole, erased everywhere, events on their way too, and in one shop alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.account import Account, Organisation
from bot.domain.auto_turn import Finished
from bot.domain.conversation import Buyer
from bot.ports import Event, NotFound
from bot.storage.database import Database
from tests.contract.auto_turn_contract import a_bubble, a_decision, a_hand_over
from tests.integration.engines import Secret, real_parts, running, two_shops

PHONE = "13812345678"
BUYER = Buyer("", "买家甲", "web", "x-buyer-data")


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[Engine]:
    async with running(real_parts(database)) as engine:
        engine.records.buyers._until_written = 0.5
        await engine.parts.accounts.put_organisation(Organisation("org-buyers", "机构"))
        yield engine


ACTOR = Account("u-owner", "org-buyers", "owner", "店主")


async def talk(engine: Engine, secret: Secret) -> tuple[str, str]:
    """Let the buyer give a number in the shop; return the buyer and the conversation."""
    said = await engine.workspace.conversing.receive(secret.shop, BUYER, f"我的电话{PHONE}", key="k1")
    await engine.workspace.conversing.add_note(secret.shop, said.conversation.id, "a1", f"打{PHONE}")
    return said.conversation.buyer.id, said.conversation.id


async def test_a_buyer_is_erased_with_what_was_still_on_its_way_to_the_log(engine: Engine) -> None:
    left, right = await two_shops(engine.parts)
    buyer, conversation = await talk(engine, left)
    other, other_conversation = await talk(engine, right)
    now = engine.parts.clock.now()
    for secret, about in ((left, conversation), (right, other_conversation)):
        event = Event("message_received", now, about, {"text": PHONE}, "m")
        engine.recorder.record(secret.shop, event)  # written in the background, after the words are gone
    data = await engine.records.buyers.export(left.shop, buyer, ACTOR)
    assert PHONE in json.dumps(data, ensure_ascii=False)
    await engine.records.buyers.erase(left.shop, buyer, ACTOR)
    data = await engine.records.buyers.export(left.shop, buyer, ACTOR)
    assert PHONE not in json.dumps(data, ensure_ascii=False)
    assert PHONE not in str(await engine.parts.events.read(left.shop, 1000))
    kinds = {event.kind for event in await engine.parts.events.read(left.shop, 1000)}
    assert {"message_received", "message_in", "closed"} <= kinds
    untouched = await engine.records.buyers.export(right.shop, other, ACTOR)
    assert PHONE in json.dumps(untouched, ensure_ascii=False)
    assert PHONE in str(await engine.parts.events.read(right.shop, 1000))


async def test_what_software_decided_about_a_buyer_is_given_out_and_what_it_said_only_once(
    engine: Engine,
) -> None:
    left, _ = await two_shops(engine.parts)
    buyer, conversation = await talk(engine, left)
    turns, conversing = engine.parts.auto_turns, engine.workspace.conversing
    opened = await engine.parts.conversations.get_conversation(left.shop, conversation)
    bubble = a_bubble(opened, "auto-1", text="有的，还有12件。")
    finished = Finished(a_decision(), (bubble,), a_hand_over(note=f"打{PHONE}"), ({"text": PHONE},))
    await turns.finish_turn(left.shop, conversation, finished, lambda _: {})
    await engine.parts.conversations.change_conversation(
        left.shop, conversation, lambda _: {"person_at": None}
    )
    await conversing.say_automatically(left.shop, conversation, bubble.text, key=bubble.key)
    data = await engine.records.buyers.export(left.shop, buyer, ACTOR)
    (given,) = data["conversations"]
    assert [each["id"] for each in given["decisions"]] == ["d1"]
    assert [each["note"] for each in given["hand_overs"]] == [f"打{PHONE}"]
    assert json.dumps(data, ensure_ascii=False).count(bubble.text) == 1
    await engine.records.buyers.erase(left.shop, buyer, ACTOR)
    data = await engine.records.buyers.export(left.shop, buyer, ACTOR)
    assert PHONE not in json.dumps(data, ensure_ascii=False)
    read = await turns.read_turn(left.shop, conversation, 10)
    assert (list(read.waiting), list(read.events)) == ([], [])


async def test_another_shops_buyer_is_not_found_and_stays_as_he_is(engine: Engine) -> None:
    left, right = await two_shops(engine.parts)
    buyer, conversation = await talk(engine, right)
    for asked in (
        engine.records.buyers.export(left.shop, buyer, ACTOR),
        engine.records.buyers.erase(left.shop, buyer, ACTOR),
        engine.records.buyers.erase_from_outside(left.shop, buyer, "org-buyers", "console"),
    ):
        with pytest.raises(NotFound):
            await asked
    messages = await engine.parts.conversations.list_messages(right.shop, conversation, 10)
    assert [message.text for message in messages] == [f"我的电话{PHONE}"]
    audit = await engine.parts.accounts.read_audit("org-buyers", 100, None)
    assert not [line for line in audit if line.shop == left.shop]


async def test_who_was_erased_comes_back_as_somebody_else(engine: Engine) -> None:
    left, _ = await two_shops(engine.parts)
    buyer, conversation = await talk(engine, left)
    await engine.records.buyers.erase(left.shop, buyer, ACTOR)
    again = await engine.workspace.conversing.receive(left.shop, BUYER, "在吗", key="k2")
    assert again.conversation.buyer.id != buyer
    assert again.conversation.id != conversation


async def test_figures_read_the_shops_own_log(engine: Engine) -> None:
    left, right = await two_shops(engine.parts)
    now = engine.parts.clock.now()
    shown = {"suggestions": [{"id": "m-1", "text": "x", "entries": [["courier", 1, 0.5]]}]}
    taken = {"place": 0, "kept": 1.0, "offers": [[["courier", 1, 0.5]]]}
    await engine.parts.events.append(
        left.shop,
        [Event("suggestion_shown", now, "c", shown, "m"), Event("suggestion_taken", now, "c", taken, "m")],
    )
    found = (await engine.records.reports.report(left.shop, 7)).figures
    assert (found.offered, found.deeds.taken, found.entries["courier"].taken) == (1, 1, 1)
    assert (await engine.records.reports.report(right.shop, 7)).figures.messages == 0
