"""A shop's rules for automatic replies over HTTP: read, written, and tried on what its buyers asked, shop by shop."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import Mode, When
from bot.domain.intents import GROUPS
from bot.web.auto_reply_page import AUTO_REPLY_PAGE
from bot.web.owner_pages import page_words
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire, says

RULES = "/shops/tea/auto-reply"
AUTOMATIC = {"mode": "automatic", "precision": 0.9}


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def tried(person: Person, shop: str = "tea", messages: int = 1000, **rules: Any) -> dict[str, Any]:
    """Return a dry run of rules that are right."""
    body = {"policy": {"groups": {"shipping": AUTOMATIC}, **rules}, "messages": messages}
    status, run = await person.call("POST", f"/shops/{shop}/auto-reply/dry-run", body)
    assert status == 200, run
    return dict(run)


def outcomes(run: dict[str, Any]) -> list[tuple[str, str, list[str]]]:
    """Return question, deed and reasons, oldest first."""
    return [(each["asked"], each["deed"], each["reasons"]) for each in reversed(run["tried"])]


async def test_rules_are_read_and_written_whole(served: Served, owner: Person) -> None:
    status, before = await owner.call("GET", RULES)
    assert (status, before["is_on"], before["when"]) == (200, False, "always")
    assert before["groups"] == {group: {"mode": "suggest", "precision": 0.95} for group in GROUPS}
    given = {
        "is_on": True,
        "groups": {"stock": {"mode": "automatic", "precision": 0.98}, "invoice": {"mode": "off"}},
        "when": "weekly",
        "weekly": [{"weekday": 4, "since": "22:00", "until": "07:30"}],
        "repeat_limit": 2,
        "greeting": " 您好，这里是自动回复 ",
        "hand_over": "马上转人工",
        "hand_over_closed": "客服明早联系您",
        "merge_seconds": 2.5,
        "marks": False,
    }
    status, written = await owner.call("PUT", RULES, given)
    assert status == 200, written
    assert written["greeting"] == "您好，这里是自动回复"
    assert written["weekly"] == [{"weekday": 4, "since": "22:00:00", "until": "07:30:00"}]
    assert written["groups"]["stock"] == {"mode": "automatic", "precision": 0.98}
    assert written["groups"]["invoice"]["mode"] == "off"
    assert (await owner.call("GET", RULES))[1] == written


async def test_changing_rules_is_audited(served: Served, owner: Person) -> None:
    await owner.call("PUT", RULES, {"is_on": True, "repeat_limit": 5})
    lines = await served.engine.auditor.read("office")
    assert (lines[0].kind, lines[0].shop) == ("policy_changed", "tea")
    assert lines[0].data == {"auto_reply": True, "changed": ["is_on", "repeat_limit"]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"groups": {"weather": AUTOMATIC}}, "groups"),
        ({"groups": {"stock": {"mode": "perhaps"}}}, "groups.stock.mode"),
        ({"groups": {"stock": {"mode": "automatic", "precision": 0.5}}}, "groups.stock.precision"),
        ({"repeat_limit": 0}, "repeat_limit"),
        ({"merge_seconds": 9}, "merge_seconds"),
        ({"when": "weekly"}, "weekly"),
        ({"greeting": "您好{店铺}"}, "greeting"),
        ({"hand_over": "长" * 301}, "hand_over"),
        ({"hours": []}, "hours"),
    ],
)
async def test_wrong_rules_are_refused_by_field(owner: Person, wrong: dict[str, Any], field: str) -> None:
    status, answer = await owner.call("PUT", RULES, wrong)
    assert status == 422
    assert any(name.startswith(field) for name in answer["error"]["fields"]), answer
    assert (await owner.call("GET", RULES))[1]["is_on"] is False


async def test_words_that_must_not_be_said_are_no_wording(owner: Person) -> None:
    await owner.call("PUT", "/shops/tea/policy", {"forbidden": ["全网最低"]})
    status, answer = await owner.call("PUT", RULES, {"greeting": "您好，全网最低价"})
    assert status == 422
    assert "全网最低" in answer["error"]["fields"]["greeting"]


async def test_only_owners_write_and_supervisors_read_and_try(served: Served) -> None:
    supervisor = await hire(served, {"tea": "supervisor"})
    assert (await supervisor.call("GET", RULES))[0] == 200
    assert (await tried(supervisor))["messages"] == 0
    assert (await supervisor.call("PUT", RULES, {}))[0] in (403, 404)
    agent = await hire(served, {"tea": "agent"})
    assert (await agent.call("GET", RULES))[0] in (403, 404)


async def test_a_dry_run_says_what_would_have_been_sent_and_why_not(served: Served, owner: Person) -> None:
    for number, text in enumerate(("发什么快递", "可以开发票吗", "转人工", "好的谢谢")):
        served.clock.moment += timedelta(minutes=1)
        await says(served, "tea", text, buyer=f"b-{number}")
    run = await tried(owner, greeting="您好")
    assert outcomes(run) == [
        ("发什么快递", "reply", ["sure"]),
        ("可以开发票吗", "silent", ["left_to_person"]),
        ("转人工", "hand_over", ["asked_for_person"]),
        ("好的谢谢", "silent", ["no_answer_wanted"]),
    ]
    first = run["tried"][-1]
    assert first["said"] == ["您好", f"{WORDS['tea']}发{WORDS['tea']}速运"]
    assert first["groups"] == ["shipping"]
    assert first["confidence"] >= first["threshold"]
    assert (run["messages"], run["answered"], run["share"]) == (4, 1, 0.25)
    assert run["expected_precision"] == first["confidence"]
    assert run["deeds"] == {"reply": 1, "ask_back": 0, "hand_over": 1, "silent": 2}
    shipping = next(each for each in run["groups"] if each["group"] == "shipping")
    assert shipping["answered"] == 1 <= shipping["questions"]
    assert [each["precision"] for each in shipping["reach"]] == [0.9, 0.95, 0.98]
    reach = [each["sendable"] for each in shipping["reach"]]
    assert reach == sorted(reach, reverse=True)
    assert reach[0] == 1


async def test_a_dry_run_writes_nothing_and_counts_rules_that_are_not_saved(
    served: Served, owner: Person
) -> None:
    await says(served, "tea", "发什么快递")
    before = len(served.memory.shops["tea"].events)
    assert (await tried(owner))["answered"] == 1
    assert (await tried(owner, groups={"shipping": {"mode": "off"}}))["answered"] == 0
    assert (await owner.call("GET", RULES))[1]["groups"]["shipping"]["mode"] == "suggest"
    assert len(served.memory.shops["tea"].events) == before
    status, suggested = await served.call("POST", "/shops/tea/suggestions", json={"text": "发什么快递"})
    assert (status, suggested["silent"]) == (200, False)


async def test_bubbles_are_one_question_and_the_same_reply_is_not_given_twice(
    served: Served, owner: Person
) -> None:
    for text, after in (("你好", 0), ("发什么快递", 2), ("发什么快递", 60), ("什么时候发货", 60)):
        served.clock.moment += timedelta(seconds=after)
        await says(served, "tea", text)
    run = await tried(owner)
    assert [(asked, deed) for asked, deed, _ in outcomes(run)] == [
        ("你好\n发什么快递", "reply"),
        ("发什么快递", "hand_over"),
        ("什么时候发货", "silent"),
    ]
    assert [reasons for _, _, reasons in outcomes(run)][1:] == [["said_before"], ["handed_over"]]


async def test_who_comes_back_hours_later_is_served_anew(served: Served, owner: Person) -> None:
    await says(served, "tea", "转人工")
    served.clock.moment += timedelta(hours=3)
    await says(served, "tea", "发什么快递")
    assert [deed for _, deed, _ in outcomes(await tried(owner))] == ["hand_over", "reply"]


async def test_replies_in_a_row_end_with_a_person(served: Served, owner: Person) -> None:
    for text in ("发什么快递", "什么时候发货"):
        served.clock.moment += timedelta(minutes=1)
        await says(served, "tea", text)
    run = await tried(owner, repeat_limit=1, hand_over="稍等，转人工")
    assert outcomes(run)[1] == ("什么时候发货", "hand_over", ["limit_reached"])
    assert run["tried"][0]["said"] == ["稍等，转人工"]


async def test_hours_are_those_of_each_question(served: Served, owner: Person) -> None:
    # Half past ten in the shop's own zone, on a Thursday.
    await says(served, "tea", "发什么快递")
    night = [{"weekday": day, "since": "22:00", "until": "08:00"} for day in range(7)]
    run = await tried(owner, when="weekly", weekly=night)
    assert outcomes(run)[0][1:] == ("silent", ["outside_hours"])
    morning = [{"weekday": 3, "since": "10:00", "until": "11:00"}]
    assert (await tried(owner, when="weekly", weekly=morning))["answered"] == 1
    assert outcomes(await tried(owner, when="closed"))[0][2] == ["outside_hours"]


async def test_a_reply_that_the_guard_stops_would_not_go_out(served: Served, owner: Person) -> None:
    await owner.call("PUT", "/shops/tea/policy", {"forbidden": ["速运"]})
    await says(served, "tea", "发什么快递")
    run = await tried(owner)
    assert outcomes(run) == [("发什么快递", "hand_over", ["guarded"])]
    assert run["tried"][0]["said"] == []
    shipping = next(each for each in run["groups"] if each["group"] == "shipping")
    assert [each["sendable"] for each in shipping["reach"]] == [0, 0, 0]


async def test_numbers_of_buyers_are_not_shown(served: Served, owner: Person) -> None:
    await says(served, "tea", "我电话13800138000，发什么快递")
    assert "13800138000" not in str(await tried(owner))


async def test_questions_of_other_channels_are_tried_too(served: Served, owner: Person) -> None:
    await served.call("POST", "/shops/tea/suggestions", json={"text": "发什么快递"})
    await served.engine.recorder.close()
    run = await tried(owner)
    assert [deed for _, deed, _ in outcomes(run)] == ["reply"]


async def test_a_dry_run_tells_how_far_it_is(served: Served, owner: Person) -> None:
    for number in range(25):
        await says(served, "tea", "发什么快递", buyer=f"b-{number}")
    body = {"policy": {"groups": {"shipping": AUTOMATIC}}}
    status, text = await owner.call(
        "POST", f"{RULES}/dry-run", body, headers={"Accept": "application/x-ndjson"}
    )
    *steps, last = [json.loads(line) for line in text.decode().splitlines()]
    assert (status, steps) == (200, [{"done": 20, "of": 25}, {"done": 25, "of": 25}])
    assert (last["status"], last["answer"]["answered"]) == (200, 25)


async def test_the_newest_questions_are_taken(served: Served, owner: Person) -> None:
    for number in range(5):
        served.clock.moment += timedelta(minutes=1)
        await says(served, "tea", f"发什么快递{number}", buyer=f"b-{number}")
    run = await tried(owner, messages=2)
    assert [each["asked"] for each in run["tried"]] == ["发什么快递4", "发什么快递3"]
    status, _ = await owner.call("POST", f"{RULES}/dry-run", {"policy": {}, "messages": 1001})
    assert status == 422


async def test_nothing_of_another_shop_is_read_tried_or_written(served: Served, owner: Person) -> None:
    other = await hire(served, {"lamp": "owner"})
    await says(served, "lamp", "发什么快递")
    assert (await tried(owner))["messages"] == 0
    run = await tried(other, "lamp")
    assert run["answered"] == 1
    assert WORDS["tea"] not in str(run)
    for method, path, body in (
        ("GET", "/shops/lamp/auto-reply", None),
        ("PUT", "/shops/lamp/auto-reply", {"is_on": True}),
        ("POST", "/shops/lamp/auto-reply/dry-run", {"policy": {}}),
    ):
        assert (await owner.call(method, path, body))[0] == 404
    assert (await other.call("GET", "/shops/lamp/auto-reply"))[1]["is_on"] is False


def test_the_page_has_a_word_for_everything_that_it_may_have_to_show() -> None:
    for language in ("zh", "en"):
        words = page_words(AUTO_REPLY_PAGE, language)
        wanted = [f"why_{reason.value}" for reason in Reason]
        wanted += [f"deed_{deed.value}" for deed in Deed] + [f"mode_{mode.value}" for mode in Mode]
        wanted += [f"when_{when.value}" for when in When] + [f"group_{group}" for group in GROUPS]
        assert [word for word in wanted if not words.get(word)] == []
    assert set(AUTO_REPLY_PAGE.words["zh"]) == set(AUTO_REPLY_PAGE.words["en"])


async def test_a_shop_has_one_dry_run_at_a_time_and_no_other_waits_for_its_next(
    served: Served, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, going, go_on = await hire(served, {"lamp": "owner"}), asyncio.Event(), asyncio.Event()
    store = served.engine.parts.auto_replies
    newest = store.newest_messages

    async def slowly(shop: str, limit: int) -> Any:
        if shop == "tea":
            going.set()
            await go_on.wait()
        return await newest(shop, limit)

    monkeypatch.setattr(store, "newest_messages", slowly)
    first = asyncio.create_task(tried(owner))
    await going.wait()
    status, refused = await owner.call("POST", f"{RULES}/dry-run", {"policy": {}})
    assert (status, refused["error"]["code"]) == (409, "conflict")
    assert (await tried(other, "lamp"))["messages"] == 0
    go_on.set()
    await first
    assert (await tried(owner))["messages"] == 0
