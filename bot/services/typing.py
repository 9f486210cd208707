"""Who is typing where: told at once to the pages of this process, and a little later to those of the others. Nothing is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.ports import StoreUnavailable, Typed, TypingRelay
from bot.services.colleagues import Colleagues

_log = logging.getLogger(__name__)
_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Typist:
    """Somebody who types: a member of the shop, or BUYER."""

    account: str
    name: str


BUYER: Final = Typist("", "")
Listener = Callable[[str, Typist, bool], None]
"""Called with the conversation, who, and whether he types."""


class TypingBoard:
    """Passes on that somebody types, to who listens in the same shop. `relay` and `follow` run beside it.

    Other processes are told at most once in `pause` seconds, then the last that is known of everybody.
    """

    def __init__(self, relay: TypingRelay, colleagues: Colleagues, pause: float = _PAUSE) -> None:
        self._relay = relay
        self._colleagues = colleagues
        self._pause = pause
        self._listeners: dict[str, list[Listener]] = {}
        self._waiting: dict[tuple[str, str, str], bool] = {}
        self._news = asyncio.Event()

    def tell(self, shop: str, conversation: str, who: Typist, on: bool) -> None:
        """Say that somebody began or ceased to type in the conversation."""
        self._deliver(shop, conversation, who, on)
        self._waiting[shop, conversation, who.account] = on
        self._news.set()

    def listen(self, shop: str, listener: Listener) -> Callable[[], None]:
        """Call the listener for everything told in the shop, until the function returned is called."""
        self._listeners.setdefault(shop, []).append(listener)

        def forget() -> None:
            waiting = self._listeners.get(shop, [])
            if listener in waiting:
                waiting.remove(listener)
            if not waiting:
                self._listeners.pop(shop, None)

        return forget

    async def relay(self) -> None:
        """Tell the other processes what is told here, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            told = [Typed(*key, on) for key, on in self._waiting.items()]
            self._waiting.clear()
            try:
                await self._relay.announce(told)
            except StoreUnavailable as error:
                _log.debug("nobody else hears who types: %s", error)
            await asyncio.sleep(self._pause)

    async def follow(self) -> None:
        """Pass on what other processes tell, until cancelled."""
        async for typed in self._relay.watch():
            if typed.shop not in self._listeners:
                continue
            try:
                who = await self._typist(typed)
            except StoreUnavailable as error:
                _log.debug("who types has no name now: %s", error)
                continue
            if who is not None:
                self._deliver(typed.shop, typed.conversation, who, typed.on)

    async def _typist(self, typed: Typed) -> Typist | None:
        """Return who it is; None when he works in the shop no more."""
        if not typed.account:
            return BUYER
        names = await self._colleagues.names(typed.shop, typed.account)
        name = names.get(typed.account)
        return Typist(typed.account, name) if name is not None else None

    def _deliver(self, shop: str, conversation: str, who: Typist, on: bool) -> None:
        for listener in list(self._listeners.get(shop, [])):
            listener(conversation, who, on)
