"""What every AccountStore and PresenceStore must do: inherited by the tests of those in memory and in PostgreSQL.

An inheriting class gives the fixture `people`. Each test makes organisations and shops of its own.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.account import Account, Membership, Organisation, Right
from bot.domain.entry import Validity, WeeklyHours
from bot.domain.shop import Shop
from bot.ports import AccountStore, AuditLine, Conflict, NotFound, PresenceStore, ShopStore
from tests.contract.store_contract import FixedClock

NOW = datetime(2026, 3, 5, 10, 30, 15, 123456, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class People:
    """The stores of a test, over one clock."""

    accounts: AccountStore
    presence: PresenceStore
    shops: ShopStore
    clock: FixedClock


@dataclass(frozen=True)
class Office:
    """An organisation with a shop and an account that works there."""

    organisation: Organisation
    shop: str
    account: Account


async def open_office(people: People) -> Office:
    """Write an organisation that no other test uses."""
    number = next(_numbers)
    shop = f"office-{number}"
    await people.shops.put_shop(Shop(shop, "店"))
    organisation = Organisation(f"o-{number}", "外包公司", frozenset({shop}))
    await people.accounts.put_organisation(organisation)
    account = Account(f"u-{number}", organisation.id, f"Kefu{number}", "客服一", must_change_password=True)
    await people.accounts.create_accounts([(account, "hash")], [Membership(account.id, shop, "agent")])
    return Office(organisation, shop, account)


class AccountContract:
    async def test_an_organisation_is_kept_with_its_shops(self, people: People) -> None:
        office = await open_office(people)
        assert await people.accounts.get_organisation(office.organisation.id) == office.organisation
        assert office.organisation in await people.accounts.list_organisations()
        with pytest.raises(NotFound):
            await people.accounts.get_organisation("none")

    async def test_a_shop_that_is_taken_from_an_organisation_is_lost_to_its_people_alone(
        self, people: People
    ) -> None:
        office, store = await open_office(people), people.accounts
        kept, guest = await open_office(people), await open_office(people)
        both = replace(office.organisation, shops=frozenset({office.shop, kept.shop}))
        await store.put_organisation(both)
        await store.put_membership(Membership(office.account.id, kept.shop, "agent"))
        await store.put_organisation(replace(guest.organisation, shops=frozenset({guest.shop, office.shop})))
        await store.put_membership(Membership(guest.account.id, office.shop, "agent"))
        ids = [office.account.id, guest.account.id]
        before = await store.access_versions(ids)
        await store.put_organisation(replace(both, shops=frozenset({kept.shop})))
        assert [each.shop for each in await store.memberships_of(office.account.id)] == [kept.shop]
        assert {each.shop for each in await store.memberships_of(guest.account.id)} == {
            guest.shop,
            office.shop,
        }
        after = await store.access_versions(ids)
        assert (after[ids[0]] > before[ids[0]], after[ids[1]]) == (True, before[ids[1]])
        with pytest.raises(NotFound):
            await store.put_membership(Membership(office.account.id, office.shop, "agent"))

    async def test_shops_linked_at_the_same_time_are_all_linked(self, people: People) -> None:
        office = await open_office(people)
        shops = [f"{office.shop}-{number}" for number in range(4)]
        for shop in shops:
            await people.shops.put_shop(Shop(shop, "店"))
        linking = (people.accounts.link_shop(office.organisation.id, shop) for shop in (*shops, office.shop))
        await asyncio.gather(*linking)
        held = await people.accounts.get_organisation(office.organisation.id)
        assert held.shops == {office.shop, *shops}
        assert len(await people.accounts.memberships_of(office.account.id)) == 1
        with pytest.raises(NotFound):
            await people.accounts.link_shop("o-nobody", office.shop)

    async def test_hours_move_to_another_time_zone_and_an_ended_membership_stays_ended(
        self, people: People
    ) -> None:
        office, other = await open_office(people), await open_office(people)
        gone = Account(
            f"{office.account.id}-gone", office.organisation.id, f"{office.account.login}-gone", "客服二"
        )
        held = Membership(gone.id, office.shop, "owner")
        await people.accounts.create_accounts([(gone, "hash")], [held])
        await people.accounts.end_membership(gone.id, office.shop, NOW)
        before = await people.accounts.access_versions([office.account.id, gone.id])
        await people.accounts.move_hours(office.shop, "Europe/Berlin")
        assert await people.accounts.memberships_of(office.account.id) == [
            Membership(office.account.id, office.shop, "agent", timezone="Europe/Berlin")
        ]
        assert await people.accounts.memberships_of(gone.id) == []
        [elsewhere] = await people.accounts.memberships_of(other.account.id)
        assert elsewhere.timezone == "Asia/Shanghai"
        after = await people.accounts.access_versions([office.account.id, gone.id])
        assert (after[office.account.id] > before[office.account.id], after[gone.id]) == (
            True,
            before[gone.id],
        )

    async def test_an_account_is_found_by_its_login_in_any_case(self, people: People) -> None:
        office = await open_office(people)
        for login in (office.account.login, office.account.login.upper(), f" {office.account.login} "):
            assert await people.accounts.find_login(login) == (office.account, "hash")
        assert await people.accounts.find_login("nobody") is None

    async def test_a_login_in_use_stops_the_whole_batch(self, people: People) -> None:
        office = await open_office(people)
        new = Account(f"{office.account.id}-new", office.organisation.id, f"{office.account.login}-new", "新")
        double = replace(office.account, id="double", login=office.account.login.lower())
        with pytest.raises(Conflict):
            await people.accounts.create_accounts([(new, "h"), (double, "h")], [])
        assert await people.accounts.find_login(new.login) is None

    async def test_a_membership_of_a_shop_of_nobody_or_of_others_stops_the_whole_batch(
        self, people: People
    ) -> None:
        office, other = await open_office(people), await open_office(people)
        new = Account(f"{office.account.id}-new", office.organisation.id, f"{office.account.login}-new", "新")
        with pytest.raises(NotFound):
            await people.accounts.create_accounts([(new, "h")], [Membership(new.id, other.shop, "owner")])
        assert await people.accounts.find_login(new.login) is None
        with pytest.raises(NotFound):
            await people.accounts.put_membership(Membership(office.account.id, other.shop, "agent"))
        assert await people.accounts.members_of(other.shop) == [
            (other.account, Membership(other.account.id, other.shop, "agent"))
        ]

    async def test_an_account_of_another_organisation_is_not_there(self, people: People) -> None:
        office, other = await open_office(people), await open_office(people)
        assert await people.accounts.list_accounts(office.organisation.id) == [office.account]
        with pytest.raises(NotFound):
            await people.accounts.get_account(office.organisation.id, other.account.id)
        with pytest.raises(NotFound):
            await people.accounts.update_account(replace(other.account, organisation=office.organisation.id))

    async def test_what_a_person_says_of_himself_leaves_alone_what_an_admin_decided(
        self, people: People
    ) -> None:
        office = await open_office(people)
        read_before = office.account
        await people.accounts.update_account(replace(read_before, is_admin=False, capacity=3))
        await people.accounts.update_profile(read_before.id, "新名字", "en")
        held = await people.accounts.get_account(office.organisation.id, read_before.id)
        assert (held.name, held.language, held.is_admin, held.capacity) == ("新名字", "en", False, 3)
        assert held.version == read_before.version + 2
        with pytest.raises(NotFound):
            await people.accounts.update_profile("u-nobody", "无", "zh")

    async def test_every_change_of_rights_raises_the_version(self, people: People) -> None:
        office = await open_office(people)
        account, shop, store = office.account.id, office.shop, people.accounts

        async def version() -> int:
            return (await store.access_versions([account, "nobody"]))[account]

        seen = [await version()]
        await store.update_account(replace(office.account, is_admin=True, capacity=3))
        seen.append(await version())
        await store.put_membership(Membership(account, shop, "supervisor"))
        seen.append(await version())
        await store.end_membership(account, shop, NOW)
        seen.append(await version())
        await store.set_password(account, "new", must_change=False)
        seen.append(await version())
        session = await store.create_session(account, f"s-{account}", "c", NOW + timedelta(hours=1), "a")
        await store.end_session(session)
        seen.append(await version())
        await store.end_sessions(account)
        seen.append(await version())
        await store.disable_account(account, NOW)
        seen.append(await version())
        assert seen == sorted(set(seen))

    async def test_a_membership_keeps_its_validity_in_the_shops_time_zone(self, people: People) -> None:
        office = await open_office(people)
        validity = Validity(NOW, NOW + timedelta(days=9), (WeeklyHours(4, time(22), time(2)),))
        membership = Membership(office.account.id, office.shop, "supervisor", validity, "Asia/Urumqi")
        await people.accounts.put_membership(membership)
        assert await people.accounts.memberships_of(office.account.id) == [membership]
        assert await people.accounts.memberships_in(office.organisation.id) == [membership]
        [(_, held)] = await people.accounts.members_of(office.shop)
        assert held == membership

    async def test_an_ended_membership_is_gone_and_can_be_given_again(self, people: People) -> None:
        office = await open_office(people)
        account, store = office.account.id, people.accounts
        await store.end_membership(account, office.shop, NOW)
        assert await store.memberships_of(account) == await store.members_of(office.shop) == []
        with pytest.raises(NotFound):
            await store.end_membership(account, office.shop, NOW)
        await store.put_membership(Membership(account, office.shop, "owner"))
        assert [each.role for each in await store.memberships_of(account)] == ["owner"]

    async def test_a_session_gives_the_caller_and_dies_at_its_end(self, people: People) -> None:
        office = await open_office(people)
        secret, store = f"secret-{office.account.id}", people.accounts
        later = people.clock.now() + timedelta(hours=1)
        session = await store.create_session(office.account.id, secret, "csrf", later, "Firefox")
        found = await store.find_session(secret)
        assert found is not None
        assert (found.csrf, found.expires_at, found.caller.session) == ("csrf", later, session)
        assert found.caller.account.id == office.account.id
        assert found.caller.shops_with(Right.ANSWER, NOW) == {office.shop}
        [opened] = await store.list_sessions(office.account.id)
        assert (opened.id, opened.agent, opened.expires_at) == (session, "Firefox", later)
        assert await store.find_session("other") is None
        people.clock.moment = later
        assert await store.find_session(secret) is None
        assert await store.list_sessions(office.account.id) == []

    async def test_sessions_end_one_by_one_and_all_with_a_new_password(self, people: People) -> None:
        office = await open_office(people)
        store, account = people.accounts, office.account.id
        later = people.clock.now() + timedelta(hours=1)
        secrets = [f"{account}-{each}" for each in range(3)]
        sessions = [await store.create_session(account, each, "c", later, "") for each in secrets]
        await store.end_session(sessions[0])
        assert await store.find_session(secrets[0]) is None
        assert await store.find_session(secrets[1]) is not None
        await store.set_password(account, "new", must_change=False)
        assert [await store.find_session(each) for each in secrets] == [None] * 3
        found = await store.find_login(office.account.login)
        assert found is not None
        assert found[1] == "new"
        assert not found[0].must_change_password

    async def test_off_boarding_ends_everything_in_one_step(self, people: People) -> None:
        office = await open_office(people)
        store, account = people.accounts, office.account.id
        await store.update_account(replace(office.account, is_admin=True))
        await store.create_session(account, f"off-{account}", "c", NOW + timedelta(days=9), "")
        await people.presence.put_presence(account, "online", NOW)
        await store.disable_account(account, NOW)
        assert await store.find_session(f"off-{account}") is None
        assert await store.memberships_of(account) == []
        assert await people.presence.presences([account]) == {}
        held = await store.get_account(office.organisation.id, account)
        assert held.is_disabled
        assert not held.is_admin

    async def test_tries_are_counted_until_the_window_is_over(self, people: People) -> None:
        store, key, window = people.accounts, f"login:{next(_numbers)}", timedelta(minutes=15)
        for count in (1, 2, 3):
            counted = await store.count_attempts([key], NOW + timedelta(minutes=count), window)
            assert counted[key].count == count
            assert counted[key].since == NOW + timedelta(minutes=1)
        await store.take_back_attempt(key)
        assert (await store.count_attempts([key], NOW + timedelta(minutes=4), window))[key].count == 3
        assert (await store.count_attempts([key], NOW + timedelta(minutes=16), window))[key].count == 1
        await store.forget_attempts([key])
        assert (await store.count_attempts([key], NOW, window))[key].count == 1

    async def test_tries_at_the_same_time_are_all_counted(self, people: People) -> None:
        keys = [f"b:{next(_numbers)}", f"a:{next(_numbers)}"]
        window = timedelta(minutes=15)
        counts = await asyncio.gather(
            *(people.accounts.count_attempts(keys[:: 1 - 2 * (i % 2)], NOW, window) for i in range(12))
        )
        for key in keys:
            assert sorted(each[key].count for each in counts) == list(range(1, 13))

    async def test_a_change_of_rights_is_heard(self, people: People) -> None:
        office = await open_office(people)
        watch = people.accounts.watch_access()
        heard = asyncio.ensure_future(anext(watch))
        while not heard.done():
            # Whoever begins to listen cannot say when it listens: the change is made until it is heard.
            await people.accounts.end_sessions(office.account.id)
            await asyncio.wait([heard], timeout=0.05)
        assert heard.result() == office.account.id
        await watch.aclose()  # type: ignore[attr-defined]

    async def test_the_audit_log_is_read_newest_first_and_by_organisation(self, people: People) -> None:
        office, other = await open_office(people), await open_office(people)
        lines = [
            AuditLine(
                "exported", NOW + timedelta(seconds=i), office.organisation.id, "admin", "x", "s", {"rows": i}
            )
            for i in range(3)
        ]
        for line in lines:
            await people.accounts.append_audit(line)
        await people.accounts.append_audit(AuditLine("exported", NOW, other.organisation.id, "other"))
        read = people.accounts.read_audit
        assert await read(office.organisation.id, 10) == lines[::-1]
        assert await read(office.organisation.id, 1) == lines[2:]
        assert await read(office.organisation.id, 10, lines[1].at) == lines[:1]

    async def test_presence_is_what_was_said_last(self, people: People) -> None:
        office = await open_office(people)
        await people.presence.put_presence(office.account.id, "online", NOW)
        await people.presence.put_presence(office.account.id, "pause", NOW + timedelta(seconds=5))
        found = await people.presence.presences([office.account.id, "nobody"])
        assert {name: (each.state, each.seen_at) for name, each in found.items()} == {
            office.account.id: ("pause", NOW + timedelta(seconds=5))
        }

    async def test_who_said_how_he_is_there_is_there_still_when_it_is_renewed(self, people: People) -> None:
        office = await open_office(people)
        await people.presence.put_presence(office.account.id, "pause", NOW)
        later = NOW + timedelta(seconds=10)
        renewed = await people.presence.renew_presences([office.account.id, "nobody"], later)
        assert {name: (each.state, each.seen_at) for name, each in renewed.items()} == {
            office.account.id: ("pause", later)
        }
        assert await people.presence.presences([office.account.id, "nobody"]) == renewed
        assert await people.presence.renew_presences([], later) == {}
