"""Signing in and out, and one's own password and sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.account import Account, Caller
from bot.domain.networks import network_of
from bot.ports import AccountStore, Attempts, Clock, NotFound, OpenSession, SignedIn
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.passwords import LONGEST, Passwords, check_password

SESSION: Final = timedelta(hours=16)
"""A day's work with overtime: whoever comes in the next morning signs in anew."""
WINDOW: Final = timedelta(minutes=15)
TRIES_PER_LOGIN: Final = 8
TRIES_PER_ADDRESS: Final = 100
"""Failed ones. A whole office may sit behind one address; what guards one account is the other limit."""
_LONGEST_LOGIN: Final = 100


class WrongCredentials(Exception):
    """Login or password is wrong; which of the two is not said."""

    def __init__(self) -> None:
        super().__init__("登录名或密码不对。 The login or the password is wrong.")


class TooManyAttempts(Exception):
    """Too many tries from this address or for this login. `retry_after` is in whole seconds."""

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            f"尝试次数过多，请 {minutes} 分钟后再试。 Too many tries: try again in {minutes} min."
        )
        self.retry_after = retry_after


class WrongPassword(ValueError):
    """The old password is not right."""

    def __init__(self) -> None:
        super().__init__("原密码不对。 The old password is not right.")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just made. `secret` is what the cookie holds; it is kept nowhere else."""

    secret: str
    signed_in: SignedIn


class SigningIn:
    """The use cases of whoever signs in."""

    def __init__(self, accounts: AccountStore, passwords: Passwords, auditor: Auditor, clock: Clock) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._auditor = auditor
        self._clock = clock

    async def sign_in(self, login: str, password: str, address: str, agent: str) -> NewSession:
        """Return a new session. Raises WrongCredentials, TooManyAttempts.

        A try is counted before the password is looked at, so that many at once cannot slip past the limit.
        """
        known = login.strip().casefold()[:_LONGEST_LOGIN]
        of_login, of_address = f"login:{known}", f"address:{network_of(address)}"
        await self._count({of_login: TRIES_PER_LOGIN, of_address: TRIES_PER_ADDRESS})
        found = await self._accounts.find_login(login) if len(login) <= _LONGEST_LOGIN else None
        password_hash = found[1] if found is not None else None
        right = await self._passwords.verify(password_hash, password[: LONGEST + 1])
        if found is None or not right or found[0].is_disabled:
            await self._note_failure(found[0] if found is not None else None, known, address)
            raise WrongCredentials
        await self._accounts.forget_attempts([of_login])
        await self._accounts.take_back_attempt(of_address)
        session = await self._open(found[0], agent)
        await self._auditor.record(auditing.SIGNED_IN, found[0], address=address, agent=agent[:200])
        return session

    async def _note_failure(self, account: Account | None, known: str, address: str) -> None:
        if account is not None:
            await self._auditor.record_from_outside(
                auditing.SIGN_IN_FAILED, account.organisation, account.login, address=address
            )
        else:
            # A write for a write: how long the answer takes must not tell which logins there are.
            await self._accounts.count_attempts([f"unknown:{known}"], self._clock.now(), WINDOW)

    async def _count(self, limits: dict[str, int]) -> None:
        now = self._clock.now()
        counted = await self._accounts.count_attempts(list(limits), now, WINDOW)
        waits = [
            _seconds_left(attempts, now) for key, attempts in counted.items() if attempts.count > limits[key]
        ]
        if waits:
            raise TooManyAttempts(max(waits))

    async def _open(self, account: Account, agent: str) -> NewSession:
        secret = secrets.token_urlsafe(32)
        await self._accounts.create_session(
            account.id, secret, secrets.token_urlsafe(32), self._clock.now() + SESSION, agent
        )
        signed_in = await self._accounts.find_session(secret)
        if signed_in is None:  # disabled while the password was looked at
            raise WrongCredentials
        return NewSession(secret, signed_in)

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session."""
        await self._accounts.end_session(caller.session)
        await self._auditor.record(auditing.SIGNED_OUT, caller.account)

    async def change_password(self, caller: Caller, old: str, new: str, agent: str) -> NewSession:
        """Write the new password, end every session, return a new one. Raises WrongPassword, UnfitPassword, TooManyAttempts."""
        account = caller.account
        of_account = f"password:{account.id}"
        await self._count({of_account: TRIES_PER_LOGIN})
        found = await self._accounts.find_login(account.login)
        if found is None or not await self._passwords.verify(found[1], old[: LONGEST + 1]):
            raise WrongPassword
        await self._accounts.forget_attempts([of_account])
        check_password(new, account.login)
        await self._accounts.set_password(account.id, await self._passwords.hash(new), must_change=False)
        await self._auditor.record(auditing.PASSWORD_CHANGED, account)
        return await self._open(account, agent)

    async def list_sessions(self, caller: Caller) -> list[OpenSession]:
        """Return the caller's live sessions, newest first."""
        return await self._accounts.list_sessions(caller.account.id)

    async def end_session(self, caller: Caller, session: str) -> None:
        """End one of the caller's own sessions. Raises NotFound, also for somebody else's."""
        if session not in {each.id for each in await self.list_sessions(caller)}:
            raise NotFound("there is no such session")
        await self._accounts.end_session(session)
        await self._auditor.record(auditing.SESSION_ENDED, caller.account)


def _seconds_left(attempts: Attempts, now: datetime) -> int:
    return max(1, int((attempts.since + WINDOW - now).total_seconds()) + 1)
