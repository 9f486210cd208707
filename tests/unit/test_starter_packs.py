"""Starter packs serve a shop that has entered nothing yet, and are not the demo shops over again."""

from __future__ import annotations

from collections import Counter as Tally
from pathlib import Path

import pytest

from bot.domain.entry import Entry
from bot.domain.intents import GROUPS
from bot.domain.text import is_acknowledgement
from bot.services.filling import fill_reply
from bot.services.importing import import_entries
from bot.services.packs import load_pack
from bot.services.yaml_reading import read_yaml
from bot.settings import PROJECT_ROOT
from tests.unit.fakes.counter import NOW, Counter, texts
from tests.unit.fakes.replies import Stall, order, product, rule, variant

STARTERS = sorted((PROJECT_ROOT / "templates/starter").glob("*.yml"))
DEMOS = sorted((PROJECT_ROOT / "templates/demo").glob("*.yml"))
EMPTY_SHOP = "kuaihui: 1\nshop: {id: new, name: 新店, name_en: New Shop}\n"

starters = pytest.mark.parametrize("path", STARTERS, ids=lambda path: path.stem)


def content(path: Path) -> bytes:
    return path.read_bytes()


def entries_of(path: Path) -> tuple[Entry, ...]:
    return load_pack(path.read_bytes(), path.name, NOW).entries


def phrasings_of(path: Path) -> set[str]:
    return {text for entry in entries_of(path) for text in entry.all_phrasings}


def test_there_is_a_pack_for_every_trade() -> None:
    assert [path.stem for path in STARTERS] == ["clothing", "electronics", "food", "general"]


@starters
def test_a_pack_is_named_in_two_languages_and_has_25_to_40_entries(path: Path) -> None:
    pack = read_yaml(path.read_bytes()).data["pack"]
    assert pack["id"] == pack["trade"] == path.stem
    assert pack["name"]
    assert pack["name_en"]
    assert 25 <= len(entries_of(path)) <= 40


@starters
def test_a_pack_covers_what_buyers_ask_most(path: Path) -> None:
    entries = entries_of(path)
    assert {entry.group for entry in entries} >= set(GROUPS) - {"other"}
    assert {
        "stock_available",
        "stock_variant",
        "stock_restock",
        "ship_when",
        "ship_fee",
        "invoice_can",
        "invoice_type",
    } <= {entry.intent for entry in entries}
    assert sum(entry.language == "en" for entry in entries) >= 2


@starters
def test_every_reply_is_complete_before_any_fact_is_entered(path: Path) -> None:
    for entry in entries_of(path):
        filled = fill_reply(entry, Stall().resolver(language=entry.language))
        assert filled is not None, f"{entry.id} says nothing"
        assert not set("{}|") & set(filled.text)


@starters
def test_every_case_is_complete_with_no_more_than_the_facts_that_make_it(path: Path) -> None:
    bare = Stall(
        (
            product("one", "甲", variant("a", 9, colour="黑色"), variant("b", 0, colour="白色")),
            product("two", "乙", variant("c", 2, colour="黑色")),
        ),
        (rule("江苏", fee="0", days=""), rule("西藏", fee=None), rule("*", free_from=None, days="")),
    )
    subjects = [
        *({"text": text} for text in ("甲", "甲黑色", "甲白色", "乙", "黑色", "甲3XL")),
        *({"place": place} for place in ("江苏", "西藏", "北京", "日本")),
        *(
            {"of": order(status)}
            for status in ("unpaid", "paid", "shipped", "delivered", "refunding", "closed")
        ),
    ]
    for entry in entries_of(path):
        for subject in subjects:
            filled = fill_reply(entry, bare.resolver(language=entry.language, **subject))  # type: ignore[arg-type]
            assert filled is not None, f"{entry.id} says nothing about {subject}"
            assert "，，" not in filled.text
            assert "  " not in filled.text


@starters
def test_no_phrasing_belongs_to_two_entries_or_wants_no_answer(path: Path) -> None:
    tally = Tally(text for entry in entries_of(path) for text in entry.all_phrasings)
    assert [text for text, times in tally.items() if times > 1] == []
    assert [text for text in tally if is_acknowledgement(text)] == []
    assert all(len(entry.phrasings) >= 3 for entry in entries_of(path))


@starters
def test_packs_hardly_share_a_phrasing_with_each_other_or_with_the_demo_shops(path: Path) -> None:
    mine = phrasings_of(path)
    for other in (*STARTERS, *DEMOS):
        if other != path:
            assert len(mine & phrasings_of(other)) <= 3, sorted(mine & phrasings_of(other))


def test_an_entry_that_several_packs_have_is_about_the_same_and_has_one_short_code() -> None:
    seen: dict[str, tuple[str, str | None]] = {}
    codes: dict[str, str] = {}
    for path in STARTERS:
        for entry in entries_of(path):
            assert seen.setdefault(entry.id, (entry.group, entry.intent)) == (entry.group, entry.intent), (
                entry.id
            )
            if entry.short_code:
                assert codes.setdefault(entry.short_code, entry.id) == entry.id, entry.short_code


@starters
async def test_a_new_shop_answers_from_a_pack_at_once(path: Path) -> None:
    counter = Counter()
    counter.classifier.available = False
    await counter.open_shop(EMPTY_SHOP)
    report = await import_entries(counter.editor, "new", content(path), path.name)
    assert (report.errors, report.written) == ((), len(entries_of(path)))
    for entry in entries_of(path):
        result = await counter.ask("new", entry.question)
        offered = {part.entry for suggestion in result.suggestions for part in suggestion.parts}
        assert entry.id in offered, f"{entry.question!r} does not find {entry.id}"
        assert all("乙" not in text for text in texts(result))


async def test_a_trade_pack_goes_over_the_general_one() -> None:
    counter = Counter()
    await counter.open_shop(EMPTY_SHOP)
    for name in ("general", "clothing", "food", "electronics"):
        path = PROJECT_ROOT / f"templates/starter/{name}.yml"
        report = await import_entries(counter.editor, "new", content(path), path.name)
        assert report.errors == ()
