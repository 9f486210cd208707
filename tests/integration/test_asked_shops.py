"""What was asked in vain in PostgreSQL is read back as it was logged, each shop's for that shop alone."""

from __future__ import annotations

import asyncio

from bot.domain.asked import Why
from bot.ports import Event
from bot.services.asked_desk import Desk
from bot.storage.database import Database
from tests.integration.engines import Secret, real_parts, running, two_shops


async def test_each_shop_reads_its_own_questions_proposals_and_what_it_ignores(database: Database) -> None:
    parts = real_parts(database)
    mine, theirs = await two_shops(parts)
    at = parts.clock.now()
    for secret in (mine, theirs):
        offers = {"place": None, "offers": [[["courier", 1, 0.2]]], "kept": 1.0}
        shown = {"suggestions": [{"id": "m-1", "text": secret.word, "confidence": 0.7}]}
        await parts.events.append(secret.shop, [
            Event("message_received", at, "c", {"text": f"{secret.word}能刻字吗"}, "m"),
            Event("suggestion_shown", at, "c", shown, "m"),
            Event("suggestion_refused", at, "c", offers, "m"),
        ])  # fmt: skip
    async with running(parts) as engine:

        async def look(secret: Secret) -> Desk:
            return await engine.asked.look(secret.shop, 31)

        for own, other in ((mine, theirs), (theirs, mine)):
            [group] = (await look(own)).asked.groups
            assert group.question == f"{own.word}能刻字吗"
            assert group.why == {Why.REFUSED: 1}
            assert other.word not in str(await look(own))
        await engine.asked.asked.ignore(mine.shop, f"{mine.word}能刻字吗", "a1")
        ignoring, showing = await asyncio.gather(look(mine), look(theirs))
        assert (ignoring.asked.groups, len(ignoring.asked.ignored)) == ((), 1)
        assert (len(showing.asked.groups), showing.asked.ignored) == (1, ())
        await engine.asked.proposals.add(mine.shop, "courier", [f"{mine.word}能刻字吗"], "a1")
        assert mine.word not in str(await parts.entries.get_entry(theirs.shop, "courier"))
