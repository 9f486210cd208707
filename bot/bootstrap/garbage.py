"""Garbage collection for a process that holds many shops: full collections do not stop every message for long."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Final

_WHOLE_SECONDS: Final = 3600.0


class ShortCollections:
    """Sets aside what survived a full collection, so that the next one only walks what came since.

    A thousand shops are some million long-lived objects, which hold no reference cycles: walking through them takes a
    third of a second, and every message waits. Objects set aside are still freed when nobody refers to them any more;
    only dead cycles among them stay, until an hour has passed and one collection walks through everything.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._walked_all = clock()

    def start(self) -> None:
        """Collect once, and set aside what is there."""
        gc.callbacks.append(self._after)
        gc.collect()

    def stop(self) -> None:
        """Collect as Python does."""
        gc.callbacks.remove(self._after)
        gc.unfreeze()

    def _after(self, phase: str, info: Mapping[str, int]) -> None:
        if phase != "stop" or info["generation"] != 2:
            return
        if self._clock() - self._walked_all < _WHOLE_SECONDS:
            gc.freeze()
        else:
            self._walked_all = self._clock()
            gc.unfreeze()
