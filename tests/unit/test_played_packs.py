"""Packs of played conversations are read strictly: what is wrong is named by file, conversation and field."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.played_packs import Head, InvalidPack, read_head, read_pack, ways_to_write
from benchmarks.playing import _own_packs
from bot.domain.intents import GROUPS

ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "tests" / "data" / "played"
TODAY = date(2026, 3, 30)
HEAD = Head({}, {"in_stock": ("有货", "现货")})
PACK: dict[str, Any] = {
    "shop": "yunshang",
    "conversations": [
        {
            "id": "one", "outcome": "finished",
            "turns": [
                {"say": "黑色L有没有", "expect": "reply", "has": ["$in_stock", ["3", "{+2d}"]], "lacks": "没货"},
                {"say": ["好的", "谢谢"], "expect": ["silent", "reply"]},
            ],
        },
        {"id": "two", "outcome": {"person": 1}, "turns": [{"say": "[image]", "expect": "hand_over"}]},
    ],
}  # fmt: skip


def written(tmp_path: Path, change: Callable[[dict[str, Any]], object] = lambda pack: None) -> Path:
    pack = copy.deepcopy(PACK)
    change(pack)
    path = tmp_path / "pack.yml"
    path.write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    return path


def test_single_words_stand_for_lists_and_names_for_word_lists(tmp_path: Path) -> None:
    first, second = read_pack(written(tmp_path), HEAD, TODAY)
    turn = first.turns[0]
    assert turn.say == ("黑色L有没有",)
    assert turn.has[0] == ("有货", "现货")
    assert turn.lacks == ("没货",)
    assert (first.person_by, second.person_by) == (None, 1)


def test_a_day_is_written_as_answers_write_it(tmp_path: Path) -> None:
    first = read_pack(written(tmp_path), HEAD, TODAY)[0]
    assert first.turns[0].has[1] == ("3", *ways_to_write(date(2026, 4, 1)))
    assert {"4月1日", "2026-04-01", "April 1"} <= set(ways_to_write(date(2026, 4, 1)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p.pop("shop"), "pack.yml: shop"),
        (lambda p: p.update(conversations=[]), "pack.yml: conversations"),
        (lambda p: p.update(extra=1), "pack.yml: extra"),
        (lambda p: p["conversations"][0].update(id="两"), "conversation 两: id"),
        (lambda p: p["conversations"][0].pop("id"), "conversation number 1: id"),
        (lambda p: p["conversations"].__setitem__(0, "x"), "conversation number 1"),
        (lambda p: p["conversations"][1].update(id="one"), "conversation one: id: stands there twice"),
        (lambda p: p["conversations"][0]["turns"][1].update(expect="answer"), "conversation one: turn 2: expect.1"),
        (lambda p: p["conversations"][0]["turns"][0].update(say=[]), "conversation one: turn 1: say"),
        (lambda p: p["conversations"][0]["turns"][0].update(hass=[]), "conversation one: turn 1: hass"),
        (lambda p: p["conversations"][0]["turns"][0].update(has=["$nothing"]), "turn 1: has or lacks: there is no list"),
        (lambda p: p["conversations"][0]["turns"][0].update(has=["{soon}"]), "{soon} means nothing"),
        (lambda p: p["conversations"][1]["turns"][0].update(has=["x"]), "turn 1: has: neither reply"),
        (lambda p: p["conversations"][1].update(outcome={"person": 2}), "outcome: there is no turn 2"),
        (lambda p: p["conversations"][0].update(outcome={"person": 1}), "turn 1 does not expect hand_over"),
        (lambda p: p["conversations"][1].update(outcome="finished"), "outcome: it is finished without a person"),
        (lambda p: p["conversations"][1].update(outcome="maybe"), "conversation two: outcome"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    with pytest.raises(InvalidPack) as refused:
        read_pack(written(tmp_path, change), HEAD, TODAY)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"shop: [", "is not YAML"),
        (b"\xff\xfe", "cannot be read"),
        (b"", "has no fields"),
        (b"- a", "has no fields"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "pack.yml"
    path.write_bytes(content)
    with pytest.raises(InvalidPack, match=f"pack.yml: {says}"):
        read_pack(path, HEAD, TODAY)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidPack, match=r"none\.yml: cannot be read"):
        read_pack(tmp_path / "none.yml", HEAD, TODAY)


def own_packs() -> list[Path]:
    return [path for path in sorted(PACKS.glob("*.yml")) if path.name != "head.yml"]


def test_our_own_packs_hold_three_parts_of_every_shop_and_each_conversation_once() -> None:
    head = read_head(PACKS / "head.yml")
    found = {path.stem: read_pack(path, head, TODAY) for path in own_packs()}
    assert all(len(pack) == (160 if stem.endswith("-more") else 100) for stem, pack in found.items())
    assert Counter(stem.rpartition("-")[2] for stem in found) == {"dev": 3, "held": 3, "more": 3}
    everything = [conversation for pack in found.values() for conversation in pack]
    assert len({each.id for each in everything}) == len(everything) == 1080
    due = sum(each.person_by is not None for each in everything)
    assert 0.2 <= due / len(everything) <= 0.25


def test_the_default_is_what_may_be_read_and_what_is_kept() -> None:
    assert {path.stem.rpartition("-")[2] for path in _own_packs("all")} == {"dev", "held"}
    assert {path.stem.rpartition("-")[2] for path in _own_packs("more")} == {"more"}


def test_our_own_head_answers_by_groups_that_exist() -> None:
    assert set(read_head(PACKS / "head.yml").policy["groups"]) <= set(GROUPS)


@pytest.mark.parametrize("path", own_packs(), ids=lambda path: path.stem)
def test_our_own_packs_speak_of_products_and_orders_that_their_shop_has(path: Path) -> None:
    conversations = read_pack(path, read_head(PACKS / "head.yml"), TODAY)
    shop = yaml.safe_load(
        (ROOT / "templates" / "demo" / f"{conversations[0].shop}.yml").read_text(encoding="utf-8")
    )
    products = {product["id"] for product in shop["products"]}
    orders = {order["buyer_id"] for order in shop["orders"]} | {
        f"demo-buyer-{number:02}" for number in range(1, 25)
    }
    assert {each.viewed for each in conversations} - {""} <= products
    assert {each.buyer for each in conversations} - {""} <= orders


def test_the_documented_example_is_a_pack(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "playing.md").read_text(encoding="utf-8")
    path = tmp_path / "example.yml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert [turn.expect for turn in read_pack(path, HEAD, TODAY)[0].turns] == [
        {"reply"},
        {"reply", "ask_back"},
    ]
