"""What one shop calls its own, as the guard looks for it: names, titles, numbers, links, codes and sentences, all folded."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.disguises import fold
from bot.domain.entry import Entry
from bot.domain.facts import Fact, Product, ShippingRule
from bot.domain.guard import Kind
from bot.domain.outside_contacts import PLATFORMS, domains_above, phones_in
from bot.domain.resolving import money
from bot.domain.template import Slot, TemplateError, parse_template
from bot.ports import ShopSnapshot, TextNormaliser

HEAD: Final = 10
"""Letters of the shortest sentence that counts; every sentence is found by its first so many."""
_CLAUSE: Final = 14
_LATIN_SENTENCE: Final = 20
_FIXED: Final = 8
"""Letters that stand fast in a sentence of several pieces: with a variable between them it is as long as HEAD."""
_ANCHOR: Final = 4
_PIECE: Final = 2
_MIN_TITLE: Final = 6
_MIN_LATIN_TITLE: Final = 12
SLOT: Final = "\0"

_SENTENCE_END: Final = re.compile(r"[。！？!?；;\n~～…]+|\.(?=\s|$)")
_CLAUSE_END: Final = re.compile(r"[，,、：:（）()]+")
_ADDRESS: Final = re.compile(r"^(?:亲爱的|亲亲|亲|您好|你好|宝子|宝贝|hello|hi|dear)+")
_TRADE_WORDS: Final = re.compile(
    r"小铺|小店|旗舰店?|专卖店?|专营店?|官方|自营|本店|网店|店铺|商城|店|铺|馆|家|优选|精选|生活|shop|store|mall"
)
_LONG_NUMBER: Final = re.compile(r"(?<![\dA-Za-z])\d{9,20}(?!\d)")
_CODE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{3,23}(?![A-Za-z0-9])"
)
_CODE_SAID: Final = re.compile(
    r"(?:券码|优惠码|兑换码|折扣码|暗号|口令|code)\s*(?:是|为|[:：])?\s*([A-Za-z0-9-]{4,24})", re.I
)
_MEASURE: Final = re.compile(r"\d+(?:g|kg|ml|l|mah|w|v|cm|mm|m|gb|tb|days?|pcs|off)|type-?c|usb\d*", re.I)
_ADDRESS_PART: Final = re.compile(r"(?:https?://)?[A-Za-z0-9_][A-Za-z0-9_.-]{5,}")
"""What of a contact is the shop's alone: an account, a domain, a number; the words around it are anybody's."""
_CODE_FACTS: Final = frozenset({"coupon", "promotion", "gift", "notice"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by its hashes: of the first HEAD letters and of all `length`. Hashes hold in this process only."""

    head: int
    length: int
    whole: int


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """What one shop calls its own. `phrases` and `numbers` by kind; `skeletons` are sentences with gaps where variables stood.

    `corpus` is all that the shop may say, folded, a text a line, variables as SLOT: what stands in it is never foreign to it.
    `sentences` holds head, length and whole of each, one after another (see sentences_of).
    """

    shop: str
    name: str
    version: int
    phrases: dict[str, Kind]
    numbers: dict[str, Kind]
    skeletons: tuple[tuple[str, ...], ...]
    sentences: array[int]
    corpus: str
    own_numbers: frozenset[str]
    domains: frozenset[str]

    def iter_sentences(self) -> Iterator[Sentence]:
        """Yield the sentences."""
        held = self.sentences
        for i in range(0, len(held), 3):
            yield Sentence(held[i], held[i + 1], held[i + 2])


def terms_of(snapshot: ShopSnapshot, normaliser: TextNormaliser, contacts: Sequence[str] = ()) -> ShopTerms:
    """Return what the shop of the snapshot calls its own; `contacts` are its own contact details."""
    collected = _Collector(normaliser.normalise)
    collected.take_shop_names(snapshot.shop.name, snapshot.shop.name_en, *snapshot.shop.aliases)
    for contact in contacts:
        collected.take_contact(contact)
    for fact in snapshot.facts.values():
        collected.take_fact(fact)
    for product in snapshot.products.values():
        collected.take_product(product)
    for rule in snapshot.shipping:
        collected.may_say(rule.note)
    fillings = _fillings(snapshot)
    for entry in snapshot.entries.values():
        collected.take_entry(entry, fillings)
    return collected.terms(snapshot.shop.id, snapshot.shop.name, snapshot.version)


def common_terms(entries: Iterable[Entry], normaliser: TextNormaliser) -> ShopTerms:
    """Return the sentences of starter packs, which are nobody's own."""
    collected = _Collector(normaliser.normalise)
    for entry in entries:
        collected.take_entry(entry, ())
    return collected.terms("", "", 0)


def _fillings(snapshot: ShopSnapshot) -> list[dict[str, str]]:
    """Return values of variables that stand fast in the shop: its facts, and with them each of its shipping rules."""
    shop_wide = {name: fact.value for name, fact in snapshot.facts.items()}
    shop_wide["shop_name"] = snapshot.shop.name
    rules = [
        shop_wide
        | {"courier": rule.courier, "delivery_days": rule.days, "shipping_fee": money(rule.fee)}
        | _free_from(rule)
        for rule in snapshot.shipping
        if rule.fee is not None
    ]
    return [shop_wide, *rules]


def _free_from(rule: ShippingRule) -> dict[str, str]:
    if rule.free_from is None:
        return {}
    return {"free_shipping": f"满{money(rule.free_from)}元包邮" if rule.free_from else "全场包邮"}


def _filled(pieces: tuple[str | Slot, ...], values: Mapping[str, str]) -> str:
    return "".join(
        piece if isinstance(piece, str) else values.get(piece.variable.name) or SLOT for piece in pieces
    )


class _Collector:
    """Gathers one shop's terms."""

    def __init__(self, simplify: Callable[[str], str]) -> None:
        self._simplify = simplify
        self._phrases: dict[str, Kind] = {}
        self._numbers: dict[str, Kind] = {}
        self._skeletons: dict[tuple[str, ...], None] = {}
        self._sentences: dict[str, None] = {}
        self._lines: dict[str, None] = {}
        self._own_numbers: set[str] = set()
        self._domains: set[str] = set()

    def terms(self, shop: str, name: str, version: int) -> ShopTerms:
        hashes = array("q")
        for text in self._sentences:
            hashes.extend((hash(text[:HEAD]), len(text), hash(text)))
        return ShopTerms(
            shop, name, version, self._phrases, self._numbers, tuple(self._skeletons), hashes,
            "\n".join(self._lines), frozenset(self._own_numbers) | frozenset(self._numbers), frozenset(self._domains),
        )  # fmt: skip

    def may_say(self, text: str) -> None:
        """Note a text that the shop may say without it being the shop's alone."""
        if text:
            self._lines[self._fold(text)] = None
            self._own_numbers.update(_LONG_NUMBER.findall(text), phones_in(text))

    def take_shop_names(self, *names: str) -> None:
        for name in names:
            self.may_say(name)
            folded = self._fold(name)
            # 小铺 is what any small shop calls itself; 云上家 is a name.
            distinct = len(folded) >= 4 or len(_TRADE_WORDS.sub("", folded)) >= 2
            if len(folded) >= (6 if folded.isascii() else 2) and distinct:
                self._phrases[folded] = Kind.NAME

    def take_contact(self, contact: str) -> None:
        """Take a phone number, a name in a messenger or a site's address, with any words around it."""
        self.may_say(contact)
        self._take_phones(contact)
        for part in _ADDRESS_PART.findall(contact):
            if part.isdecimal():
                self._numbers.setdefault(part, Kind.PHONE)
            elif "." in part:
                self._take_link(part)
            elif any(map(str.isdigit, part)) and any(map(str.isalpha, part)):
                self._phrases.setdefault(self._fold(part), Kind.PHONE)

    def take_fact(self, fact: Fact) -> None:
        self.may_say(fact.value)
        self._take_phones(fact.value)
        self._take_sentences([fact.value])
        for clause in _CLAUSE_END.split(fact.value):
            # A code is found by itself, with any words around it.
            if not _CODE.search(clause):
                self._take_sentence(self._fold(clause))
        if fact.name in _CODE_FACTS:
            self._take_codes(_CODE.findall(fact.value))
        self._take_codes(_CODE_SAID.findall(fact.value))

    def take_product(self, product: Product) -> None:
        for title in (product.title, product.title_en, *product.aliases):
            self.may_say(title)
            folded = self._fold(title)
            # What buyers call it in a word or two, any shop's buyers do.
            if len(folded) >= (_MIN_LATIN_TITLE if folded.isascii() else _MIN_TITLE):
                self._phrases[folded] = Kind.TITLE
        if len(product.item_id) >= 7 and product.item_id.isdecimal():
            self._numbers[product.item_id] = Kind.ITEM
        elif product.item_id:
            self.may_say(product.item_id)
        self._take_link(product.url)
        for value in product.attributes.values():
            self.may_say(value)
            self._take_sentences([value])
        for variant in product.variants:
            self.may_say(variant.label)

    def take_entry(self, entry: Entry, fillings: Sequence[Mapping[str, str]]) -> None:
        """Take an entry's replies, each also with its variables filled in these ways: so they are said."""
        for template in dict.fromkeys((entry.reply, entry.fallback, *entry.cases.values())):
            if template:
                self._take_template(template, fillings)

    def _take_template(self, template: str, fillings: Sequence[Mapping[str, str]]) -> None:
        try:
            pieces = parse_template(template).pieces
        except TemplateError:
            pieces = (template,)
        for piece in pieces:
            if isinstance(piece, Slot) and piece.fallback:
                self._take_text(piece.fallback)
        for text in dict.fromkeys(_filled(pieces, filling) for filling in ({}, *fillings)):
            self._take_text(text)

    def _take_text(self, text: str) -> None:
        self._lines[self._fold_marked(text)] = None
        self._own_numbers.update(_LONG_NUMBER.findall(text), phones_in(text))
        self._take_phones(text)
        self._take_codes(_CODE_SAID.findall(text))
        for sentence in _SENTENCE_END.split(text):
            self._take_sentences(sentence.split(SLOT))

    def _take_sentences(self, parts: list[str]) -> None:
        """Take one sentence, split where its variables stand."""
        folded = [self._fold(part) for part in parts]
        long = False
        for part, letters in zip(parts, folded, strict=True):
            for sentence in _SENTENCE_END.split(part):
                long = self._take_sentence(self._fold(sentence)) or long
                for clause in _CLAUSE_END.split(sentence):
                    if len(letters := self._fold(clause)) >= _CLAUSE:
                        self._take_sentence(letters)
        if long or len(parts) < 2:
            return
        skeleton = tuple(letters for letters in folded if len(letters) >= _PIECE)
        fixed = sum(map(len, skeleton))
        several = len(skeleton) > 1 and fixed >= _FIXED
        if (several or fixed >= HEAD) and max(map(len, skeleton)) >= _ANCHOR:
            self._skeletons[skeleton] = None

    def _take_sentence(self, letters: str) -> bool:
        """Take a sentence, also without the word that addresses the buyer; return whether it is long enough to count."""
        found = False
        for each in (letters, _ADDRESS.sub("", letters)):
            if len(each) >= (HEAD if not each.isascii() else _LATIN_SENTENCE):
                self._sentences[each] = None
                found = True
        return found

    def _take_phones(self, text: str) -> None:
        for digits in phones_in(text):
            self._numbers[digits] = Kind.PHONE

    def _take_codes(self, codes: Iterable[str]) -> None:
        for code in codes:
            plain = code.replace("-", "")
            has_digit = any(map(str.isdigit, plain))
            if _MEASURE.fullmatch(code) or not (has_digit or (plain.isupper() and len(plain) >= 5)):
                continue
            if any(map(str.isalpha, plain)):
                self._phrases.setdefault(plain.lower(), Kind.CODE)
                self._lines[plain.lower()] = None

    def _take_link(self, url: str) -> None:
        if not url:
            return
        self.may_say(url)
        host = (
            url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
            or url.partition("/")[0].lower()
        )
        first, _, rest = host.partition(".")
        if not rest or any(domain in PLATFORMS for domain in domains_above(host)):
            return
        hosts = (
            [host, rest] if first in ("www", "m", "h5", "item", "detail", "wap") and "." in rest else [host]
        )
        for each in hosts:
            self._domains.add(each)
            self._phrases[self._fold(each)] = Kind.LINK

    def _fold(self, text: str) -> str:
        return fold(text, self._simplify)

    def _fold_marked(self, text: str) -> str:
        return SLOT.join(map(self._fold, text.split(SLOT)))
