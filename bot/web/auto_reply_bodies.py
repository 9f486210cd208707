"""Request bodies of the rules for automatic replies."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply_policy import (
    LEAST_MERGE_SECONDS,
    LONGEST_WORDING,
    MOST_MERGE_SECONDS,
    MOST_REPEATS,
    USUAL_PRECISION,
    AutoReplyPolicy,
    GroupRule,
    Mode,
    When,
)
from bot.domain.entry import WeeklyHours
from bot.domain.intents import GROUPS
from bot.services.auto_reply_trying import MOST_ASKS
from bot.web.bodies import Body, message_text
from bot.web.workspace_bodies import HoursBody

_MOST_HOURS: Final = 50


def _precision(value: float) -> float:
    if value not in TARGET_PRECISIONS:
        raise ValueError(
            f"只能是 {', '.join(map(str, TARGET_PRECISIONS))} 之一。 one of {', '.join(map(str, TARGET_PRECISIONS))}"
        )
    return value


def _group(value: str) -> str:
    if value not in GROUPS:
        raise ValueError(f"没有这个分组。 one of {', '.join(GROUPS)}")
    return value


def _wording(value: str) -> str:
    text = value.strip()
    if "{" in text or "}" in text:
        raise ValueError(
            "这里不能用变量，会原样发给买家。 no variables here: the buyer would get them as they stand"
        )
    return text


_Wording = Annotated[
    str, BeforeValidator(message_text), Field(max_length=LONGEST_WORDING), AfterValidator(_wording)
]


class GroupRuleBody(Body):
    """What becomes of replies of one group."""

    mode: Mode
    precision: Annotated[float, AfterValidator(_precision)] = USUAL_PRECISION


class AutoReplyBody(Body):
    """A shop's rules for automatic replies, all of them."""

    is_on: bool = False
    groups: dict[Annotated[str, AfterValidator(_group)], GroupRuleBody] = {}
    when: When = When.ALWAYS
    weekly: Annotated[list[HoursBody], Field(max_length=_MOST_HOURS)] = []
    repeat_limit: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = 3
    greeting: _Wording = ""
    hand_over: _Wording = ""
    hand_over_closed: _Wording = ""
    merge_seconds: Annotated[float, Field(ge=LEAST_MERGE_SECONDS, le=MOST_MERGE_SECONDS)] = 3.0
    marks: bool = True

    @model_validator(mode="after")
    def _hours_are_given(self) -> AutoReplyBody:
        if self.when is When.WEEKLY and not self.weekly:
            raise ValueError("weekly: 请至少写一个时段。 give at least one period, or choose other hours")
        return self

    def to_policy(self) -> AutoReplyPolicy:
        """Return the rules."""
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in AutoReplyBody.model_fields
            if name not in ("groups", "weekly")
        }
        groups = {group: GroupRule(rule.mode, rule.precision) for group, rule in self.groups.items()}
        weekly = tuple(WeeklyHours(each.weekday, each.since, each.until) for each in self.weekly)
        return AutoReplyPolicy(groups=groups, weekly=weekly, **given)


class AutoReplyWritten(AutoReplyBody):
    """Rules to be written. `demoted` are the groups of which the writer knows that they dropped to suggestions."""

    demoted: list[Annotated[str, AfterValidator(_group)]] | None = None


class DryRunBody(Body):
    """Rules, saved or not, to be tried on the newest questions of the shop."""

    policy: AutoReplyBody
    messages: Annotated[int, Field(ge=1, le=MOST_ASKS)] = MOST_ASKS
