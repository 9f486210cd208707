"""Quick phrases: a shop's entries and an agent's own texts for that shop, found by a few keys and filled with its facts."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.entry import Entry
from bot.domain.facts import Fact
from bot.domain.phrase_reading import title_of
from bot.domain.resolving import FactResolver, Subject
from bot.domain.suggestion import FactUsed
from bot.domain.template import TemplateError
from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.domain.variables import Variable
from bot.ports import Clock, ConversationStore, FactStore, Phrase, TextNormaliser
from bot.services.context import PastTurn, language_of, read_history, resolve_subject, viewed_turn
from bot.services.filling import facts_used, fill_reply, parsed
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.phonetics import initials
from bot.services.unanswered import read_unanswered

LIMIT = 30
MAX_OWN = 500
_CODE, _CODE_BEGINS, _TITLE, _INITIALS_BEGIN, _INITIALS, _GROUP, _TEXT = range(7)


@dataclass(frozen=True, slots=True)
class QuickPhrase:
    """A phrase ready for the composer. `own` tells the agent's own from the shop's entries; `group` is the entry's or his.

    What is not known stands as 【name】 in the text.
    """

    id: str
    own: bool
    short_code: str
    title: str
    group: str
    text: str
    facts: tuple[FactUsed, ...] = ()
    image: str = ""


@dataclass(frozen=True, slots=True)
class _Match:
    """A phrase that fits the query, before it is filled."""

    rank: int
    place: int
    entry: Entry | None = None
    own: Phrase | None = None


class QuickPhrases:
    """Finds and keeps quick phrases."""

    def __init__(
        self,
        store: ConversationStore,
        live_shops: LiveShops,
        facts: FactStore,
        normaliser: TextNormaliser,
        clock: Clock,
    ) -> None:
        self._store = store
        self._live_shops = live_shops
        self._facts = facts
        self._normaliser = normaliser
        self._clock = clock

    async def search(self, shop: str, account: str, query: str, conversation: str = "") -> list[QuickPhrase]:
        """Return this shop's phrases for the query, best first: by short code, words of the title, pinyin initials, group, text.

        Without a query, those that have a short code and the agent's own. With a conversation they are filled with what it
        speaks about. Raises NotFound.
        """
        live = await self._live_shops.get(shop)
        subject, language = await self._subject(shop, live, conversation)
        now = self._clock.now().astimezone(ZoneInfo(live.snapshot.shop.timezone))
        own = await self._store.list_phrases(shop, account)
        entries = [entry for entry in live.snapshot.entries.values() if entry.validity.holds_at(now)]
        found = self._matches(self._fold(query), entries, own)
        resolvers: dict[str, FactResolver] = {}

        def resolver(of: str) -> FactResolver:
            if of not in resolvers:
                snapshot = live.snapshot
                resolvers[of] = FactResolver(
                    snapshot.shop, snapshot.facts, snapshot.shipping, live.catalogue, subject, now, of,
                    snapshot.lifetimes,
                )  # fmt: skip
            return resolvers[of]

        phrases: list[QuickPhrase] = []
        for match in found[:LIMIT]:
            if match.entry is not None:
                text, facts = fill_entry(match.entry, resolver(match.entry.language))
                phrases.append(_of_entry(match.entry, text, facts_used(facts, now)))
            elif match.own is not None:
                text, facts = fill_text(match.own.text, resolver(language))
                phrases.append(_of_own(match.own, text, facts_used(facts, now)))
        return phrases

    async def own(self, shop: str, account: str) -> list[Phrase]:
        """Return the agent's own phrases for the shop as they were written."""
        return await self._store.list_phrases(shop, account)

    async def put(self, shop: str, account: str, phrase: Phrase) -> Phrase:
        """Write one of the agent's own phrases; one without an id is new."""
        written = phrase if phrase.id else Phrase(
            secrets.token_hex(8), phrase.short_code, phrase.text, phrase.group
        )  # fmt: skip
        await self._store.put_phrase(shop, account, written)
        return written

    async def delete(self, shop: str, account: str, phrase: str) -> None:
        """Forget one of the agent's own phrases. Raises NotFound."""
        await self._store.delete_phrase(shop, account, phrase)

    async def _subject(self, shop: str, live: LiveShop, conversation: str) -> tuple[Subject, str]:
        if not conversation:
            return Subject(), "zh"
        waiting = await read_unanswered(self._store, shop, conversation)
        past: list[PastTurn] = read_history(waiting.history, self._normaliser)
        if viewed := viewed_turn(waiting.viewed, live.snapshot.products):
            past.insert(0, viewed)
        try:
            message = read_message(waiting.text or "…")
        except UnreadableMessage:
            message = read_message("…")
        text = strip_opener(self._normaliser.normalise(message.text))
        subject = await resolve_subject(shop, live.catalogue, self._facts, message, text, past)
        return subject, language_of(text, past)

    def _matches(self, query: str, entries: Iterable[Entry], own: Iterable[Phrase]) -> list[_Match]:
        found: list[_Match] = []
        for place, phrase in enumerate(own):
            rank = self._rank(query, phrase.short_code, "", phrase.group, phrase.text)
            if rank is not None:
                found.append(_Match(rank, place, own=phrase))
        for place, entry in enumerate(entries):
            group = f"{entry.group} {_GROUP_NAMES.get(entry.group, '')}"
            rank = self._rank(query, entry.short_code, entry.question, group, entry.reply)
            if rank is not None and (query or entry.short_code):
                found.append(_Match(rank, place, entry=entry))
        # The agent's own stand before the shop's of the same fit.
        return sorted(found, key=lambda match: (match.rank, match.own is None, match.place))

    def _rank(self, query: str, code: str, title: str, group: str, text: str) -> int | None:
        """Return how the query fits, lower is better; None when it does not."""
        if not query:
            return _CODE
        code, title = self._fold(code), self._fold(title)
        if code and code == query:
            return _CODE
        if code and code.startswith(query):
            return _CODE_BEGINS
        words = query.split()
        if title and all(word in title for word in words):
            return _TITLE
        if query.isascii() and (heard := self._sounds_like(query.replace(" ", ""), code, title or text[:60])):
            return heard
        if any(query == name for name in self._fold(group).split()):
            return _GROUP
        folded = self._fold(text)
        return _TEXT if all(word in folded for word in words) else None

    @staticmethod
    def _sounds_like(query: str, *texts: str) -> int | None:
        """Return how the initials fit: from the first character on, somewhere inside, or None."""
        readings = [reading for text in texts if text for reading in initials(text)]
        if any(reading.startswith(query) for reading in readings):
            return _INITIALS_BEGIN
        return _INITIALS if any(query in reading for reading in readings) else None

    def _fold(self, text: str) -> str:
        return " ".join(self._normaliser.normalise(text).lower().split())


_GROUP_NAMES = {
    "stock": "库存 现货", "shipping": "发货 快递 运费", "logistics": "物流 包裹", "invoice": "发票 开票",
    "return_refund": "售后 退货 退款 退换", "price_promo": "优惠 活动 价格", "product_info": "商品 产品",
    "order_change": "改单 订单", "greeting_thanks": "问候 感谢", "other": "其他",
}  # fmt: skip
"""What agents type for a group."""


def fill_entry(entry: Entry, resolver: FactResolver) -> tuple[str, list[Fact]]:
    """Return the entry's reply, filled as for a suggestion; where that cannot be, with 【names】 for what is missing."""
    filled = fill_reply(entry, resolver)
    if filled is not None:
        return filled.text, list(filled.facts)
    return fill_text(entry.reply, resolver)


def fill_text(text: str, resolver: FactResolver) -> tuple[str, list[Fact]]:
    """Return the template's text with 【names】 for what is missing; a text that is no template as it stands."""
    used: dict[str, Fact] = {}

    def value_of(variable: Variable) -> str | None:
        return resolver.value_of(variable, used)

    try:
        template = parsed(text)
    except TemplateError:
        return text, []
    pieces: list[str] = []
    for piece in template.pieces:
        if isinstance(piece, str):
            pieces.append(piece)
        else:
            pieces.append(value_of(piece.variable) or piece.fallback or f"【{piece.variable.zh}】")
    return "".join(pieces), list(used.values())


def _of_entry(entry: Entry, text: str, facts: tuple[FactUsed, ...]) -> QuickPhrase:
    return QuickPhrase(
        entry.id, False, entry.short_code, title_of(entry), entry.group, text, facts, entry.image
    )


def _of_own(phrase: Phrase, text: str, facts: tuple[FactUsed, ...]) -> QuickPhrase:
    title = phrase.text if len(phrase.text) <= 30 else f"{phrase.text[:29]}…"
    return QuickPhrase(phrase.id, True, phrase.short_code, title, phrase.group, text, facts)
