"""The index of a shop: what it finds, what it never returns, and that edits count at once."""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import Scope
from bot.domain.intents import IntentScore
from bot.ports import IndexedEntry, Question
from bot.retrieval.index import FaissEntryIndex, FaissEntryIndexes

DIMENSION = 16
INDEXES = FaissEntryIndexes()


def vector_of(text: str) -> np.ndarray:
    """Texts that share characters are alike, as with a real model."""
    seeds = (int.from_bytes(hashlib.sha256(sign.encode()).digest()[:4], "big") for sign in text)
    vector = sum(np.random.default_rng(seed).normal(size=DIMENSION) for seed in seeds)
    return np.asarray(vector / max(np.linalg.norm(vector), 1e-9), np.float32) * np.ones(DIMENSION, np.float32)


def entry(
    name: str, *phrasings: str, scope: Scope | None = None, intent: str | None = None, group: str = ""
) -> IndexedEntry:
    vectors = np.array([vector_of(text) for text in phrasings], np.float32).reshape(-1, DIMENSION)
    return IndexedEntry(name, group, intent, scope or Scope(), phrasings, vectors)


def question(text: str, **more: object) -> Question:
    return Question(text, vector_of(text), **more)  # type: ignore[arg-type]


def build(*entries: IndexedEntry) -> FaissEntryIndex:
    return INDEXES.build(entries, DIMENSION)


def ranked(index: FaissEntryIndex, asked: Question, limit: int = 10) -> list[str]:
    return [found.entry for found in index.rank(asked, limit)]


STOCK = entry("stock", "这款还有货吗", "现在有没有现货", "库存多少")
INVOICE = entry("invoice", "可以开发票吗", "能开专票不", "发票怎么开")
SHIPPING = entry("shipping", "什么时候发货", "今天能发出吗", "多久发货")


def test_an_entry_is_found_by_its_own_phrasing() -> None:
    index = build(STOCK, INVOICE, SHIPPING)
    for given_entry in (STOCK, INVOICE, SHIPPING):
        for phrasing in given_entry.phrasings:
            assert ranked(index, question(phrasing))[0] == given_entry.id


def test_a_question_in_other_words_is_found_by_what_it_shares() -> None:
    assert ranked(build(STOCK, INVOICE, SHIPPING), question("我要开票，发票啥时候给"))[0] == "invoice"


def test_an_empty_index_gives_an_empty_list() -> None:
    assert build().rank(question("有货吗"), 3) == []


def test_an_entry_without_phrasings_is_held_but_never_found() -> None:
    index = build(entry("mute"), STOCK)
    assert len(index) == 2
    assert ranked(index, question("有货吗")) == ["stock"]
    index.put(entry("mute"))
    assert ranked(index, question("有货吗")) == ["stock"]
    assert build(entry("mute")).rank(question("有货吗"), 3) == []


def test_at_most_limit_entries_come_by_falling_confidence() -> None:
    found = build(STOCK, INVOICE, SHIPPING).rank(question("发货的发票"), 2)
    assert len(found) == 2
    assert found[0].confidence >= found[1].confidence


def test_two_entries_alike_share_the_confidence() -> None:
    twin = entry("twin", *STOCK.phrasings)
    alone = build(STOCK, INVOICE).rank(question("这款还有货吗"), 1)[0].confidence
    first, second = build(STOCK, twin, INVOICE).rank(question("这款还有货吗"), 2)
    assert first.confidence == pytest.approx(second.confidence, abs=0.05)
    assert first.confidence + second.confidence <= 1
    assert first.confidence < alone


def test_a_question_that_shares_nothing_gets_little_confidence() -> None:
    index = build(STOCK, INVOICE, SHIPPING)
    stranger = index.rank(question("哈士奇会拆家"), 1)[0].confidence
    assert stranger < 0.5 < index.rank(question("可以开发票吗"), 1)[0].confidence


def test_a_new_phrasing_counts_with_the_next_question() -> None:
    index = build(STOCK, INVOICE, SHIPPING)
    index.put(entry("stock", *STOCK.phrasings, "断码了没"))
    assert len(index) == 3
    assert ranked(index, question("断码了没"))[0] == "stock"


def test_a_new_entry_is_found_and_a_removed_one_is_not() -> None:
    index = build(STOCK, INVOICE)
    index.put(SHIPPING)
    assert ranked(index, question("多久发货"))[0] == "shipping"
    index.remove("shipping")
    index.remove("never there")
    assert "shipping" not in ranked(index, question("多久发货"))
    assert len(index) == 2


def test_the_last_entry_of_an_id_counts() -> None:
    index = build(STOCK, entry("stock", "会不会掉色"))
    assert len(index) == 1
    assert index.rank(question("会不会掉色"), 1)[0].confidence > 0.3


def test_an_entry_scoped_to_another_product_is_left_out() -> None:
    scoped = [entry(f"life-{n}", "保质期多久", scope=Scope(products=(f"p{n}",))) for n in range(80)]
    index = build(*scoped, STOCK)
    assert ranked(index, question("保质期多久", products=("p7",)))[0] == "life-7"
    assert not {"life-1", "life-2"} & set(ranked(index, question("保质期多久", products=("p7",))))


def test_an_entry_of_the_category_that_is_asked_about_comes_before_the_general_one() -> None:
    index = build(
        entry("any", "怎么保养"), entry("shoes", "怎么保养", scope=Scope(categories=("shoes",))), INVOICE
    )
    assert ranked(index, question("怎么保养", categories=("shoes",)))[0] == "shoes"
    assert ranked(index, question("怎么保养", categories=("nuts",)))[0] == "any"
    assert ranked(index, question("怎么保养"))[0] == "any"


def test_the_intent_of_the_classifier_decides_between_entries_that_read_alike() -> None:
    index = build(
        entry("when", "怎么还没到", intent="ship_when", group="shipping"),
        entry("where", "怎么还不到", intent="logistics_track", group="logistics"),
        INVOICE,
    )
    sure = (IntentScore("logistics_track", "logistics", 0.95), IntentScore("ship_when", "shipping", 0.03))
    assert ranked(index, question("怎么还没有到", intents=sure))[0] == "where"


def test_vectors_of_another_model_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="entry stock has 3 phrasings"):
        INDEXES.build([STOCK], DIMENSION + 1)
    with pytest.raises(ValueError, match="this index holds 16 numbers"):
        build(STOCK).rank(Question("有货吗", np.zeros(3, np.float32)), 1)


@pytest.mark.parametrize("text", ["货", "货" * 5000, " ", "？？？", "\x00", "😀"])
def test_odd_phrasings_and_questions_are_no_error(text: str) -> None:
    index = build(STOCK, entry("odd", text))
    assert len(index.rank(question(text), 5)) >= 1


def test_vectors_that_are_no_numbers_are_no_error() -> None:
    bad = entry("bad", "有货吗")
    index = build(
        IndexedEntry("bad", "", None, Scope(), ("有货吗",), np.full_like(bad.vectors, np.nan)), STOCK
    )
    index.put(IndexedEntry("worse", "", None, Scope(), ("有货吗",), np.full_like(bad.vectors, np.inf)))
    found = index.rank(Question("有货吗", np.full(DIMENSION, np.nan, np.float32)), 3)
    assert all(np.isfinite(each.confidence) for each in found)


def test_indexes_share_nothing() -> None:
    one, other = build(STOCK), build(INVOICE)
    one.put(SHIPPING)
    assert ranked(other, question("多久发货")) == ["invoice"]
    assert len(other) == 1


def test_two_hundred_entries_of_five_phrasings_fit_into_two_megabytes() -> None:
    entries = []
    for number in range(200):
        texts = tuple(f"第{number}种商品的问题{way}怎么处理呢" for way in "甲乙丙丁戊")
        vectors = np.random.default_rng(number).normal(size=(5, 256)).astype(np.float32)
        entries.append(IndexedEntry(f"entry-{number}", "stock", "stock_available", Scope(), texts, vectors))
    index = INDEXES.build(entries, 256)
    assert index.memory_bytes < 2_000_000
    assert index.memory_bytes > 1000 * 256 * 2 + sum(sys.getsizeof(each.id) for each in entries)


def test_relearning_changes_no_entry_and_is_dropped_when_the_index_changed_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = build(STOCK, INVOICE)
    assert index.relearn() is True

    def learn_while_someone_edits(phrasings: object) -> object:
        index.put(SHIPPING)
        return learn_all(phrasings)  # type: ignore[arg-type]

    from bot.retrieval.weights import learn_all

    monkeypatch.setattr("bot.retrieval.shelf.learn_all", learn_while_someone_edits)
    assert index.relearn() is False
    assert ranked(index, question("多久发货"))[0] == "shipping"


def test_a_shop_too_large_to_be_learned_at_once_answers_before_and_after_it_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.retrieval.index.LEARNED_AT_ONCE", 3)
    index = build(STOCK, INVOICE, SHIPPING)
    assert ranked(index, question("发票怎么开"))[0] == "invoice"
    index.relearn()
    assert ranked(index, question("发票怎么开"))[0] == "invoice"


def test_a_larger_shop_learned_entry_by_entry_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.retrieval.weights._WHOLE", 0)
    index = build(STOCK, INVOICE, SHIPPING)
    for given_entry in (STOCK, INVOICE, SHIPPING):
        assert ranked(index, question(given_entry.phrasings[0]))[0] == given_entry.id


NAMES = st.sampled_from("abcde")
PHRASINGS = st.lists(
    st.text(st.sampled_from("有货吗发票快递多久ab "), min_size=1, max_size=6), max_size=3, unique=True
)
STEPS = st.lists(st.tuples(NAMES, st.none() | PHRASINGS), max_size=12)


@settings(max_examples=80, deadline=None)
@given(STEPS, st.text(st.sampled_from("有货吗发票快递多久ab "), max_size=6))
def test_any_edits_leave_what_a_new_index_would_hold(
    steps: list[tuple[str, list[str] | None]], asked: str
) -> None:
    index, held = build(), {}
    for name, phrasings in steps:
        held.pop(name, None)
        if phrasings is None:
            index.remove(name)
        else:
            held[name] = entry(name, *phrasings)
            index.put(held[name])
    anew = build(*held.values())
    index.relearn()
    assert len(index) == len(held)
    one, other = index.rank(question(asked), 10), anew.rank(question(asked), 10)
    assert {found.entry for found in one} == {name for name, each in held.items() if each.phrasings}
    assert sum(found.confidence for found in one) <= 1 + 1e-5
    confidences = {found.entry: found.confidence for found in other}
    assert {found.entry: found.confidence for found in one} == pytest.approx(confidences, abs=0.02)


@pytest.mark.parametrize("phrasings", [("可以开发票吗",), ("可以开发票吗", "能开专票不", "发票怎么开")])
def test_a_shop_of_one_entry_knows_its_questions_from_others(phrasings: tuple[str, ...]) -> None:
    index = build(entry("invoice", *phrasings))
    assert index.rank(question("可以开发票吗"), 1)[0].confidence > 0.7
    assert index.rank(question("哈士奇会拆家"), 1)[0].confidence < 0.3


def test_a_branch_holds_the_same_and_neither_sees_what_the_other_is_given_later() -> None:
    index = build(STOCK, INVOICE)
    branch = index.branch()
    assert branch.rank(question("发票怎么开"), 3) == index.rank(question("发票怎么开"), 3)
    branch.put(SHIPPING)
    index.remove("invoice")
    assert (ranked(branch, question("多久发货"))[0], len(branch)) == ("shipping", 3)
    assert ranked(index, question("多久发货")) == ["stock"]
    assert ranked(branch, question("发票怎么开"))[0] == "invoice"
