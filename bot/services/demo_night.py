"""The demo's night shift: one of its shops has business hours, and outside them software answers what it is sure of."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode, When
from bot.domain.entry import WeeklyHours
from bot.domain.service_policy import ServicePolicy
from bot.ports import ConversationStore, NotFound
from bot.ports.auto_reply import AutoReplyStore

SHOP: Final = "yunshang"
HOURS: Final = tuple(WeeklyHours(day, time(10), time(22)) for day in range(7))
"""As its packs' facts say: 10:00-22:00."""
_ANSWERED: Final = (
    "stock",
    "shipping",
    "logistics",
    "invoice",
    "price_promo",
    "product_info",
    "greeting_thanks",
)

NIGHT: Final = AutoReplyPolicy(
    is_on=True,
    groups={group: GroupRule(Mode.AUTOMATIC) for group in _ANSWERED},
    when=When.CLOSED,
    repeat_limit=8,
    greeting="宝子，客服下班啦，常见问题我来回答～\n宝子好，现在是自动回复值班～",
    hand_over="这个问题请客服来回答，稍等一下哦～",
    hand_over_closed="这个问题要请客服来看，明天10点上班后第一时间回复你～",
)


async def staff_the_night(policies: AutoReplyStore, conversations: ConversationStore) -> bool:
    """Set up the night shift where nobody has decided about automatic replies yet; return whether it was set up."""
    try:
        if await policies.get_policy(SHOP) != AutoReplyPolicy():
            return False
        service = await conversations.get_policy(SHOP)
    except NotFound:
        return False
    if service == ServicePolicy():
        await conversations.put_policy(SHOP, replace(service, hours=HOURS))
    await policies.put_policy(SHOP, NIGHT)
    return True
