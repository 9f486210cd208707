"""What the guard says of a text that is about to leave: findings, and whether it may go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a text may leave: at once, after a person said so deliberately, or not at all."""

    PASS = "pass"  # noqa: S105 - a verdict
    ASK = "ask"
    BLOCK = "block"


class Kind(StrEnum):
    """What was found. All but the last two belong to another shop."""

    NAME = "name"
    TITLE = "title"
    ITEM = "item"
    LINK = "link"
    PHONE = "phone"
    CODE = "code"
    SENTENCE = "sentence"
    ORDER = "order"
    FORBIDDEN = "forbidden"
    CONTACT = "contact"

    @property
    def is_foreign(self) -> bool:
        """Whether a finding of this kind belongs to another shop."""
        return self not in (Kind.FORBIDDEN, Kind.CONTACT)


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of the text that should not leave: `text` is the caller's own words, characters `start` to `end`.

    `shop` and `shop_name` are given to members of that shop only; for anyone else they are empty: "not this shop's".
    """

    kind: Kind
    start: int
    end: int
    text: str
    shop: str = ""
    shop_name: str = ""

    @property
    def id(self) -> str:
        """Names what was found, wherever in a text it stands: a confirmation given for it stays good while one types on."""
        digest = hashlib.blake2s(self.text.encode("utf-8", "replace"), digest_size=6).hexdigest()
        return f"{self.kind}-{digest}"


@dataclass(frozen=True, slots=True)
class GuardResult:
    """The verdict with its findings, in the order of the text, none inside another.

    `is_ready` is False as long as the guard does not know what belongs to the other shops: what they own was not looked
    for. A person's text is judged by the rest; an automatic one is blocked until the guard is ready.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    is_ready: bool = True

    def after_confirming(self, ids: Iterable[str]) -> GuardResult:
        """Return what remains once a person has confirmed these findings. What is blocked stays blocked."""
        if self.verdict is not Verdict.ASK:
            return self
        confirmed = set(ids)
        left = tuple(finding for finding in self.findings if finding.id not in confirmed)
        return GuardResult(Verdict.ASK if left else Verdict.PASS, left, self.is_ready)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A finding before it is decided who may learn whose it is."""

    kind: Kind
    start: int
    end: int
    owner: str = field(default="", repr=False)


def without_nested(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return the sightings in order, without those that lie inside another one (a link holds its item's id)."""
    kept: list[Sighting] = []
    reach = 0
    for each in sorted(sightings, key=lambda s: (s.start, -s.end, s.kind)):
        if each.end > reach:
            kept.append(each)
            reach = each.end
    return kept
