"""The accounts that an installation begins with: an admin, and in the demo two agents."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from bot.domain.account import Account, Membership
from bot.ports import AccountStore, Conflict, ShopStore
from bot.services.managing_accounts import Credentials, adopt_shops, first_organisation
from bot.services.passwords import Passwords, generate_password

_NAME: Final = "我的团队 My team"
_ADMIN: Final = ("admin", "管理员", "owner")
_DEMO_AGENTS: Final = (("kefu1", "客服一", "agent"), ("kefu2", "客服二", "agent"))


async def create_first_accounts(
    accounts: AccountStore, shops: ShopStore, passwords: Passwords, *, demo: bool
) -> list[Credentials]:
    """Make the first admin where there is no account, and link shops that nobody owns; return what was made.

    In the demo the admin works in every demo shop, and so do two agents. Passwords are generated and kept nowhere:
    whoever reads the console is the one who set the installation up, so none has to be changed.
    """
    organisation = await first_organisation(accounts, _NAME)
    await adopt_shops(accounts, shops)
    if any([await accounts.list_accounts(each.id) for each in await accounts.list_organisations()]):
        return []
    linked = sorted((await accounts.get_organisation(organisation.id)).shops)
    demo_shops = [each for each in await shops.list_shops(linked) if each.is_demo] if demo and linked else []
    made: list[Credentials] = []
    memberships: list[Membership] = []
    for login, name, role in (_ADMIN, *(_DEMO_AGENTS if demo else ())):
        account = Account(
            f"u-{secrets.token_hex(8)}", organisation.id, login, name, is_admin=login == _ADMIN[0]
        )
        made.append(Credentials(account, generate_password()))
        memberships += [Membership(account.id, shop.id, role, timezone=shop.timezone) for shop in demo_shops]
    try:
        await accounts.create_accounts(await _hashed(made, passwords), memberships)
    except Conflict:  # another process was faster, and printed its passwords
        return []
    return made


async def _hashed(made: Sequence[Credentials], passwords: Passwords) -> list[tuple[Account, str]]:
    return [(each.account, await passwords.hash(each.password)) for each in made]
