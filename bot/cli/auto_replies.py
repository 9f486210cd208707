"""kuaihui auto-reply: the switch for automatic replies of one shop or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import out, say

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.services.auto_stopping import AutoStopping

auto_reply_app = typer.Typer(
    help="自动回复的总开关。 The switch for automatic replies.", no_args_is_help=True
)
_Shop = Annotated[str | None, typer.Option(help="只这一家店铺。 This shop alone; all shops without it.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(auto_reply_app, name="auto-reply")


@auto_reply_app.command("stop")
def stop(shop: _Shop = None) -> None:
    """立即停止自动回复。 Stop automatic replies at once."""
    _switch(shop, stop=True)


@auto_reply_app.command("start")
def start(shop: _Shop = None) -> None:
    """恢复自动回复。 Let automatic replies go on."""
    _switch(shop, stop=False)


@auto_reply_app.command("status")
def status(shop: _Shop = None) -> None:
    """查看是否停止。 Say what is stopped, and since when."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> list[str]:
        stopped = await stores.auto_turns.get_stop()
        since = f" since {stopped.at:%Y-%m-%d %H:%M}Z" if stopped.is_stopped and stopped.at else ""
        lines = [f"全部店铺 all shops: {'已停止 stopped' if stopped.is_stopped else '正常 running'}{since}"]
        if shop is not None:
            policy = await stores.auto_replies.get_policy(shop)
            lines.append(f"{shop}: {'已打开 on' if policy.is_on else '已关闭 off'}")
        return lines

    for line in with_stores(work):
        out().print(line, markup=False)


def _switch(shop: str | None, *, stop: bool) -> None:
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> None:
        switch = _stopping(stores)
        if shop is None:
            await switch.switch_all(stop=stop)
        else:
            await switch.switch_shop(shop, stop=stop)

    with_stores(work)
    what = shop or "全部店铺 all shops"
    say(f"{what}: 自动回复{'已停止 stopped' if stop else '已恢复 running'}")


def _stopping(stores: Stores) -> AutoStopping:
    from bot.services.auditing import Auditor
    from bot.services.auto_stopping import AutoStopping

    auditor = Auditor(stores.accounts, stores.clock)
    return AutoStopping(stores.auto_turns, stores.auto_replies, stores.accounts, auditor, stores.clock)
