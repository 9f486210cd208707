"""Searching the messages of all one's shops: 200,000 of them, by what is rare, what is common, and a single character."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation
from benchmarks.synthesis import make_shop, questions, shop_name
from benchmarks.workbench import Workbench
from bot.bootstrap.databases import open_database
from bot.domain.account import ShopScope
from bot.retrieval.normaliser import OpenccNormaliser
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.message_grams import grams_of
from bot.storage.rows import JsonRow
from bot.storage.shops import PostgresShops
from bot.storage.writing import insert_rows

NAME = "search"
TITLE = "Searching messages"
_SHOPS: Final = 20
_TALKS, _QUICK_TALKS = 500, 50
_BUBBLES: Final = 20
_FOUND: Final = 50
_ASKED, _QUICK_ASKED = 60, 15
_BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_NUMBERED: Final = 1000
"""One message in so many names an order; its number stands nowhere else."""


async def measure(bench: Workbench) -> Report:
    """Return the figures. The shops are written once; later runs find them there."""
    began = circumstances()
    talks = bench.amount(_TALKS, _QUICK_TALKS)
    installation = Installation(bench.folder / f"search-{talks}", {})
    async with open_database(installation.settings) as (_, app_dsn):
        database = Database(app_dsn)
        try:
            await database.start()
            await _fill(database, talks, bench)
            figures = await _search(database, talks, bench.amount(_ASKED, _QUICK_ASKED))
        finally:
            await database.close()
    return Report(NAME, TITLE, figures, began)


async def _fill(database: Database, talks: int, bench: Workbench) -> None:
    shops = PostgresShops(database)
    there = await shops.versions()
    missing = [number for number in range(_SHOPS) if shop_name(number) not in there]
    if missing:
        bench.say(f"writing {len(missing) * talks * _BUBBLES:,} messages (once)…")
    for number in missing:
        shop = shop_name(number)
        tables = _rows(number, talks)
        async with shops.together(shop), database.scope(shop) as connection:
            await shops.put_shop(make_shop(number).shop)
            for table, rows in tables.items():
                await insert_rows(connection, table, rows)
    if missing:
        async with database.unscoped() as connection:
            await connection.exec_driver_sql("ANALYZE")


def _rows(number: int, talks: int) -> dict[str, list[JsonRow]]:
    """Return the rows of a shop's conversations by table."""
    shop, texts = shop_name(number), _texts(number)
    tables: dict[str, list[JsonRow]] = {
        "buyers": [],
        "conversations": [],
        "messages": [],
        "message_grams": [],
    }
    for talk in range(talks):
        began = _BEGAN + timedelta(minutes=talk * 7 + number)
        conversation, buyer = {"shop_id": shop, "conversation_id": f"c{talk}"}, f"b{talk}"
        tables["buyers"].append(
            {"shop_id": shop, "buyer_id": buyer, "name": f"买家{talk}", "channel": "bench", "external_id": buyer,
             "tags": [], "viewed": ""}
        )  # fmt: skip
        tables["conversations"].append(
            {**conversation, "buyer_id": buyer, "state": "closed", "opened_at": began.isoformat(), "assignee": "",
             "unread": 0, "last_text": "", "last_author": "buyer", "last_number": _BUBBLES, "version": 1}
        )  # fmt: skip
        for place in range(1, _BUBBLES + 1):
            text, at = next(texts), began + timedelta(seconds=20 * place)
            tables["messages"].append(
                {**conversation, "number": place, "author": "buyer" if place % 2 else "agent", "text": text,
                 "at": at.isoformat(), "account": "", "image": "", "quotes": None, "key": f"k{place}", "folded": ""}
            )  # fmt: skip
            tables["message_grams"] += [
                {**conversation, "number": place, "gram": gram} for gram in grams_of(text)
            ]
    return tables


def _texts(number: int) -> Iterator[str]:
    for place, text in enumerate(questions(number, "search")):
        yield f"订单 {_order(number, place)} {text}" if place % _NUMBERED == _NUMBERED - 1 else text


def _order(number: int, place: int) -> str:
    return f"2026{number:03d}{place:012d}"


async def _search(database: Database, talks: int, times: int) -> tuple[Figure, ...]:
    store = PostgresConversations(database, OpenccNormaliser().normalise)
    scope = ShopScope("bench", frozenset(shop_name(number) for number in range(_SHOPS)))
    order = _order(_SHOPS // 2, _NUMBERED - 1)
    asked = {
        "an order's number": order,
        "a word of many messages": "发货",
        "two words": "发货 黑色",
        "the same in traditional characters": "發貨 黑色",
        "one character": "货",
        "what nobody wrote": "龙井毛尖",
    }
    messages = f"{_SHOPS * talks * _BUBBLES:,} messages in {_SHOPS} shops"
    figures = []
    for name, words in asked.items():
        taken, found = [], 0
        for _ in range(times):
            began = time.perf_counter()
            found = len(await store.search_messages(scope, words, _FOUND))
            taken.append(time.perf_counter() - began)
        worst = percentile(taken, 0.99) * 1000
        note = f"p99 {worst:.0f} ms; {found} found, {_FOUND} at most; {messages}"
        figures.append(Figure(f"{name}, p50", median(taken) * 1000, "ms", note=note))
    return tuple(figures)
