"""How texts become tokens, which dialogues may be learned from, and how texts are varied."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.normalizers import Precompiled

from bot.retrieval.embedder_training.augmentation import Augmenter
from bot.retrieval.embedder_training.characters import character_table
from bot.retrieval.embedder_training.charsmap import pack_charsmap
from bot.retrieval.embedder_training.corpus import may_be_trained_on, read_corpus
from bot.retrieval.embedder_training.tokenizer import build_tokenizer

TEXTS = ["发货吗", "今天发货", "24小时发货", "refund refunds my order", "iphone有货"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build_tokenizer(TEXTS, 20_000)


def tokens(tokenizer: Tokenizer, text: str) -> list[str]:
    return list(tokenizer.encode(text, add_special_tokens=False).tokens)


def test_characters_and_overlapping_pairs_are_tokens(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "发货吗") == ["发", "发", "发货", "货", "货吗", "吗", "吗"]


@pytest.mark.parametrize("text", ["發貨嗎", "发货吗？！", "  发货吗\t", "发货吗😀", "发\u200b货吗"])
def test_traditional_characters_and_noise_change_nothing(tokenizer: Tokenizer, text: str) -> None:
    assert tokens(tokenizer, text) == tokens(tokenizer, "发货吗")


def test_full_width_capitals_and_accents_fold(tokenizer: Tokenizer) -> None:
    assert (
        tokens(tokenizer, "ＲＥＦＵＮＤ")
        == tokens(tokenizer, "Réfund")
        == tokens(tokenizer, "refund")
        == ["refund"]
    )


def test_inflected_english_shares_its_stem(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "refunds orders") == ["refund", "##s", "order", "##s"]


def test_english_beside_chinese_is_a_word_of_its_own(tokenizer: Tokenizer) -> None:
    assert tokens(tokenizer, "iphone有货")[0] == "iphone"


def test_digits_pair_with_what_follows(tokenizer: Tokenizer) -> None:
    assert "24" in tokens(tokenizer, "24小时")
    assert "4小" in tokens(tokenizer, "２４小時")


def test_a_rare_character_is_known_though_no_text_has_it(tokenizer: Tokenizer) -> None:
    assert set(tokens(tokenizer, "鹦")) == {"鹦"}


def test_a_charsmap_replaces_each_of_its_characters_and_no_other() -> None:
    table = character_table("发货吗退款")
    normalizer = Precompiled(pack_charsmap(table))
    for character, replacement in list(table.items())[::7]:
        assert normalizer.normalize_str(character) == replacement
    assert normalizer.normalize_str("abc_x"[:3] + "龘") == "abc龘"


def test_variants_are_the_same_for_the_same_seed_and_mostly_differ_from_the_text() -> None:
    first, second = (Augmenter(TEXTS, [["发货", "寄出"]], seed=3) for _ in range(2))
    varied = [first.vary("今天能发货吗") for _ in range(50)]
    assert varied == [second.vary("今天能发货吗") for _ in range(50)]
    assert len(set(varied)) > 20
    assert any("寄出" in text for text in varied)


@pytest.mark.parametrize("text", ["", "a", "发", "在"])
def test_the_shortest_texts_can_be_varied(text: str) -> None:
    augmenter = Augmenter(TEXTS, [], seed=1)
    assert all(isinstance(augmenter.vary(text), str) for _ in range(50))


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu/a.yml").write_text(
        'nlu:\n- intent: x\n  examples: |\n    - 寄到[杭州](region)吗\n    - 发[顺丰]{"entity": "courier"}不\n',
        "utf-8",
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/shop.yml").write_text(
        'entries:\n- question: 有货吗\n  phrasings: [还有么]\n  reply: "还有{库存|很多}件"\n  cases: {low: "仅剩{库存}件"}\n',
        "utf-8",
    )
    (tmp_path / "synonyms.yml").write_text(
        "synonyms:\n- [发货, 寄出]\nparaphrases:\n- [几时到, 哪天到]\n", "utf-8"
    )
    return tmp_path


def test_the_corpus_is_stripped_of_markup_and_variables(folders: Path) -> None:
    corpus = read_corpus(folders / "nlu", folders / "templates", folders / "synonyms.yml", None)
    assert corpus.groups == (
        ("寄到杭州吗", "发顺丰不"),
        ("发货", "寄出"),
        ("几时到", "哪天到"),
        ("有货吗", "还有么"),
    )
    assert corpus.threads == ((("有货吗", "还有很多件"),), (("有货吗", "仅剩件"),))


def test_dialogues_kept_for_measuring_are_not_learned_from(folders: Path) -> None:
    turns = [{"role": "buyer", "text": "什么时候发货"}, {"role": "agent", "text": "[订单x]今天就发"}]
    sessions = [{"id": f"session {number}", "turns": turns} for number in range(40)]
    path = folders / "dialogues.jsonl"
    path.write_text("\n".join(json.dumps(session) for session in sessions), "utf-8")
    expected = [session for session in sessions if may_be_trained_on(str(session["id"]))]
    corpus = read_corpus(folders / "nlu", folders / "templates", folders / "synonyms.yml", path)
    assert 0 < len(expected) < len(sessions)
    assert (("什么时候发货", "今天就发"),) in corpus.threads
