"""kuaihui token, backup, restore."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import CommandError, out, say
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.ports import Grant

token_app = typer.Typer(help="接口令牌。 API tokens.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(token_app, name="token")
    app.command()(backup)
    app.command()(restore)


@token_app.command("create")
def create_token(
    shop: Annotated[list[str], typer.Option(help="店铺，可多次。 A shop; repeat for more.")],
    name: Annotated[str, typer.Option(help="用途。 What it is for.")] = "api",
    write: Annotated[bool, typer.Option("--write", help="可修改。 May change things.")] = False,
    days: Annotated[int | None, typer.Option(min=1, help="有效天数。 Valid for so many days.")] = None,
) -> None:
    """创建令牌，只显示一次。 Make a token; it is shown once."""
    from bot.cli.stores import with_stores

    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)

    async def work(parts: Stores) -> str:
        token, _ = await parts.tokens.create_token(name, shop, may_write=write, expires_at=expires)
        return token

    token = with_stores(work)
    say("请妥善保存，不会再次显示。 Keep it: it is not shown again.")
    sys.stdout.write(token + "\n")


@token_app.command("list")
def list_tokens() -> None:
    """列出令牌。 List the tokens (never the secrets)."""
    from bot.cli.stores import with_stores

    async def work(parts: Stores) -> list[Grant]:
        return await parts.tokens.list_tokens()

    for grant in with_stores(work):
        rights = "write" if grant.may_write else "read"
        until = f"  until {grant.expires_at:%Y-%m-%d}" if grant.expires_at else ""
        out().print(
            f"{grant.token_id}  {grant.name}  {rights}  {','.join(sorted(grant.shops))}{until}", markup=False
        )


@token_app.command("revoke")
def revoke_token(token_id: Annotated[str, typer.Argument(help="令牌编号。 The token's id.")]) -> None:
    """吊销令牌。 Revoke a token."""
    from bot.cli.stores import with_stores

    async def work(parts: Stores) -> None:
        await parts.tokens.revoke_token(token_id)

    with_stores(work)
    say(f"{token_id}: 已吊销 revoked")


def backup(file: Annotated[Path, typer.Argument(help="备份文件。 The file to write.")]) -> None:
    """备份全部数据。 Write the whole installation into one file."""
    from bot.bootstrap.databases import open_database
    from bot.storage.backup import backup as write_backup

    async def work() -> None:
        async with open_database(load_settings()) as (owner, app):
            await write_backup(_owner(owner, app), file)

    asyncio.run(work())
    say(f"备份完成 backup written: {file} ({file.stat().st_size // 1024} KB)")


def restore(
    file: Annotated[Path, typer.Argument(help="备份文件。 The file to read.")],
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="覆盖现有数据。 Replace what is there.")
    ] = False,
) -> None:
    """从备份恢复，全部成功或不变。 Restore a backup, all or nothing."""
    from bot.bootstrap.databases import open_database
    from bot.storage.backup import restore as read_backup

    async def work() -> None:
        async with open_database(load_settings()) as (owner, app):
            await read_backup(_owner(owner, app), file, overwrite=overwrite)

    asyncio.run(work())
    say(f"已恢复 restored from {file}")


def _owner(owner: str, app: str) -> str:
    if not owner:
        raise CommandError("set KUAIHUI_MIGRATION_URL: a backup needs the owner of the tables")
    return owner
