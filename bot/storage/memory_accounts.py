"""Accounts, sessions and presence in memory, for tests: same contracts as in PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.account import Account, Caller, Membership, Organisation
from bot.ports import (
    Attempts,
    AuditLine,
    Clock,
    Conflict,
    NotFound,
    OpenSession,
    Presence,
    SignedIn,
)
from bot.storage.account_rows import login_key


@dataclass(slots=True)
class _Session:
    account: str
    csrf: str
    secret: str
    open: OpenSession


@dataclass(slots=True)
class MemoryPeople:
    """What the stores below share, in place of a database."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Membership] = field(default_factory=dict)
    sessions: dict[str, _Session] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    presences: dict[str, Presence] = field(default_factory=dict)
    audit: list[AuditLine] = field(default_factory=list)
    watchers: set[asyncio.Queue[str]] = field(default_factory=set)

    def touch(self, account: str, **changes: object) -> Account:
        """Raise the account's version and tell those who watch. Raises NotFound."""
        if account not in self.accounts:
            raise NotFound("there is no such account")
        held = self.accounts[account]
        changed = replace(held, **changes, version=held.version + 1)  # type: ignore[arg-type]
        self.accounts[account] = changed
        for watcher in self.watchers:
            watcher.put_nowait(account)
        return changed

    def put_membership(self, membership: Membership) -> None:
        account = self.accounts.get(membership.account)
        organisation = self.organisations.get(account.organisation) if account else None
        if organisation is None or membership.shop not in organisation.shops:
            raise NotFound("there is no such shop in this organisation")
        self.memberships[membership.account, membership.shop] = membership

    def end_sessions(self, account: str) -> None:
        for session in [each for each, held in self.sessions.items() if held.account == account]:
            del self.sessions[session]


class MemoryAccounts:
    """The AccountStore of bot.ports."""

    def __init__(self, people: MemoryPeople, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    async def put_organisation(self, organisation: Organisation) -> None:
        self._people.organisations[organisation.id] = organisation
        for account, shop in list(self._people.memberships):
            of = self._people.accounts[account].organisation
            if of == organisation.id and shop not in organisation.shops:
                await self.end_membership(account, shop, self._clock.now())

    async def link_shop(self, organisation: str, shop: str) -> None:
        found = await self.get_organisation(organisation)
        self._people.organisations[organisation] = replace(found, shops=found.shops | {shop})

    async def list_organisations(self) -> list[Organisation]:
        return [self._people.organisations[each] for each in sorted(self._people.organisations)]

    async def get_organisation(self, organisation: str) -> Organisation:
        if organisation not in self._people.organisations:
            raise NotFound("there is no such organisation")
        return self._people.organisations[organisation]

    async def create_accounts(
        self, accounts: Sequence[tuple[Account, str]], memberships: Sequence[Membership]
    ) -> None:
        taken = {login_key(each.login) for each in self._people.accounts.values()}
        if in_use := sorted(each.login for each, _ in accounts if login_key(each.login) in taken):
            raise Conflict(f"登录名已被使用 the login is in use: {', '.join(in_use)}")
        before = dict(self._people.accounts), dict(self._people.hashes), dict(self._people.memberships)
        try:
            for account, password_hash in accounts:
                self._people.accounts[account.id] = account
                self._people.hashes[account.id] = password_hash
            for membership in memberships:
                self._people.put_membership(membership)
        except NotFound:
            self._people.accounts, self._people.hashes, self._people.memberships = before
            raise

    async def find_login(self, login: str) -> tuple[Account, str] | None:
        for account in self._people.accounts.values():
            if login_key(account.login) == login_key(login):
                return account, self._people.hashes[account.id]
        return None

    async def get_account(self, organisation: str, account: str) -> Account:
        found = self._people.accounts.get(account)
        if found is None or found.organisation != organisation:
            raise NotFound("there is no such account")
        return found

    async def list_accounts(self, organisation: str) -> list[Account]:
        found = [each for each in self._people.accounts.values() if each.organisation == organisation]
        return sorted(found, key=lambda each: login_key(each.login))

    async def update_account(self, account: Account) -> Account:
        await self.get_account(account.organisation, account.id)
        return self._people.touch(
            account.id,
            name=account.name,
            is_admin=account.is_admin,
            language=account.language,
            capacity=account.capacity,
        )

    async def update_profile(self, account: str, name: str, language: str) -> Account:
        return self._people.touch(account, name=name, language=language)

    async def set_password(self, account: str, password_hash: str, *, must_change: bool) -> None:
        self._people.touch(account, must_change_password=must_change)
        self._people.hashes[account] = password_hash
        self._people.end_sessions(account)

    async def disable_account(self, account: str, at: datetime) -> None:
        self._people.touch(account, is_disabled=True, is_admin=False)
        for key in [each for each in self._people.memberships if each[0] == account]:
            del self._people.memberships[key]
        self._people.presences.pop(account, None)
        self._people.end_sessions(account)

    async def memberships_of(self, account: str) -> list[Membership]:
        held = self._people.memberships
        return [held[key] for key in sorted(held) if key[0] == account]

    async def memberships_in(self, organisation: str) -> list[Membership]:
        held, accounts = self._people.memberships, self._people.accounts
        return [held[key] for key in sorted(held) if accounts[key[0]].organisation == organisation]

    async def members_of(self, shop: str) -> list[tuple[Account, Membership]]:
        found = [
            (self._people.accounts[account], membership)
            for (account, of), membership in self._people.memberships.items()
            if of == shop and not self._people.accounts[account].is_disabled
        ]
        return sorted(found, key=lambda each: login_key(each[0].login))

    async def put_membership(self, membership: Membership) -> None:
        if membership.account not in self._people.accounts:
            raise NotFound("there is no such account")
        self._people.put_membership(membership)
        self._people.touch(membership.account)

    async def move_hours(self, shop: str, timezone: str) -> None:
        for (account, of), held in list(self._people.memberships.items()):
            if of == shop and held.timezone != timezone:
                self._people.memberships[account, of] = replace(held, timezone=timezone)
                self._people.touch(account)

    async def end_membership(self, account: str, shop: str, at: datetime) -> None:
        if self._people.memberships.pop((account, shop), None) is None:
            raise NotFound("there is no such membership")
        self._people.touch(account)

    async def create_session(
        self, account: str, secret: str, csrf: str, expires_at: datetime, agent: str
    ) -> str:
        session = secrets.token_hex(8)
        opened = OpenSession(session, self._clock.now(), expires_at, agent[:200])
        self._people.sessions[session] = _Session(account, csrf, secret, opened)
        return session

    async def find_session(self, secret: str) -> SignedIn | None:
        for session, held in self._people.sessions.items():
            account = self._people.accounts[held.account]
            if held.secret == secret and self._is_live(held) and not account.is_disabled:
                caller = Caller(account, tuple(await self.memberships_of(account.id)), session)
                return SignedIn(caller, held.csrf, held.open.expires_at)
        return None

    async def list_sessions(self, account: str) -> list[OpenSession]:
        held = [
            each.open
            for each in self._people.sessions.values()
            if each.account == account and self._is_live(each)
        ]
        return sorted(held, key=lambda each: each.created_at, reverse=True)

    async def end_session(self, session: str) -> None:
        held = self._people.sessions.pop(session, None)
        if held is not None:
            self._people.touch(held.account)

    async def end_sessions(self, account: str) -> None:
        self._people.touch(account)
        self._people.end_sessions(account)

    async def access_versions(self, accounts: Sequence[str]) -> Mapping[str, int]:
        held = self._people.accounts
        return {each: held[each].version for each in accounts if each in held}

    async def watch_access(self) -> AsyncIterator[str]:
        heard: asyncio.Queue[str] = asyncio.Queue()
        self._people.watchers.add(heard)
        try:
            while True:
                yield await heard.get()
        finally:
            self._people.watchers.discard(heard)

    async def count_attempts(
        self, keys: Sequence[str], at: datetime, window: timedelta
    ) -> Mapping[str, Attempts]:
        counted = {}
        for key in keys:
            held = self._people.attempts.get(key)
            anew = held is None or held.since <= at - window
            counted[key] = Attempts(1, at) if held is None or anew else Attempts(held.count + 1, held.since)
        self._people.attempts.update(counted)
        return counted

    async def forget_attempts(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._people.attempts.pop(key, None)

    async def take_back_attempt(self, key: str) -> None:
        held = self._people.attempts.get(key)
        if held is not None and held.count > 0:
            self._people.attempts[key] = replace(held, count=held.count - 1)

    async def append_audit(self, line: AuditLine) -> None:
        self._people.audit.append(line)

    async def read_audit(
        self, organisation: str, limit: int, before: datetime | None = None
    ) -> list[AuditLine]:
        lines = [
            each
            for each in reversed(self._people.audit)
            if each.organisation == organisation and (before is None or each.at < before)
        ]
        return sorted(lines, key=lambda each: each.at, reverse=True)[:limit]

    def _is_live(self, session: _Session) -> bool:
        return session.open.expires_at > self._clock.now()


class MemoryPresence:
    """The PresenceStore of bot.ports."""

    def __init__(self, people: MemoryPeople) -> None:
        self._people = people

    async def put_presence(self, account: str, state: str, at: datetime) -> None:
        self._people.presences[account] = Presence(account, state, at)

    async def renew_presences(self, accounts: Sequence[str], at: datetime) -> Mapping[str, Presence]:
        for account, held in (await self.presences(accounts)).items():
            self._people.presences[account] = Presence(account, held.state, at)
        return await self.presences(accounts)

    async def presences(self, accounts: Sequence[str]) -> Mapping[str, Presence]:
        held = self._people.presences
        return {each: held[each] for each in accounts if each in held}
