"""kuaihui account: what the operator does with accounts at the console."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import CommandError, out, say

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.domain.account import Account
    from bot.services.managing_accounts import Actor, Credentials, Team

account_app = typer.Typer(help="账号。 Accounts of people.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(account_app, name="account")


@account_app.command("list")
def list_accounts() -> None:
    """列出账号和店铺。 List accounts with their shops."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> list[tuple[Account, str]]:
        rows: list[tuple[Account, str]] = []
        for organisation in await stores.accounts.list_organisations():
            shops: dict[str, list[str]] = {}
            for each in await stores.accounts.memberships_in(organisation.id):
                shops.setdefault(each.account, []).append(f"{each.shop}:{each.role}")
            for account in await stores.accounts.list_accounts(organisation.id):
                rows.append((account, ",".join(shops.get(account.id, []))))
        return rows

    for account, shops in with_stores(work):
        marks = " admin" * account.is_admin + " disabled" * account.is_disabled
        out().print(f"{account.login}  {account.name}{marks}  {shops}".rstrip(), markup=False)


@account_app.command("create")
def create_account(
    login: Annotated[str, typer.Argument(help="登录名。 The login.")],
    name: Annotated[str, typer.Option(help="姓名。 The name that colleagues see.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="管理员。 An admin of the organisation.")] = False,
    shop: Annotated[list[str] | None, typer.Option(help="店铺，可多次。 A shop; repeat for more.")] = None,
    role: Annotated[str, typer.Option(help="agent、supervisor、owner。 The role in those shops.")] = "agent",
    organisation: Annotated[
        str, typer.Option(help="机构编号，默认第一个。 The organisation's id; the first one by default.")
    ] = "",
) -> None:
    """新建账号，密码只显示一次。 Make an account; its password is shown once."""
    from bot.cli.stores import with_stores
    from bot.domain.account import ROLES
    from bot.domain.entry import Validity

    if role not in ROLES:
        raise CommandError(f"--role: one of {', '.join(ROLES)}")

    async def work(stores: Stores) -> Credentials:
        if organisation:
            await stores.accounts.get_organisation(organisation)
        team, actor = await _team(stores, organisation)
        for each in shop or ():
            await team.shop_of(actor.organisation, each)
        try:
            made = await team.create(actor, login, name or login, is_admin=admin)
        except ValueError as error:
            raise CommandError(str(error)) from None
        for each in shop or ():
            await team.put_membership(actor, made.account.id, each, role, Validity())
        return made

    _show(with_stores(work))


@account_app.command("reset-password")
def reset_password(login: Annotated[str, typer.Argument(help="登录名。 The login.")]) -> None:
    """重置密码，只显示一次。 Give a new password; it is shown once."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> Credentials:
        team, actor, account = await _find(stores, login)
        return await team.reset_password(actor, account.id)

    _show(with_stores(work))


@account_app.command("offboard")
def offboard(login: Annotated[str, typer.Argument(help="登录名。 The login.")]) -> None:
    """停用账号，结束其全部店铺和登录。 Disable an account, its memberships and its sessions."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> None:
        team, actor, account = await _find(stores, login)
        await team.offboard(actor, account.id)

    with_stores(work)
    say(f"{login}: 已停用 disabled")


async def _team(stores: Stores, organisation: str = "") -> tuple[Team, Actor]:
    from bot.services.auditing import Auditor
    from bot.services.managing_accounts import CONSOLE, Actor, Team, adopt_shops, first_organisation
    from bot.services.passwords import Passwords

    if not organisation:
        organisation = (await first_organisation(stores.accounts, "我的团队 My team")).id
        await adopt_shops(stores.accounts, stores.shops)
    auditor = Auditor(stores.accounts, stores.clock)
    team = Team(stores.accounts, stores.shops, Passwords(), auditor, stores.clock)
    return team, Actor(organisation, CONSOLE)


async def _find(stores: Stores, login: str) -> tuple[Team, Actor, Account]:
    found = await stores.accounts.find_login(login)
    if found is None:
        raise CommandError(f"there is no account {login}: kuaihui account list shows them")
    team, actor = await _team(stores, found[0].organisation)
    return team, actor, found[0]


def _show(made: Credentials) -> None:
    say("请妥善转交，不会再次显示。 Hand it over: it is not shown again.")
    sys.stdout.write(f"{made.account.login}\t{made.password}\n")
