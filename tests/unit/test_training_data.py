"""The Rasa training data keeps its promises: intents, groups, counts, variety, well-formed markup."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

NLU_FOLDER = Path(__file__).resolve().parents[2] / "intents" / "nlu"
REAL_MESSAGES = NLU_FOLDER.parents[2] / "shared" / "data" / "ecd_buyer_messages.txt"

GROUPS: dict[str, tuple[str, ...]] = {
    "stock": ("stock_available", "stock_variant", "stock_restock", "stock_cannot_buy"),
    "shipping": ("ship_when", "ship_courier", "ship_duration", "ship_fee", "ship_region"),
    "logistics": ("logistics_track", "logistics_not_received", "logistics_urge"),
    "invoice": ("invoice_can", "invoice_type", "invoice_details", "invoice_when", "invoice_change"),
    "return_refund": ("return_how", "refund_when", "exchange", "quality_problem", "return_fee"),
    "price_promo": ("price_bargain", "coupon", "gift", "price_protection"),
    "product_info": (
        "product_material",
        "product_size_advice",
        "product_usage",
        "product_shelf_life",
        "product_compare",
        "product_authentic",
    ),
    "order_change": ("order_cancel", "order_address", "order_remark"),
    "greeting_thanks": ("greet", "acknowledge", "goodbye"),
    "other": ("deny", "inform", "human_request", "complaint", "chitchat", "out_of_scope"),
}
GROUP_OF = {intent: group for group, intents in GROUPS.items() for intent in intents}

ENTITIES = frozenset(
    {
        "colour",
        "size",
        "flavour",
        "quantity",
        "region",
        "courier",
        "order_number",
        "tracking_number",
        "invoice_type",
        "invoice_heading",
        "tax_number",
        "email",
        "date",
    }
)

MAIN_GROUPS = frozenset({"stock", "shipping", "logistics", "invoice"})
MIN_CHINESE_IN_MAIN_GROUPS = 80
MIN_CHINESE_ELSEWHERE = 50
MIN_ENGLISH = 15
MAX_SIMILARITY = 0.6

CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
ASCII_LETTER = re.compile(r"[A-Za-z]")
ENTITY_MARKUP = re.compile(r"\[([^\[\]()]+)\]\(([^\[\]()]*)\)")
LEFT_OVER_MARKUP = re.compile(r"[\[\]{}]")


class Phrasing(NamedTuple):
    """One training example as it is written in its file."""

    file: str
    group: str
    intent: str
    marked_up: str

    @property
    def text(self) -> str:
        return ENTITY_MARKUP.sub(r"\1", self.marked_up)


def _blocks(path: Path) -> list[dict[str, object]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict), f"{path.name}: not a mapping"
    assert content.get("version") == "3.1", f"{path.name}: not a Rasa 3.1 file"
    blocks = content.get("nlu")
    assert isinstance(blocks, list), f"{path.name}: no list under nlu"
    return blocks


def _examples(path: Path, block: dict[str, object]) -> list[str]:
    written = block.get("examples")
    assert isinstance(written, str), f"{path.name}: {block} has no examples"
    lines = [line for line in written.splitlines() if line.strip()]
    wrong = [line for line in lines if not line.startswith("- ") or not line[2:].strip()]
    assert not wrong, f"{path.name}: not list items: {wrong}"
    return [line[2:].strip() for line in lines]


def _intent_blocks() -> Iterator[tuple[Path, dict[str, object]]]:
    for path in sorted(NLU_FOLDER.glob("*.yml")):
        for block in _blocks(path):
            if "intent" in block:
                yield path, block


def _group(block: dict[str, object]) -> str:
    metadata = block.get("metadata")
    return str(metadata.get("group")) if isinstance(metadata, dict) else ""


@cache
def _phrasings() -> tuple[Phrasing, ...]:
    return tuple(
        Phrasing(path.name, _group(block), str(block["intent"]), example)
        for path, block in _intent_blocks()
        for example in _examples(path, block)
    )


def _texts(intent: str) -> list[str]:
    return [phrasing.text for phrasing in _phrasings() if phrasing.intent == intent]


def _is_chinese(text: str) -> bool:
    return CJK.search(text) is not None


def _is_english(text: str) -> bool:
    return not _is_chinese(text) and ASCII_LETTER.search(text) is not None


def _trigrams(text: str) -> frozenset[str]:
    lowered = text.lower()
    return frozenset(lowered[i : i + 3] for i in range(len(lowered) - 2)) or frozenset({lowered})


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def test_every_intent_of_the_list_is_there_and_no_other() -> None:
    assert {phrasing.intent for phrasing in _phrasings()} == set(GROUP_OF)


def test_every_intent_is_written_once_under_its_own_group_and_file() -> None:
    found = sorted((str(block["intent"]), _group(block), path.stem) for path, block in _intent_blocks())
    assert found == sorted((intent, group, group) for intent, group in GROUP_OF.items())


@pytest.mark.parametrize("intent", GROUP_OF)
def test_an_intent_has_enough_chinese_phrasings(intent: str) -> None:
    in_main_group = GROUP_OF[intent] in MAIN_GROUPS
    least = MIN_CHINESE_IN_MAIN_GROUPS if in_main_group else MIN_CHINESE_ELSEWHERE
    assert sum(map(_is_chinese, _texts(intent))) >= least


@pytest.mark.parametrize("intent", GROUP_OF)
def test_an_intent_has_enough_english_phrasings(intent: str) -> None:
    assert sum(map(_is_english, _texts(intent))) >= MIN_ENGLISH


@pytest.mark.parametrize("intent", GROUP_OF)
def test_no_two_phrasings_of_an_intent_are_nearly_the_same(intent: str) -> None:
    windows = [(text, _trigrams(text)) for text in _texts(intent)]
    alike = [
        (one, other)
        for (one, first), (other, second) in combinations(windows, 2)
        if _similarity(first, second) > MAX_SIMILARITY
    ]
    assert alike == []


def test_no_text_stands_in_two_intents() -> None:
    intents: defaultdict[str, set[str]] = defaultdict(set)
    for phrasing in _phrasings():
        intents["".join(phrasing.text.lower().split())].add(phrasing.intent)
    assert {text: sorted(names) for text, names in intents.items() if len(names) > 1} == {}


def test_only_known_entities_are_marked() -> None:
    unknown = [
        (phrasing.file, phrasing.marked_up)
        for phrasing in _phrasings()
        for _, entity in ENTITY_MARKUP.findall(phrasing.marked_up)
        if entity not in ENTITIES
    ]
    assert unknown == []


def test_every_known_entity_is_marked_somewhere() -> None:
    marked = {entity for phrasing in _phrasings() for _, entity in ENTITY_MARKUP.findall(phrasing.marked_up)}
    assert marked == ENTITIES


def test_entity_markup_is_well_formed() -> None:
    broken = [
        (phrasing.file, phrasing.marked_up)
        for phrasing in _phrasings()
        if LEFT_OVER_MARKUP.search(phrasing.text)
        or any(value != value.strip() for value, _ in ENTITY_MARKUP.findall(phrasing.marked_up))
    ]
    assert broken == []


def test_lookups_and_regular_expressions_name_known_entities_and_compile() -> None:
    for path in sorted(NLU_FOLDER.glob("*.yml")):
        for block in _blocks(path):
            if "intent" in block:
                continue
            name = block.get("lookup") or block.get("regex")
            assert name in ENTITIES, f"{path.name}: {name}"
            examples = _examples(path, block)
            assert len(examples) == len(set(examples)), f"{path.name}: {name} repeats an example"
            if "regex" in block:
                for pattern in examples:
                    re.compile(pattern)


MESSAGES_FOLDER = NLU_FOLDER / "messages"


def test_messages_are_marked_as_such_and_stand_under_their_group() -> None:
    for path in sorted(MESSAGES_FOLDER.glob("*.yml")):
        for block in _blocks(path):
            metadata = dict(block["metadata"])
            is_weighed = path.stem.startswith("voices_")
            assert is_weighed is (0 < float(metadata.pop("weight", 0)) < 1)
            assert metadata == {"group": GROUP_OF[str(block["intent"])], "kind": "message"}
            assert _group(block) == path.stem.removeprefix("voices_")


def test_messages_carry_no_markup_and_repeat_neither_each_other_nor_a_phrasing() -> None:
    messages = [
        example
        for path in sorted(MESSAGES_FOLDER.glob("*.yml"))
        for block in _blocks(path)
        for example in _examples(path, block)
    ]
    assert len(messages) > 4000
    assert [text for text in messages if LEFT_OVER_MARKUP.search(text)] == []
    folded = ["".join(text.lower().split()) for text in messages]
    assert [text for text, count in Counter(folded).items() if count > 1] == []
    phrasings = {"".join(phrasing.text.lower().split()) for phrasing in _phrasings()}
    assert phrasings.intersection(folded) == set()


@pytest.mark.skipif(not REAL_MESSAGES.is_file(), reason="../shared/data is not here: real messages")
def test_no_message_is_copied_from_the_real_ones() -> None:
    real = {"".join(line.split()) for line in REAL_MESSAGES.read_text(encoding="utf-8").splitlines()}
    ours = {
        "".join(example.split())
        for path in sorted(MESSAGES_FOLDER.glob("*.yml"))
        for block in _blocks(path)
        for example in _examples(path, block)
    }
    assert ours & real == set()
