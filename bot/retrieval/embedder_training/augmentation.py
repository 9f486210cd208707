"""Writes a text as another buyer might: typos by sound, lost and swapped characters, dialect, politeness, synonyms."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from pypinyin import lazy_pinyin

from bot.retrieval.embedder_training.characters import is_gram_character

DIALECT: Final[tuple[tuple[str, ...], ...]] = (
    ("什么时候", "啥时候", "几时", "好久", "多会儿", "撒时候"),
    ("什么", "啥", "咩", "神马"),
    ("怎么", "咋", "咋个", "怎样", "如何"),
    ("为什么", "为啥", "咋", "怎么"),
    ("没有", "木有", "没得", "冇", "没"),
    ("有没有", "有木有", "有吗", "有无"),
    ("知道", "晓得"),
    ("多少", "好多", "几多"),
    ("可以", "可不可以", "能", "能不能", "阔以", "得不得行"),
    ("是不是", "系不系", "是否", "是吗"),
    ("这个", "这款", "介个", "这"),
    ("你们", "您家", "你家", "贵店", "店里"),
    ("我的", "俺的", "我"),
    ("吗", "么", "不", "嘛", "吧", "没"),
    ("呢", "呀", "啊", "捏", ""),
)
_BEFORE: Final = ("请问", "亲", "你好", "您好，", "麻烦问下", "那个", "我想问一下", "客服", "亲，", "在吗 ")
_AFTER: Final = ("啊", "呢", "哦", "呀", "谢谢", "？", "，急", "哈", "亲", "了", " 麻烦了")
_MAX_SOUNDALIKES: Final = 12

_Change: TypeAlias = Callable[[str], str]


class Augmenter:
    """Varies texts with a random generator of its own, so that a seed gives the same texts again."""

    def __init__(self, texts: Iterable[str], synonyms: Sequence[Sequence[str]], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._soundalikes = _soundalikes(texts)
        self._swaps = _swaps((*DIALECT, *synonyms))

    def vary(self, text: str) -> str:
        """Return `text` changed in one to three ways; the words that carry the meaning mostly survive."""
        for change in self._random.sample(self._changes(), self._random.choice((1, 1, 2, 3))):
            text = change(text) or text
        return text

    def _changes(self) -> list[_Change]:
        return [self._swap_word, self._swap_word, self._mistype, self._drop, self._exchange, self._decorate]

    def _swap_word(self, text: str) -> str:
        found = [word for length in (5, 4, 3, 2, 1) for word in _pieces(text, length) if word in self._swaps]
        if not found:
            return text
        word = self._random.choice(found)
        return text.replace(word, self._random.choice(self._swaps[word]), 1)

    def _mistype(self, text: str) -> str:
        places = [place for place, character in enumerate(text) if character in self._soundalikes]
        if not places:
            return text
        place = self._random.choice(places)
        return text[:place] + self._random.choice(self._soundalikes[text[place]]) + text[place + 1 :]

    def _drop(self, text: str) -> str:
        if len(text) < 5:
            return text
        place = self._random.randrange(len(text))
        return text[:place] + text[place + 1 :]

    def _exchange(self, text: str) -> str:
        if len(text) < 5:
            return text
        place = self._random.randrange(len(text) - 1)
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    def _decorate(self, text: str) -> str:
        if text.isascii():
            return text
        if self._random.random() < 0.5:
            return self._random.choice(_BEFORE) + text
        return text + self._random.choice(_AFTER)


def _pieces(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(len(text) - length + 1)]


def _soundalikes(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each Chinese character of `texts` the others of the same syllable, tones apart."""
    characters = sorted({c for text in texts for c in text if is_gram_character(c) and not c.isdigit()})
    by_sound: defaultdict[str, list[str]] = defaultdict(list)
    for character in characters:
        by_sound[lazy_pinyin(character)[0]].append(character)
    return {
        character: tuple(other for other in group if other != character)[:_MAX_SOUNDALIKES]
        for group in by_sound.values()
        for character in group
        if len(group) > 1
    }


def _swaps(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    swaps: defaultdict[str, list[str]] = defaultdict(list)
    for group in groups:
        for word in group:
            swaps[word].extend(other for other in group if other != word)
    return {word: tuple(others) for word, others in swaps.items() if word and others}
