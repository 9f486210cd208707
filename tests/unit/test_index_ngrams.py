"""N-grams and their inverted table: weighed alike in any company, searched as plain inner products."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.retrieval.ngrams import GramRows, count_rarity, weigh_texts
from bot.retrieval.postings import Postings

TEXTS = st.text(st.sampled_from("有货吗发票快递ab1 ，？Ω\n😀的"), max_size=12)
SHOPS = st.lists(TEXTS, min_size=1, max_size=8)


def _row(rows: GramRows, number: int) -> dict[int, float]:
    part = slice(rows.starts[number], rows.starts[number + 1])
    return dict(zip(rows.grams[part].tolist(), rows.weights[part].tolist(), strict=True))


def _dense(rows: GramRows) -> tuple[np.ndarray, np.ndarray]:
    grams = np.unique(rows.grams)
    table = np.zeros((len(rows), len(grams)), np.float32)
    table[rows.rows, np.searchsorted(grams, rows.grams)] = rows.weights
    return grams, table


@given(SHOPS)
def test_a_text_is_weighed_alike_alone_and_in_company(texts: list[str]) -> None:
    together = weigh_texts(texts)
    for number, text in enumerate(texts):
        assert _row(together, number) == pytest.approx(_row(weigh_texts([text]), 0))


@given(SHOPS)
def test_rows_have_length_one_or_hold_nothing(texts: list[str]) -> None:
    rows = weigh_texts(texts)
    for number in range(len(rows)):
        length = sum(weight**2 for weight in _row(rows, number).values()) ** 0.5
        assert length == pytest.approx(1, abs=1e-4) or length == 0


@given(SHOPS, TEXTS)
def test_postings_give_the_inner_products(texts: list[str], question: str) -> None:
    rows, asked = weigh_texts(texts), weigh_texts([question])
    expected = [
        sum(weight * _row(rows, number).get(gram, 0) for gram, weight in _row(asked, 0).items())
        for number in range(len(rows))
    ]
    assert Postings.of(rows).scores(asked.grams, asked.weights) == pytest.approx(expected, abs=2e-3)


@settings(max_examples=60)
@given(SHOPS, st.data())
def test_replaced_postings_equal_those_built_anew(texts: list[str], data: st.DataObject) -> None:
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))))
    added = data.draw(SHOPS)
    changed = Postings.of(weigh_texts(texts)).replaced(kept, weigh_texts(added))
    anew = Postings.of(weigh_texts([t for t, keep in zip(texts, kept, strict=True) if keep] + added))
    assert changed.size == anew.size
    for one, other in zip(changed.triples(), anew.triples(), strict=True):
        assert np.array_equal(one, other)


@given(SHOPS, st.data())
def test_picked_out_rows_equal_those_built_alone(texts: list[str], data: st.DataObject) -> None:
    rows = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1))))
    picked = Postings.of(weigh_texts(texts)).only(np.array(rows, np.int64))
    alone = Postings.of(weigh_texts([texts[row] for row in rows]))
    for one, other in zip(picked.triples(), alone.triples(), strict=True):
        assert np.array_equal(one, other)


def test_letters_count_by_word_and_by_part_of_word() -> None:
    whole, part, other = weigh_texts(["shipping cost", "ship costs", "发货"]), 1, 2
    _, table = _dense(whole)
    assert 0 < table[0] @ table[part] < 1
    assert table[0] @ table[other] == 0


def test_case_punctuation_and_spaces_change_nothing() -> None:
    one, other = weigh_texts(["Hello  World！！"]), weigh_texts(["hello world ?"])
    assert _row(one, 0) == pytest.approx(_row(other, 0))


def test_a_very_long_text_is_read_to_a_bound() -> None:
    assert len(weigh_texts(["有货" * 50_000]).grams) < 10


def test_a_lone_surrogate_is_no_error() -> None:
    assert len(weigh_texts(["有\ud800货"])) == 1


def test_what_many_texts_hold_weighs_less() -> None:
    rarity = count_rarity(["有货吗", "有票吗", "有吗", "发货"] * 5)
    rows = weigh_texts(["有发"], rarity)
    single = weigh_texts(["有"], rarity).grams, weigh_texts(["发"], rarity).grams
    weights = _row(rows, 0)
    common, rare = (weights[int(next(iter(set(grams.tolist()) & set(weights))))] for grams in single)
    assert common < rare
