"""What suggesting needs from the outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeAlias

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.entry import Entry, Scope
from bot.domain.facts import Fact, Product, ShippingRule
from bot.domain.intents import IntentScore, Understanding
from bot.domain.shop import Shop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Only a name at run time: commands import this module, and shall start without numpy.
Vectors: TypeAlias = "NDArray[np.float32]"


class Unavailable(Exception):
    """A part that this call needs is not there now; the message says which and what to do."""


class EmbedderUnavailable(Unavailable):
    """The embedding model cannot be reached or loaded."""


class ClassifierUnavailable(Unavailable):
    """Rasa does not answer, answers too late, or is not Rasa."""


class StoreUnavailable(Unavailable):
    """The database does not answer."""


class NotFound(LookupError):
    """There is no such thing in this shop (or no such shop)."""


class Conflict(Exception):
    """The thing exists already, or was changed by someone else in the meantime."""


class Clock(Protocol):
    """The time, as an aware UTC datetime."""

    def now(self) -> datetime: ...


class TextNormaliser(Protocol):
    """Folds a text for matching only: traditional to simplified characters, lower case. Shop-free."""

    def normalise(self, text: str) -> str: ...


class Embedder(Protocol):
    """Turns texts into vectors of length 1. Shop-free: the same text gives the same vector for everyone."""

    @property
    def fingerprint(self) -> str:
        """Names the model and its weights; vectors of different fingerprints must never be compared.

        It is that of the last call of `encode`, and changes when another model takes over. Raises EmbedderUnavailable as
        long as no model was reached.
        """
        ...

    @property
    def dimension(self) -> int: ...

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), rows of L2 norm 1 (a text without any known token: all zeros).

        All rows of one call are by one model. Without texts it only makes sure that the model answers.
        Raises EmbedderUnavailable.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class IndexedEntry:
    """An entry as the index wants it: `vectors` is float32 (len(phrasings), dimension)."""

    id: str
    group: str
    intent: str | None
    scope: Scope
    phrasings: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Question:
    """One question, ready for search. `vector` is float32 (dimension,); `intents` empty without a classifier.

    `products` are ids of the shop's products that the question (or its conversation) speaks about, `categories` theirs.
    `bare` is the same question without the names of products in it, None when it holds none. `only_person` is what the
    classifier says of who may settle it.
    """

    text: str
    vector: Vectors
    intents: tuple[IntentScore, ...] = ()
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    bare: Question | None = None
    only_person: float | None = None


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """An entry with the calibrated probability that it is the right answer, and how that came about.

    `same` says that the question stands among its phrasings, word for word. `features` may have been forgotten.
    """

    entry: str
    confidence: float
    features: Mapping[str, float] = field(default_factory=dict)
    same: bool = False


class EntryIndex(Protocol):
    """The searchable entries of one shop: an object of its own, never shared with another shop.

    `rank` may run while another thread changes or relearns; changes are for one thread at a time.
    """

    def put(self, entry: IndexedEntry) -> None:
        """Add the entry, or replace the one with its id. Found by the next call of `rank`."""
        ...

    def remove(self, entry: str) -> None:
        """Forget the entry; an unknown id is no error."""
        ...

    def relearn(self) -> bool:
        """Learn anew what the entries have taught each other; a change may leave that for later. Takes up to seconds.

        Return whether it counts: when the index changed in the meantime it does not, and is to be called again.
        """
        ...

    def branch(self) -> EntryIndex:
        """Return an index that holds the same now; what either is given later, the other does not see. Takes no time."""
        ...

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """Return at most `limit` entries by falling confidence. An empty index gives an empty list."""
        ...

    def __len__(self) -> int: ...

    @property
    def memory_bytes(self) -> int: ...


class EntryIndexes(Protocol):
    """Makes indexes."""

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> EntryIndex:
        """Return a new index over `entries` (may be empty). CPU-bound: call it off the event loop for large shops."""
        ...


class IntentClassifier(Protocol):
    """Rasa as a classifier. Shop-free."""

    @property
    def state(self) -> str:
        """ "ready", "warming" or "down"."""
        ...

    async def classify(self, text: str) -> Understanding:
        """Return intents by falling confidence (at most ten) and entities. Raises ClassifierUnavailable."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ShopSnapshot:
    """All that suggesting needs of one shop, as of one version. `entries` are the published ones.

    `facts` are shop-wide facts by variable name; `lifetimes` are the shop's own times to live by kind of fact;
    `auto_reply` are its rules for replies without a person.
    """

    shop: Shop
    version: int
    entries: Mapping[str, Entry]
    products: Mapping[str, Product]
    shipping: tuple[ShippingRule, ...]
    facts: Mapping[str, Fact]
    lifetimes: Mapping[str, timedelta] = field(default_factory=dict)
    auto_reply: AutoReplyPolicy = field(default_factory=AutoReplyPolicy)


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What happened to one entry after some version: `entry` is None when it is no longer published."""

    id: str
    entry: Entry | None


class ShopStore(Protocol):
    """Shops, their snapshots and their version counters."""

    async def list_shops(self, among: Sequence[str] | None) -> list[Shop]:
        """Return shops by id. `among` names the shops to look at; None is for the operator's own commands only."""
        ...

    async def get_shop(self, shop: str) -> Shop:
        """Raises NotFound."""
        ...

    async def put_shop(self, shop: Shop) -> None: ...

    def together(self, shop: str) -> AbstractAsyncContextManager[None]:
        """Make one transaction of all writes to this shop within the block, in whichever store: all or nothing."""
        ...

    async def delete_shop(self, shop: str) -> None:
        """Remove the shop and everything that is its own. Raises NotFound."""
        ...

    async def load_snapshot(self, shop: str) -> ShopSnapshot:
        """Return the shop's present state, read in one transaction. Raises NotFound."""
        ...

    async def entry_changes(self, shop: str, since: int) -> list[EntryChange]:
        """Return the entries that changed after version `since`.

        Raises NotFound when the shop is gone or `since` too old to tell: load the snapshot anew.
        """
        ...

    async def versions(self) -> Mapping[str, int]:
        """Return every shop's version: content-free, for workers that compare what they hold."""
        ...

    def watch(self) -> AsyncIterator[tuple[str, int]]:
        """Yield (shop, version) as shops change, in any process; survives a lost connection.

        After a reconnect and every few seconds all versions are compared, so that no change is missed for long.
        """
        ...


class VectorStore(Protocol):
    """Vectors of phrasings, kept so that an index is built without the model."""

    async def load_vectors(self, shop: str, fingerprint: str) -> dict[str, Vectors]:
        """Return the vector of every stored phrasing text of the shop under that model, by text."""
        ...

    async def put_vectors(self, shop: str, fingerprint: str, vectors: Mapping[str, Vectors]) -> None:
        """Store vectors by phrasing text; those already there are left alone."""
        ...

    async def prune_vectors(self, shop: str, fingerprint: str, keep: Sequence[str]) -> None:
        """Delete the shop's vectors under that model of texts that are not in `keep`, and those of other models."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only log. `kind` is past tense (suggestion_shown); `data` holds JSON values.

    `message` is an id that all events about one message share: its arrival, what was suggested, what became of that.
    """

    kind: str
    at: datetime
    conversation: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    message: str = ""


class EventLog(Protocol):
    """The append-only record of what happened in a shop."""

    async def append(self, shop: str, events: Sequence[Event]) -> None: ...

    async def read(self, shop: str, limit: int) -> list[Event]:
        """Return the newest events, newest first."""
        ...

    async def read_kinds(self, shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        """Return the newest events of these kinds, newest first; many of them do not hold up the event loop."""
        ...

    async def read_between(
        self, shop: str, kinds: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> list[Event]:
        """Return events of these kinds from `since` to before `until`, oldest first; at most `limit`, the oldest."""
        ...

    async def read_message(self, shop: str, message: str) -> list[Event]:
        """Return the shop's events about that message, newest first. Those about none ("") are not found this way."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bearer token may do: only in `shops`, and to write only with `may_write`."""

    token_id: str
    name: str
    shops: frozenset[str]
    may_write: bool
    expires_at: datetime | None = None


class TokenStore(Protocol):
    """API tokens. Only a hash is kept; the token itself is shown once."""

    async def create_token(
        self, name: str, shops: Sequence[str], *, may_write: bool, expires_at: datetime | None
    ) -> tuple[str, Grant]:
        """Return the token's text and its grant. Raises NotFound for an unknown shop."""
        ...

    async def find_grant(self, token: str) -> Grant | None:
        """Return the grant of a live token, None for an unknown, revoked or expired one."""
        ...

    async def list_tokens(self) -> list[Grant]: ...

    async def revoke_token(self, token_id: str) -> None:
        """Raises NotFound."""
        ...
