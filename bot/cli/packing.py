"""kuaihui import, export, demo-shops, shop-add, shop-remove."""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import CommandError, fail, out, progress_bar, say
from bot.cli.files import write_whole
from bot.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.services.importing import ImportReport

DEMO_FOLDER = PROJECT_ROOT / "templates" / "demo"
_MAX_FILE = 50 * 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_file)
    app.command("export")(export_file)
    app.command("demo-shops")(demo_shops)
    app.command("shop-load")(shop_load)
    app.command("shop-remove")(shop_remove)


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV、XLSX 或 YAML。 The file.")],
    shop: Annotated[str, typer.Option(help="店铺。 The shop's id.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查。 Check only.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="删除本店其他条目。 Remove this shop's other entries.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="跳过有错的行。 Write the right rows.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
) -> None:
    """把条目导入一家店铺，全部成功或全部不变。 Import entries into one shop, all or nothing."""
    from bot.cli.stores import with_stores
    from bot.services.entries import EntryEditor
    from bot.services.shop_imports import ShopImports
    from bot.services.tables import UnreadableTable
    from bot.services.yaml_reading import UnreadableYaml

    content = _read_file(file)

    async def work(stores: Stores) -> ImportReport:
        editor = EntryEditor(stores.shops, stores.entries, stores.clock)
        imports = ShopImports(stores.shops, stores.entries, editor, stores.events, stores.clock)
        with progress_bar() as progress:
            task = progress.add_task("导入 importing", total=None)

            def tick(done: int, total: int) -> None:
                progress.update(task, advance=done, total=total)

            if dry_run:
                return await imports.preview(
                    shop, content, file.name, replace=replace, skip_bad=skip_bad, tick=tick
                )
            return await imports.run(
                shop, "", content, file.name, replace=replace, skip_bad=skip_bad, tick=tick
            )

    try:
        report = with_stores(work)
    except (UnreadableTable, UnreadableYaml) as error:
        raise CommandError(str(error) if file.name in str(error) else f"{file.name}: {error}") from None
    _print_report(report, as_json)
    if report.errors:
        raise typer.Exit(1)


def _print_report(report: ImportReport, as_json: bool) -> None:
    if as_json:
        errors = [dataclasses.asdict(error) for error in report.errors]
        data = {"rows": report.rows, "ok": report.ok, "written": report.written, "errors": errors}
        sys.stdout.write(json.dumps(data, ensure_ascii=False) + "\n")
        return
    for error in report.errors:
        fail(f"row {error.row}, {error.column}: {error.message}")
    out().print(f"{report.rows} 行 rows, {report.ok} 正确 right, {report.written} 写入 written", markup=False)


def export_file(
    file: Annotated[Path, typer.Argument(help="以 .csv、.xlsx 或 .yml 结尾。 Ends in .csv, .xlsx or .yml.")],
    shop: Annotated[str, typer.Option(help="店铺。 The shop's id.")],
) -> None:
    """把一家店铺的条目导出为文件。 Export one shop's entries."""
    from bot.cli.stores import with_stores
    from bot.services.importing import export_entries

    if file.suffix.lower() not in (".csv", ".xlsx", ".yml", ".yaml"):
        raise CommandError(f"{file.name}: the name must end in .csv, .xlsx or .yml")

    async def work(stores: Stores) -> list[Any]:
        await stores.shops.get_shop(shop)
        return list(await stores.entries.list_entries(shop))

    entries = with_stores(work)
    write_whole(file, export_entries(entries, file.name))
    say(f"{len(entries)} 条 entries → {file}")


def demo_shops() -> None:
    """载入三家演示店铺。 Load the three demo shops (again)."""
    from bot.cli.stores import with_stores

    with_stores(load_demo_shops)


async def load_demo_shops(stores: Stores) -> None:
    """Load the demo shops anew, so that their dates and stock are of today."""
    for path in sorted(DEMO_FOLDER.glob("*.yml")):
        await _load_pack(stores, path, is_demo=True)


def shop_load(
    file: Annotated[Path, typer.Argument(help="店铺包。 A shop pack (docs/templates.md).")],
) -> None:
    """新建或替换一家店铺。 Create or replace a shop from a pack."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> None:
        await _load_pack(stores, file, is_demo=False)

    with_stores(work)


async def _load_pack(stores: Stores, path: Path, *, is_demo: bool) -> None:
    from bot.services.managing_accounts import adopt_shops
    from bot.services.packs import load_pack
    from bot.services.shop_loading import load_shop

    pack = load_pack(_read_file(path), path.name, datetime.now(UTC), is_demo=is_demo)
    if pack.shop is None:
        raise CommandError(f"{path.name} is a starter pack: kuaihui import --shop S {path}")
    shop = await load_shop(stores.shops, stores.entries, stores.facts, pack)
    await adopt_shops(stores.accounts, stores.shops)
    variants = sum(len(product.variants) for product in pack.products)
    say(f"{shop}: {len(pack.entries)} 条目 entries, {variants} 规格 variants, {len(pack.orders)} 订单 orders")


def shop_remove(
    shop: Annotated[str, typer.Argument(help="店铺。 The shop's id.")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。 Do not ask.")] = False,
) -> None:
    """删除一家店铺及其全部数据。 Remove a shop and everything of it."""
    from bot.cli.stores import with_stores

    if not yes and not typer.confirm(f"删除 {shop} 的全部数据？ Remove everything of {shop}?", err=True):
        raise CommandError("nothing was removed")

    async def work(stores: Stores) -> None:
        await stores.shops.delete_shop(shop)

    with_stores(work)
    say(f"{shop}: 已删除 removed")


def _read_file(file: Path) -> bytes:
    if file.stat().st_size > _MAX_FILE:
        raise CommandError(
            f"{file.name} has {file.stat().st_size // 1024 // 1024} MB; at most 50 MB are taken: split it"
        )
    return file.read_bytes()
