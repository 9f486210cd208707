"""kuaihui serve and kuaihui setup."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import out, say
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.services.managing_accounts import Credentials


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="监听地址。 Address.")] = None,
    port: Annotated[int | None, typer.Option(help="端口。 Port.")] = None,
    workers: Annotated[int | None, typer.Option(help="工作进程数。 Web workers.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="载入演示店铺。 Load the demo shops.")] = False,
) -> None:
    """启动服务，直到 Ctrl-C。 Serve until Ctrl-C."""
    from bot.bootstrap.logs import configure_logging
    from bot.bootstrap.supervisor import serve as run

    given = {"host": host, "port": port, "workers": workers}
    base = load_settings()
    settings = type(base)(**{**base.model_dump(), **{k: v for k, v in given.items() if v is not None}})
    configure_logging(settings)
    made: list[Credentials] = []
    announce = partial(_announce, demo=demo, made=made)
    asyncio.run(run(settings, say, announce, partial(_prepare, demo=demo, made=made), demo=demo))


async def _prepare(app_dsn: str, *, demo: bool, made: list[Credentials]) -> None:
    """Load the demo shops where they are asked for, and make the first accounts where there are none."""
    from bot.bootstrap.databases import open_stores
    from bot.cli.packing import load_demo_shops
    from bot.services.first_accounts import create_first_accounts
    from bot.services.passwords import Passwords

    async with open_stores(app_dsn) as stores:
        if demo:
            await load_demo_shops(stores)
        made += await create_first_accounts(stores.accounts, stores.shops, Passwords(), demo=demo)


def _announce(address: str, *, demo: bool, made: list[Credentials]) -> None:
    shop = "yunduo-life" if demo else "SHOP"
    page = f"  试一试 try it      {address}/try\n" if demo else ""
    out().print(
        f"\n快回已启动  Kuaihui is serving at {address}\n{page}"
        f"  登录 sign in        {address}/login\n{_passwords(made)}"
        f'  命令行 commands    .venv/bin/kuaihui suggest --shop {shop} "黑色L码还有货吗什么时候发"\n'
        f"  接口 API           {address}/api/v1/openapi.json   (token: .venv/bin/kuaihui token create --shop {shop})\n"
        f"  Ctrl-C 停止 stops it\n",
        markup=False,
    )


def _passwords(made: list[Credentials]) -> str:
    """Return the first accounts with their passwords, which are shown this once."""
    if not made:
        return ""
    lines = (f"    {each.account.login:<8} {each.password}\n" for each in made)
    return f"  首次账号，密码只显示这一次 first accounts, passwords shown this once\n{''.join(lines)}"
