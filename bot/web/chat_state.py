"""What the chat's handlers share, and how its bubbles are told to a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.services.chat_limits import ChatLimits
from bot.services.chatting import Bubble, Chatting
from bot.services.feed_following import FeedFollower
from bot.services.typing import TypingBoard
from bot.web.csrf import comes_from_here
from bot.web.errors import ApiError


async def every_shop_marks(_shop: str) -> bool:
    """Be the `marks` of shops that say of each automatic reply that it is one."""
    return True


@dataclass(frozen=True, slots=True)
class ChatServices:
    """The use cases behind the chat. `sockets` are those open in this worker, `open_by_address` how many of whom.

    `marks` says whether a shop shows automatic replies as such.
    """

    chatting: Chatting
    feeds: FeedFollower
    typing: TypingBoard
    limits: ChatLimits
    marks: Callable[[str], Awaitable[bool]] = every_shop_marks
    sockets: set[web.WebSocketResponse] = field(default_factory=set)
    open_by_address: dict[str, int] = field(default_factory=dict)


CHAT = web.AppKey("chat", ChatServices)


def bubble_data(bubble: Bubble, *, marks: bool = True) -> dict[str, Any]:
    """Return a bubble as its buyer may see it: never which person of the shop wrote it, nor, unless the shop `marks` that,
    that none did.
    """
    message = bubble.message
    mine = message.author == "buyer"
    return {
        "id": f"{bubble.conversation}:{message.number}",
        "mine": mine,
        "auto": marks and message.author == "auto",
        "text": message.text,
        "image": message.image,
        "quotes": f"{bubble.conversation}:{message.quotes}" if message.quotes is not None else "",
        "at": message.at.isoformat(),
        "key": message.key if mine else "",
    }


def bubbles_data(bubbles: Iterable[Bubble], *, marks: bool) -> list[dict[str, Any]]:
    """Return bubbles as their buyer may see them."""
    return [bubble_data(each, marks=marks) for each in bubbles]


def refuse_other_origins(request: web.Request) -> None:
    """Raise ApiError unless the request comes from a page of ours (or from no page): the frame is ours wherever it stands."""
    if not comes_from_here(request):
        raise ApiError(403, "the chat is used from its own page; embed it with widget.js")
