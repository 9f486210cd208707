"""A shop's rules for automatic replies as JSON values, and back."""

from __future__ import annotations

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode, When
from bot.domain.entry import Validity
from bot.storage.rows import JsonRow, read_validity, validity_row

_PLAIN = (
    "is_on", "repeat_limit", "greeting", "hand_over", "hand_over_closed", "merge_seconds", "marks",
)  # fmt: skip


def auto_reply_row(policy: AutoReplyPolicy) -> JsonRow:
    """Return the policy as JSON values."""
    row: JsonRow = {name: getattr(policy, name) for name in _PLAIN}
    groups = {group: [rule.mode.value, rule.precision] for group, rule in policy.groups.items()}
    weekly = validity_row(Validity(weekly=policy.weekly))["weekly"]
    return {**row, "when": policy.when.value, "groups": groups, "weekly": weekly}


def read_auto_reply(row: JsonRow | None) -> AutoReplyPolicy:
    """Return the policy; what a later version of this program wrote beside it is left alone."""
    if row is None:
        return AutoReplyPolicy()
    hours = read_validity({"since": None, "until": None, "weekly": row["weekly"]})
    return AutoReplyPolicy(
        **{name: row[name] for name in _PLAIN if name in row},
        groups={
            group: GroupRule(Mode(mode), precision) for group, (mode, precision) in row["groups"].items()
        },
        when=When(row["when"]),
        weekly=hours.weekly,
    )
