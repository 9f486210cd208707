"""What automatic replies came to, over HTTP: measured by group, and what dropped until an owner decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.auto_rating import Measured, Rating, Sign
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import Decided
from bot.services.auto_measuring import demoted_event, rated_event
from tests.web.memory_app import Served
from tests.web.people import Person, hire

RULES = "/shops/tea/auto-reply"
AUTOMATIC = {"groups": {"logistics": {"mode": "automatic", "precision": 0.95}}}


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def judged(served: Served, right: int, wrong: int) -> None:
    """Let so many replies about parcels have been right, and wrong."""
    now = served.clock.now()
    signs = [Sign.SILENT] * right + [Sign.ASKED_AGAIN] * wrong
    events = [
        rated_event(
            Rating(Decided(f"c-{n}", n, now, Deed.REPLY, (Reason.SURE,), groups=("logistics",)), sign),
            now,
            "c",
        )
        for n, sign in enumerate(signs)
    ]
    await served.engine.parts.events.append("tea", events)


async def dropped(served: Served) -> None:
    event = demoted_event("logistics", Measured(84, 61), 0.95, served.clock.now())
    await served.engine.parts.events.append("tea", [event])
    served.clock.moment += timedelta(seconds=1)


async def test_the_rules_come_with_what_was_measured(served: Served, owner: Person) -> None:
    await judged(served, 9, 1)
    _, rules = await owner.call("GET", RULES)
    assert rules["measured"] == {
        "logistics": {"cases": 10, "right": 9, "low": 0.7178, "high": 0.9695, "since": None}
    }
    assert rules["demoted"] == []


async def test_a_group_that_dropped_is_told_of_until_an_owner_sets_it_and_counts_anew_then(
    served: Served, owner: Person
) -> None:
    await judged(served, 61, 23)
    await dropped(served)
    _, rules = await owner.call("GET", RULES)
    (told,) = rules["demoted"]
    assert (told["group"], told["cases"], told["right"], told["target"]) == ("logistics", 84, 61, 0.95)
    status, rules = await owner.call("PUT", RULES, {**AUTOMATIC, "demoted": ["logistics"]})
    assert (status, rules["demoted"], rules["measured"]) == (200, [], {})
    await judged(served, 3, 0)
    _, rules = await owner.call("GET", RULES)
    assert (rules["measured"]["logistics"]["cases"], rules["measured"]["logistics"]["since"] is None) == (
        3,
        False,
    )


async def test_saving_other_words_does_not_end_the_notice(served: Served, owner: Person) -> None:
    await dropped(served)
    _, rules = await owner.call("PUT", RULES, {"greeting": "您好", "demoted": ["logistics"]})
    assert [each["group"] for each in rules["demoted"]] == ["logistics"]


async def test_a_page_that_was_read_before_does_not_switch_back_on_what_dropped_since(
    served: Served, owner: Person
) -> None:
    await dropped(served)
    status, refusal = await owner.call("PUT", RULES, {**AUTOMATIC, "demoted": []})
    assert (status, "降为推荐" in str(refusal)) == (409, True)
    assert (await owner.call("PUT", RULES, AUTOMATIC))[0] == 200


async def test_an_owner_may_leave_it_as_it_is(served: Served, owner: Person) -> None:
    await dropped(served)
    status, rules = await owner.call("DELETE", f"{RULES}/demoted/logistics")
    assert (status, rules["demoted"]) == (200, [])
    assert (await owner.call("DELETE", f"{RULES}/demoted/logistics"))[0] == 200
    assert (await owner.call("DELETE", f"{RULES}/demoted/weather"))[0] == 404


async def test_agents_and_other_shops_people_see_and_change_nothing(served: Served) -> None:
    await dropped(served)
    agent = await hire(served, {"tea": "agent"})
    stranger = await hire(served, {"lamp": "owner"})
    for person, path in ((stranger, RULES), (agent, RULES)):
        assert (await person.call("GET", path))[0] in (403, 404)
        assert (await person.call("DELETE", f"{path}/demoted/logistics"))[0] in (403, 404)
    assert (await stranger.call("GET", RULES))[0] == 404
    assert (await stranger.call("GET", "/shops/lamp/auto-reply"))[1]["demoted"] == []
