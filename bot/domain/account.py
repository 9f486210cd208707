"""People who work here: accounts of an organisation, their memberships in shops, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.entry import Validity


class Right(StrEnum):
    """One thing that a caller may do in a shop. What is not granted is refused."""

    READ = "read"
    ANSWER = "answer"
    ASSIGN = "assign"
    EXPORT = "export"
    ERASE = "erase"
    EDIT = "edit"
    SET_POLICY = "set_policy"
    REPORT = "report"


_ALWAYS: Final = Validity()

ROLES: Final = ("agent", "owner", "supervisor")
"""Roles of a membership. An admin is one of the organisation and has no right in a shop by that alone."""

RIGHTS: Final[Mapping[str, frozenset[Right]]] = MappingProxyType(
    {
        "agent": frozenset({Right.READ, Right.ANSWER}),
        "supervisor": frozenset({Right.READ, Right.ANSWER, Right.ASSIGN, Right.EXPORT, Right.REPORT}),
        "owner": frozenset(Right),
    }
)


@dataclass(frozen=True, slots=True)
class Organisation:
    """An outsourcing company, or a shop's own team; shops are linked to it."""

    id: str
    name: str
    shops: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account. `login` is unique in the installation; `name` is what buyers and colleagues see.

    `version` grows whenever what the account may do changes: who holds an older one asks again.
    """

    id: str
    organisation: str
    login: str
    name: str
    is_admin: bool = False
    is_disabled: bool = False
    must_change_password: bool = False
    language: str = "zh"
    capacity: int = 8
    version: int = 1


@dataclass(frozen=True, slots=True)
class Membership:
    """An account's role in one shop. `validity` is read in `timezone`, the shop's own."""

    account: str
    shop: str
    role: str
    validity: Validity = _ALWAYS
    timezone: str = "Asia/Shanghai"

    def holds_at(self, now: datetime) -> bool:
        """Whether it gives its rights at `now` (aware)."""
        # Asked for every single thing that a page is sent; nearly every membership holds always.
        if self.validity is _ALWAYS or self.validity == _ALWAYS:
            return True
        return self.validity.holds_at(now.astimezone(ZoneInfo(self.timezone)))


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person with the memberships that were not ended. `session` names the session, never its secret."""

    account: Account
    memberships: tuple[Membership, ...]
    session: str = ""

    def shops_with(self, right: Right, now: datetime) -> frozenset[str]:
        """Return the shops in which the person has the right now."""
        if self.account.is_disabled:
            return frozenset()
        return frozenset(
            each.shop for each in self.memberships if right in RIGHTS[each.role] and each.holds_at(now)
        )

    def may(self, right: Right, shop: str, now: datetime) -> bool:
        """Whether the person has the right in the shop now."""
        return shop in self.shops_with(right, now)


@dataclass(frozen=True, slots=True)
class ShopScope:
    """Shops that may be looked at together, made from one person's memberships and from nothing else."""

    account: str
    shops: frozenset[str]

    @classmethod
    def of(cls, caller: Caller, right: Right, now: datetime) -> ShopScope:
        """Return the shops in which the caller has the right now; none for who has none."""
        return cls(caller.account.id, caller.shops_with(right, now))
