"""What was asked in vain over HTTP: its groups, what an owner does with them, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.entry import Entry
from bot.ports import Event
from bot.services.sending import HOLD
from tests.web.memory_app import WORDS, Served, teach_guard
from tests.web.people import Person, hire, says

MUTE = Entry("engraving", "other", "", "可以免费刻字，下单备注内容就行。")
QUESTIONS = ("能刻字吗", "可以刻字吗", "能刻字吗")


@pytest.fixture
async def owner(served: Served) -> Person:
    for shop in ("tea", "lamp"):
        await asked(served, shop)
    return await hire(served, {"tea": "owner"})


async def asked(served: Served, shop: str) -> None:
    """Let buyers ask the shop in vain: its own word, and thrice what no entry answers."""
    log, at = served.engine.parts.events, served.clock.now()
    data = {"silent": True, "reason": "no entry answers it", "suggestions": []}
    for number, text in enumerate((f"{WORDS[shop]}是谁家的", *QUESTIONS)):
        message = f"{shop}{number}"
        heard = Event("message_received", at, f"c{number}", {"text": text}, message)
        await log.append(shop, [heard, Event("suggestion_shown", at, f"c{number}", data, message)])


async def must(person: Person, method: str, path: str, json: Any = None) -> Any:
    status, answer = await person.call(method, path, json)
    assert status < 300, answer
    return answer


async def groups(person: Person) -> dict[str, int]:
    return {
        each["question"]: each["count"] for each in (await must(person, "GET", "/shops/tea/asked"))["groups"]
    }


async def test_questions_of_one_meaning_are_one_group_with_examples_and_days(owner: Person) -> None:
    found = await must(owner, "GET", "/shops/tea/asked?days=7")
    [first, second] = found["groups"]
    assert (first["question"], first["count"], first["conversations"]) == ("能刻字吗", 3, 3)
    assert [(each["text"], each["count"]) for each in first["examples"]] == [
        ("能刻字吗", 2),
        ("可以刻字吗", 1),
    ]
    assert first["why"] == {"refused": 0, "handed": 0, "unanswered": 3, "weak": 0}
    assert (len(first["days"]), first["days"][-1]) == (8, 3)
    assert second["question"] == f"{WORDS['tea']}是谁家的"
    assert WORDS["lamp"] not in str(found)


async def test_an_ignored_group_stays_away_until_it_is_shown_again(owner: Person) -> None:
    aside = await must(owner, "POST", "/shops/tea/asked/ignored", {"text": "能刻字吗"})
    assert "能刻字吗" not in await groups(owner)
    [ignored] = (await must(owner, "GET", "/shops/tea/asked"))["ignored"]
    assert (ignored["key"], ignored["text"], ignored["count"]) == (aside["key"], "能刻字吗", 3)
    await must(owner, "DELETE", f"/shops/tea/asked/ignored/{aside['key']}")
    assert (await groups(owner))["能刻字吗"] == 3


async def test_a_group_given_to_an_entry_is_answered_and_gone(served: Served, owner: Person) -> None:
    entry = await must(owner, "POST", "/shops/tea/entries/courier/phrasings", {"phrasings": list(QUESTIONS)})
    assert entry["phrasings"] == ["能刻字吗", "可以刻字吗"]
    assert entry["version"] == 2
    assert "能刻字吗" not in await groups(owner)
    found = await must(owner, "POST", "/shops/tea/entries/try", {"text": "能刻字吗"})
    assert found["suggestions"][0]["parts"][0]["entry"] == "courier"
    status, _ = await owner.call("POST", "/shops/tea/entries/none/phrasings", {"phrasings": ["在吗"]})
    assert status == 404
    status, answer = await owner.call("POST", "/shops/tea/entries/courier/phrasings", {"phrasings": ["  "]})
    assert (status, list(answer["error"]["fields"])) == (422, ["phrasings[0]"])


async def test_what_a_buyer_said_before_a_quick_phrase_is_proposed_as_its_phrasing(
    served: Served, owner: Person
) -> None:
    await served.engine.parts.entries.put_entries("tea", [MUTE])
    await teach_guard(served)
    agent = await hire(served, {"tea": "agent"})
    conversation = (await says(served, "tea", "杯子上能写名字吗")).conversation.id
    async with agent.page() as page:
        await page.say(
            type="send", shop="tea", conversation=conversation, text=MUTE.reply, key="k-1", answers=1,
            phrase=MUTE.id, phrase_text=MUTE.reply,
        )  # fmt: skip
        await page.hear("held")
        served.clock.moment += HOLD
        await served.engine.workspace.outbox.send_due()
    await served.engine.recorder.close()
    [proposed] = (await must(owner, "GET", "/shops/tea/asked"))["proposed"]
    assert (proposed["entry"], proposed["has_question"]) == ("engraving", False)
    assert [each["text"] for each in proposed["phrasings"]] == ["杯子上能写名字吗"]
    unwanted = {"entry": "engraving", "phrasings": ["杯子上能写名字吗"]}
    await must(owner, "POST", "/shops/tea/asked/dismissed", unwanted)
    assert (await must(owner, "GET", "/shops/tea/asked"))["proposed"] == []


async def test_drafts_wait_on_the_page(served: Served, owner: Person) -> None:
    draft = {"id": "kept-1", "group": "other", "question": "能刻字吗", "reply": "可以", "status": "draft"}
    await must(owner, "POST", "/shops/tea/entries", draft)
    assert [entry["id"] for entry in (await must(owner, "GET", "/shops/tea/asked"))["drafts"]] == ["kept-1"]


async def test_a_period_that_is_none_is_refused(owner: Person) -> None:
    for days in ("0", "93", "a", "-1"):
        status, answer = await owner.call("GET", f"/shops/tea/asked?days={days}")
        assert (status, list(answer["error"]["fields"])) == (422, ["days"])


async def test_who_may_not_edit_a_shop_finds_nothing_of_it_there(served: Served, owner: Person) -> None:
    theirs = await hire(served, {"lamp": "owner"})
    aside = await must(theirs, "POST", "/shops/lamp/asked/ignored", {"text": "能刻字吗"})
    calls = [
        ("GET", "asked", None),
        ("POST", "asked/ignored", {"text": "能刻字吗"}),
        ("DELETE", f"asked/ignored/{aside['key']}", None),
        ("POST", "asked/dismissed", {"entry": "courier", "phrasings": ["在吗"]}),
        ("POST", "entries/courier/phrasings", {"phrasings": ["在吗"]}),
    ]
    for method, path, body in calls:
        assert (await owner.call(method, f"/shops/lamp/{path}", body))[0] == 404
    agent = await hire(served, {"lamp": "agent"})
    for method, path, body in calls:
        assert (await agent.call(method, f"/shops/lamp/{path}", body))[0] in (403, 404)
    status, _ = await owner.call("DELETE", f"/shops/tea/asked/ignored/{aside['key']}")
    assert status == 404
    found = await must(theirs, "GET", "/shops/lamp/asked")
    assert len(found["ignored"]) == 1
    assert WORDS["tea"] not in str(found)
    assert (await groups(owner))["能刻字吗"] == 3
