"""Shops that software answers for in the benchmarks: copies of the demo shops, each with a word that no other one ever says."""

from __future__ import annotations

import secrets
import shutil
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from random import Random
from string import ascii_uppercase
from typing import Any, Final

from benchmarks.installation import Installation, serving
from benchmarks.people import seat
from benchmarks.played_channel import OpenChannel, Receiver
from benchmarks.played_system import PlayedSystem, connect
from benchmarks.seeding import VectorMaker
from benchmarks.workbench import Say, Workbench
from bot.bootstrap.engine import Engine, Stores
from bot.bootstrap.platform import Needs, open_platform
from bot.domain.account import Account, Membership, Organisation
from bot.domain.dialogue_openings import OPENINGS
from bot.domain.entry import Entry
from bot.domain.intents import SILENT_INTENTS
from bot.services.packs import Pack, load_pack
from bot.services.shop_loading import load_shop
from bot.settings import PREFIX, PROJECT_ROOT

WORKERS: Final = 2
WORD: Final = "口令"
"""What begins the word of a shop."""
_PACKS: Final = ("yunduo-life", "yunduo-select", "yunshang")
_OWNER: Final = "bench-owner"
_LETTERS: Final = 4
_GROUPS: Final = (
    "stock",
    "shipping",
    "logistics",
    "invoice",
    "price_promo",
    "product_info",
    "return_refund",
    "order_change",
    "greeting_thanks",
)
_DIALOGUES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "yunduo-life": (
        ("你好，还有货吗", "充电宝", "白色20000的", "黑色20000的呢"),
        ("能开发票吗", "个人抬头", "电子普票"),
    ),
    "yunduo-select": (
        ("你好，还有货吗", "磁吸充电宝", "白色的", "黑色的呢"),
        ("能开发票吗", "个人抬头", "电子普票"),
    ),
    "yunshang": (
        ("你好，还有货吗", "迷你充电宝", "白色的", "黑色的呢"),
        ("能开发票吗", "个人抬头", "纸质普票"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AutoShop:
    """A shop of the benchmark. `word` is part of every reply of its entries, and of no other shop's."""

    id: str
    pack: str
    word: str
    questions: tuple[str, ...]
    """What its entries answer, one question of each, for which no dialogue begins."""

    @property
    def dialogues(self) -> tuple[tuple[str, ...], ...]:
        """What buyers say in dialogues with this shop, turn by turn."""
        return _DIALOGUES[self.pack]

    @property
    def policy(self) -> dict[str, Any]:
        """The rules that it answers by, as the API takes them."""
        rule = {"mode": "automatic", "precision": 0.9}
        return {
            "is_on": True, "when": "always", "repeat_limit": 20, "merge_seconds": 2,
            "groups": dict.fromkeys(_GROUPS, rule), "hand_over": f"这就请同事来看（{self.word}）",
        }  # fmt: skip


@dataclass(slots=True)
class AutoStage:
    """A running installation with its shops, a channel of each, and where their messages go."""

    installation: Installation
    shops: list[AutoShop]
    system: PlayedSystem
    receiver: Receiver
    channels: dict[str, OpenChannel]


async def open_stage(
    bench: Workbench, count: int, receiver: Receiver, stack: AsyncExitStack, *, log_level: str = "WARNING"
) -> AutoStage:
    """Start an installation of `count` shops over a folder that goes with the stack. Raises RuntimeError, NotPlayable."""
    folder = bench.folder / f"auto-{secrets.token_hex(4)}"
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    overrides = {
        "PRIVATE_SOURCES": "127.0.0.1", "WORKERS": str(WORKERS), "PORT": str(_free_port()), "LOG_LEVEL": log_level,
    }  # fmt: skip
    installation = Installation(folder, {f"{PREFIX}{name}": value for name, value in overrides.items()})
    bench.lend_model(installation)
    shops = await _make_shops(installation, count, bench.say)
    async with installation.stores() as stores:
        await _hire_owner(stores, [shop.id for shop in shops])
        owner = await seat(stores, _OWNER)
    await stack.enter_async_context(receiver.open())
    await stack.enter_async_context(serving(installation))
    system = await stack.enter_async_context(connect(installation.address, owner.secret))
    system.csrf = owner.csrf
    await system.wait_until_ready()
    channels: dict[str, OpenChannel] = {}
    for shop in shops:
        (channel,) = await system.prepare(shop.id, shop.policy, receiver.address, 1)
        receiver.secrets[shop.id, channel.id] = channel.secret
        channels[shop.id] = channel
    return AutoStage(installation, shops, system, receiver, channels)


def _free_port() -> int:
    """Return a port that nobody listens on: an installation that is started again serves where it served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _make_shops(installation: Installation, count: int, say: Say) -> list[AutoShop]:
    say(f"making {count} shops…")
    async with (
        open_platform(installation.settings, Needs(embedder=True), say) as platform,
        platform.engine() as engine,
    ):
        vectors = VectorMaker(engine)
        words = Random(6)
        return [await _make_shop(engine, vectors, number, words) for number in range(count)]


async def _make_shop(engine: Engine, vectors: VectorMaker, number: int, words: Random) -> AutoShop:
    name = _PACKS[number % len(_PACKS)]
    path = PROJECT_ROOT / "templates" / "demo" / f"{name}.yml"
    pack = load_pack(path.read_bytes(), path.name, engine.parts.clock.now(), is_demo=True)
    word = WORD + "".join(words.sample(ascii_uppercase, _LETTERS))
    copy = _copied(pack, f"auto-{number:03d}", word)
    shop = await load_shop(engine.parts.shops, engine.parts.entries, engine.parts.facts, copy)
    fingerprint = engine.parts.embedder.fingerprint
    await engine.parts.vectors.put_vectors(shop, fingerprint, await vectors.of(copy.entries))
    asked = [
        each.question
        for each in pack.entries
        if each.language == "zh" and each.intent and each.intent not in OPENINGS | SILENT_INTENTS
    ]
    return AutoShop(shop, name, word, tuple(asked))


def _copied(pack: Pack, id: str, word: str) -> Pack:
    assert pack.shop is not None
    return replace(
        pack, shop=replace(pack.shop, id=id), entries=tuple(_telling(each, word) for each in pack.entries)
    )


def _telling(entry: Entry, word: str) -> Entry:
    return replace(
        entry,
        reply=f"{entry.reply}（{word}）",
        cases={case: f"{reply}（{word}）" for case, reply in entry.cases.items()},
        fallback=f"{entry.fallback}（{word}）" if entry.fallback else "",
    )


async def _hire_owner(stores: Stores, shops: Sequence[str]) -> None:
    await stores.accounts.put_organisation(Organisation("bench", "测速 Bench", frozenset(shops)))
    memberships = [Membership(_OWNER, shop, "owner") for shop in shops]
    await stores.accounts.create_accounts(
        [(Account(_OWNER, "bench", _OWNER, "店主 Owner"), "!")], memberships
    )
