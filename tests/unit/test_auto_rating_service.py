"""Judging what is due: what is gone or broken holds up nothing, and a person's word goes before the machine's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.bootstrap.databases import memory_stores
from bot.bootstrap.engine import Stores
from bot.domain.auto_rating import Rating, Sign
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import Decided, Finished
from bot.domain.conversation import Buyer
from bot.domain.shop import Shop
from bot.ports import NewMessage, StoreUnavailable
from bot.ports.auto_turns import TurnRead
from bot.services.auditing import Auditor
from bot.services.auto_measuring import DEMOTED, RATED, rated_event
from bot.services.auto_rating import AutoRating
from bot.storage.memory import Memory
from bot.storage.memory_accounts import MemoryPeople
from tests.contract.store_contract import NOW, FixedClock

SHOP = "tea"
POLICY = AutoReplyPolicy(is_on=True, groups={"stock": GroupRule(Mode.AUTOMATIC, 0.95)})
VISIT = timedelta(hours=2)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def stores(clock: FixedClock) -> Stores:
    stores = memory_stores(Memory(), MemoryPeople(), clock)
    await stores.shops.put_shop(Shop(SHOP, "茶店"))
    await stores.auto_replies.put_policy(SHOP, POLICY)
    return stores


def rating_of(stores: Stores, **instead: object) -> AutoRating:
    """Return the judge over the stores, some of them replaced."""
    parts = {
        "ratings": stores.auto_ratings,
        "turns": stores.auto_turns,
        "policies": stores.auto_replies,
        **instead,
    }
    return AutoRating(
        **parts,  # type: ignore[arg-type]
        events=stores.events,
        accounts=stores.accounts,
        auditor=Auditor(stores.accounts, stores.clock),
        clock=stores.clock,
    )


async def spoke(stores: Stores, name: str) -> str:
    """Let software have answered a buyer; return the conversation."""
    opened = await stores.conversations.open_conversation(SHOP, Buyer("", name, "web", name), NOW)
    decided = Decided(f"{opened.id}-1", 1, NOW, Deed.REPLY, (Reason.SURE,), 0.97, groups=("stock",))
    for author, text, key in (("buyer", "有货吗", "b1"), ("auto", "有的", f"auto-{decided.id}-1")):
        message = NewMessage(author, text, NOW, key)
        await stores.conversations.write_message(SHOP, opened.id, message, lambda _: {})
    await stores.auto_turns.finish_turn(SHOP, opened.id, Finished(decided), lambda _: {})
    return opened.id


async def failed(stores: Stores, times: int) -> None:
    """Let so many replies have been wrong."""
    decided = Decided("c-1", 1, NOW, Deed.REPLY, (Reason.SURE,), 0.97, groups=("stock",))
    event = rated_event(Rating(decided, Sign.UPSET), NOW, "c")
    await stores.events.append(SHOP, [event] * times)


class BrokenFor:
    """Turns of which one conversation cannot be read."""

    def __init__(self, stores: Stores, conversation: str, error: Exception) -> None:
        self._turns = stores.auto_turns
        self._conversation = conversation
        self._error = error

    async def read_turn(self, shop: str, conversation: str, limit: int) -> TurnRead:
        if conversation == self._conversation:
            raise self._error
        return await self._turns.read_turn(shop, conversation, limit)


async def test_what_is_due_is_judged_and_then_no_more(stores: Stores, clock: FixedClock) -> None:
    await spoke(stores, "甲")
    rating = rating_of(stores)
    assert await rating.judge_due() == 0
    clock.moment = NOW + VISIT
    assert await rating.judge_due() == 1
    clock.moment += VISIT
    assert await rating.judge_due() == 0
    assert [each.data["sign"] for each in await stores.events.read_kinds(SHOP, (RATED,), 9)] == ["silent"]


async def test_a_conversation_that_cannot_be_judged_holds_up_no_other(
    stores: Stores, clock: FixedClock
) -> None:
    broken, fine = await spoke(stores, "甲"), await spoke(stores, "乙")
    clock.moment = NOW + VISIT
    rating = rating_of(stores, turns=BrokenFor(stores, broken, ValueError("broken by the test")))
    assert await rating.judge_due() == 2
    assert [each.conversation for each in await stores.events.read_kinds(SHOP, (RATED,), 9)] == [fine]
    clock.moment += VISIT
    assert await rating.judge_due() == 0


async def test_while_the_database_is_away_nothing_is_given_up(stores: Stores, clock: FixedClock) -> None:
    talk = await spoke(stores, "甲")
    clock.moment = NOW + VISIT
    with pytest.raises(StoreUnavailable):
        await rating_of(stores, turns=BrokenFor(stores, talk, StoreUnavailable("away"))).judge_due()
    clock.moment += timedelta(minutes=1)
    assert await rating_of(stores).judge_due() == 1


async def test_a_group_drops_at_sixty_cases_and_not_before(stores: Stores) -> None:
    rating = rating_of(stores)
    await failed(stores, 59)
    assert await rating.stop_failing(SHOP) == []
    await failed(stores, 1)
    assert await rating.stop_failing(SHOP) == ["stock"]
    assert await rating.stop_failing(SHOP) == []
    assert (await stores.auto_replies.get_policy(SHOP)).rule("stock") == GroupRule(Mode.SUGGEST, 0.95)
    assert len(await stores.events.read_kinds(SHOP, (DEMOTED,), 9)) == 1


async def test_rules_that_a_person_changes_at_that_moment_stand(stores: Stores) -> None:
    class Changing:
        """Rules that a person writes between reading and dropping."""

        get_policy = stores.auto_replies.get_policy

        async def swap_policy(self, shop: str, *swap: object) -> bool:
            await stores.auto_replies.put_policy(shop, replace(POLICY, greeting="您好"))
            return await stores.auto_replies.swap_policy(shop, *swap)  # type: ignore[arg-type]

    await failed(stores, 60)
    assert await rating_of(stores, policies=Changing()).stop_failing(SHOP) == []
    assert await stores.auto_replies.get_policy(SHOP) == replace(POLICY, greeting="您好")
    assert await rating_of(stores).stop_failing(SHOP) == ["stock"]
