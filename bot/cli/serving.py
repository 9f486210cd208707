"""kuaihui serve and kuaihui setup."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

import typer

from bot.cli.console import out, say
from bot.settings import load_settings


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
    announce = partial(_announce, demo=demo)
    asyncio.run(run(settings, say, announce, _load_demo if demo else None))


async def _load_demo(app_dsn: str) -> None:
    from bot.bootstrap.databases import open_stores
    from bot.cli.packing import load_demo_shops

    async with open_stores(app_dsn) as stores:
        await load_demo_shops(stores)


def _announce(address: str, *, demo: bool) -> None:
    shop = "yunduo-life" if demo else "SHOP"
    page = f"  试一试 try it      {address}/try\n" if demo else ""
    out().print(
        f"\n快回已启动  Kuaihui is serving at {address}\n{page}"
        f'  命令行 commands    .venv/bin/kuaihui suggest --shop {shop} "黑色L码还有货吗什么时候发"\n'
        f"  接口 API           {address}/api/v1/openapi.json   (token: .venv/bin/kuaihui token create --shop {shop})\n"
        f"  Ctrl-C 停止 stops it\n",
        markup=False,
    )
