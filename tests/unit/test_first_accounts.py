"""What an installation begins with, and how hours and passwords are read."""

from __future__ import annotations

from datetime import time

import pytest
from argon2 import PasswordHasher

from bot.domain.entry import WeeklyHours
from bot.domain.shop import Shop
from bot.services.account_tables import read_hours, write_hours
from bot.services.first_accounts import create_first_accounts
from bot.services.managing_accounts import adopt_shops
from bot.services.passwords import Passwords, UnfitPassword, check_password, generate_password
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople
from tests.contract.store_contract import FixedClock

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def accounts() -> MemoryAccounts:
    return MemoryAccounts(MemoryPeople(), FixedClock())


@pytest.fixture
async def shops() -> MemoryShops:
    shops = MemoryShops(Memory())
    await shops.put_shop(Shop("demo", "演示", is_demo=True))
    await shops.put_shop(Shop("real", "真店"))
    return shops


async def test_the_first_start_makes_an_admin_whose_password_works(
    accounts: MemoryAccounts, shops: MemoryShops
) -> None:
    [admin] = await create_first_accounts(accounts, shops, QUICK, demo=False)
    found = await accounts.find_login("admin")
    assert found is not None
    assert found[0].is_admin
    assert await QUICK.verify(found[1], admin.password)
    assert await accounts.memberships_of(admin.account.id) == []
    assert (await accounts.get_organisation(found[0].organisation)).shops == {"demo", "real"}


async def test_the_next_start_makes_nobody(accounts: MemoryAccounts, shops: MemoryShops) -> None:
    await create_first_accounts(accounts, shops, QUICK, demo=False)
    assert await create_first_accounts(accounts, shops, QUICK, demo=True) == []


async def test_the_demo_has_two_agents_and_all_work_in_its_shops_only(
    accounts: MemoryAccounts, shops: MemoryShops
) -> None:
    made = await create_first_accounts(accounts, shops, QUICK, demo=True)
    assert [each.account.login for each in made] == ["admin", "kefu1", "kefu2"]
    roles = {each.login: held.role for each, held in await accounts.members_of("demo")}
    assert roles == {"admin": "owner", "kefu1": "agent", "kefu2": "agent"}
    assert await accounts.members_of("real") == []


async def test_a_new_shop_goes_to_the_only_organisation(accounts: MemoryAccounts, shops: MemoryShops) -> None:
    await create_first_accounts(accounts, shops, QUICK, demo=False)
    await shops.put_shop(Shop("later", "新店"))
    await adopt_shops(accounts, shops)
    [organisation] = await accounts.list_organisations()
    assert organisation.shops == {"demo", "real", "later"}


@pytest.mark.parametrize("password", ["short", "kefu1-is-here", "1UFEK-backwards", "aaaaaaaaaaaa", "x" * 201])
def test_a_poor_password_is_not_taken(password: str) -> None:
    with pytest.raises(UnfitPassword):
        check_password(password, "Kefu1")


def test_a_generated_password_is_taken_and_never_the_same() -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_password(password, "kefu1")


async def test_nobodys_password_is_looked_at_and_never_right() -> None:
    assert not await QUICK.verify(None, "")
    assert not await QUICK.verify("no hash at all", "x")


def test_weekly_hours_are_read_as_people_write_them() -> None:
    hours = read_hours("1-2,7 18:00-24:00；3 09：00-18：00")
    assert hours == (
        *(WeeklyHours(day, time(18), time(0)) for day in (0, 1, 6)),
        WeeklyHours(2, time(9), time(18)),
    )
    assert read_hours(write_hours(hours)) == hours
    assert read_hours(" ") == ()


@pytest.mark.parametrize("text", ["8 09:00-18:00", "5-1 09:00-18:00", "1 9-18", "1", "1 09:00", "每天"])
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1-5 18:00-02:00"):
        read_hours(text)


def test_days_that_follow_each_other_are_written_as_a_run() -> None:
    assert (
        write_hours(read_hours("1,2,3,4,5 18:00-02:00; 6-7 9:00-18:00")) == "1-5 18:00-02:00; 6-7 09:00-18:00"
    )
    assert write_hours(read_hours("1,3,5 10:00-12:00")) == "1,3,5 10:00-12:00"
