"""The accounts in PostgreSQL keep the contract of the accounts, and the audit log cannot be changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from bot.domain.account import Membership
from bot.ports import AuditLine, NotFound
from bot.storage.accounts import PostgresAccounts
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.presence import PostgresPresence
from bot.storage.shops import PostgresShops
from tests.contract.account_contract import NOW, AccountContract, People, open_office
from tests.contract.store_contract import FixedClock


def people_over(database: Database) -> People:
    clock = FixedClock()
    return People(
        PostgresAccounts(database, clock), PostgresPresence(database), PostgresShops(database), clock
    )


class TestPostgresAccounts(AccountContract):
    @pytest.fixture
    def people(self, database: Database) -> People:
        return people_over(database)


async def test_the_application_cannot_change_or_remove_a_line_of_the_audit_log(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    office = await open_office(people_over(database))
    await people_over(database).accounts.append_audit(AuditLine("exported", NOW, office.organisation.id, "a"))
    connection = await asyncpg.connect(postgres.app_dsn)
    try:
        for statement in ("UPDATE audit_log SET actor = 'b'", "DELETE FROM audit_log"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_when_a_shop_is_deleted_open_pages_of_its_people_look_at_their_rights_again(
    database: Database,
) -> None:
    people = people_over(database)
    office, other = await open_office(people), await open_office(people)
    ids = [office.account.id, other.account.id]
    before = await people.accounts.access_versions(ids)
    await people.shops.delete_shop(office.shop)
    after = await people.accounts.access_versions(ids)
    assert after == {ids[0]: before[ids[0]] + 1, ids[1]: before[ids[1]]}
    assert await people.accounts.memberships_of(ids[0]) == []


async def test_a_membership_given_while_its_shop_is_taken_away_does_not_stay(database: Database) -> None:
    accounts, office = people_over(database).accounts, await open_office(people_over(database))
    membership = Membership(office.account.id, office.shop, "agent")
    without = replace(office.organisation, shops=frozenset())
    for _ in range(20):
        await accounts.put_organisation(office.organisation)
        given, taken = await asyncio.gather(
            accounts.put_membership(membership), accounts.put_organisation(without), return_exceptions=True
        )
        assert given is None or isinstance(given, NotFound)
        assert taken is None
        assert await accounts.memberships_of(office.account.id) == []


async def test_neither_secrets_nor_what_was_typed_as_a_login_can_be_read_in_the_database(
    postgres: EmbeddedPostgres, database: Database
) -> None:
    people = people_over(database)
    office = await open_office(people)
    await people.accounts.create_session(office.account.id, "the-secret", "c", NOW, "")
    await people.accounts.count_attempts(["login:the-secret"], NOW, NOW - NOW)
    connection = await asyncpg.connect(postgres.app_dsn)
    try:
        rows = [
            *await connection.fetch("SELECT * FROM sign_in_sessions"),
            *await connection.fetch("SELECT * FROM sign_in_attempts"),
        ]
    finally:
        await connection.close()
    assert rows
    assert not any("the-secret" in str(dict(row)) for row in rows)


async def test_a_shop_that_is_removed_takes_its_memberships_along(database: Database) -> None:
    people = people_over(database)
    office = await open_office(people)
    await people.shops.delete_shop(office.shop)
    assert await people.accounts.memberships_of(office.account.id) == []
    assert (await people.accounts.get_organisation(office.organisation.id)).shops == frozenset()
