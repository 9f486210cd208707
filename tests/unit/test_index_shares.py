"""How much the vectors count in a shop's learned scores: what the shop's own phrasings say of the model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

from bot.domain.entry import Scope
from bot.ports import IndexedEntry
from bot.retrieval.index import FaissEntryIndex, FaissEntryIndexes
from bot.retrieval.ngrams import weigh_texts
from bot.retrieval.postings import Postings
from bot.retrieval.shares import FEWEST, GRID, USUAL, Shares, choose_shares, is_alphabetic
from bot.retrieval.weights import RIDGE, Phrasings, dense_kernel, gram_kernel, left_out_scores

DIMENSION = 32
CHINESE = tuple("".join(pair) for pair in product("春夏秋冬东西南北", "山水风云花鸟鱼虫"))
ENGLISH = tuple("".join(pair) for pair in product(("bo", "ka", "li", "mu", "ne", "po", "ru", "ti"), repeat=2))


def shop(words: Sequence[str], knowing: bool, entries: int = 16, phrasings: int = 4) -> list[IndexedEntry]:
    """Return entries whose phrasings share no word: only vectors of a `knowing` model tell which belong together."""
    chance = np.random.default_rng(5)
    made = []
    for number in range(entries):
        texts = tuple(words[(number * phrasings + place) % len(words)] for place in range(phrasings))
        meaning = chance.normal(size=DIMENSION) * 3 if knowing else np.zeros(DIMENSION)
        vectors = meaning + chance.normal(size=(phrasings, DIMENSION))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        name = f"{words[0]}-{number}"
        made.append(IndexedEntry(name, "", None, Scope(), texts, vectors.astype(np.float32)))
    return made


def build(entries: Sequence[IndexedEntry]) -> FaissEntryIndex:
    return FaissEntryIndexes().build(entries, DIMENSION)


def shares_of(index: FaissEntryIndex) -> Shares:
    return index._shelf.shares


def test_vectors_that_know_what_belongs_together_count_as_much_as_they_may() -> None:
    assert shares_of(build(shop(CHINESE, knowing=True))).ideographic == GRID[-1]
    assert shares_of(build(shop(ENGLISH, knowing=True))).alphabetic == GRID[-1]


def test_vectors_that_know_nothing_count_as_little_as_they_may() -> None:
    assert shares_of(build(shop(CHINESE, knowing=False))).ideographic == GRID[0]


def test_each_script_is_judged_by_its_own_phrasings() -> None:
    chosen = shares_of(build([*shop(CHINESE, knowing=True), *shop(ENGLISH, knowing=False)]))
    assert chosen == Shares(ideographic=GRID[-1], alphabetic=GRID[0])


def test_too_few_phrasings_leave_the_usual_shares() -> None:
    few = shop(CHINESE, knowing=True, entries=(FEWEST - 1) // 2, phrasings=2)
    assert shares_of(build(few)) == USUAL
    assert shares_of(build([])) == USUAL


def test_entries_of_one_phrasing_say_nothing_and_leave_the_usual_shares() -> None:
    assert shares_of(build(shop(CHINESE, knowing=True, entries=64, phrasings=1))) == USUAL


def test_the_order_in_which_entries_came_changes_nothing() -> None:
    entries = shop([a + b for a, b in product(CHINESE, "甲乙丙丁戊己庚辛壬癸")], knowing=True, entries=150)
    backwards = build(entries[:1])
    for entry in reversed(entries):
        backwards.put(entry)
    backwards.relearn()
    assert shares_of(backwards) == shares_of(build(entries))


def test_a_new_entry_keeps_the_shares_until_the_shop_is_relearned() -> None:
    index = build(shop(CHINESE, knowing=True))
    for entry in shop(ENGLISH, knowing=True):
        index.put(entry)
    assert shares_of(index) == Shares(ideographic=GRID[-1], alphabetic=USUAL.alphabetic)
    index.relearn()
    assert shares_of(index) == Shares(ideographic=GRID[-1], alphabetic=GRID[-1])


def test_a_large_shop_is_judged_by_some_of_its_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def scores(kernel: np.ndarray, owners: np.ndarray) -> np.ndarray:
        sizes.append((len(kernel), np.bincount(owners).min()))
        return left_out_scores(kernel, owners)

    monkeypatch.setattr("bot.retrieval.shares.left_out_scores", scores)
    words = [a + b for a, b in product(CHINESE, "甲乙丙丁戊己庚辛壬癸")]
    assert shares_of(build(shop(words, knowing=True, entries=150))).ideographic == GRID[-1]
    assert set(sizes) == {(400, 4)}


@pytest.mark.parametrize("text", ["Don’t you ship?", "café", "ok 👍", "", "42"])
def test_a_text_without_ideographs_is_alphabetic(text: str) -> None:
    assert is_alphabetic(text)


@pytest.mark.parametrize("text", ["有货吗", "XL码", "はい", "네", "𠮷"])
def test_a_text_with_an_ideograph_is_not_alphabetic(text: str) -> None:
    assert not is_alphabetic(text)


def test_left_out_scores_are_those_of_a_learning_without_the_phrasing() -> None:
    texts = ["有货吗", "还有现货吗", "有货没", "开发票吗", "发票怎么开", "能发货吗"]
    owners = np.array([0, 0, 0, 1, 1, 2])
    vectors = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32)
    kernel = gram_kernel(Postings.of(weigh_texts(texts)).matrix()) + dense_kernel(vectors)
    targets = np.eye(3)[owners]
    prior = targets.mean(axis=0)
    expected = np.zeros((6, 3))
    for row in range(6):
        others = np.arange(6) != row
        seen = kernel + 0.1
        inner = seen[np.ix_(others, others)] + RIDGE * np.eye(5)
        expected[row] = seen[row, others] @ np.linalg.solve(inner, (targets - prior)[others]) + prior
    assert left_out_scores(kernel, owners) == pytest.approx(expected, abs=1e-4)


def test_vectors_of_zeros_count_as_little_as_they_may() -> None:
    entries = shop(CHINESE, knowing=True)
    vectors = np.concatenate([entry.vectors for entry in entries])
    texts = [text for entry in entries for text in entry.phrasings]
    owners = np.repeat(np.arange(len(entries)), 4)
    phrasings = Phrasings(vectors * 0, Postings.of(weigh_texts(texts)), owners, len(entries))
    names = [entry.id for entry in entries]
    assert choose_shares(phrasings, np.zeros(len(texts), bool), names).ideographic == GRID[0]
