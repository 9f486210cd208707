"""Sessions of signed-in people and what guards signing in, in PostgreSQL. Of a secret only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import Caller, Membership
from bot.ports import Attempts, Clock, NotFound, OpenSession, SignedIn
from bot.storage import schema_accounts as schema
from bot.storage.access_watching import announce_access
from bot.storage.account_rows import read_account, read_membership
from bot.storage.database import Database

_accounts: Final = schema.accounts
_memberships: Final = schema.memberships
_sessions: Final = schema.sign_in_sessions
_attempts: Final = schema.sign_in_attempts
_LONGEST_AGENT: Final = 200


def hash_secret(secret: str) -> bytes:
    """Return what is kept of a session's secret (256 random bits) or of an attempt's key."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


class PostgresSessions:
    """The part of the AccountStore that signing in uses."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def memberships_of(self, account: str) -> list[Membership]:
        async with self._database.unscoped() as connection:
            return await _memberships_of(connection, account)

    async def create_session(
        self, account: str, secret: str, csrf: str, expires_at: datetime, agent: str
    ) -> str:
        session = secrets.token_hex(8)
        row = {
            "session_id": session,
            "secret_hash": hash_secret(secret),
            "csrf": csrf,
            "account_id": account,
            "agent": agent[:_LONGEST_AGENT],
            "created_at": self._clock.now(),
            "expires_at": expires_at,
        }
        stale = and_(_sessions.c.account_id == account, _sessions.c.expires_at <= self._clock.now())
        async with self._database.unscoped() as connection:
            await connection.execute(delete(_sessions).where(stale))
            await connection.execute(insert(_sessions).values(**row))
        return session

    async def find_session(self, secret: str) -> SignedIn | None:
        query = (
            select(_accounts, _sessions.c.session_id, _sessions.c.csrf, _sessions.c.expires_at)
            .join(_sessions, _sessions.c.account_id == _accounts.c.account_id)
            .where(_sessions.c.secret_hash == hash_secret(secret), self._is_live(), ~_accounts.c.is_disabled)
        )
        async with self._database.unscoped() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            if row is None:
                return None
            account = read_account(row)
            memberships = tuple(await _memberships_of(connection, account.id))
        return SignedIn(Caller(account, memberships, row["session_id"]), row["csrf"], row["expires_at"])

    async def list_sessions(self, account: str) -> list[OpenSession]:
        query = (
            select(_sessions)
            .where(_sessions.c.account_id == account, self._is_live())
            .order_by(_sessions.c.created_at.desc(), _sessions.c.session_id)
        )
        async with self._database.unscoped() as connection:
            rows = await connection.execute(query)
            return [OpenSession(row.session_id, row.created_at, row.expires_at, row.agent) for row in rows]

    async def end_session(self, session: str) -> None:
        ended = (
            update(_sessions)
            .where(_sessions.c.session_id == session, _sessions.c.ended_at.is_(None))
            .values(ended_at=self._clock.now())
            .returning(_sessions.c.account_id)
        )
        async with self._database.unscoped() as connection:
            account: str | None = await connection.scalar(ended)
            if account is not None:
                await self._touch(connection, account)

    async def end_sessions(self, account: str) -> None:
        async with self._database.unscoped() as connection:
            await self._touch(connection, account)
            await self._end_all(connection, account)

    async def count_attempts(
        self, keys: Sequence[str], at: datetime, window: timedelta
    ) -> Mapping[str, Attempts]:
        named = {hash_secret(key): key for key in keys}
        begins_anew = _attempts.c.since <= at - window
        # In one order everywhere: two processes that count the same keys must not wait for each other.
        rows = [{"attempt_key": key, "count": 1, "since": at} for key in sorted(named)]
        counted = (
            upsert(_attempts)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["attempt_key"],
                set_={
                    "count": case((begins_anew, 1), else_=_attempts.c["count"] + 1),
                    "since": case((begins_anew, at), else_=_attempts.c.since),
                },
            )
            .returning(*_attempts.c)
        )
        async with self._database.unscoped() as connection:
            found = (await connection.execute(counted)).all()
            old = _attempts.c.since <= at - 2 * window
            await connection.execute(
                delete(_attempts).where(
                    _attempts.c.attempt_key.in_(
                        select(_attempts.c.attempt_key)
                        .where(old)
                        .limit(100)
                        .with_for_update(skip_locked=True)
                    )
                )
            )
        return {named[key]: Attempts(count, since) for key, count, since in found}

    async def forget_attempts(self, keys: Sequence[str]) -> None:
        hashes = [hash_secret(key) for key in keys]
        async with self._database.unscoped() as connection:
            await connection.execute(delete(_attempts).where(_attempts.c.attempt_key.in_(hashes)))

    async def take_back_attempt(self, key: str) -> None:
        taken = (
            update(_attempts)
            .where(_attempts.c.attempt_key == hash_secret(key), _attempts.c["count"] > 0)
            .values({"count": _attempts.c["count"] - 1})
        )
        async with self._database.unscoped() as connection:
            await connection.execute(taken)

    def _is_live(self) -> ColumnElement[bool]:
        return and_(_sessions.c.ended_at.is_(None), _sessions.c.expires_at > self._clock.now())

    async def _touch(self, connection: AsyncConnection, account: str, **values: object) -> None:
        """Raise the account's version, write `values` with it, and tell everyone. Raises NotFound."""
        changed = (
            update(_accounts)
            .where(_accounts.c.account_id == account)
            .values({**values, "version": _accounts.c.version + 1})
        )
        if (await connection.execute(changed)).rowcount == 0:
            raise NotFound("there is no such account")
        await announce_access(connection, account)

    async def _end_all(self, connection: AsyncConnection, account: str) -> None:
        ended: Any = func.coalesce(_sessions.c.ended_at, self._clock.now())
        await connection.execute(
            update(_sessions).where(_sessions.c.account_id == account).values(ended_at=ended)
        )


async def _memberships_of(connection: AsyncConnection, account: str) -> list[Membership]:
    query = (
        select(_memberships)
        .where(_memberships.c.account_id == account, _memberships.c.ended_at.is_(None))
        .order_by(_memberships.c.shop_id)
    )
    return [read_membership(row) for row in (await connection.execute(query)).mappings()]
