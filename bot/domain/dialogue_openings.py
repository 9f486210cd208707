"""Which questions begin a dialogue, and how sure of that one has to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.intents import INTENT_GROUP, IntentScore, group_confidence
from bot.domain.thresholds import common_threshold

OPENINGS: Final = frozenset(
    {
        "stock_available", "stock_variant", "stock_restock",
        "ship_when", "ship_courier", "ship_duration", "ship_fee", "ship_region",
        "logistics_track", "logistics_not_received", "logistics_urge",
        "invoice_can", "invoice_type", "invoice_details", "invoice_when", "invoice_change",
    }
)  # fmt: skip
"""The intents that a dialogue may have more to say about than an entry."""

_SURE_ENOUGH: Final = {0.9: 0.7, 0.95: 0.85, 0.98: 0.97}
"""By the precision asked for. Measured on the 229 of 900 real messages that were read as an opening: 91, 95 and 98 % of those
above were of the group. Of the 362 read as price, product, return or change of an order it were 94, 96 and 98 %, so that the same
holds for an entry that agrees with how a question was read."""

_AGREED: Final = {0.9: 0.9, 0.95: 0.93}
"""By the precision asked for: what the ranking must give to entries of the group that the classifier reads the question as.

Of the demo shops' 660 questions 56 of 56 were right that are sure enough for 95 % in no other way (77 of 80 from 0.9 on). For
98 % nothing was sure enough.
"""


def agreed_threshold(precision: float) -> float:
    """Return from which confidence on an entry of the group that the classifier reads a question as is right so often."""
    return common_threshold(precision, _AGREED)


def opening_threshold(precision: float) -> float:
    """Return from which confidence on so large a share of messages is of the group that they are read as."""
    return common_threshold(precision, _SURE_ENOUGH)


def opening_group(
    intents: Sequence[IntentScore], questions: int, policy: AutoReplyPolicy
) -> tuple[str, float]:
    """Return the group of the dialogue that the message begins, and how surely it is of that group; "" begins none.

    `intents` lead with those of the message's questions, one each, when it has several. Only groups that the policy answers
    without a person begin any, and only where the message is surely enough of the group.
    """
    for score in intents[: max(questions, 1)]:
        group = INTENT_GROUP.get(score.intent, "")
        if score.intent not in OPENINGS or group not in policy.automatic:
            continue
        # Of several questions each intent stands for its own; of one, the intents share its probability.
        confidence = score.confidence if questions > 1 else group_confidence(intents, group)
        if confidence >= opening_threshold(policy.rule(group).precision):
            return group, confidence
    return "", 0.0
