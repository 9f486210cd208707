"""Who is typing where. Kept in this process only: it is lost with it, and nobody misses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

BUYER: Final = "buyer"
Listener = Callable[[str, str, bool], None]
"""Called with the conversation, who (BUYER, or a colleague's name) and whether he types."""


class TypingBoard:
    """Passes on that somebody types, to who listens in the same shop."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    def tell(self, shop: str, conversation: str, who: str, on: bool) -> None:
        """Say that `who` began or ceased to type in the conversation."""
        for listener in list(self._listeners.get(shop, [])):
            listener(conversation, who, on)

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
