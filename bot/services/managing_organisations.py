"""Organisations and the shops linked to them: an outsourcing company and a shop's own team may serve the same shop."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Final

from bot.domain.account import Organisation
from bot.domain.shop import shop_id
from bot.ports import AccountStore, AuditLine, Clock, NotFound, ShopStore

LINKED: Final = "shop_linked"
UNLINKED: Final = "shop_unlinked"
_LONGEST_NAME: Final = 80


class Organisations:
    """Makes organisations and links shops to them: the operator's business, nobody's else."""

    def __init__(self, accounts: AccountStore, shops: ShopStore, clock: Clock) -> None:
        self._accounts = accounts
        self._shops = shops
        self._clock = clock

    async def create(self, name: str) -> Organisation:
        """Return a new organisation without shops. Raises ValueError for a name that is empty or too long."""
        shown = " ".join(name.split())
        if not 1 <= len(shown) <= _LONGEST_NAME or not shown.isprintable():
            raise ValueError(
                f"机构名称要有 1 到 {_LONGEST_NAME} 个字。 an organisation's name has 1 to {_LONGEST_NAME} characters"
            )
        made = Organisation(f"o-{secrets.token_hex(6)}", shown)
        await self._accounts.put_organisation(made)
        return made

    async def link(self, organisation: str, shop: str, actor: str) -> None:
        """Let the organisation's admins give people memberships in the shop. Raises NotFound, InvalidShopId."""
        await self._shops.get_shop(shop_id(shop))
        await self._accounts.link_shop(organisation, shop)
        await self._note(LINKED, organisation, shop, actor)

    async def unlink(self, organisation: str, shop: str, actor: str) -> int:
        """Take the shop from the organisation and end its people's memberships there; return how many ended.

        Raises NotFound when the shop is not linked.
        """
        found = await self._accounts.get_organisation(organisation)
        if shop not in found.shops:
            raise NotFound(f"{shop} is not linked to this organisation")
        held = [each for each in await self._accounts.memberships_in(organisation) if each.shop == shop]
        # The memberships first: should this break off, the people are out already, and it can be said again.
        for each in held:
            await self._accounts.end_membership(each.account, shop, self._clock.now())
        await self._accounts.put_organisation(replace(found, shops=found.shops - {shop}))
        await self._note(UNLINKED, organisation, shop, actor, ended=len(held))
        return len(held)

    async def _note(self, kind: str, organisation: str, shop: str, actor: str, **data: object) -> None:
        await self._accounts.append_audit(
            AuditLine(kind, self._clock.now(), organisation, actor, "", shop, data)
        )
