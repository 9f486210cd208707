"""An installation to play on: `kuaihui serve` over a folder of its own, the demo shops as of today, somebody signed in."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from rich.console import Console

from benchmarks.installation import Installation, serving
from benchmarks.people import seat
from benchmarks.played_system import NotPlayable
from benchmarks.workbench import Workbench
from bot.bootstrap.engine import Stores
from bot.cli.packing import load_demo_shops
from bot.domain.account import Account, Membership, Organisation
from bot.settings import PREFIX, load_settings

_OVERRIDES: Final = {f"{PREFIX}PRIVATE_SOURCES": "127.0.0.1"}
_TAIL: Final = 3000
_OWNER: Final = "play-owner"


async def start_installation(
    shops: Sequence[str], stack: AsyncExitStack, console: Console
) -> tuple[str, str, str]:
    """Start it until the stack ends; return its address, and session and CSRF secret of an owner of the shops."""

    def say(text: str) -> None:
        console.print(text, markup=False, style="dim")

    settings = load_settings()
    folder = settings.resolved_data_dir / f"play-{secrets.token_hex(4)}"
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    installation = Installation(folder, _OVERRIDES)
    say("preparing an installation with the demo shops…")
    bench = Workbench(settings, quick=False, say=say, stack=stack)
    await asyncio.to_thread(bench.lend_model, installation)
    async with installation.stores() as stores:
        await load_demo_shops(stores)
        await _hire_owner(stores, shops)
        owner = await seat(stores, _OWNER)
    try:
        await stack.enter_async_context(serving(installation))
    except RuntimeError as error:
        said = (folder / "serve.log").read_text(encoding="utf-8", errors="replace")
        raise NotPlayable(f"{error}:\n{said[-_TAIL:]}") from None
    return installation.address, owner.secret, owner.csrf


async def _hire_owner(stores: Stores, shops: Sequence[str]) -> None:
    known = {shop.id for shop in await stores.shops.list_shops(None)}
    await stores.accounts.put_organisation(Organisation("play", "试演 Play", frozenset(known)))
    memberships = [Membership(_OWNER, shop, "owner") for shop in shops if shop in known]
    await stores.accounts.create_accounts([(Account(_OWNER, "play", _OWNER, "试演 Play"), "!")], memberships)
