"""kuaihui organisation: organisations above shops, and which shops they serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import CommandError, out, say

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.domain.account import Organisation
    from bot.services.managing_organisations import Organisations

organisation_app = typer.Typer(help="机构。 Organisations above shops.", no_args_is_help=True)
_Id = Annotated[str, typer.Argument(help="机构编号。 The organisation's id, as `list` shows it.")]
_Shop = Annotated[str, typer.Argument(help="店铺编号。 The shop's id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(organisation_app, name="organisation")


@organisation_app.command("list")
def list_organisations() -> None:
    """列出机构和店铺。 List organisations with the shops they serve."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> list[Organisation]:
        return await stores.accounts.list_organisations()

    for each in with_stores(work):
        out().print(f"{each.id}  {each.name}  {','.join(sorted(each.shops))}".rstrip(), markup=False)


@organisation_app.command("create")
def create_organisation(name: Annotated[str, typer.Argument(help="名称。 Its name.")]) -> None:
    """新建机构。 Make an organisation; then `kuaihui account create LOGIN --admin --organisation ID`."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> Organisation:
        try:
            return await _organisations(stores).create(name)
        except ValueError as error:
            raise CommandError(str(error)) from None

    made = with_stores(work)
    out().print(f"{made.id}  {made.name}", markup=False)


@organisation_app.command("link")
def link_shop(organisation: _Id, shop: _Shop) -> None:
    """把店铺交给机构。 Let the organisation serve a shop."""
    from bot.cli.stores import with_stores
    from bot.services.managing_accounts import CONSOLE

    async def work(stores: Stores) -> None:
        await _organisations(stores).link(organisation, shop, CONSOLE)

    with_stores(work)
    say(f"{shop}: 已交给机构 linked")


@organisation_app.command("unlink")
def unlink_shop(organisation: _Id, shop: _Shop) -> None:
    """收回店铺，机构的人即刻失去权限。 Take a shop back: the organisation's people lose it at once."""
    from bot.cli.stores import with_stores
    from bot.services.managing_accounts import CONSOLE

    async def work(stores: Stores) -> int:
        return await _organisations(stores).unlink(organisation, shop, CONSOLE)

    ended = with_stores(work)
    say(f"{shop}: 已收回，结束 {ended} 人的权限 unlinked, {ended} memberships ended")


def _organisations(stores: Stores) -> Organisations:
    from bot.services.managing_organisations import Organisations

    return Organisations(stores.accounts, stores.shops, stores.clock)
