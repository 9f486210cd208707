"""The people of the workspace benchmarks: an organisation's agents, their shops, and the conversations that they hold."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.workbench import Say
from bot.bootstrap.engine import Stores
from bot.domain.account import Account, Membership, Organisation, ShopScope
from bot.domain.conversation import Buyer, Conversation
from bot.services.colleagues import Colleagues
from bot.services.conversing import Conversing
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners

AGENTS = 300
MEMBERSHIPS = 2000
CONVERSATIONS = 3000
WATCHER = "bench-watcher"
"""The agent of the browser's benchmark: a member of so many shops that about a thousand open conversations are in sight."""
WATCHED = 1000
_ORGANISATION = "bench"
_CHANNEL = "bench"
_HOURS = timedelta(hours=6)
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Post:
    """A buyer's conversation with a shop."""

    shop: str
    conversation: str
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent with a live session and the conversations it holds; the first one is in view."""

    account: str
    secret: str
    csrf: str
    posts: tuple[Post, ...] = ()


def conversing_over(stores: Stores, recorder: EventRecorder) -> Conversing:
    """Return the use cases as another worker has them."""
    manners = ShopManners(stores.shops, stores.conversations)
    colleagues = Colleagues(stores.accounts, stores.presence)
    return Conversing(stores.conversations, manners, colleagues, recorder, stores.clock)


def account_of(number: int) -> str:
    """Return the id of agent `number`."""
    return f"bench-{number}"


def shops_of(number: int, shops: Sequence[str]) -> list[str]:
    """Return the shops of agent `number`: six or seven, so that everybody's together make the memberships."""
    share, rest = divmod(MEMBERSHIPS, AGENTS)
    # Thirteen and a hundred have no common divisor: no shop comes twice, and every shop gets as many agents.
    return [shops[(number * 7 + each * 13) % len(shops)] for each in range(share + (number < rest))]


async def settle_people(stores: Stores, shops: Sequence[str], say: Say) -> None:
    """Make the agents, their memberships and 3,000 answered conversations, unless they are there."""
    await stores.accounts.put_organisation(Organisation(_ORGANISATION, "测速 Bench", frozenset(shops)))
    known = {account.id for account in await stores.accounts.list_accounts(_ORGANISATION)}
    if account_of(AGENTS - 1) not in known:
        await _hire(stores, shops)
    missing = await _missing(stores, shops)
    if missing:
        say(f"{len(missing)} buyers of {len(shops)} shops open a conversation and are answered (once)…")
        await _open(stores, shops, missing)
    if WATCHER not in known:
        seen, watched = 0, []
        held = await _open_by_buyer(stores, shops)
        counts: defaultdict[str, int] = defaultdict(int)
        for shop, _ in held.values():
            counts[shop] += 1
        for shop in shops:
            if seen < WATCHED:
                seen += counts[shop]
                watched.append(Membership(WATCHER, shop, "agent"))
        watcher = Account(WATCHER, _ORGANISATION, WATCHER, "客服 0")
        await stores.accounts.create_accounts([(watcher, "!")], watched)


async def _hire(stores: Stores, shops: Sequence[str]) -> None:
    accounts = [
        (Account(account_of(number), _ORGANISATION, account_of(number), f"客服 {number + 1}"), "!")
        for number in range(AGENTS)
    ]
    memberships = [
        Membership(account_of(number), shop, "agent")
        for number in range(AGENTS)
        for shop in shops_of(number, shops)
    ]
    await stores.accounts.create_accounts(accounts, memberships)


def _buyer(number: int) -> Buyer:
    return Buyer("", f"买家 {number}", _CHANNEL, f"bench-{number}")


async def _open_by_buyer(stores: Stores, shops: Sequence[str]) -> dict[str, tuple[str, Conversation]]:
    scope = ShopScope("bench", frozenset(shops))
    found = await stores.conversations.queue(scope, ("open",), 2 * CONVERSATIONS)
    return {each.buyer.external_id: (shop, each) for shop, each in found if each.buyer.channel == _CHANNEL}


async def _missing(stores: Stores, shops: Sequence[str]) -> list[int]:
    held = await _open_by_buyer(stores, shops)
    return [number for number in range(CONVERSATIONS) if f"bench-{number}" not in held]


async def _open(stores: Stores, shops: Sequence[str], numbers: Iterable[int]) -> None:
    recorder = EventRecorder(stores.events)
    conversing = conversing_over(stores, recorder)

    async def converse(number: int) -> None:
        agent = number % AGENTS
        own = shops_of(agent, shops)
        shop = own[number // AGENTS % len(own)]
        written = await conversing.receive(shop, _buyer(number), "在吗", key=f"bench-{number}-hello")
        await conversing.reply(
            shop, written.conversation.id, account_of(agent), "亲，在的，请问想了解哪一款呢", key=f"bench-{number}-here"
        )  # fmt: skip

    await at_once(converse(number) for number in numbers)
    await recorder.close()


async def hold_conversations(stores: Stores, shops: Sequence[str]) -> dict[str, list[Post]]:
    """Return what each agent holds, after every conversation was answered and is its own agent's again."""
    posts: defaultdict[str, list[Post]] = defaultdict(list)
    recorder = EventRecorder(stores.events)
    conversing = conversing_over(stores, recorder)
    moving = []
    held = await _open_by_buyer(stores, shops)
    for number in range(CONVERSATIONS):
        shop, found = held[f"bench-{number}"]
        account = account_of(number % AGENTS)
        posts[account].append(Post(shop, found.id, found.buyer))
        if found.waiting_since is not None or found.assignee != account:
            moving.append(_give_back(conversing, shop, found, account))
    await at_once(moving)
    await recorder.close()
    return dict(posts)


async def _give_back(conversing: Conversing, shop: str, found: Conversation, account: str) -> None:
    """Answer what a run left waiting, which gives the conversation to its agent; or just give it."""
    if found.waiting_since is None:
        await conversing.take(shop, found.id, account, take_over=True)
    else:
        key = f"bench-left-{found.id}-{found.last_number}"
        await conversing.reply(shop, found.id, account, "亲，都处理好了", key=key, take_over=True)


async def seat(stores: Stores, account: str, posts: Sequence[Post] = ()) -> Seat:
    """Sign the agent in."""
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    await stores.accounts.create_session(account, secret, csrf, stores.clock.now() + _HOURS, "bench")
    return Seat(account, secret, csrf, tuple(posts))


async def at_once(work: Iterable[Awaitable[object]]) -> None:
    """Do all of it, some at a time."""
    waiting = iter(work)

    async def go_on() -> None:
        for each in waiting:
            await each

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(go_on())
