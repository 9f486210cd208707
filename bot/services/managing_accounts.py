"""What an admin does: accounts of the own organisation, their memberships, passwords, off-boarding."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.account import Account, Membership, Organisation
from bot.domain.entry import Validity
from bot.domain.shop import Shop
from bot.ports import AccountStore, Clock, Conflict, NotFound, ShopStore
from bot.services import auditing
from bot.services.account_tables import (
    AccountPlan,
    PlannedAccount,
    check_login,
    check_name,
    plan_accounts,
    write_hours,
)
from bot.services.auditing import Auditor
from bot.services.passwords import Passwords, generate_password

CONSOLE: Final = "console"
"""Who acts by a command at the server, in the audit log."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an admin in the own organisation, or the operator at the console."""

    organisation: str
    login: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account just made or reset, with its password, which is shown once and kept nowhere."""

    account: Account
    password: str


@dataclass(frozen=True, slots=True)
class Roster:
    """The organisation's people and shops."""

    accounts: list[Account]
    memberships: list[Membership]
    shops: list[Shop]


class Team:
    """The use cases of an organisation's admins. Accounts and shops of another organisation: NotFound."""

    def __init__(
        self, accounts: AccountStore, shops: ShopStore, passwords: Passwords, auditor: Auditor, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._shops = shops
        self._passwords = passwords
        self._auditor = auditor
        self._clock = clock

    async def roster(self, organisation: str) -> Roster:
        """Return everybody with the memberships that were not ended, and the shops that can be given."""
        return Roster(
            await self._accounts.list_accounts(organisation),
            await self._accounts.memberships_in(organisation),
            await self._shops_of(organisation),
        )

    async def _shops_of(self, organisation: str) -> list[Shop]:
        linked = (await self._accounts.get_organisation(organisation)).shops
        return await self._shops.list_shops(sorted(linked)) if linked else []

    async def create(self, actor: Actor, login: str, name: str, *, is_admin: bool = False) -> Credentials:
        """Make one account. Raises Conflict for a login in use, ValueError for a login or name that is none."""
        planned = PlannedAccount(check_login(login), check_name(name))
        return (await self._create(actor, [planned], {}, is_admin=is_admin))[0]

    async def plan(self, organisation: str, content: bytes, name: str) -> AccountPlan:
        """Return what a table asks for and what is wrong with it; nothing is written. Raises UnreadableTable."""
        shops = await self._shops_of(organisation)
        plan = plan_accounts(content, name, shops, (), self._clock.now())
        own = {each.login.casefold() for each in await self._accounts.list_accounts(organisation)}
        taken = {each.login for each in plan.accounts if each.login.casefold() in own}
        for each in plan.accounts:
            # Logins are unique in the installation: another organisation's are asked for one by one, never listed.
            if each.login not in taken and await self._accounts.find_login(each.login) is not None:
                taken.add(each.login)
        return plan_accounts(content, name, shops, taken, self._clock.now()) if taken else plan

    async def create_all(self, actor: Actor, plan: AccountPlan) -> list[Credentials]:
        """Make every account of a plan without errors, all or nothing. Raises Conflict."""
        if plan.errors:
            raise Conflict("表格里还有错误。 The table still has errors.")
        zones = {shop.id: shop.timezone for shop in await self._shops_of(actor.organisation)}
        return await self._create(actor, plan.accounts, zones)

    async def _create(
        self,
        actor: Actor,
        planned: Sequence[PlannedAccount],
        zones: dict[str, str],
        *,
        is_admin: bool = False,
    ) -> list[Credentials]:
        made: list[Credentials] = []
        memberships: list[Membership] = []
        for each in planned:
            account = Account(
                f"u-{secrets.token_hex(8)}", actor.organisation, each.login, each.name, is_admin,
                must_change_password=True,
            )  # fmt: skip
            made.append(Credentials(account, generate_password()))
            memberships += [
                Membership(account.id, shop, role, validity, zones[shop])
                for shop, role, validity in each.memberships
            ]
        hashed = [(each.account, await self._passwords.hash(each.password)) for each in made]
        await self._accounts.create_accounts(hashed, memberships)
        for new in made:
            await self._note(actor, auditing.ACCOUNT_CREATED, new.account, "", is_admin=new.account.is_admin)
        logins = {each.account.id: each.account for each in made}
        for membership in memberships:
            await self._note_membership(actor, logins[membership.account], membership)
        return made

    async def update(
        self, actor: Actor, account: str, *, name: str, language: str, capacity: int, is_admin: bool
    ) -> Account:
        """Write name, language, capacity, admin. Raises NotFound, Conflict for taking the own admin right."""
        held = await self._accounts.get_account(actor.organisation, account)
        if held.id == actor.account and held.is_admin and not is_admin:
            raise Conflict("不能取消自己的管理员身份。 You cannot take your own admin right.")
        if held.is_disabled and is_admin:
            raise Conflict("账号已停用。 The account is disabled.")
        changed = await self._accounts.update_account(
            replace(held, name=check_name(name), language=language, capacity=capacity, is_admin=is_admin)
        )
        await self._note(actor, auditing.ACCOUNT_CHANGED, changed, "", is_admin=is_admin, capacity=capacity)
        return changed

    async def reset_password(self, actor: Actor, account: str) -> Credentials:
        """Give a new password, which must be changed at the next sign-in; every session ends. Raises NotFound, Conflict."""
        held = await self._accounts.get_account(actor.organisation, account)
        if held.is_disabled:
            raise Conflict("账号已停用。 The account is disabled.")
        password = generate_password()
        await self._accounts.set_password(held.id, await self._passwords.hash(password), must_change=True)
        await self._accounts.forget_attempts([f"login:{held.login.casefold()}", f"password:{held.id}"])
        await self._note(actor, auditing.PASSWORD_RESET, held, "")
        return Credentials(held, password)

    async def offboard(self, actor: Actor, account: str) -> None:
        """Disable the account and end its memberships and sessions. Raises NotFound, Conflict for oneself."""
        held = await self._accounts.get_account(actor.organisation, account)
        if held.id == actor.account:
            raise Conflict("不能停用自己。 You cannot disable yourself.")
        await self._accounts.disable_account(held.id, self._clock.now())
        await self._note(actor, auditing.OFFBOARDED, held, "")

    async def put_membership(
        self, actor: Actor, account: str, shop: str, role: str, validity: Validity
    ) -> Membership:
        """Write a membership. Raises NotFound, Conflict for a disabled account."""
        held, known = await self._find(actor, account, shop)
        if held.is_disabled:
            raise Conflict("账号已停用。 The account is disabled.")
        membership = Membership(held.id, known.id, role, validity, known.timezone)
        await self._accounts.put_membership(membership)
        await self._note_membership(actor, held, membership)
        return membership

    async def shop_of(self, organisation: str, shop: str) -> Shop:
        """Return a shop of the organisation. Raises NotFound."""
        for each in await self._shops_of(organisation):
            if each.id == shop:
                return each
        raise NotFound("there is no such shop in this organisation")

    async def _find(self, actor: Actor, account: str, shop: str) -> tuple[Account, Shop]:
        held = await self._accounts.get_account(actor.organisation, account)
        return held, await self.shop_of(actor.organisation, shop)

    async def end_membership(self, actor: Actor, account: str, shop: str) -> None:
        """End a membership; it is felt in open pages at once. Raises NotFound."""
        held = await self._accounts.get_account(actor.organisation, account)
        await self._accounts.end_membership(held.id, shop, self._clock.now())
        await self._note(actor, auditing.MEMBERSHIP_ENDED, held, shop)

    async def _note(self, actor: Actor, kind: str, account: Account, shop: str, **data: object) -> None:
        await self._auditor.record_from_outside(
            kind, actor.organisation, actor.login, subject=account.login, shop=shop, **data
        )

    async def _note_membership(self, actor: Actor, account: Account, membership: Membership) -> None:
        validity = membership.validity
        await self._note(
            actor, auditing.MEMBERSHIP_WRITTEN, account, membership.shop,
            role=membership.role,
            since=validity.since.isoformat() if validity.since else None,
            until=validity.until.isoformat() if validity.until else None,
            hours=write_hours(validity.weekly),
        )  # fmt: skip


async def adopt_shops(accounts: AccountStore, shops: ShopStore) -> None:
    """Link shops that belong to nobody to the organisation, where there is exactly one."""
    organisations = await accounts.list_organisations()
    if len(organisations) != 1:
        return
    only = organisations[0]
    if unowned := frozenset(await shops.versions()) - only.shops:
        await accounts.put_organisation(replace(only, shops=only.shops | unowned))


async def first_organisation(accounts: AccountStore, name: str) -> Organisation:
    """Return the first organisation, made if there is none."""
    for each in await accounts.list_organisations():
        return each
    made = Organisation(f"o-{secrets.token_hex(6)}", name)
    await accounts.put_organisation(made)
    return made
