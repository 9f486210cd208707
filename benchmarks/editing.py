"""How soon an edit is suggested, by both workers, and how long 10,000 entries take: previewed, imported by page and command."""

from __future__ import annotations

import asyncio
import base64
import csv
import sys
import time
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

from benchmarks.connections import Connection
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation, serving
from benchmarks.seeding import seed_shops, write_shop
from benchmarks.synthesis import make_shop, shop_name
from benchmarks.workbench import Workbench
from bot.settings import PROJECT_ROOT

NAME = "edit"
TITLE = "Edits and imports"
_PATIENCE = 10.0
_PAUSE = 0.002
_ROWS = 10_000
_IMPORT_SHOP = 90_000
_PAGE_SHOP = 95_000


class EditNeverSeen(Exception):
    """A worker did not suggest an edited entry in time."""


async def measure(bench: Workbench) -> Report:
    """Return the figures."""
    began = circumstances()
    edits, rows = bench.amount(50, 15), bench.amount(_ROWS, 2000)
    installation = await bench.installation("one-shop", workers=2)
    shop = (await seed_shops(installation, 1, bench.say))[0]
    async with installation.stores() as stores:
        await write_shop(stores, make_shop(_PAGE_SHOP))
    async with serving(installation):
        page_shop = shop_name(_PAGE_SHOP)
        token = await installation.token([shop, page_shop], may_write=True)
        connections = await installation.connection_to_each_worker(token)
        writer = await installation.connection(token).open()
        saved, seen = await _edit(shop, list(connections.values()), writer, edits)
        bench.say(f"importing {rows:,} entries through the page's route…")
        by_page = await _import_by_page(writer, page_shop, installation.data_dir / "page.csv", rows)
        for connection in (*connections.values(), writer):
            connection.close()
        bench.say(f"importing {rows:,} entries…")
        imported = await _import(installation, rows)
    figures = (*_figures(saved, seen, imported, edits, rows), *_page_figures(by_page, rows))
    return Report(NAME, TITLE, figures, began)


async def _edit(
    shop: str, workers: list[Connection], writer: Connection, count: int
) -> tuple[list[float], list[float]]:
    """Return for each edit the seconds until it was saved, and until every worker suggested it, from the request on."""
    entries = (await writer.expect("GET", f"/api/v1/shops/{shop}/entries")).json()["entries"]
    # Each entry anew, and in its order: one after another the edits meet every kind of question.
    chosen = [
        entry
        for _, entry in zip(range(count), cycle(entries[:: max(1, len(entries) // count)]), strict=False)
    ]
    saved: list[float] = []
    seen: list[float] = []
    for number, entry in enumerate(chosen):
        asked = f"{entry['question']} 第{number}次改"
        mark = f"【改{number}】"
        document = {key: value for key, value in entry.items() if key != "version"}
        document |= {
            "reply": mark + entry["reply"],
            "phrasings": [*entry["phrasings"][:3], asked],
            "cases": {},
        }
        began = time.perf_counter()
        await writer.expect("PUT", f"/api/v1/shops/{shop}/entries/{entry['id']}", document)
        saved.append(time.perf_counter() - began)
        await asyncio.gather(*(_wait_for(worker, shop, asked, mark, began) for worker in workers))
        seen.append(time.perf_counter() - began)
        await writer.expect(
            "PUT", f"/api/v1/shops/{shop}/entries/{entry['id']}", {**document, **_former(entry)}
        )
    return saved, seen


def _former(entry: Mapping[str, object]) -> dict[str, object]:
    return {key: entry[key] for key in ("reply", "phrasings", "cases")}


async def _wait_for(worker: Connection, shop: str, asked: str, mark: str, began: float) -> None:
    while True:
        answer = await worker.expect("POST", f"/api/v1/shops/{shop}/suggestions", {"text": asked})
        if mark in answer.body.decode():
            return
        if time.perf_counter() - began > _PATIENCE:
            raise EditNeverSeen(f"{asked!r} was not answered with {mark} within {_PATIENCE:g} s")
        await asyncio.sleep(_PAUSE)


async def _import(installation: Installation, rows: int) -> float:
    """Return the seconds that `kuaihui import` takes, from the call to its end."""
    shop = shop_name(_IMPORT_SHOP)
    async with installation.stores() as stores:
        made = make_shop(_IMPORT_SHOP)
        await write_shop(stores, made)
    file = installation.data_dir / "import.csv"
    _write_table(file, rows)
    command = [sys.executable, "-m", "bot", "import", "--shop", shop, "--replace", str(file)]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT_ROOT, env=installation.environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told, _ = await process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise RuntimeError(f"kuaihui import failed: {told.decode()[-500:]}")
    async with installation.stores() as stores:
        written = len(await stores.entries.list_entries(shop))
        await stores.shops.delete_shop(shop)
    if written != rows:
        raise RuntimeError(f"kuaihui import wrote {written} of {rows} entries")
    return seconds


async def _import_by_page(writer: Connection, shop: str, file: Path, rows: int) -> tuple[float, float]:
    """Return the seconds of a preview and of the import, as the owner's page asks for them, sending the file included."""
    _write_table(file, rows)
    content = await asyncio.to_thread(file.read_bytes)
    body = {"name": file.name, "file": base64.b64encode(content).decode(), "replace": True}
    path = f"/api/v1/shops/{shop}/entries/import"
    preview = await writer.expect("POST", f"{path}?dry_run=1", body)
    written = await writer.expect("POST", path, body)
    for answer, wanted in ((preview, 0), (written, rows)):
        report = answer.json()
        if (report["ok"], report["written"]) != (rows, wanted):
            raise RuntimeError(f"{report['ok']} of {rows} rows were right, {report['written']} written")
    return preview.seconds, written.seconds


def _write_table(file: Path, rows: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(("id", "group", "intent", "question", "phrasings", "reply"))
        number = 0
        while number < rows:
            for entry in make_shop(_IMPORT_SHOP + 1 + number).entries[: rows - number]:
                phrasings = "\n".join(entry.phrasings)
                question = f"{entry.question} 款{number}"
                table.writerow((f"row-{number}", entry.group, entry.intent, question, phrasings, entry.reply))
                number += 1


def _figures(
    saved: list[float], seen: list[float], imported: float, edits: int, rows: int
) -> tuple[Figure, ...]:
    return (
        Figure(
            "an edit is suggested by both workers, p95", percentile(seen, 0.95) * 1000, "ms", 200,
            note=f"{edits} edits of one shop of 200 entries, from sending the edit on; p50 {median(seen) * 1000:.0f} ms",
        ),
        Figure("an edit is saved, p95", percentile(saved, 0.95) * 1000, "ms", note=f"p50 {median(saved) * 1000:.0f} ms"),
        Figure(
            f"`kuaihui import` of {rows:,} entries", imported, "s", 30 * rows / _ROWS,
            note=f"{rows / imported:,.0f} entries a second, five phrasings each, the server running",
        ),
    )  # fmt: skip


def _page_figures(seconds: tuple[float, float], rows: int) -> tuple[Figure, ...]:
    preview, written = seconds
    note = "over HTTP, one worker of two, the other goes on serving"
    return (
        Figure(
            f"a preview of {rows:,} rows, every row's verdict", preview, "s", 10 * rows / _ROWS, note=note
        ),
        Figure(f"the import of {rows:,} rows, applied", written, "s", 30 * rows / _ROWS, note=note),
    )
