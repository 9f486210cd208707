"""Organisations above shops."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.account import Account, Membership
from bot.domain.shop import InvalidShopId, Shop
from bot.ports import NotFound
from bot.services.managing_organisations import Organisations
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 3, 11, 4, tzinfo=UTC)


@pytest.fixture
async def office() -> tuple[Organisations, MemoryAccounts]:
    shops = MemoryShops(Memory())
    for shop in ("tea", "silk"):
        await shops.put_shop(Shop(shop, shop))
    accounts = MemoryAccounts(MemoryPeople(), Noon())
    return Organisations(accounts, shops, Noon()), accounts


async def test_two_organisations_may_serve_one_shop(office: tuple[Organisations, MemoryAccounts]) -> None:
    organisations, accounts = office
    company, team = await organisations.create("外包公司"), await organisations.create("  茶店  自己的团队 ")
    assert team.name == "茶店 自己的团队"
    for each in (company, team):
        await organisations.link(each.id, "tea", "console")
    assert [each.shops for each in await accounts.list_organisations()] == [frozenset({"tea"})] * 2


async def test_a_shop_taken_back_ends_the_memberships_of_that_organisation_only(
    office: tuple[Organisations, MemoryAccounts],
) -> None:
    organisations, accounts = office
    company, team = await organisations.create("外包公司"), await organisations.create("茶店")
    for number, each in enumerate((company, team)):
        for shop in ("tea", "silk"):
            await organisations.link(each.id, shop, "console")
        account = Account(f"a-{number}", each.id, f"agent{number}", "客服")
        memberships = [Membership(account.id, shop, "agent") for shop in ("tea", "silk")]
        await accounts.create_accounts([(account, "hash")], memberships)
    assert await organisations.unlink(company.id, "tea", "console") == 1
    assert [each.shop for each in await accounts.memberships_of("a-0")] == ["silk"]
    assert sorted(each.shop for each in await accounts.memberships_of("a-1")) == ["silk", "tea"]
    newest = (await accounts.read_audit(company.id, 1))[0]
    assert (newest.kind, newest.shop, newest.data) == ("shop_unlinked", "tea", {"ended": 1})


async def test_what_does_not_exist_is_neither_linked_nor_taken_back(
    office: tuple[Organisations, MemoryAccounts],
) -> None:
    organisations, _ = office
    company = await organisations.create("外包公司")
    for organisation, shop in ((company.id, "nowhere"), ("o-unknown", "tea")):
        with pytest.raises(NotFound):
            await organisations.link(organisation, shop, "console")
    with pytest.raises(InvalidShopId):
        await organisations.link(company.id, "Not A Shop", "console")
    with pytest.raises(NotFound, match="not linked"):
        await organisations.unlink(company.id, "tea", "console")


@pytest.mark.parametrize("name", ["", "  ", "长" * 81, "a\x00b"])
async def test_a_name_that_cannot_be_shown_is_refused(
    office: tuple[Organisations, MemoryAccounts], name: str
) -> None:
    with pytest.raises(ValueError, match="1 to 80"):
        await office[0].create(name)
