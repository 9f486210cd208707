"""What every AutoRatingStore must do: inherited by the tests of the one in memory and the one in PostgreSQL.

An inheriting class gives the fixture `judged`. Each test makes shops of its own, so that one database serves them all.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import Finished
from bot.domain.conversation import Conversation
from bot.ports import Event, EventLog
from bot.ports.auto_ratings import AutoRatingStore, RatingDue
from tests.contract.auto_turn_contract import MANY, AutoStores, a_decision
from tests.contract.conversation_contract import later

VISIT = 7200
RATED = Event("auto_rated", later(VISIT), "c1", {"decision": "d1", "right": True})


@dataclass(frozen=True)
class RatingStores(AutoStores):
    """An AutoRatingStore and what it stands on."""

    ratings: AutoRatingStore
    events: EventLog

    async def speaks(self, shop: str, seconds: float, opened: Conversation | None = None) -> Conversation:
        """Let software answer so many seconds later."""
        opened = opened or await self.said(shop)
        decided = a_decision(f"d{seconds}", later(seconds))
        return await self.finish(shop, opened, Finished(decided))

    async def to_judge(self, shop: str, seconds: float) -> list[RatingDue]:
        """Return what is due then in the shop; it is claimed by that."""
        return [due for due in await self.ratings.ratings_due(later(seconds), MANY) if due.shop == shop]


class AutoRatingContract:
    async def test_what_was_said_is_judged_two_hours_later_by_one_worker(self, judged: RatingStores) -> None:
        shop = await judged.shop()
        opened = await judged.speaks(shop, 5)
        assert await judged.to_judge(shop, VISIT + 4) == []
        assert await judged.to_judge(shop, VISIT + 5) == [RatingDue(shop, opened.id, later(5))]
        assert await judged.to_judge(shop, VISIT + 6) == []
        assert len(await judged.to_judge(shop, VISIT + 60)) == 1

    async def test_silence_hand_overs_and_greetings_are_not_judged(self, judged: RatingStores) -> None:
        shop = await judged.shop()
        opened = await judged.said(shop)
        for id, deed, groups in (
            ("a", Deed.SILENT, ("stock",)),
            ("b", Deed.HAND_OVER, ("stock",)),
            ("c", Deed.REPLY, ()),
        ):
            await judged.finish(shop, opened, Finished(a_decision(id, deed=deed, groups=groups)))
        assert await judged.to_judge(shop, MANY) == []

    async def test_ratings_are_written_once_whoever_is_first(self, judged: RatingStores) -> None:
        shop = await judged.shop()
        await judged.speaks(shop, 0)
        (due,) = await judged.to_judge(shop, VISIT)
        won = await asyncio.gather(*(judged.ratings.settle_ratings(due, later(1), [RATED]) for _ in range(4)))
        assert sorted(won) == [False, False, False, True]
        assert await judged.events.read(shop, MANY) == [RATED]
        assert await judged.to_judge(shop, MANY * 2) == []

    async def test_what_was_said_since_is_judged_later_and_what_was_judged_is_not_again(
        self, judged: RatingStores
    ) -> None:
        shop = await judged.shop()
        opened = await judged.speaks(shop, 0)
        (due,) = await judged.to_judge(shop, VISIT)
        await judged.speaks(shop, VISIT + 1, opened)
        assert await judged.ratings.settle_ratings(due, later(1), [RATED])
        assert await judged.to_judge(shop, VISIT + 2) == []
        assert await judged.to_judge(shop, 2 * VISIT + 1) == [RatingDue(shop, opened.id, later(1))]
        assert not await judged.ratings.settle_ratings(due, later(VISIT * 2), [RATED])
        assert len(await judged.events.read(shop, MANY)) == 1

    async def test_a_buyer_who_is_erased_is_not_judged(self, judged: RatingStores) -> None:
        shop = await judged.shop()
        opened = await judged.speaks(shop, 0)
        await judged.conversations.erase_buyer(shop, opened.buyer.id)
        assert await judged.to_judge(shop, MANY) == []

    async def test_shops_are_judged_apart(self, judged: RatingStores) -> None:
        mine, other = await judged.shop(), await judged.shop()
        await judged.speaks(mine, 0)
        await judged.speaks(other, 0)
        due = [each for each in await judged.ratings.ratings_due(later(VISIT), MANY) if each.shop == mine]
        assert await judged.ratings.settle_ratings(due[0], later(1), [RATED])
        assert await judged.events.read(other, MANY) == []
        assert len(await judged.to_judge(other, VISIT + 60)) == 1
