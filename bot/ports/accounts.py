"""What signing in and memberships need from the outside. None of it holds a shop's content."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.account import Account, Caller, Membership, Organisation


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log: who did what to whom, where and when. `shop` is "" for what concerns no shop."""

    kind: str
    at: datetime
    organisation: str
    actor: str
    subject: str = ""
    shop: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session: the caller, and the secret that every change must carry beside the cookie."""

    caller: Caller
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A live session as its owner sees it. `agent` is what the browser called itself."""

    id: str
    created_at: datetime
    expires_at: datetime
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often something was tried since `since`, this time counted."""

    count: int
    since: datetime


class AccountStore(Protocol):
    """Organisations, accounts, memberships and sessions. Every change that takes or gives a right raises the account's version."""

    async def put_organisation(self, organisation: Organisation) -> None:
        """Write the organisation and the shops linked to it. Its people's memberships in any other shop end with that."""
        ...

    async def link_shop(self, organisation: str, shop: str) -> None:
        """Link one more shop to the organisation, whatever else is linked meanwhile. Raises NotFound."""
        ...

    async def list_organisations(self) -> list[Organisation]: ...

    async def get_organisation(self, organisation: str) -> Organisation:
        """Raises NotFound."""
        ...

    async def create_accounts(
        self, accounts: Sequence[tuple[Account, str]], memberships: Sequence[Membership]
    ) -> None:
        """Write accounts with their password hashes, and memberships, all or nothing. Raises Conflict for a login in use."""
        ...

    async def find_login(self, login: str) -> tuple[Account, str] | None:
        """Return the account of that login (case does not matter) and its password hash."""
        ...

    async def get_account(self, organisation: str, account: str) -> Account:
        """Raises NotFound, also for an account of another organisation."""
        ...

    async def list_accounts(self, organisation: str) -> list[Account]: ...

    async def update_account(self, account: Account) -> Account:
        """Write name, admin, language, capacity; return it with its new version. Raises NotFound."""
        ...

    async def update_profile(self, account: str, name: str, language: str) -> Account:
        """Write what a person says of himself, and nothing that an admin decides. Return it with its new version.

        Raises NotFound.
        """
        ...

    async def set_password(self, account: str, password_hash: str, *, must_change: bool) -> None:
        """Write the hash and end every session of the account."""
        ...

    async def disable_account(self, account: str, at: datetime) -> None:
        """Off-boarding: disable the account, end its memberships and sessions, in one transaction."""
        ...

    async def memberships_of(self, account: str) -> list[Membership]:
        """Return those that were not ended, whether they hold now or not."""
        ...

    async def memberships_in(self, organisation: str) -> list[Membership]:
        """Return those of the organisation's accounts that were not ended."""
        ...

    async def members_of(self, shop: str) -> list[tuple[Account, Membership]]:
        """Return who works in the shop: memberships not ended, of accounts not disabled."""
        ...

    async def put_membership(self, membership: Membership) -> None:
        """Write the account's membership in the shop, in place of an earlier one."""
        ...

    async def move_hours(self, shop: str, timezone: str) -> None:
        """Read the hours of the shop's memberships in this time zone from now on; nothing else of them changes."""
        ...

    async def end_membership(self, account: str, shop: str, at: datetime) -> None:
        """Raises NotFound."""
        ...

    async def create_session(
        self, account: str, secret: str, csrf: str, expires_at: datetime, agent: str
    ) -> str:
        """Keep a hash of the secret; return the session's id. `agent` is what the browser calls itself."""
        ...

    async def find_session(self, secret: str) -> SignedIn | None:
        """Return the live session of that secret with its caller; None when unknown, expired, revoked or disabled."""
        ...

    async def list_sessions(self, account: str) -> list[OpenSession]:
        """Return the account's live sessions, newest first."""
        ...

    async def end_session(self, session: str) -> None: ...

    async def end_sessions(self, account: str) -> None: ...

    async def access_versions(self, accounts: Sequence[str]) -> Mapping[str, int]:
        """Return the versions of these accounts: content-free, for workers that compare what they hold."""
        ...

    def watch_access(self) -> AsyncIterator[str]:
        """Yield account ids whose rights or sessions changed, in any process; survives a lost connection.

        What a lost connection swallowed is not repeated: compare `access_versions` beside it.
        """
        ...

    async def count_attempts(
        self, keys: Sequence[str], at: datetime, window: timedelta
    ) -> Mapping[str, Attempts]:
        """Count one more try under each key, over all processes; a key not tried for a window begins anew."""
        ...

    async def forget_attempts(self, keys: Sequence[str]) -> None: ...

    async def take_back_attempt(self, key: str) -> None:
        """Count one try less under the key."""
        ...

    async def append_audit(self, line: AuditLine) -> None: ...

    async def read_audit(
        self, organisation: str, limit: int, before: datetime | None = None
    ) -> list[AuditLine]:
        """Return the newest lines, newest first."""
        ...
