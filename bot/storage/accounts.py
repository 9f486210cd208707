"""Organisations, accounts, memberships and the audit log, in PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import Account, Membership, Organisation
from bot.ports import AuditLine, Clock, Conflict, NotFound
from bot.storage import schema_accounts as schema
from bot.storage.access_watching import announce_access, watch_access
from bot.storage.account_rows import account_row, login_key, membership_row, read_account, read_membership
from bot.storage.database import Database
from bot.storage.sessions import PostgresSessions

_accounts: Final = schema.accounts
_memberships: Final = schema.memberships
_audit: Final = schema.audit_log


class PostgresAccounts(PostgresSessions):
    """The AccountStore of bot.ports."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._database = database

    async def put_organisation(self, organisation: Organisation) -> None:
        row = {"organisation_id": organisation.id, "name": organisation.name}
        links = schema.organisation_shops
        shops = [{"organisation_id": organisation.id, "shop_id": each} for each in sorted(organisation.shops)]
        async with self._database.unscoped() as connection:
            written = upsert(schema.organisations).values(**row)
            await connection.execute(
                written.on_conflict_do_update(index_elements=["organisation_id"], set_=row)
            )
            gone = links.c.shop_id.not_in(organisation.shops)
            await connection.execute(delete(links).where(links.c.organisation_id == organisation.id, gone))
            if shops:
                await connection.execute(upsert(links).on_conflict_do_nothing(), shops)
            await self._end_unlinked(connection, organisation)

    async def _end_unlinked(self, connection: AsyncConnection, organisation: Organisation) -> None:
        people = select(_accounts.c.account_id).where(_accounts.c.organisation_id == organisation.id)
        ended = (
            update(_memberships)
            .where(
                _memberships.c.account_id.in_(people),
                _memberships.c.shop_id.not_in(organisation.shops),
                _memberships.c.ended_at.is_(None),
            )
            .values(ended_at=self._clock.now())
            .returning(_memberships.c.account_id)
        )
        for account in sorted(set((await connection.scalars(ended)).all())):
            await self._touch(connection, account)

    async def link_shop(self, organisation: str, shop: str) -> None:
        known = select(schema.organisations.c.organisation_id).where(
            schema.organisations.c.organisation_id == organisation
        )
        link = upsert(schema.organisation_shops).values(organisation_id=organisation, shop_id=shop)
        async with self._database.unscoped() as connection:
            if await connection.scalar(known) is None:
                raise NotFound("there is no such organisation")
            await connection.execute(link.on_conflict_do_nothing())

    async def list_organisations(self) -> list[Organisation]:
        async with self._database.unscoped() as connection:
            return await _organisations(connection)

    async def get_organisation(self, organisation: str) -> Organisation:
        async with self._database.unscoped() as connection:
            found = await _organisations(connection, organisation)
        if not found:
            raise NotFound("there is no such organisation")
        return found[0]

    async def create_accounts(
        self, accounts: Sequence[tuple[Account, str]], memberships: Sequence[Membership]
    ) -> None:
        rows = [account_row(account, password_hash) for account, password_hash in accounts]
        keys = [row["login_key"] for row in rows]
        async with self._database.unscoped() as connection:
            taken = await connection.scalars(
                select(_accounts.c.login)
                .where(_accounts.c.login_key.in_(keys))
                .order_by(_accounts.c.login_key)
            )
            if in_use := taken.all():
                raise Conflict(f"登录名已被使用 the login is in use: {', '.join(in_use)}")
            if rows:
                await connection.execute(insert(_accounts), rows)
            for membership in memberships:
                await _put_membership(connection, membership)

    async def find_login(self, login: str) -> tuple[Account, str] | None:
        query = select(_accounts).where(_accounts.c.login_key == login_key(login))
        async with self._database.unscoped() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else (read_account(row), row["password_hash"])

    async def get_account(self, organisation: str, account: str) -> Account:
        query = select(_accounts).where(
            _accounts.c.account_id == account, _accounts.c.organisation_id == organisation
        )
        async with self._database.unscoped() as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no such account")
        return read_account(row)

    async def list_accounts(self, organisation: str) -> list[Account]:
        query = (
            select(_accounts)
            .where(_accounts.c.organisation_id == organisation)
            .order_by(_accounts.c.login_key)
        )
        async with self._database.unscoped() as connection:
            return [read_account(row) for row in (await connection.execute(query)).mappings()]

    async def update_account(self, account: Account) -> Account:
        values = {
            "name": account.name,
            "is_admin": account.is_admin,
            "language": account.language,
            "capacity": account.capacity,
        }
        whose = _accounts.c.organisation_id == account.organisation
        return await self._change(account.id, values, whose)

    async def update_profile(self, account: str, name: str, language: str) -> Account:
        return await self._change(account, {"name": name, "language": language})

    async def _change(
        self, account: str, values: Mapping[str, object], *only: ColumnElement[bool]
    ) -> Account:
        changed = (
            update(_accounts)
            .where(_accounts.c.account_id == account, *only)
            .values({**values, "version": _accounts.c.version + 1})
            .returning(*_accounts.c)
        )
        async with self._database.unscoped() as connection:
            row = (await connection.execute(changed)).mappings().one_or_none()
            if row is None:
                raise NotFound("there is no such account")
            await announce_access(connection, account)
        return read_account(row)

    async def set_password(self, account: str, password_hash: str, *, must_change: bool) -> None:
        async with self._database.unscoped() as connection:
            await self._touch(
                connection, account, password_hash=password_hash, must_change_password=must_change
            )
            await self._end_all(connection, account)

    async def disable_account(self, account: str, at: datetime) -> None:
        ended = (
            update(_memberships)
            .where(_memberships.c.account_id == account, _memberships.c.ended_at.is_(None))
            .values(ended_at=at)
        )
        async with self._database.unscoped() as connection:
            await connection.execute(ended)
            await self._touch(connection, account, is_disabled=True, is_admin=False)
            await self._end_all(connection, account)
            await connection.execute(delete(schema.presences).where(schema.presences.c.account_id == account))

    async def memberships_in(self, organisation: str) -> list[Membership]:
        query = (
            select(_memberships)
            .join(_accounts, _accounts.c.account_id == _memberships.c.account_id)
            .where(_accounts.c.organisation_id == organisation, _memberships.c.ended_at.is_(None))
            .order_by(_memberships.c.account_id, _memberships.c.shop_id)
        )
        async with self._database.unscoped() as connection:
            return [read_membership(row) for row in (await connection.execute(query)).mappings()]

    async def members_of(self, shop: str) -> list[tuple[Account, Membership]]:
        query = (
            select(_accounts, *(each for each in _memberships.c if each.name != "account_id"))
            .join(_memberships, _memberships.c.account_id == _accounts.c.account_id)
            .where(
                _memberships.c.shop_id == shop, _memberships.c.ended_at.is_(None), ~_accounts.c.is_disabled
            )
            .order_by(_accounts.c.login_key)
        )
        async with self._database.unscoped() as connection:
            rows = (await connection.execute(query)).mappings()
            return [(read_account(row), read_membership(row)) for row in rows]

    async def put_membership(self, membership: Membership) -> None:
        async with self._database.unscoped() as connection:
            # In the order in which a shop is taken away: links, memberships, accounts; else two would wait for each other.
            await _put_membership(connection, membership)
            await self._touch(connection, membership.account)

    async def move_hours(self, shop: str, timezone: str) -> None:
        moved = (
            update(_memberships)
            .where(
                _memberships.c.shop_id == shop,
                _memberships.c.ended_at.is_(None),
                _memberships.c.timezone != timezone,
            )
            .values(timezone=timezone)
            .returning(_memberships.c.account_id)
        )
        async with self._database.unscoped() as connection:
            for account in sorted((await connection.scalars(moved)).all()):
                await self._touch(connection, account)

    async def end_membership(self, account: str, shop: str, at: datetime) -> None:
        ended = (
            update(_memberships)
            .where(
                _memberships.c.account_id == account,
                _memberships.c.shop_id == shop,
                _memberships.c.ended_at.is_(None),
            )
            .values(ended_at=at)
        )
        async with self._database.unscoped() as connection:
            if (await connection.execute(ended)).rowcount == 0:
                raise NotFound("there is no such membership")
            await self._touch(connection, account)

    async def access_versions(self, accounts: Sequence[str]) -> Mapping[str, int]:
        query = select(_accounts.c.account_id, _accounts.c.version).where(
            _accounts.c.account_id.in_(list(accounts))
        )
        async with self._database.unscoped() as connection:
            return {row.account_id: row.version for row in await connection.execute(query)}

    def watch_access(self) -> AsyncIterator[str]:
        return watch_access(self._database.dsn)

    async def append_audit(self, line: AuditLine) -> None:
        row = {
            "audit_id": secrets.token_hex(12),
            "at": line.at,
            "organisation_id": line.organisation,
            "kind": line.kind,
            "actor": line.actor,
            "subject": line.subject,
            "shop": line.shop,
            "data": dict(line.data),
        }
        async with self._database.unscoped() as connection:
            await connection.execute(insert(_audit).values(**row))

    async def read_audit(
        self, organisation: str, limit: int, before: datetime | None = None
    ) -> list[AuditLine]:
        query = select(_audit).where(_audit.c.organisation_id == organisation)
        if before is not None:
            query = query.where(_audit.c.at < before)
        query = query.order_by(_audit.c.at.desc(), _audit.c.audit_id).limit(limit)
        async with self._database.unscoped() as connection:
            return [
                AuditLine(row.kind, row.at, row.organisation_id, row.actor, row.subject, row.shop, row.data)
                for row in await connection.execute(query)
            ]


async def _organisations(connection: AsyncConnection, only: str | None = None) -> list[Organisation]:
    table, links = schema.organisations, schema.organisation_shops
    query = select(table.c.organisation_id, table.c.name, links.c.shop_id).outerjoin_from(
        table, links, links.c.organisation_id == table.c.organisation_id
    )
    if only is not None:
        query = query.where(table.c.organisation_id == only)
    names: dict[str, str] = {}
    shops: dict[str, set[str]] = {}
    for row in await connection.execute(query.order_by(table.c.organisation_id)):
        names[row.organisation_id] = row.name
        shops.setdefault(row.organisation_id, set()).update(() if row.shop_id is None else (row.shop_id,))
    return [Organisation(each, name, frozenset(shops[each])) for each, name in names.items()]


async def _put_membership(connection: AsyncConnection, membership: Membership) -> None:
    shops = schema.organisation_shops
    linked = (
        select(shops.c.shop_id)
        .join(_accounts, _accounts.c.organisation_id == shops.c.organisation_id)
        .where(shops.c.shop_id == membership.shop, _accounts.c.account_id == membership.account)
    )
    # Looked at again here, where it counts: no account ever gets into a shop of another organisation. The link is held until
    # the membership stands: who takes the shop away meanwhile waits, and then ends it too.
    if await connection.scalar(linked.with_for_update(read=True, of=shops)) is None:
        raise NotFound("there is no such shop in this organisation")
    row = membership_row(membership)
    written = upsert(_memberships).values(**row)
    await connection.execute(
        written.on_conflict_do_update(index_elements=["account_id", "shop_id"], set_=row)
    )
