"""Taking the rows of an export into a shop's facts, unless the export looks broken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.fact_sources import FactSource
from bot.ports.fact_sources import SourceFailed
from bot.services.fact_importing import FactImport, FactImports
from bot.services.source_rows import UnreadableExport, read_rows
from bot.services.tables import UnreadableTable

_LONGEST_REASON: Final = 200


async def rows_of(content: bytes, source: FactSource, media_type: str = "") -> list[dict[str, str]]:
    """Return the export's rows. Raises SourceFailed."""
    try:
        # Megabytes of JSON or a workbook take seconds, in which others are served.
        return await asyncio.to_thread(read_rows, content, source, media_type)
    except UnreadableExport as error:
        raise SourceFailed(str(error)) from None


async def look_through(
    imports: FactImports, shop: str, source: FactSource, rows: Sequence[Mapping[str, str]], as_of: datetime
) -> FactImport:
    """Return what taking the rows would do; nothing is written. Raises SourceFailed."""
    return await _import(imports, shop, source, rows, as_of, dry_run=True)


async def take(
    imports: FactImports, shop: str, source: FactSource, rows: Sequence[Mapping[str, str]], as_of: datetime
) -> FactImport:
    """Write the rows, in one go. Raises SourceFailed before anything is written if the export looks broken."""
    require_sound(source, await look_through(imports, shop, source, rows, as_of))
    return await _import(imports, shop, source, rows, as_of, dry_run=False)


async def _import(
    imports: FactImports,
    shop: str,
    source: FactSource,
    rows: Sequence[Mapping[str, str]],
    as_of: datetime,
    *,
    dry_run: bool,
) -> FactImport:
    try:
        return await imports.import_rows(
            shop,
            source.table,
            rows,
            source.name,
            now=as_of,
            dry_run=dry_run,
            replace=source.replace,
            skip_bad=True,
            lenient=True,
        )
    except UnreadableTable as error:
        raise SourceFailed(str(error)) from None


def require_sound(source: FactSource, trial: FactImport) -> None:
    """Refuse an export of which half is unusable, and one that would take away more than it leaves. Raises SourceFailed."""
    refused = trial.rows - trial.ok
    if not trial.ok or refused > trial.ok:
        raise SourceFailed(
            f"{trial.rows} 行里有 {refused} 行不能用，没有导入：{reason_of(trial)}。 {refused} of {trial.rows} rows cannot be "
            "used; nothing was taken"
        )
    if source.replace and refused:
        raise SourceFailed(
            f"替换时每一行都要能用，{refused} 行不能用，没有导入：{reason_of(trial)}。 to replace what is there every row has to "
            f"be usable, and {refused} are not; nothing was taken"
        )
    if source.replace and len(trial.removed) > trial.ok:
        raise SourceFailed(
            f"导出只有 {trial.ok} 行，却要删掉 {len(trial.removed)} 行，像是不完整，没有导入；确实如此请到商品与事实页手工导入。 the "
            f"export has {trial.ok} rows and would remove {len(trial.removed)}: it seems incomplete, and nothing was taken; "
            "import it by hand if it is meant"
        )


def reason_of(report: FactImport) -> str:
    """Return why the first refused row was refused, "" when none was."""
    if not report.errors:
        return ""
    first = report.errors[0]
    return f"第 {first.row} 行 {first.column}：{first.message}"[:_LONGEST_REASON]
