"""An owner is told what is wrong with his shop, and nothing that is not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.entry import Entry, Validity
from bot.nlu.fake import KeywordClassifier
from bot.ports import NotFound
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services import shop_evaluation_asking, suggesting
from bot.services.shop_evaluation_asking import deal, read_phrasings
from tests.unit.fakes.examined import NOW, entry, examine

STOCK = entry("stock", "还有货吗", "有没有货呀", "现在有货吗", "这个有货吗")
INVOICE = entry("invoice", "能开发票吗", "可以开发票不", "发票能开吗", "开发票可以吗")


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


def dealt(*entries: Entry) -> list[tuple[str, ...]]:
    normaliser = OpenccNormaliser()
    phrasings = [phrasing for one in entries for phrasing in read_phrasings(one, normaliser)]
    return [tuple(phrasing.text for phrasing in part) for part in deal(phrasings)]


def test_every_phrasing_is_asked_once_and_its_entry_keeps_another() -> None:
    two, many = entry("two", "包邮吗", "运费多少"), entry("many", *(f"第{n}种问法" for n in range(12)))
    parts = dealt(two, many)
    asked = [text for part in parts for text in part]
    assert sorted(asked) == sorted([*two.all_phrasings, *many.all_phrasings])
    assert not any(set(one.all_phrasings) <= set(part) for one in (two, many) for part in parts)


def test_phrasings_that_differ_in_punctuation_are_never_asked_of_each_other() -> None:
    parts = dealt(entry("stock", "有货吗", "有货吗？", "请问有货吗", "还有现货没"))
    assert {"有货吗", "有货吗？", "请问有货吗"} in [set(part) for part in parts]


def test_the_same_phrasings_fall_into_the_same_parts_each_time() -> None:
    assert dealt(STOCK, INVOICE) == dealt(STOCK, INVOICE)


async def test_a_tidy_shop_has_no_findings() -> None:
    report = await examine([STOCK, INVOICE])
    assert (report.quality.questions, report.first_right, report.among_three) == (8, 8, 8)
    found = (
        report.stealing,
        report.twins,
        report.unreachable,
        report.harms,
        report.misplaced,
        report.unasked,
    )
    assert not any((*found, report.unjudged, report.left_out))


async def test_another_shops_entries_have_no_part_in_it() -> None:
    report = await examine([STOCK, INVOICE])
    assert set(report.questions) == {"stock", "invoice"}
    assert "foreign" not in json.dumps(report.as_mapping())


async def test_an_entry_that_takes_anothers_questions_is_named_with_examples() -> None:
    fee = entry("fee", "运费多少钱", "运费怎么算", "包邮吗亲", "包邮不包邮", "运费几块钱")
    free = entry("free", "满多少包邮", "包邮吗", "包邮不", "新疆包邮吗")
    (theft,) = [theft for theft in (await examine([fee, free])).stealing if theft.entry == "fee"]
    assert (theft.thief, theft.asked) == ("free", 5)
    assert {example.text for example in theft.examples} == {"包邮吗亲", "包邮不包邮"}
    assert theft.share == 0.4
    assert all(example.entry == "free" and example.own == "fee" for example in theft.examples)


async def test_two_entries_with_the_same_phrasings_are_twins_and_thieves_no_more() -> None:
    report = await examine([STOCK, replace(STOCK, id="copy", reply="另一个回复"), INVOICE])
    (twins,) = report.twins
    assert (twins.first, twins.second, twins.kind, twins.same_reply) == ("copy", "stock", "identical", False)
    assert set(twins.shared) == set(STOCK.all_phrasings)
    assert not report.stealing
    assert not report.unreachable


async def test_twins_with_the_same_reply_answer_each_others_questions_rightly() -> None:
    report = await examine([STOCK, replace(STOCK, id="copy"), INVOICE])
    assert report.twins[0].same_reply
    assert report.first_right == report.quality.questions


async def test_one_phrasing_in_two_entries_is_named() -> None:
    other = entry("restock", "什么时候补货", "几号补货", "还有货吗")
    (twins,) = (await examine([STOCK, other])).twins
    assert (twins.kind, twins.shared) == ("shared", ("还有货吗",))


async def test_an_entry_that_none_of_its_phrasings_brings_is_unreachable() -> None:
    crowd = [entry(f"near-{n}", "开发票", "发票开", "开发票吗", "发票开吗") for n in range(3)]
    lost = entry("lost", "开发票吗发票", "发票开发票开吗", reply="别的")
    report = await examine([*(replace(one, reply="开") for one in crowd), lost])
    (found,) = report.unreachable
    assert (found.entry, found.asked) == ("lost", 2)
    assert found.behind in {one.id for one in crowd}


async def test_a_phrasing_without_which_others_come_right_hurts_and_one_that_is_needed_does_not() -> None:
    fee = entry("fee", "邮费多少", "邮费几块", "邮费贵吗", "邮费怎么算")
    magnet = entry("gift", "送礼物不", "有赠品没", "礼物赠品", "邮费")
    report = await examine([fee, magnet])
    assert report.harms_tried == 2
    (harm,) = report.harms
    assert (harm.entry, harm.text, harm.repaired, harm.broken) == ("gift", "邮费", 3, 1)
    assert {example.own for example in harm.examples} == {"fee"}


async def test_the_question_that_names_an_entry_is_never_said_to_hurt() -> None:
    fee = entry("fee", "邮费多少", "邮费几块", "邮费贵吗", "邮费怎么算")
    report = await examine([fee, entry("gift", "邮费", "送礼物不", "有赠品没", "礼物赠品")])
    assert "gift" in {theft.thief for theft in report.stealing}
    assert "gift" not in {harm.entry for harm in report.harms}


async def test_a_phrasing_nearer_another_entry_is_misplaced() -> None:
    stray = replace(STOCK, phrasings=(*STOCK.phrasings, "可以开发票吗"))
    report = await examine([stray, INVOICE], indexes=FaissEntryIndexes())
    assert [(found.entry, found.text, found.nearer) for found in report.misplaced] == [
        ("stock", "可以开发票吗", "invoice")
    ]


async def test_a_single_phrasing_cannot_be_judged_and_the_owner_is_told_how_many_to_write() -> None:
    report = await examine([STOCK, entry("lone", "门店在哪"), entry("echo", "营业时间", "营业时间？")])
    assert [(found.entry, found.phrasings, found.write) for found in report.unjudged] == [
        ("echo", 1, 3),
        ("lone", 1, 3),
    ]


async def test_drafts_archived_entries_and_those_out_of_season_are_left_out_and_said() -> None:
    past = Validity(until=NOW - timedelta(days=1))
    report = await examine(
        [
            STOCK,
            replace(INVOICE, id="draft", status="draft"),
            replace(INVOICE, id="gone", status="archived"),
            replace(INVOICE, id="season", validity=past),
        ]
    )
    assert {(found.entry, found.reason) for found in report.left_out} == {
        ("draft", "draft"),
        ("gone", "archived"),
        ("season", "not valid now"),
    }
    assert (report.entries, report.quality.questions) == (1, 4)


async def test_an_entry_out_of_season_takes_no_questions() -> None:
    rival = replace(STOCK, id="season", reply="过季", validity=Validity(until=NOW - timedelta(days=1)))
    report = await examine([STOCK, rival])
    assert report.first_right == report.quality.questions == 4


async def test_phrasings_that_messages_never_find_are_named() -> None:
    odd = entry("odd", "怎么保养", "保养方法有吗", "好的", "？？", "货" * 5000)
    report = await examine([odd, STOCK])
    assert {(found.text[:2], found.reason) for found in report.unasked} == {
        ("好的", "acknowledgement"),
        ("？？", "no words"),
        ("货货", "unreadable"),
    }
    assert report.quality.questions == 6


async def test_the_classifier_takes_part_where_there_is_one() -> None:
    without = await examine([replace(STOCK, intent="stock_available"), INVOICE])
    entries = [replace(STOCK, intent="stock_available"), replace(INVOICE, intent="invoice_can")]
    read = await examine(entries, classifier=KeywordClassifier())
    assert (without.classifier, read.classifier) == ("none", "ready")
    assert sum(a.confidence for a in read.answers) > sum(a.confidence for a in without.answers)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [STOCK],
        [STOCK, replace(STOCK, id="copy")],
        [entry("a", "有货吗"), entry("b", "能开发票吗")],
        [entry("a", "货"), entry("b", "票", "邮")],
        [entry("a", "货" * 5000, "票" * 4000), entry("b", "货" * 5000)],
        [entry("a", "??", "!!"), entry("b", "…")],
    ],
    ids=["none", "one", "twins", "one phrasing each", "one character", "5,000 characters", "punctuation"],
)
async def test_the_oddest_shops_get_a_report_without_a_number_that_is_none(entries: list[Entry]) -> None:
    report = await examine(entries)
    mapping = report.as_mapping()
    assert all(math.isfinite(number) for number in numbers(mapping))
    json.dumps(mapping, allow_nan=False)


async def test_an_unknown_shop_is_not_found() -> None:
    with pytest.raises(NotFound):
        await examine([], shop="nowhere")


def test_what_is_shown_here_is_what_suggesting_shows() -> None:
    assert shop_evaluation_asking.SHOWN == suggesting.MAX_SUGGESTIONS
    assert shop_evaluation_asking.LEAST_SHOWN == suggesting._MIN_CONFIDENCE
    assert shop_evaluation_asking.OTHER_LANGUAGE == suggesting._OTHER_LANGUAGE


async def test_a_phrase_that_nobody_asked_for_yet_disturbs_nothing() -> None:
    phrase = replace(entry("phrase", "?"), question="", phrasings=())
    for entries in ([STOCK, INVOICE, phrase], [phrase]):
        report = await examine(entries)
        assert report.quality.questions == 4 * (len(entries) - 1)
        assert report.entries == len(entries)
