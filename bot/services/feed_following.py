"""Following the feeds of shops for those who look at single conversations: they are woken when something new stands there."""

from __future__ import annotations

from collections.abc import Callable

from bot.ports import ConversationStore, NotFound

_AT_ONCE = 500
Wake = Callable[[], None]


class FeedFollower:
    """Wakes listeners of a conversation. A wake says "look again" and carries nothing: each reads what is its own."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store
        self._listeners: dict[str, dict[str, list[Wake]]] = {}
        self._read: dict[str, int] = {}

    def listen(self, shop: str, conversation: str, wake: Wake) -> Callable[[], None]:
        """Call `wake` whenever the conversation may have grown, until the function returned is called."""
        self._listeners.setdefault(shop, {}).setdefault(conversation, []).append(wake)

        def forget() -> None:
            of_shop = self._listeners.get(shop, {})
            waiting = of_shop.get(conversation, [])
            if wake in waiting:
                waiting.remove(wake)
            if not waiting:
                of_shop.pop(conversation, None)
            if not of_shop:
                self._listeners.pop(shop, None)
                self._read.pop(shop, None)

        return forget

    async def follow(self) -> None:
        """Follow for ever, or until the feeds cannot be watched; begun again, everybody looks again once."""
        self._read.clear()
        for shop in list(self._listeners):
            self._wake_all(shop)
        async for shop, number in self._store.watch_feeds():
            if shop in self._listeners:
                await self._read_on(shop, number)

    async def _read_on(self, shop: str, number: int) -> None:
        known = self._read.get(shop)
        if known is None:
            # Where the listeners stand is not known: all look once, from here on only who is concerned.
            self._read[shop] = number
            self._wake_all(shop)
            return
        while known < number:
            try:
                happenings = await self._store.feed_since(shop, known, _AT_ONCE)
            except NotFound:
                self._read[shop] = number
                self._wake_all(shop)
                return
            if not happenings:
                return
            known = happenings[-1].number
            if shop in self._listeners:
                self._read[shop] = known
            for conversation in {each.conversation for each in happenings}:
                self._wake(shop, conversation)

    def _wake_all(self, shop: str) -> None:
        for conversation in list(self._listeners.get(shop, {})):
            self._wake(shop, conversation)

    def _wake(self, shop: str, conversation: str) -> None:
        for wake in list(self._listeners.get(shop, {}).get(conversation, [])):
            wake()
