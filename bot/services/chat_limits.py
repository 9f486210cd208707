"""How much a stranger may send: leaky buckets by visitor, address and shop, kept in this process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from bot.ports import Clock

_REMEMBERED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `burst` at once, then one every `seconds`."""

    burst: int
    seconds: float


MESSAGE_BY_VISITOR: Final = "message by visitor"
MESSAGE_BY_ADDRESS: Final = "message by address"
MESSAGE_BY_SHOP: Final = "message by shop"
IMAGE_BY_VISITOR: Final = "image by visitor"
IMAGE_BY_ADDRESS: Final = "image by address"
NEWCOMER_BY_ADDRESS: Final = "newcomer by address"
NEWCOMER_BY_SHOP: Final = "newcomer by shop"
CONNECTION_BY_ADDRESS: Final = "connection by address"
FRAME_BY_VISITOR: Final = "frame by visitor"
FRAME_BY_ADDRESS: Final = "frame by address"
REQUEST_BY_CHANNEL: Final = "request by channel"
REFUSAL_BY_ADDRESS: Final = "refusal by address"

PACES: Final[Mapping[str, Pace]] = MappingProxyType(
    {
        MESSAGE_BY_VISITOR: Pace(12, 1.5),
        MESSAGE_BY_ADDRESS: Pace(60, 0.3),
        MESSAGE_BY_SHOP: Pace(600, 0.01),
        IMAGE_BY_VISITOR: Pace(6, 8),
        IMAGE_BY_ADDRESS: Pace(20, 3),
        NEWCOMER_BY_ADDRESS: Pace(20, 10),
        NEWCOMER_BY_SHOP: Pace(300, 0.2),
        CONNECTION_BY_ADDRESS: Pace(60, 1),
        # Of any kind: typing goes straight to agents' pages, a look backwards costs the database more than a message.
        FRAME_BY_VISITOR: Pace(60, 0.25),
        FRAME_BY_ADDRESS: Pace(600, 0.01),
        # Of an outer channel: what was signed, and what was not.
        REQUEST_BY_CHANNEL: Pace(500, 0.02),
        REFUSAL_BY_ADDRESS: Pace(60, 1),
    }
)


class ChatLimits:
    """Counts what came, kind by kind. Who has been quiet long enough is forgotten first."""

    def __init__(self, clock: Clock, paces: Mapping[str, Pace] = PACES) -> None:
        self._clock = clock
        self._paces = paces
        self._filled: OrderedDict[tuple[str, str], tuple[float, datetime]] = OrderedDict()

    def take(self, *wanted: tuple[str, str]) -> float:
        """Count one for each (kind, key) and return 0; or count none and return the seconds to wait."""
        now = self._clock.now()
        levels = [(each, self._level(each, now)) for each in wanted]
        wait = max((self._wait(each[0], level) for each, level in levels), default=0.0)
        if wait > 0:
            return wait
        for each, level in levels:
            self._filled[each] = (level + 1, now)
            self._filled.move_to_end(each)
        while len(self._filled) > _REMEMBERED:
            self._filled.popitem(last=False)
        return 0.0

    def wait_of(self, kind: str, key: str) -> float:
        """Return the seconds to wait for one more, and count nothing."""
        return self._wait(kind, self._level((kind, key), self._clock.now()))

    def _level(self, wanted: tuple[str, str], now: datetime) -> float:
        level, at = self._filled.get(wanted, (0.0, now))
        return max(0.0, level - (now - at).total_seconds() / self._paces[wanted[0]].seconds)

    def _wait(self, kind: str, level: float) -> float:
        pace = self._paces[kind]
        return max(0.0, (level + 1 - pace.burst) * pace.seconds)
