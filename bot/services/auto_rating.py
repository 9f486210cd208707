"""Judging what software said once the buyer's visit is over, and stopping what is surely not right often enough."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from bot.domain.auto_rating import rate
from bot.domain.auto_visit import VISIT
from bot.ports import AccountStore, Clock, EventLog, NotFound, Unavailable
from bot.ports.auto_ratings import AutoRatingStore, RatingDue
from bot.ports.auto_reply import AutoReplyStore
from bot.ports.auto_turns import AutoTurnStore
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.auto_measuring import demoted_event, rated_event, read_measures, without

_log = logging.getLogger(__name__)
BY_ITSELF: Final = "(system)"
"""Who changed the rules, in the audit log: nobody. No login looks like that."""
_AT_ONCE: Final = 20
_LOOK: Final = 300.0
_BREATH: Final = 0.02
"""Between two conversations, so that buyers who wait are not kept waiting by what nobody waits for."""
_MESSAGES: Final = 400
_MOMENT: Final = timedelta(microseconds=1)


class AutoRating:
    """Judges in the background. `run` is for the life of a worker; each conversation is one worker's."""

    def __init__(
        self,
        ratings: AutoRatingStore,
        turns: AutoTurnStore,
        policies: AutoReplyStore,
        events: EventLog,
        accounts: AccountStore,
        auditor: Auditor,
        clock: Clock,
    ) -> None:
        self._ratings = ratings
        self._turns = turns
        self._policies = policies
        self._events = events
        self._accounts = accounts
        self._auditor = auditor
        self._clock = clock

    async def run(self) -> None:
        """Look every five minutes which visits are over, until cancelled."""
        while True:
            try:
                await self.judge_due()
            except Unavailable as error:
                _log.warning("automatic replies are judged when the database answers: %s", error)
            await asyncio.sleep(_LOOK)

    async def judge_due(self) -> int:
        """Judge all that is due, then each shop that it bears on; return how many conversations. Raises StoreUnavailable."""
        judged = 0
        rated: set[str] = set()
        while due := await self._ratings.ratings_due(self._clock.now(), _AT_ONCE):
            for each in due:
                if await self._try(each):
                    rated.add(each.shop)
                await asyncio.sleep(_BREATH)
            judged += len(due)
        for shop in sorted(rated):
            try:
                await self.stop_failing(shop)
            except NotFound:
                continue
        return judged

    async def _try(self, due: RatingDue) -> int:
        """Judge a conversation; one that cannot be judged holds up no other."""
        try:
            return await self.rate(due)
        except NotFound:
            return 0  # it was deleted in the meantime
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - a worker loop: what cannot be judged stays unjudged
            _log.exception("automatic replies of shop %s could not be judged", due.shop)
            await self._ratings.settle_ratings(due, self._clock.now(), [])
            return 0

    async def rate(self, due: RatingDue) -> int:
        """Judge what was said in a conversation; return how many ratings were written. Raises NotFound, StoreUnavailable."""
        read = await self._turns.read_turn(due.shop, due.conversation, _MESSAGES)
        now = self._clock.now()
        # What was said later may still turn out wrong, and is due again.
        until = max(now - VISIT + _MOMENT, due.since)
        found = rate(read.messages, read.decisions, due.since, until)
        events = [rated_event(rating, now, due.conversation) for rating in found]
        return len(events) if await self._ratings.settle_ratings(due, until, events) else 0

    async def stop_failing(self, shop: str) -> list[str]:
        """Let the groups that are surely below their target only be suggested; return them. Raises NotFound, StoreUnavailable."""
        policy = await self._policies.get_policy(shop)
        if not policy.automatic:
            return []
        measures, stopped = await read_measures(self._events, shop), []
        for group in measures.failing(policy):
            measured, target = measures.of(group), policy.rule(group).precision
            after = without(policy, group)
            event = demoted_event(group, measured, target, self._clock.now())
            if not await self._policies.swap_policy(shop, policy, after, [event]):
                break  # another worker, or a person, was first: the next rating looks again
            policy = after
            stopped.append(group)
            _log.warning(
                "shop %s: %s is only suggested now: %d of %d automatic replies were right, the target is %g",
                shop, group, measured.right, measured.cases, target,
            )  # fmt: skip
            await self._audit(shop, group)
        return stopped

    async def _audit(self, shop: str, group: str) -> None:
        for organisation in await self._accounts.list_organisations():
            if shop in organisation.shops:
                await self._auditor.record_from_outside(
                    auditing.POLICY_CHANGED, organisation.id, BY_ITSELF,
                    shop=shop, changed=["groups"], demoted=group,
                )  # fmt: skip
