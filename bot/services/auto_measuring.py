"""How often each group's automatic replies turned out right, as the shop's log tells it, and which groups dropped for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.auto_rating import Measured, Rating
from bot.domain.auto_reply_policy import AutoReplyPolicy, Mode
from bot.ports import Event, EventLog

RATED: Final = "auto_rated"
"""A decision was judged: {"decision", "groups", "right", "sign", "confidence", "said_at"}."""
GROUP_SET: Final = "auto_group_set"
"""A person said what becomes of a group: {"group", "mode", "precision"}. What was said before counts no more."""
DEMOTED: Final = "auto_demoted"
"""A group dropped to suggestions by itself: {"group", "cases", "right", "target"}."""
MOST_RATINGS: Final = 2000
"""So many ratings of a shop, the newest, are measured: how it did a year ago says little."""
_MOST_CHANGES: Final = 200


@dataclass(frozen=True, slots=True)
class Demoted:
    """A group that dropped to suggestions, and that nobody has decided about since: of `cases` replies `right` were right."""

    group: str
    at: datetime
    cases: int
    right: int
    target: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of every group that was judged, and the groups that dropped."""

    by_group: Mapping[str, Measured]
    demoted: tuple[Demoted, ...] = ()

    def of(self, group: str) -> Measured:
        return self.by_group.get(group, Measured())

    def failing(self, policy: AutoReplyPolicy) -> list[str]:
        """Return the automatic groups that are surely less often right than they have to be."""
        return [
            group
            for group in sorted(policy.automatic)
            if self.of(group).is_surely_below(policy.rule(group).precision)
        ]


def rated_event(rating: Rating, at: datetime, conversation: str) -> Event:
    """Return the line of the log; it holds nobody's words."""
    decided = rating.decided
    data = {
        "decision": decided.id,
        "groups": list(decided.groups),
        "right": rating.sign.is_right,
        "sign": rating.sign.value,
        "confidence": decided.confidence,
        "said_at": decided.at.isoformat(),
    }
    return Event(RATED, at, conversation, data)


def set_events(before: AutoReplyPolicy, after: AutoReplyPolicy, at: datetime) -> list[Event]:
    """Return the lines about the groups whose rules a person changed."""
    groups = sorted({*before.groups, *after.groups})
    return [group_set(group, after, at) for group in groups if before.rule(group) != after.rule(group)]


def group_set(group: str, policy: AutoReplyPolicy, at: datetime) -> Event:
    """Return the line that a person has decided about the group."""
    rule = policy.rule(group)
    return Event(GROUP_SET, at, data={"group": group, "mode": rule.mode.value, "precision": rule.precision})


def demoted_event(group: str, measured: Measured, target: float, at: datetime) -> Event:
    """Return the line that the group dropped."""
    data = {"group": group, "cases": measured.cases, "right": measured.right, "target": target}
    return Event(DEMOTED, at, data=data)


async def read_measures(events: EventLog, shop: str) -> Measures:
    """Return what the shop's log says. Raises StoreUnavailable."""
    changes = await events.read_kinds(shop, (GROUP_SET, DEMOTED), _MOST_CHANGES)
    ratings = await events.read_kinds(shop, (RATED,), MOST_RATINGS)
    return measure(ratings, changes)


def measure(ratings: Iterable[Event], changes: Sequence[Event]) -> Measures:
    """Return the measures of a shop. `changes` are lines of GROUP_SET and DEMOTED, newest first."""
    newest: dict[str, Event] = {}
    for event in changes:
        newest.setdefault(str(event.data["group"]), event)
    cases: dict[str, list[bool]] = {}
    for event in ratings:
        data = event.data
        said_at = datetime.fromisoformat(str(data["said_at"]))
        for group in _groups(data):
            change = newest.get(group)
            if change is None or said_at >= change.at:
                cases.setdefault(group, []).append(bool(data["right"]))
    by_group = {
        group: Measured(len(found), sum(found), newest[group].at if group in newest else None)
        for group, found in cases.items()
    }
    dropped = [_demoted(event) for event in newest.values() if event.kind == DEMOTED]
    return Measures(by_group, tuple(sorted(dropped, key=lambda each: each.at, reverse=True)))


def _groups(data: Mapping[str, object]) -> list[str]:
    groups = data["groups"]
    return [str(group) for group in groups] if isinstance(groups, list) else []


def _demoted(event: Event) -> Demoted:
    data = event.data
    cases, right, target = data["cases"], data["right"], data["target"]
    return Demoted(str(data["group"]), event.at, int(str(cases)), int(str(right)), float(str(target)))


def without(policy: AutoReplyPolicy, group: str) -> AutoReplyPolicy:
    """Return the rules with the group's replies only suggested."""
    rule = replace(policy.rule(group), mode=Mode.SUGGEST)
    return replace(policy, groups={**policy.groups, group: rule})
