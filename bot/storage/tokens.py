"""API tokens, in PostgreSQL. A token is 256 random bits, so that a plain hash of it is enough to keep."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update

from bot.ports import Clock, Grant, NotFound
from bot.storage import schema
from bot.storage.database import Database

_PREFIX: Final = "kh_"
_tokens: Final = schema.api_tokens
_shops: Final = schema.api_token_shops


def new_token() -> tuple[str, str]:
    """Return a new token's id and its text."""
    return secrets.token_hex(6), _PREFIX + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class PostgresTokens:
    """The TokenStore of bot.ports."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create_token(
        self, name: str, shops: Sequence[str], *, may_write: bool, expires_at: datetime | None
    ) -> tuple[str, Grant]:
        token_id, token = new_token()
        grant = Grant(token_id, name, frozenset(shops), may_write, expires_at)
        versions = schema.shop_versions
        live = select(versions.c.shop_id).where(versions.c.shop_id.in_(grant.shops), ~versions.c.deleted)
        row = {
            "token_id": token_id,
            "name": name,
            "token_hash": hash_token(token),
            "may_write": may_write,
            "expires_at": expires_at,
        }
        async with self._database.unscoped() as connection:
            found = set((await connection.scalars(live)).all())
            if unknown := sorted(grant.shops - found):
                raise NotFound(f"there is no shop {', '.join(unknown)}")
            await connection.execute(insert(_tokens).values(**row))
            if grant.shops:
                links = [{"token_id": token_id, "shop_id": shop} for shop in sorted(grant.shops)]
                await connection.execute(insert(_shops), links)
        return token, grant

    async def find_grant(self, token: str) -> Grant | None:
        query = _grants().where(_tokens.c.token_hash == hash_token(token))
        async with self._database.unscoped() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at <= self._clock.now()):
            return None
        return _read(row)

    async def list_tokens(self) -> list[Grant]:
        """Return the tokens that are not revoked, oldest first, expired ones too."""
        async with self._database.unscoped() as connection:
            return [_read(row) for row in await connection.execute(_grants().order_by(_tokens.c.created_at))]

    async def revoke_token(self, token_id: str) -> None:
        revoked = (
            update(_tokens)
            .where(_tokens.c.token_id == token_id, _tokens.c.revoked_at.is_(None))
            .values(revoked_at=self._clock.now())
        )
        async with self._database.unscoped() as connection:
            if (await connection.execute(revoked)).rowcount == 0:
                raise NotFound(f"there is no token {token_id}")


def _grants() -> Select[Any]:
    shops = func.array_remove(func.array_agg(_shops.c.shop_id), None).label("shops")
    columns = (_tokens.c.token_id, _tokens.c.name, _tokens.c.may_write, _tokens.c.expires_at)
    joined = _tokens.outerjoin(_shops, _shops.c.token_id == _tokens.c.token_id)
    return (
        select(*columns, shops)
        .select_from(joined)
        .where(_tokens.c.revoked_at.is_(None))
        .group_by(_tokens.c.token_id)
    )


def _read(row: Any) -> Grant:
    return Grant(row.token_id, row.name, frozenset(row.shops), row.may_write, row.expires_at)
