"""What the Rasa components look at in a message."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.intents import ENTITY_NAMES
from bot.nlu.components.characters import Evidence, describe, labels, spans
from bot.nlu.components.ngrams import count_rows, learn_vocabulary, pieces

EVIDENCE = Evidence(
    {"顺丰": "courier", "顺丰速运": "courier", "SF速运": "courier"}, [("email", r"[a-z.]+@[a-z]+\.com")]
)


def test_pieces_stand_within_words_across_them_and_for_whole_words() -> None:
    found = Counter(pieces(["能", "开票"], 1, 4))
    assert found[" 能 "] == 1
    assert {" 开", "开票 ", " 开票 "} <= found.keys()
    assert {"c\t能\t开\t票", "w\t能\t开票"} <= found.keys()


def test_letters_are_read_alike_large_or_small_and_numbers_as_one() -> None:
    assert Counter(pieces(["XL", "42", "码"], 1, 4)) == Counter(pieces(["xl", "42", "码"], 1, 4))
    assert set(pieces(["XL", "42", "码"], 1, 4)) == set(pieces(["XL", "3.5", "码"], 1, 4))
    assert "c\txl\t0\t码" in set(pieces(["XL", "42", "码"], 1, 4))


def test_pasted_noise_costs_little() -> None:
    assert sum(1 for _ in pieces(["x" * 100_000], 1, 4)) < 300


def test_a_piece_of_too_few_phrasings_is_not_learned() -> None:
    vocabulary = learn_vocabulary([Counter("ab"), Counter("ac")], 2)
    assert vocabulary == {"a": 0}
    assert count_rows(Counter("aaz"), vocabulary) == ([0], [2])


def test_the_longest_listed_word_counts_whatever_its_case() -> None:
    assert EVIDENCE.listed("发顺丰速运") == ["", "B-courier", "I-courier", "I-courier", "I-courier"]
    assert EVIDENCE.listed("sf速运")[0] == "B-courier"


def test_patterns_mark_what_they_match() -> None:
    assert EVIDENCE.matched("发a@b.com")[:2] == ["", "B-email"]


def test_an_entity_at_the_edges_is_read_back() -> None:
    assert labels(4, [("colour", 0, 2), ("size", 2, 4)]) == ["B-colour", "I-colour", "B-size", "I-size"]
    assert spans(["I-colour", "I-size", "O", "B-size", "B-size"]) == [
        ("colour", 0, 1),
        ("size", 1, 2),
        ("size", 3, 4),
        ("size", 4, 5),
    ]


@given(st.lists(st.tuples(st.sampled_from(ENTITY_NAMES), st.integers(0, 3), st.integers(1, 5)), max_size=6))
def test_entities_survive_being_written_as_labels(steps: list[tuple[str, int, int]]) -> None:
    wanted, position = [], 0
    for name, gap, size in steps:
        wanted.append((name, position + gap, position + gap + size))
        position += gap + size
    assert spans(labels(position, wanted)) == wanted


@given(st.text(max_size=60))
def test_every_character_of_any_text_is_described(text: str) -> None:
    described = describe(text, EVIDENCE)
    assert len(described) == len(text)
    assert all("bias" in features for features in described)
