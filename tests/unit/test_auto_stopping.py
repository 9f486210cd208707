"""The switch for automatic replies of one shop and of all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.account import Organisation
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.services.auditing import Auditor
from bot.services.auto_stopping import AutoStopping
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_auto_turns import MemoryAutoTurns
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.store_contract import FixedClock


@pytest.fixture
async def switch() -> AutoStopping:
    clock, memory = FixedClock(), Memory()
    conversations = MemoryConversations(memory, SIMPLIFY)
    accounts, rules = MemoryAccounts(MemoryPeople(), clock), MemoryAutoReplies(memory, conversations)
    for shop, organisation in (("left", "one"), ("right", "two")):
        await MemoryShops(memory).put_shop(Shop(shop, shop))
        await rules.put_policy(shop, AutoReplyPolicy(is_on=True, greeting="您好"))
        await accounts.put_organisation(Organisation(organisation, organisation, frozenset({shop})))
    return AutoStopping(MemoryAutoTurns(conversations), rules, accounts, Auditor(accounts, clock), clock)


async def lines(switch: AutoStopping, organisation: str) -> list[tuple[str, str, str]]:
    return [(line.kind, line.shop, line.actor) for line in await switch.auditor.read(organisation)]


async def test_one_shop_is_switched_off_and_on_again_and_the_rest_of_its_rules_stays(
    switch: AutoStopping,
) -> None:
    before = await switch.policies.get_policy("left")
    assert await switch.switch_shop("left", stop=True)
    assert await switch.policies.get_policy("left") == replace(before, is_on=False)
    assert (await switch.policies.get_policy("right")).is_on
    assert not await switch.switch_shop("left", stop=True)
    assert await switch.switch_shop("left", stop=False)
    assert await switch.policies.get_policy("left") == before
    assert await lines(switch, "one") == [("policy_changed", "left", "console")] * 2
    assert await lines(switch, "two") == []


async def test_all_shops_are_stopped_and_every_organisation_sees_by_whom(switch: AutoStopping) -> None:
    assert not (await switch.stopped()).is_stopped
    await switch.switch_all(stop=True, by="a1")
    stopped = await switch.stopped()
    assert (stopped.is_stopped, stopped.by, stopped.at) == (True, "a1", switch.clock.now())
    await switch.switch_all(stop=False)
    assert not (await switch.stopped()).is_stopped
    for organisation in ("one", "two"):
        assert sorted(await lines(switch, organisation)) == [
            ("auto_reply_started", "", "console"),
            ("auto_reply_stopped", "", "a1"),
        ]


async def test_an_unknown_shop_is_refused(switch: AutoStopping) -> None:
    with pytest.raises(NotFound):
        await switch.switch_shop("nowhere", stop=True)
