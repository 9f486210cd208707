"""A shop's own settings: what it is called and looks like, how it serves, who works there; and new shops."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.account import Account, Membership
from bot.domain.facts import Fact
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import AccountStore, Clock, ConversationStore, FactStore, ShopStore
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.colleagues import Colleagues
from bot.services.documents import ShopDocument
from bot.services.managing_organisations import LINKED
from bot.services.starter_packs import StarterPacks

_LONGEST_SLUG: Final = 24
_OWNER: Final = "owner"
_SOURCE: Final = "店铺设置 settings"
"""The source of facts that say what the settings say."""
_SAID: Final = {"address": "address_form", "notice": "notice"}
"""What of the policy stands in replies too, and the variable that it fills there."""


@dataclass(frozen=True, slots=True)
class ShopSheet:
    """A shop's settings and its members."""

    shop: Shop
    policy: ServicePolicy
    members: list[tuple[Account, Membership]]


class ShopSettings:
    """Reads and writes the settings of the shop that each call names, and makes shops. `starters` are first entries."""

    def __init__(
        self,
        shops: ShopStore,
        conversations: ConversationStore,
        facts: FactStore,
        accounts: AccountStore,
        colleagues: Colleagues,
        starters: StarterPacks,
        auditor: Auditor,
        clock: Clock,
    ) -> None:
        self._shops = shops
        self._conversations = conversations
        self._facts = facts
        self._accounts = accounts
        self._colleagues = colleagues
        self._auditor = auditor
        self._clock = clock
        self.starters = starters

    async def sheet(self, shop: str) -> ShopSheet:
        """Return the shop's settings. Raises NotFound."""
        found = await self._shops.get_shop(shop)
        return ShopSheet(
            found,
            await self._conversations.get_policy(shop),
            await self._accounts.members_of(shop),
        )

    async def rename(self, shop: str, document: ShopDocument, actor: Account) -> Shop:
        """Write name, look, aliases, time zone and languages; every worker and the guard hear of it. Raises NotFound.

        Members' hours are read in the shop's time zone: they move with it.
        """
        before = await self._shops.get_shop(shop)
        after = replace(document.to_shop(is_demo=before.is_demo), id=shop)
        if after == before:
            return before
        # The hours first: should this break off, saying it again does the rest.
        if after.timezone != before.timezone:
            await self._accounts.move_hours(shop, after.timezone)
        await self._shops.put_shop(after)
        changed = [
            name for name in Shop.__dataclass_fields__ if getattr(after, name) != getattr(before, name)
        ]
        await self._auditor.record(auditing.SHOP_CHANGED, actor, shop=shop, name=after.name, changed=changed)
        return after

    async def set_policy(self, shop: str, policy: ServicePolicy, actor: Account) -> None:
        """Write how the shop serves; every worker, the guard and open pages follow within a second. Raises NotFound.

        The form of address and today's notice are facts of the shop too: replies say what stands here.
        """
        async with self._shops.together(shop):
            before = await self._conversations.get_policy(shop)
            await self._conversations.put_policy(shop, policy)
            said = {
                variable: getattr(policy, name)
                for name, variable in _SAID.items()
                if getattr(policy, name) != getattr(before, name)
            }
            if said:
                await self._say(shop, said)
        changed = [
            name
            for name in ServicePolicy.__dataclass_fields__
            if getattr(policy, name) != getattr(before, name)
        ]
        await self._auditor.record(auditing.POLICY_CHANGED, actor, shop=shop, changed=changed)

    async def _say(self, shop: str, said: Mapping[str, str]) -> None:
        held = dict((await self._facts.load_facts(shop, to_change=True)).facts)
        for variable, text in said.items():
            if text:
                held[variable] = Fact(variable, text, "shop", _SOURCE, self._clock.now())
            elif variable in held and held[variable].source == _SOURCE:
                del held[variable]
        await self._facts.put_facts(shop, list(held.values()), replace=True)

    async def create(self, document: ShopDocument, actor: Account) -> Shop:
        """Make a shop of the actor's organisation, with the actor as its owner. The document's id is not read.

        Nobody learns from it what shops others have: the id is the name, as far as letters go, and chance.
        """
        made = replace(document.to_shop(), id=_new_id(document))
        await self._shops.put_shop(made)
        await self._accounts.link_shop(actor.organisation, made.id)
        await self._accounts.put_membership(Membership(actor.id, made.id, _OWNER, timezone=made.timezone))
        self._colleagues.forget()
        for kind in (auditing.SHOP_CREATED, LINKED):
            await self._auditor.record(kind, actor, shop=made.id, name=made.name)
        return made


def _new_id(document: ShopDocument) -> str:
    named = re.sub(r"[^a-z0-9]+", "-", (document.name_en or document.name).lower())[:_LONGEST_SLUG]
    return f"{named.strip('-') or 'shop'}-{secrets.token_hex(4)}"
