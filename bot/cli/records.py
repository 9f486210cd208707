"""kuaihui figures and kuaihui buyer: what agents did with suggestions, and a buyer's own data, at the console."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import CommandError, out, say

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.services.buyer_data import BuyerData

_ENTRIES = 20
buyer_app = typer.Typer(help="买家数据。 A buyer's own data.", no_args_is_help=True)
Shop = Annotated[str, typer.Option(help="店铺。 The shop.")]
BuyerId = Annotated[
    str, typer.Option(help="买家编号，在会话和导出里可见。 The buyer's id, as exports show it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("figures")(figures)
    app.add_typer(buyer_app, name="buyer")


def figures(
    shop: Shop,
    days: Annotated[int, typer.Option(help="天数。 So many days back.", min=1, max=366)] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。 Print JSON.")] = False,
) -> None:
    """客服怎样用了一家店铺的推荐回复。 What agents did with a shop's suggestions."""
    from bot.cli.stores import with_stores
    from bot.domain.shop import shop_id
    from bot.services.suggestion_figures import SuggestionReports, report_data

    async def work(stores: Stores) -> dict[str, Any]:
        reports = SuggestionReports(stores.shops, stores.entries, stores.events, stores.clock)
        return report_data(await reports.report(shop_id(shop), days))

    found = with_stores(work)
    if as_json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return
    for line in _lines(found):
        out().print(line, markup=False)


def _lines(found: dict[str, Any]) -> list[str]:
    deeds = found["suggestions"]
    lines = [
        f"{found['shop']}  {found['since'][:10]} – {found['until'][:10]}",
        f"买家消息 messages {found['messages']}  有推荐 offered {found['offered']}  "
        f"无合适问答 unanswered {found['unanswered']}  客服回复 replies {found['replies']}",
        f"采用 taken {deeds['taken']}  修改 edited {deeds['edited']} (改动 changed {_percent(deeds['share_changed'])})  "
        f"不合适 refused {deeds['refused']} (整组 all of them {found['none_fits']})",
    ]
    for entry in found["entries"][:_ENTRIES]:
        lines.append(
            f"  {entry['id']}  {entry['question']}  shown {entry['shown']}  sent {entry['sent']}  "
            f"refused {entry['refused']}  right {_percent(entry['share_right'])}"
        )
    if len(found["entries"]) > _ENTRIES:
        lines.append(f"  … {len(found['entries']) - _ENTRIES} more: --json")
    return lines


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


@buyer_app.command("export")
def export_buyer(shop: Shop, buyer: BuyerId) -> None:
    """输出店铺所存的一位买家的全部数据。 Print all that a shop holds about a buyer, as JSON."""
    from bot.cli.stores import with_stores
    from bot.domain.shop import shop_id

    async def work(stores: Stores) -> dict[str, Any]:
        organisation, actor = await _console(stores, shop)
        async with _buyers(stores) as buyers:
            return await buyers.export_from_outside(shop_id(shop), buyer, organisation, actor)

    sys.stdout.write(json.dumps(with_stores(work), ensure_ascii=False, indent=2) + "\n")


@buyer_app.command("erase")
def erase_buyer(
    shop: Shop,
    buyer: BuyerId,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。 Do not ask.")] = False,
) -> None:
    """抹除一位买家的名称、文字和图片，不可恢复。 Erase a buyer's name, words and images for good."""
    from bot.cli.stores import with_stores
    from bot.domain.shop import shop_id

    if not yes and not typer.confirm(f"抹除 {shop} 的买家 {buyer}，不可恢复？ Erase this buyer for good?"):
        raise CommandError("什么都没有抹除。 Nothing was erased.")

    async def work(stores: Stores) -> None:
        organisation, actor = await _console(stores, shop)
        async with _buyers(stores) as buyers:
            await buyers.erase_from_outside(shop_id(shop), buyer, organisation, actor)

    with_stores(work)
    say(f"{shop} {buyer}: 已抹除 erased")


async def _console(stores: Stores, shop: str) -> tuple[str, str]:
    """Return the organisation in whose audit log the console's doings stand, and what it is called there."""
    from bot.services.managing_accounts import CONSOLE, first_organisation

    for organisation in await stores.accounts.list_organisations():
        if shop in organisation.shops:
            return organisation.id, CONSOLE
    return (await first_organisation(stores.accounts, "我的团队 My team")).id, CONSOLE


@asynccontextmanager
async def _buyers(stores: Stores) -> AsyncIterator[BuyerData]:
    """Yield the use cases; what they recorded is in the log at the end."""
    from bot.services.auditing import Auditor
    from bot.services.buyer_data import BuyerData
    from bot.services.colleagues import Colleagues
    from bot.services.conversing import Conversing
    from bot.services.recording import EventRecorder
    from bot.services.shop_manners import ShopManners

    colleagues = Colleagues(stores.accounts, stores.presence)
    manners = ShopManners(stores.shops, stores.conversations)
    recorder = EventRecorder(stores.events)
    conversing = Conversing(stores.conversations, manners, colleagues, recorder, stores.clock)
    auditor = Auditor(stores.accounts, stores.clock)
    try:
        yield BuyerData(
            stores.conversations,
            stores.forgetting,
            conversing,
            stores.facts,
            colleagues,
            auditor,
            stores.clock,
            stores.invoice_requests,
            stores.auto_turns,
        )
    finally:
        await recorder.close()
