"""A stand-in for an ERP: exports a shop's stock into the folder that Kuaihui watches, as real ones do.

    python examples/erp_export.py --shop yunshang --inbox var/inbox --every 60

The table has the ERP's own column names (商家编码, 可用库存) and is written in GB18030. What matters for whoever writes such
an export: it is written under a name that is not looked at (.part) and renamed once it is whole.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
HEADER = ("商家编码", "可用库存", "导出时间")
SCARCE = 5
"""What is sold out or nearly so stays as it is: the demo's buyers ask for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Export once, or again and again until interrupted."""
    chosen = _parser().parse_args(arguments)
    pack = chosen.pack or ROOT / "templates" / "demo" / f"{chosen.shop}.yml"
    if not pack.is_file():
        print(f"{pack} is not there: name the shop's pack with --pack", file=sys.stderr)
        return 2
    known = list(stock_of(yaml.safe_load(pack.read_text(encoding="utf-8"))))
    while True:
        print(export(known, chosen.inbox / chosen.shop, datetime.now(UTC)))
        if not chosen.every:
            return 0
        try:
            time.sleep(chosen.every)
        except KeyboardInterrupt:
            return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Export a demo shop's stock into the folder that Kuaihui watches."
    )
    parser.add_argument("--shop", default="yunshang", help="the shop's id")
    parser.add_argument(
        "--inbox", type=Path, default=ROOT / "var" / "inbox", help="the folder of all shops' folders"
    )
    parser.add_argument("--pack", type=Path, help="the YAML pack that names the shop's variants")
    parser.add_argument("--every", type=float, default=0, help="seconds between exports; 0 = once")
    return parser


def stock_of(pack: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield every variant of the pack with its stock."""
    for product in pack["products"]:
        for variant in product["variants"]:
            if isinstance(variant.get("stock"), int):
                yield str(variant["sku"]), variant["stock"]


def stock_at(sku: str, usual: int, moment: datetime) -> int:
    """Return what is left of the variant: it sells through the day, faster or slower, and is filled up at night."""
    if usual <= SCARCE:
        return usual
    pace = 0.3 + (zlib.crc32(sku.encode()) % 61) / 100
    gone = (moment.hour * 60 + moment.minute) / 1440
    return max(SCARCE + 1, round(usual * (1 - pace * gone)))


def export(known: Sequence[tuple[str, int]], folder: Path, moment: datetime) -> Path:
    """Write the stock as it is at that moment; the file has its name once it is whole, not before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"stock-{moment:%Y%m%d-%H%M%S}.csv"
    unfinished = path.with_suffix(".csv.part")
    with unfinished.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(
            (sku, stock_at(sku, usual, moment), f"{moment:%Y-%m-%d %H:%M}") for sku, usual in known
        )
    return unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main())
