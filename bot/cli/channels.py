"""kuaihui channel: outer channels of a shop, set up at the server's console."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import CommandError, out, say

if TYPE_CHECKING:
    from bot.bootstrap.engine import Stores
    from bot.domain.channels import Setting, ShopChannel
    from bot.services.channels import Channels, ChannelStanding

channel_app = typer.Typer(help="外部渠道。 Outer channels of a shop.", no_args_is_help=True)
_Shop = Annotated[str, typer.Option(help="店铺。 The shop.")]
_Channel = Annotated[str, typer.Argument(help="渠道编号。 The channel's id.")]
_Json = Annotated[bool, typer.Option("--json", help="输出 JSON。 Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(channel_app, name="channel")


@channel_app.command("add")
def add_channel(
    shop: _Shop,
    kind: Annotated[str, typer.Option(help="webhook 或 chatwoot。 The kind of channel.")],
    name: Annotated[str, typer.Option(help="名称。 What your team calls it.")] = "",
    id: Annotated[str, typer.Option(help="编号，默认自动生成。 Its id; made when left out.")] = "",
    url: Annotated[str, typer.Option(help="对方地址。 The other side's address (the setting url).")] = "",
    set: Annotated[
        list[str] | None, typer.Option(help="设置 名=值，可多次。 A setting as name=value; repeat for more.")
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            help="密钥的名，随后询问其值（或从标准输入逐行读取），可多次。"
            " A secret's name: its value is asked for, or read from standard input, a line each; repeat for more."
        ),
    ] = None,
    as_json: _Json = False,
) -> None:
    """接入一个渠道，密钥只显示一次。 Connect a channel; its secrets are shown once."""
    from bot.cli.stores import with_stores
    from bot.services.channels import ChannelDraft

    given = {**({"url": url} if url else {}), **_pairs(set, "--set")}
    secrets = ask_secrets(secret or ())

    async def work(stores: Stores) -> dict[str, Any]:
        channels = _channels(stores)
        settings = _settings(channels, kind, given)
        draft = ChannelDraft(kind, name or kind, True, settings, secrets)
        with _telling():
            made = await channels.prepare(shop, draft, id)
        await _record(stores, "channel_written", shop, made[0].name)
        return _made_data(channels, shop, *made)

    _print_made(with_stores(work), as_json=as_json)


@channel_app.command("list")
def list_channels(shop: _Shop, as_json: _Json = False) -> None:
    """列出渠道及送达情况。 List a shop's channels and how they do."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> list[dict[str, Any]]:
        channels = _channels(stores)
        return [_standing_data(channels, shop, each) for each in await channels.standings(shop)]

    found = with_stores(work)
    if as_json:
        out().print(json.dumps(found, ensure_ascii=False), markup=False)
        return
    for each in found:
        off = "" if each["enabled"] else "  停用 off"
        counts = f"待送 waiting {each['waiting']}  失败 failed {each['failed']}"
        line = f"{each['id']}  {each['kind']}  {each['name']}  {each['address']}  {counts}{off}"
        out().print(line, markup=False)


@channel_app.command("rotate")
def rotate_secret(shop: _Shop, channel: _Channel, as_json: _Json = False) -> None:
    """换密钥，旧的一天内仍有效。 Make the secrets anew; those before are taken for a day more."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> dict[str, Any]:
        channels = _channels(stores)
        rotated = await channels.renew_secrets(shop, channel)
        await _record(stores, "channel_secret_rotated", shop, rotated[0].name)
        return _made_data(channels, shop, *rotated)

    _print_made(with_stores(work), as_json=as_json)


@channel_app.command("remove")
def remove_channel(shop: _Shop, channel: _Channel) -> None:
    """删除渠道，会话会留下。 Remove a channel; its conversations stay."""
    from bot.cli.stores import with_stores

    async def work(stores: Stores) -> None:
        name = (await stores.channels.get_channel(shop, channel)).channel.name
        await stores.channels.delete_channel(shop, channel, stores.clock.now())
        await _record(stores, "channel_removed", shop, name)

    with_stores(work)
    say(f"{shop}/{channel}: 已删除 removed")


def _channels(stores: Stores) -> Channels:
    from bot.bootstrap.channels import all_kinds
    from bot.open_internet import OpenInternet
    from bot.services.auditing import Auditor
    from bot.services.channels import Channels

    auditor = Auditor(stores.accounts, stores.clock)
    return Channels(stores.channels, all_kinds(OpenInternet()), auditor, stores.clock)


async def _record(stores: Stores, kind: str, shop: str, name: str) -> None:
    """Write the line into the audit of every organisation that has the shop."""
    from bot.services.auditing import Auditor
    from bot.services.managing_accounts import CONSOLE

    auditor = Auditor(stores.accounts, stores.clock)
    for organisation in await stores.accounts.list_organisations():
        if shop in organisation.shops:
            await auditor.record_from_outside(kind, organisation.id, CONSOLE, subject=name, shop=shop)


@contextmanager
def _telling() -> Iterator[None]:
    """Turn what is wrong with a channel into one line for the person."""
    from bot.services.channels import InvalidChannel

    try:
        yield
    except InvalidChannel as error:
        told = "; ".join(f"{name}: {message}" for name, message in error.fields.items())
        raise CommandError(told) from None


def _pairs(given: Iterable[str] | None, option: str) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for each in given or ():
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise CommandError(f"{option}: 写成 名=值。 write it as name=value")
        pairs[name] = value
    return pairs


def ask_secrets(names: Iterable[str]) -> dict[str, str]:
    """Ask for each secret, unseen; from standard input when that is no terminal. Arguments show in the list of processes."""
    secrets: dict[str, str] = {}
    for name in names:
        if "=" in name:
            raise CommandError(
                "--secret: 只写名字，值随后输入，命令行参数会出现在进程列表里。"
                " give its name alone; the value is asked for, since arguments can be seen in the list of processes"
            )
        secrets[name] = (
            getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        )
        if not secrets[name]:
            raise CommandError(f"--secret {name}: 没有输入值。 no value was given")
    return secrets


def _settings(channels: Channels, kind: str, given: Mapping[str, str]) -> dict[str, Setting]:
    """Return the settings with flags and numbers read as such; what is none stays a text, and is refused by its name."""
    adapter = channels.adapters.get(kind)
    sorts = {field.name: field.sort for field in adapter.fields} if adapter is not None else {}
    flags = {"true": True, "false": False}
    found: dict[str, Setting] = {}
    for name, value in given.items():
        found[name] = value
        if sorts.get(name) == "flag":
            found[name] = flags.get(value.lower(), value)
        elif sorts.get(name) == "number" and value.isascii() and value.isdecimal():
            found[name] = int(value)
    return found


def _made_data(
    channels: Channels, shop: str, made: ShopChannel, secrets: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "shop": shop, "id": made.id, "kind": made.kind, "address": channels.address_of(shop, made, secrets),
        "secrets": dict(secrets),
    }  # fmt: skip


def _standing_data(channels: Channels, shop: str, standing: ChannelStanding) -> dict[str, Any]:
    channel = standing.kept.channel
    return {
        "id": channel.id, "kind": channel.kind, "name": channel.name, "enabled": channel.enabled,
        "address": channels.address_of(shop, channel), "waiting": standing.waiting, "failed": standing.failed,
    }  # fmt: skip


def _print_made(made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        out().print(json.dumps(made, ensure_ascii=False), markup=False)
        return
    out().print(f"{made['shop']}/{made['id']}  {made['kind']}", markup=False)
    out().print(f"对方把消息发到 the other side posts to: {made['address']}", markup=False)
    for name, secret in made["secrets"].items():
        out().print(f"{name}: {secret}", markup=False)
    say("密钥只显示这一次。 The secrets are shown this once.")
