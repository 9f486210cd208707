"""One open page: what it may see now, what it looks at, and what is on its way to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from aiohttp import WSCloseCode, web

from bot.domain.account import RIGHTS, Caller, Membership, Right
from bot.ports import SignedIn

MAX_WAITING: Final = 2000
SIGNED_OUT: Final = 4401
"""The code with which a socket is closed whose session ended: the page leads to /login instead of trying again."""
SOON: Final = 0.2
LATER: Final = 1.0
"""Seconds that what a page only lists may wait: what its person may answer, and what a colleague is answering."""
_MOST_IN_A_FRAME: Final = 100
_SEND_SECONDS: Final = 20.0


def packed(data: Mapping[str, Any]) -> str:
    """Return the message as it goes over the wire; packed once, sent to many."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


class LiveConnection:
    """A signed-in person's WebSocket. What is sent waits in line; one that cannot keep up is dropped and comes back."""

    def __init__(self, socket: web.WebSocketResponse, signed_in: SignedIn, secret: str) -> None:
        self._socket = socket
        self.secret = secret
        self.shops: frozenset[str] = frozenset()
        self.view: tuple[str, str] | None = None
        self._waiting: deque[tuple[str, str]] = deque()
        self._later: deque[tuple[str, str]] | None = None
        self._held: deque[tuple[str, str]] = deque()
        self._wake = asyncio.Event()
        self._waking: asyncio.TimerHandle | None = None
        self.takes_batches = False
        self._close: tuple[int, str] | None = None
        self.renew(signed_in)

    def renew(self, signed_in: SignedIn) -> None:
        """Take what the session says now: who it is, with which memberships, until when."""
        self._caller = signed_in.caller
        self._expires_at = signed_in.expires_at
        self._memberships: dict[str, Membership] = {each.shop: each for each in self._caller.memberships}

    @property
    def caller(self) -> Caller:
        return self._caller

    def has_expired(self, now: datetime) -> bool:
        """Whether the session ran out: nobody tells of that, and a socket may stay open for days."""
        return now >= self._expires_at

    @property
    def account(self) -> str:
        """The id of the person's account."""
        return self._caller.account.id

    @property
    def is_ending(self) -> bool:
        """Whether nothing more is sent."""
        return self._close is not None

    def may(self, right: Right, shop: str, now: datetime) -> bool:
        """Whether the person has the right in the shop now: asked for every single thing that is sent."""
        membership = self._memberships.get(shop)
        return (
            membership is not None
            and not self._caller.account.is_disabled
            and right in RIGHTS[membership.role]
            and membership.holds_at(now)
            and not self.has_expired(now)
        )

    def send(self, text: str, shop: str = "", *, patience: float = 0.0) -> None:
        """Put a packed message in line; `shop` is whose words it holds.

        What has `patience`, of a conversation that the page only lists, goes so many seconds later at most, with others in
        one frame: a busy shop's every word goes to all of its people, and each frame is a call into the system.
        """
        if self._close is not None:
            return
        line = self._waiting if self._later is None else self._later
        if len(line) >= MAX_WAITING:
            self.end(WSCloseCode.TRY_AGAIN_LATER, "too slow; connect again")
            return
        line.append((shop, text))
        if patience and self.takes_batches:
            self._wake_within(patience)
        else:
            self._wake_up()

    def _wake_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._waking is not None:
            if self._waking.when() <= loop.time() + seconds:
                return
            self._waking.cancel()
        self._waking = loop.call_later(seconds, self._wake_up)

    def _wake_up(self) -> None:
        """Let the writer send all that is in line."""
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
        self._wake.set()

    def hold_back(self) -> None:
        """Let what is sent from here on wait: the page's queue, which is still being read, goes before it."""
        if self._later is None:
            self._later = deque()

    def let_go(self) -> None:
        """Put what is sent straight in line again. What was held back stays behind it until `catch_up`."""
        # What an earlier welcome held back may still wait for its turn.
        self._held.extend(self._later or ())
        self._later = None

    def catch_up(self) -> None:
        """Put in line what was held back."""
        self._waiting.extend(self._held)
        self._held.clear()
        self._wake.set()

    def tell(self, kind: str, shop: str = "", **data: Any) -> None:
        """Pack and send a message for this page alone."""
        about = {"shop": shop} if shop else {}
        self.send(packed({"type": kind, **about, **data}), shop)

    def forget(self, shop: str) -> None:
        """Take back what waits of that shop: the person may not see it any more."""
        if self.view is not None and self.view[0] == shop:
            self.view = None
        self._waiting = deque(each for each in self._waiting if each[0] != shop)
        self._held = deque(each for each in self._held if each[0] != shop)
        if self._later is not None:
            self._later = deque(each for each in self._later if each[0] != shop)

    def end(self, code: int, why: str) -> None:
        """Close once the writer comes round to it; nothing that waits is sent any more."""
        if self._close is None:
            self._close = code, why
            self._waiting.clear()
            self._wake.set()

    def _next_frame(self) -> str:
        """Take the next message out of the line, with those behind it where the page takes batches."""
        if not self.takes_batches or len(self._waiting) == 1:
            return self._waiting.popleft()[1]
        texts = [self._waiting.popleft()[1] for _ in range(min(len(self._waiting), _MOST_IN_A_FRAME))]
        return f'{{"type":"batch","messages":[{",".join(texts)}]}}'

    async def write(self) -> None:
        """Send what waits, in order, until the socket ends."""
        while not self._socket.closed:
            while self._waiting and self._close is None:
                try:
                    async with asyncio.timeout(_SEND_SECONDS):
                        await self._socket.send_str(self._next_frame())
                except (TimeoutError, ConnectionError, RuntimeError):
                    self.end(WSCloseCode.TRY_AGAIN_LATER, "too slow; connect again")
            if self._close is not None:
                break
            self._wake.clear()
            await self._wake.wait()
        if self._close is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                await self._socket.close(code=self._close[0], message=self._close[1].encode())
