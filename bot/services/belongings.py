"""Whose a string is: the one table that knows every shop's terms, and only ever answers "this belongs to another shop"."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Final

from bot.domain.disguises import DigitRun, Reading
from bot.domain.guard import Kind, Sighting
from bot.ports.guard import PhraseMatcher, PhraseMatchers
from bot.services.guard_terms import HEAD, ShopTerms

SHARDS: Final = 16
"""Automata are built by shard of shops: an edit rebuilds a sixteenth of them."""
_GAP: Final = 60
"""Letters that a variable's value may have between two pieces of a sentence."""
_SURE: Final = 10
"""A number of so many digits is found even where it touches others."""

Skeleton = tuple[str, ...]


class _Owners:
    """Which shops call a string their own. One's alone, or nobody's in particular."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, str | frozenset[str]] = {}

    def add(self, key: Hashable, shop: str) -> None:
        held = self._by_key.get(key)
        if held is None or held == shop:
            self._by_key[key] = shop
        else:
            self._by_key[key] = (held if isinstance(held, frozenset) else frozenset({held})) | {shop}

    def remove(self, key: Hashable, shop: str) -> None:
        held = self._by_key.get(key)
        if held == shop:
            del self._by_key[key]
        elif isinstance(held, frozenset):
            left = held - {shop}
            self._by_key[key] = left if len(left) > 1 else next(iter(left))

    def other_than(self, shop: str, key: Hashable) -> str:
        """Return the one shop whose own the key is, "" when that is `shop` itself, several, or none."""
        held = self._by_key.get(key)
        return held if isinstance(held, str) and held != shop else ""


class Belongings:
    """Every shop's terms, by what they are looked up with. Changed on the event loop only; automata are built elsewhere."""

    def __init__(self, matchers: PhraseMatchers) -> None:
        self._matchers = matchers
        self._terms: dict[str, ShopTerms] = {}
        self._owners = _Owners()
        self._heads: dict[int, tuple[int, ...]] = {}
        """Lengths of the sentences that begin with these letters, by their hash."""
        self._stale = 0
        self._sentences = 0
        self._number_lengths: Counter[int] = Counter()
        self._skeletons: dict[str, dict[Skeleton, None]] = {}
        self._shards: dict[int, PhraseMatcher] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def terms_of(self, shop: str) -> ShopTerms | None:
        """Return what the shop calls its own, None when it is not known here."""
        return self._terms.get(shop)

    def put(self, terms: ShopTerms) -> int:
        """Take in a shop's terms in place of its former ones; return the shard to build anew."""
        shard = self.drop(terms.shop)
        self._terms[terms.shop] = terms
        for phrase in terms.phrases:
            self._owners.add(phrase, terms.shop)
        for number in terms.numbers:
            self._owners.add(("n", number), terms.shop)
            self._number_lengths[len(number)] += 1
        for skeleton in terms.skeletons:
            self._owners.add(skeleton, terms.shop)
            self._skeletons.setdefault(_anchor(skeleton), {})[skeleton] = None
        self._put_sentences(terms)
        return shard

    def drop(self, shop: str) -> int:
        """Forget a shop; return the shard to build anew."""
        terms = self._terms.pop(shop, None)
        if terms is not None:
            for phrase in terms.phrases:
                self._owners.remove(phrase, shop)
            for number in terms.numbers:
                self._owners.remove(("n", number), shop)
                self._number_lengths[len(number)] -= 1
            for skeleton in terms.skeletons:
                self._owners.remove(skeleton, shop)
            for sentence in terms.iter_sentences():
                self._owners.remove(sentence.whole, shop)
                self._stale += 1
        return _shard_of(shop)

    def build(self, shard: int, shops: list[ShopTerms]) -> PhraseMatcher:
        """Return the automaton of these shops; may run in a thread."""
        return self._matchers.build(
            {phrase for terms in shops for phrase in terms.phrases}
            | {_anchor(skeleton) for terms in shops for skeleton in terms.skeletons}
        )

    def shops_in(self, shard: int) -> list[ShopTerms]:
        """Return the terms of the shops of a shard, for `build`."""
        return [terms for shop, terms in self._terms.items() if _shard_of(shop) == shard]

    def use(self, shard: int, matcher: PhraseMatcher) -> None:
        """Look with this automaton from now on."""
        self._shards[shard] = matcher

    def foreign_to(self, shop: str, reading: Reading, runs: list[DigitRun]) -> Iterator[Sighting]:
        """Yield what in the text is one other shop's alone, and nothing that `shop` says itself."""
        own = self._terms.get(shop)
        if own is None or not reading.text:
            return
        yield from self._phrases_in(own, reading)
        yield from self._sentences_in(own, reading)
        yield from self._numbers_in(own, runs)

    def _phrases_in(self, own: ShopTerms, reading: Reading) -> Iterator[Sighting]:
        for matcher in self._shards.values():
            for start, end in matcher.find(reading.text):
                phrase = reading.text[start:end]
                if owner := self._owners.other_than(own.shop, phrase):
                    kind = self._terms[owner].phrases[phrase]
                    if phrase not in own.corpus and _is_clear(kind, reading, start, end):
                        yield Sighting(kind, *reading.span(start, end), owner)
                for skeleton in self._skeletons.get(phrase, ()):
                    yield from self._filled(own, reading, skeleton, start)

    def _filled(self, own: ShopTerms, reading: Reading, skeleton: Skeleton, start: int) -> Iterator[Sighting]:
        """Yield the sentence whose pieces stand around the anchor found, with something for its variables between."""
        owner = self._owners.other_than(own.shop, skeleton)
        if not owner:
            return
        span = _around(reading.text, skeleton, skeleton.index(_anchor(skeleton)), start)
        if span is not None and not re.search(f".{{0,{_GAP}}}".join(map(re.escape, skeleton)), own.corpus):
            yield Sighting(Kind.SENTENCE, *reading.span(*span), owner)

    def _sentences_in(self, own: ShopTerms, reading: Reading) -> Iterator[Sighting]:
        text, heads = reading.text, self._heads
        for start in range(len(text) - HEAD + 1):
            for length in heads.get(hash(text[start : start + HEAD]), ()):
                whole = text[start : start + length]
                if len(whole) < length:
                    continue
                owner = self._owners.other_than(own.shop, hash(whole))
                if owner and whole not in own.corpus:
                    yield Sighting(Kind.SENTENCE, *reading.span(start, start + length), owner)

    def _numbers_in(self, own: ShopTerms, runs: list[DigitRun]) -> Iterator[Sighting]:
        lengths = [length for length, count in self._number_lengths.items() if count > 0]
        for run in runs:
            for length in lengths:
                for start in range(len(run.digits) - length + 1):
                    number = run.digits[start : start + length]
                    owner = self._owners.other_than(own.shop, ("n", number))
                    if not owner or number in own.own_numbers:
                        continue
                    if length >= _SURE or run.is_whole(start, start + length):
                        kind = self._terms[owner].numbers[number]
                        yield Sighting(kind, *run.span(start, start + length), owner)

    def _put_sentences(self, terms: ShopTerms) -> None:
        if self._stale > max(10_000, self._sentences // 2):
            self._heads, self._stale, self._sentences = {}, 0, 0
            for each in self._terms.values():
                self._put_heads(each)
        else:
            self._put_heads(terms)
        for sentence in terms.iter_sentences():
            self._owners.add(sentence.whole, terms.shop)

    def _put_heads(self, terms: ShopTerms) -> None:
        for sentence in terms.iter_sentences():
            held = self._heads.get(sentence.head, ())
            self._sentences += 1
            if sentence.length not in held:
                self._heads[sentence.head] = (*held, sentence.length)


def _is_clear(kind: Kind, reading: Reading, start: int, end: int) -> bool:
    """Whether what was found is more than letters that happen to stand side by side."""
    if not reading.stands_alone(start, end):
        return False
    return kind is not Kind.NAME or reading.is_one_piece(start, end)


def _around(text: str, skeleton: Skeleton, anchor: int, start: int) -> tuple[int, int] | None:
    end = start + len(skeleton[anchor])
    for piece in reversed(skeleton[:anchor]):
        start = text.rfind(piece, max(0, start - _GAP - len(piece)), start)
        if start < 0:
            return None
    for piece in skeleton[anchor + 1 :]:
        found = text.find(piece, end, end + _GAP + len(piece))
        if found < 0:
            return None
        end = found + len(piece)
    return start, end


def _anchor(skeleton: Skeleton) -> str:
    return max(skeleton, key=len)


def _shard_of(shop: str) -> int:
    return zlib.crc32(shop.encode()) % SHARDS
