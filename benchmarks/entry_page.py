"""The owner's page of a shop of 10,000 entries: listing, searching, filtering, opening one, and the warnings about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count, islice
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.connections import Connection
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation, serving
from benchmarks.people import seat
from benchmarks.seeding import write_shop
from benchmarks.synthesis import SyntheticShop, make_shop, shop_name
from benchmarks.workbench import Workbench
from bot.bootstrap.engine import Stores
from bot.domain.account import Account, Membership, Organisation
from bot.ports import Event
from bot.web.csrf import HEADER
from bot.web.sessions import COOKIE

NAME = "entries"
TITLE = "The page of 10,000 entries"
_ENTRIES: Final = 10_000
_EVENTS: Final = 50_000
_NUMBER: Final = 91_000
_OWNER: Final = "bench-owner"
_LIMIT: Final = 200


async def measure(bench: Workbench) -> Report:
    """Return the figures. No classifier answers: none of these calls asks one."""
    began = circumstances()
    size = bench.amount(_ENTRIES, 1000)
    installation = Installation(
        bench.folder / f"entries-{size}",
        {"KUAIHUI_RASA_PYTHON": "/nonexistent/python", "KUAIHUI_WORKERS": "1"},
    )
    shop = shop_name(_NUMBER)
    async with installation.stores() as stores:
        await _settle(stores, size, bench)
    async with serving(installation), _owner(installation) as owner:
        figures = await _ask(owner, shop, size, bench.amount(40, 8))
    return Report(NAME, TITLE, figures, began)


async def _settle(stores: Stores, size: int, bench: Workbench) -> None:
    """Write the shop with its month of suggestions, and its owner, once."""
    shop = shop_name(_NUMBER)
    if shop in await stores.shops.versions():
        return
    bench.say(f"writing {size:,} entries and {_EVENTS * size // _ENTRIES:,} suggestions (once)…")
    made = _large(size)
    await write_shop(stores, made)
    await _log(stores, made, _EVENTS * size // _ENTRIES)
    account = Account(_OWNER, "bench-office", _OWNER, "店主")
    await stores.accounts.put_organisation(Organisation("bench-office", "测试", frozenset([shop])))
    await stores.accounts.create_accounts([(account, "!")], [Membership(_OWNER, shop, "owner")])


def _large(size: int) -> SyntheticShop:
    """Return one shop with the entries of many, each asking for a thing of its own."""
    shop = make_shop(_NUMBER)
    every = (entry for number in count(_NUMBER) for entry in make_shop(number).entries)
    entries = tuple(
        replace(
            entry, id=f"e{number:05d}", question=f"{entry.question} 款{number}",
            phrasings=tuple(f"{text} 款{number}" for text in entry.phrasings),
        )
        for number, entry in enumerate(islice(every, size))
    )  # fmt: skip
    return replace(shop, entries=entries)


async def _log(stores: Stores, made: SyntheticShop, events: int) -> None:
    now, ids = stores.clock.now(), [entry.id for entry in made.entries]
    step = timedelta(days=30) / events
    lines: list[Event] = []
    for number in range(events):
        entry = ids[number * 7919 % (len(ids) // 2)]
        reply = {"id": f"{number}-1", "confidence": number % 100 / 100, "entries": [[entry, 1, 0.5]]}
        at = now - step * (events - number)
        lines.append(Event("suggestion_shown", at, "c", {"suggestions": [reply]}, f"m{number}"))
        if number % 3 == 0:
            data = {"place": 0, "offers": [[[entry, 1, 0.5]]]}
            lines.append(Event("suggestion_taken", at, "c", data, f"m{number}"))
    for start in range(0, len(lines), 5000):
        await stores.events.append(shop_name(_NUMBER), lines[start : start + 5000])


@asynccontextmanager
async def _owner(installation: Installation) -> AsyncIterator[Connection]:
    """Yield a connection of the shop's owner, signed in."""
    async with installation.stores() as stores:
        owner = await seat(stores, _OWNER)
    address = urlsplit(installation.address)
    headers = {"Cookie": f"{COOKIE}={owner.secret}", HEADER: owner.csrf}
    connection = Connection(str(address.hostname), int(address.port or 0), headers)
    await connection.open()
    try:
        yield connection
    finally:
        connection.close()


async def _ask(owner: Connection, shop: str, size: int, times: int) -> tuple[Figure, ...]:
    base = f"/api/v1/shops/{shop}"
    search = f"{base}/entry-search?limit=50"
    asked = {
        "the list's first page": search,
        "a page in the middle of the list": f"{search}&start={size // 2}",
        "searching for a word of many": f"{search}&q=%E5%8F%91%E8%B4%A7",
        "searching for what no entry has": f"{search}&q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA%E8%AF%8D",
        "those of a group": f"{search}&group=shipping",
        "those that nobody used": f"{search}&use=unused",
        "those offered with little confidence": f"{search}&use=unsure",
        "opening one": f"{base}/entries/e{size // 3:05d}",
        "its draft": f"{base}/entries/e{size // 3:05d}/draft",
    }
    figures = [await _first(owner, search, "the list for the first time", f"{size:,} entries are read")]
    figures.append(
        await _first(owner, f"{search}&use=unused", "a month of use for the first time", "kept from then on")
    )
    for name, path in asked.items():
        took = [(await owner.expect("GET", path)).seconds for _ in range(times)]
        figures.append(_figure(name, took, _LIMIT))
    entry = (await owner.expect("GET", asked["opening one"])).json()
    warned = await _warn(owner, base, entry, times)
    figures.append(_figure("the warnings about it, while it is written", warned, None))
    return tuple(figures)


async def _warn(owner: Connection, base: str, entry: dict[str, Any], times: int) -> list[float]:
    took: list[float] = []
    for number in range(times):
        phrasings = [*entry["phrasings"], f"{entry['question']} 第{number}次"]
        body = {"entry": {**entry, "phrasings": phrasings, "reply": "亲，24小时内发货"}}
        took.append((await owner.expect("POST", f"{base}/entries/warnings", body)).seconds)
    return took[1:]


async def _first(owner: Connection, path: str, name: str, note: str) -> Figure:
    return Figure(name, (await owner.expect("GET", path)).seconds * 1000, "ms", note=note)


def _figure(name: str, took: list[float], limit: int | None) -> Figure:
    note = f"{len(took)} times; p50 {median(took) * 1000:.0f} ms"
    return Figure(f"{name}, p95", percentile(took, 0.95) * 1000, "ms", limit, note=note)
