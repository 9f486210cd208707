"""Finding a shop's products and their options in a message: its own catalogue only, by names buyers use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bot.domain.colours import ENGLISH_COLOURS
from bot.domain.facts import Product, Variant

_IDLE_SPACE: Final = re.compile(r"(?<![a-z0-9])\s+|\s+(?![a-z0-9])")
_LATIN_SIZE: Final = re.compile(r"x{2,6}(?=[ls])|\b[2-6]x(?=[ls])", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![a-z0-9'’])(?:[2-6]?x?[sl]|m)(?![a-z0-9])")
_ANY_COLOUR: Final = re.compile(
    r"(?<![变褪掉染彩肤])[黑白灰红蓝绿黄粉紫棕橙青咖啡米杏驼金银藏肉浅深]{1,3}色(?!差)"
)
_SHORT_COLOUR: Final = re.compile(
    r"(?<=[黑白灰红蓝绿黄粉紫棕橙])(?=(?:[2-6]?x{0,2}[sml]|[2-4][0-9]码)(?![a-z0-9]))"
)
"""After a colour that is said in one character, with the size right behind it: 黑L, 白30码."""
_AMOUNT: Final = re.compile(r"([1-9][0-9]{0,5})([\u4e00-\u9fff]{1,3})")
_NUMERALS: Final = {
    1: ("一",), 2: ("两", "二"), 3: ("三",), 4: ("四",), 5: ("五",), 6: ("六",), 7: ("七",), 8: ("八",), 9: ("九",), 10: ("十",),
}  # fmt: skip
_UNITS: Final = {"毫安": ("mah", "毫安时")}
_MIN_NAME: Final = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mention:
    """What a text names of a catalogue: `products` by id, and option values by option name (colour → 黑色)."""

    products: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    item_known: bool = True
    """False when the text held an item id that is not this shop's."""


def fold(text: str) -> str:
    """Return the text as names are compared: lower case, spaces only between English words, XXL written 2xl."""
    lowered = _IDLE_SPACE.sub("", text.lower())
    return _LATIN_SIZE.sub(_numbered_size, lowered)


def _numbered_size(match: re.Match[str]) -> str:
    token = match.group()
    return token if token[0].isdigit() else f"{len(token)}x"


class Catalogue:
    """The names by which one shop's products, options and item ids can be found."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products = {product.id: product for product in products}
        self._by_item = {p.item_id: p.id for p in self._products.values() if p.item_id}
        self._names: _NameTable[str] = _NameTable()
        self._options: _NameTable[tuple[str, str]] = _NameTable()
        self._has_colours = any(
            "colour" in variant.options for each in self._products.values() for variant in each.variants
        )
        for product in self._products.values():
            for name in (product.title, product.title_en, *product.aliases):
                self._names.add(name, product.id)
            for variant in product.variants:
                for option, value in variant.options.items():
                    for form in _forms(option, value):
                        self._options.add(form, (option, value))

    def find(self, text: str, item_ids: Iterable[str] = ()) -> Mention:
        """Return what `text` (cleaned) and `item_ids` name of this catalogue."""
        folded = _SHORT_COLOUR.sub("色", fold(text))
        ids = list(item_ids)
        products = [self._by_item[item] for item in ids if item in self._by_item]
        item_known = not ids or bool(products)
        if not products:
            products = self._names.find(folded)
        options: dict[str, str] = {}
        for option, value in self._options.find(folded):
            if not options.get(option) or self._fits(products, option, value):
                options[option] = value
        if "size" not in options and (other := _SIZE.search(folded)):
            # A size that this shop does not carry is still what the buyer asks for: it must not pass for "any size".
            options["size"] = other.group().upper()
        if self._has_colours and "colour" not in options and (colour := _ANY_COLOUR.search(folded)):
            options["colour"] = colour.group()  # so it is with a colour
        return Mention(tuple(dict.fromkeys(products)), options, item_known)

    def without_names(self, text: str) -> str:
        """Return the text, folded, without the names of this catalogue's products: what is asked of any of them."""
        return self._names.cut(fold(text)).strip()

    def products_of(self, mention: Mention) -> list[Product]:
        """Return the products that are named."""
        return [self._products[i] for i in mention.products if i in self._products]

    def matching_variants(self, mention: Mention) -> list[tuple[Product, Variant]]:
        """Return the variants that have every option named, among the products named (all when none is)."""
        chosen = self.products_of(mention) or list(self._products.values())
        return [
            (product, variant)
            for product in chosen
            for variant in product.variants
            if all(variant.options.get(option) == value for option, value in mention.options.items())
        ]

    def _fits(self, products: list[str], option: str, value: str) -> bool:
        return any(
            variant.options.get(option) == value for i in products for variant in self._products[i].variants
        )


def _forms(option: str, value: str) -> tuple[str, ...]:
    """Return how buyers write an option's value: 黑色 also as 黑的 and black, L码 also as L."""
    if option == "colour":
        return (value, *_colour_forms(value))
    if option == "flavour" and value.endswith("味") and len(value) >= 3:
        return (value, value[:-1])
    if option == "size" and value.endswith("码") and len(value) >= 2 and not value[:-1].isdigit():
        return (value, value[:-1])
    return (value, *_amount_forms(value))


def _amount_forms(value: str) -> tuple[str, ...]:
    """Return an amount as it is said: 10000毫安 also as 一万毫安, 1万毫安 and 10000mah, 2米 as 两米."""
    amount = _AMOUNT.fullmatch(value)
    if amount is None:
        return ()
    number, unit = int(amount[1]), amount[2]
    many, rest = divmod(number, 10_000)
    said = [number] if number <= 10 else [many] if not rest and many <= 10 else []
    ending = "" if number <= 10 else "万"
    if 10 < number < 100:
        return tuple(f"{each}{unit}" for each in (amount[1], _in_words(number)))
    numerals = [f"{numeral}{ending}" for each in said for numeral in _NUMERALS.get(each, ())]
    numerals += [f"{many}万", f"{many}w"] if ending and said else []
    units = (unit, *_UNITS.get(unit, ()))
    return tuple(f"{numeral}{each}" for numeral in (amount[1], *numerals) for each in units)


def _in_words(number: int) -> str:
    """Return a number from eleven to ninety-nine as it is said: 三十, 三十五, 十二."""
    tens, ones = divmod(number, 10)
    said = "" if tens == 1 else _NUMERALS[tens][-1]
    return f"{said}十{_NUMERALS[ones][-1] if ones else ''}"


def _colour_forms(value: str) -> tuple[str, ...]:
    bare = value.removesuffix("色")
    english = (ENGLISH_COLOURS[bare],) if bare in ENGLISH_COLOURS else ()
    spoken = (bare,) if len(bare) >= 2 else (f"{bare}的", f"{bare}款")
    return (*spoken, *english) if bare != value else english


class _NameTable(Generic[T]):
    """Names with what they stand for, found by their first character: longest first, no overlaps."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[str]] = {}
        self._values: dict[str, list[T]] = {}

    def add(self, name: str, value: T) -> None:
        folded = fold(name)
        if len(folded) < _MIN_NAME and not folded.isascii():
            return
        if not folded:
            return
        if folded not in self._values:
            self._values[folded] = []
            bucket = self._by_first.setdefault(folded[0], [])
            bucket.append(folded)
            bucket.sort(key=len, reverse=True)
        if value not in self._values[folded]:
            self._values[folded].append(value)

    def find(self, folded: str) -> list[T]:
        return [value for start, end in self._spans(folded) for value in self._values[folded[start:end]]]

    def cut(self, folded: str) -> str:
        """Return the text without the names in it."""
        kept, last = [], 0
        for start, end in self._spans(folded):
            kept.append(folded[last:start])
            last = end
        return "".join([*kept, folded[last:]])

    def _spans(self, folded: str) -> Iterator[tuple[int, int]]:
        position = 0
        while position < len(folded):
            for name in self._by_first.get(folded[position], ()):
                end = position + len(name)
                if folded.startswith(name, position) and _stands_alone(folded, position, end):
                    yield position, end
                    position = end
                    break
            else:
                position += 1


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether an ASCII name is not the middle of a longer ASCII word (the L of XL, the M of I'm) or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if _is_ascii_word(text[start]) and before and (_is_ascii_word(before) or before in "'’"):
        return False
    return not (_is_ascii_word(text[end - 1]) and after and _is_ascii_word(after))


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()
