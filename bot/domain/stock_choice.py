"""Which variants of a product fit what a buyer wants, which of them can be offered, and which lie nearest to one that is out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.catalogue import Catalogue, Mention, fold
from bot.domain.colours import english_colour
from bot.domain.facts import TIME_TO_LIVE, Product, Variant

MOST_NAMED: Final = 6
"""Choices that a buyer is named at once."""
MOST_NEAREST: Final = 3
_DENIED: Final = re.compile(
    r"(?:(?<!是)不是|(?<!要)不要|不想要|不喜欢|别要|除了|而不是|\bnot(?: the)?\b)\s*([^\s,，。;；、要是而换改但]{1,8})",
    re.IGNORECASE,
)
_BARE: Final = re.compile(r"(?<![0-9.])[0-9]{2,6}(?![0-9.]|[元块件个天号点斤岁%条年月分钱小kK])", re.ASCII)
_COLOURS: Final = "([黑白灰红蓝绿黄粉紫棕橙])"
_COLOUR: Final = re.compile(rf"{_COLOURS}(?:色|的|款)|(?<![\u4e00-\u9fff]){_COLOURS}(?![\u4e00-\u9fff])")
_SPOKEN_SIZE: Final = re.compile(
    r"(特大|加大|大|中|小)[号码](?!段)|\b(small|medium|(?:x-?)?large)\b", re.IGNORECASE
)
_SPOKEN_SIZES: Final = {
    "小": "S", "中": "M", "大": "L", "加大": "XL", "特大": "2XL",
    "small": "S", "medium": "M", "large": "L", "xlarge": "XL", "x-large": "XL",
}  # fmt: skip
_NAMED: Final = r"(?:的|款|那|这|呢|有|多少|$)"
"""What follows a kind that is named without its 款: 成人的, 插电有没有. 充电 alone is what a product does."""
_HUES: Final = frozenset("黑白灰红蓝绿黄粉紫棕橙青咖浅深")
_CHINESE_PAIR: Final = re.compile(r"[\u4e00-\u9fff]{2}")
_LETTERS: Final = re.compile(r"(?:([2-6])?(x))?([sml])(?:码)?$")
_LEADING: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,2})?", re.ASCII)
_UNRANKED: Final = float("inf")
_PIECES: Final = re.compile(
    r"(?<![0-9.])([1-9][0-9]{0,4})\s*(?:件|个|条|双|盒|套|箱|份|台|pcs\b|pieces?\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer wants of a catalogue: as a Mention, and option values that he does not want.

    `is_chosen`: he named one of the choices by its place, and nothing else in his words is an option.
    """

    mention: Mention
    denied: Mapping[str, str]
    is_chosen: bool = False


def read_wanted(catalogue: Catalogue, text: str, item_ids: Iterable[str] = ()) -> Wanted:
    """Return what the text names and what it refuses: 「不是黑的 要白的」 wants white."""
    refused = " ".join(match[1] for match in _DENIED.finditer(text))
    denied = catalogue.find(refused).options if refused else {}
    if not denied:
        return Wanted(catalogue.find(text, item_ids), {})
    return Wanted(catalogue.find(_DENIED.sub(" ", text), item_ids), denied)


def read_loosely(product: Product, text: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return options of the product that the text names short: 深蓝29, 白色5000, 绿的 for its only green.

    A colour that the product does not come in is an option too: it must not pass for "any colour". `named` are those that
    the text names in full.
    """
    found: dict[str, str] = {}
    values = {
        option: {v.options[option] for v in product.variants if option in v.options}
        for option in _of(product)
    }
    numbers = set(_BARE.findall(text))
    for option, among in values.items():
        fitting = {value for value in among if (lead := _LEADING.match(value)) and lead[0] in numbers}
        fitting = fitting or {value for value in among if _is_kind(value, text)}
        fitting = fitting or _by_part(among, text)
        fitting = fitting or {value for value in among if _SPOKEN_SIZES.get(_letters_in(text)) == value}
        if option not in named and len(fitting) == 1:
            found[option] = fitting.pop()
    if "colour" in values and "colour" not in named and (said := _colour_in(text, product)):
        bare = said[1] or said[2]
        like = {value for value in values["colour"] if bare in value}
        if len(like) < 2:
            found["colour"] = like.pop() if like else f"{bare}色"
    return found


def _by_part(among: Iterable[str], text: str) -> set[str]:
    """Return the values of which the text names a part that no other value has: 蜜味 of 蜂蜜味 and 盐焗味."""
    values = list(among)
    parts = {value: {pair for pair in _pairs_of(value) if pair in text} for value in values}
    return {
        value
        for value in values
        if parts[value] - {pair for other in values if other != value for pair in _pairs_of(other)}
    }


def like_colour(product: Product, options: Mapping[str, str]) -> dict[str, str]:
    """Return the options, a colour that the product does not come in taken for its only one that is like it: 灰色 for 炭灰色."""
    comes_in = {each.options["colour"] for each in product.variants if "colour" in each.options}
    said = options.get("colour", "")
    like = {value for value in comes_in if said and _hues(said) & _hues(value)}
    if not said or said in comes_in or len(like) != 1:
        return dict(options)
    return {**options, "colour": like.pop()}


def _hues(colour: str) -> set[str]:
    return set(colour) & _HUES


def _pairs_of(value: str) -> set[str]:
    """Return the pairs of neighbouring Chinese characters in the value."""
    return {value[at : at + 2] for at in range(len(value) - 1) if _CHINESE_PAIR.fullmatch(value[at : at + 2])}


def _letters_in(text: str) -> str:
    said = _SPOKEN_SIZE.search(text)
    return (said[1] or said[2]).lower() if said else ""


def _colour_in(text: str, product: Product) -> re.Match[str] | None:
    """Return where a colour is named short, also right before the product's name: 灰毛巾."""
    for name in (product.title, *product.aliases):
        if name and (said := re.search(rf"{_COLOURS}()(?={re.escape(name)})", text)):
            return said
    return _COLOUR.search(text)


def _is_kind(value: str, text: str) -> bool:
    bare = value.removesuffix("款")
    return len(bare) > 1 and bare != value and re.search(re.escape(bare) + _NAMED, text) is not None


def has_bare_number(text: str) -> bool:
    """Whether the text holds a number without a unit, such as names an amount short: 白色5000."""
    return bool(_BARE.search(text))


def _of(product: Product) -> list[str]:
    return list(dict.fromkeys(option for variant in product.variants for option in variant.options))


def without_denied(catalogue: Catalogue, text: str) -> str:
    """Return the text without the options that it refuses."""
    return _DENIED.sub(lambda match: " " if catalogue.find(match[1]).options else match[0], text)


def pieces_wanted(text: str, product: Product) -> int:
    """Return how many pieces the buyer wants, 1 when he says nothing of it; 「10双装」 may be a variant's own name."""
    names = "".join([product.title, *(v for variant in product.variants for v in variant.options.values())])
    said = [int(match[1]) for match in _PIECES.finditer(text) if match[0].replace(" ", "") not in names]
    return max(said, default=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A product's variants as they may be spoken of at `now`: what is older than `lifetime` is not known any more."""

    product: Product
    now: datetime
    lifetime: timedelta = TIME_TO_LIVE["stock"]

    def is_fresh(self, variant: Variant) -> bool:
        return self.now - self.product.learned_at(variant) <= self.lifetime

    def offered(self, among: Iterable[Variant] | None = None) -> list[Variant]:
        """Return those that are surely in stock, in the catalogue's order."""
        chosen = self.product.variants if among is None else among
        return [each for each in chosen if each.stock and self.is_fresh(each)]

    def fitting(self, options: Mapping[str, str], denied: Mapping[str, str]) -> list[Variant]:
        """Return the variants that have every option named and none refused."""
        return [
            variant
            for variant in self.product.variants
            if all(variant.options.get(option) == value for option, value in options.items())
            and not any(variant.options.get(option) == value for option, value in denied.items())
        ]

    def open_option(self, among: Sequence[Variant]) -> str:
        """Return the first option in which these differ, "" when they differ in none."""
        for option in _of(self.product):
            if len({variant.options.get(option) for variant in among}) > 1:
                return option
        return ""

    def has_options(self, options: Iterable[str]) -> bool:
        """Whether the product comes in these kinds of options at all."""
        return set(options) <= set(_of(self.product))

    def nearest(self, missing: Variant) -> list[Variant]:
        """Return those in stock that come nearest: the same but for the colour, then the neighbouring size, then the rest."""
        others = [each for each in self.offered() if each.sku != missing.sku]
        return sorted(others, key=lambda each: self._distance(missing, each))[:MOST_NEAREST]

    def _distance(self, missing: Variant, other: Variant) -> tuple[int, int, int]:
        differing = [o for o in _of(self.product) if missing.options.get(o) != other.options.get(o)]
        steps = sum(self._steps(option, missing, other) for option in differing if option != "colour")
        return (len(differing), steps, self.product.variants.index(other))

    def _steps(self, option: str, one: Variant, other: Variant) -> int:
        named = dict.fromkeys(variant.options.get(option, "") for variant in self.product.variants)
        scale = sorted(named, key=_rank) if all(_rank(value) < _UNRANKED for value in named) else list(named)
        return abs(scale.index(one.options.get(option, "")) - scale.index(other.options.get(option, "")))


def _rank(value: str) -> float:
    """Return where a size stands among sizes: letters from XS up, or its number (30码, 1.8米)."""
    if letters := _LETTERS.match(fold(value)):
        times, letter = int(letters[1] or (1 if letters[2] else 0)), letters[3]
        return {"s": -times, "m": 1.0, "l": 2.0 + times}[letter]
    number = _LEADING.match(value)
    return float(number[0]) if number else _UNRANKED


def label_of(variant: Variant, language: str) -> str:
    """Return the variant's options as they are said."""
    return say_options(variant.options, language)


def say_options(options: Mapping[str, str], language: str) -> str:
    """Return option values as they are said."""
    return " ".join(map(english_colour, options.values()) if language == "en" else options.values())


def title_of(product: Product, language: str) -> str:
    """Return the product's title as it is said."""
    return product.title_en or product.title if language == "en" else product.title


def listed(names: Sequence[str], language: str) -> str:
    """Return at most MOST_NAMED names in a row, and that there are more."""
    shown = list(dict.fromkeys(names))
    more = (" and more" if language == "en" else "等") if len(shown) > MOST_NAMED else ""
    return (", " if language == "en" else "、").join(shown[:MOST_NAMED]) + more
