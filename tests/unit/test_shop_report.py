"""A shop's evaluation as an owner reads it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot.cli.shop_report import print_report
from bot.domain.entry import Entry
from bot.ports import Event
from tests.unit.fakes.examined import NOW, entry, examine

STOCK = entry("stock", "还有货吗", "有没有货呀", "现在有货吗", "这个有货吗")
INVOICE = entry("invoice", "能开发票吗", "可以开发票不", "发票能开吗", "开发票可以吗")


async def said(entries: list[Entry], events: list[Event] | None = None) -> str:
    console = Console(file=io.StringIO(), width=200, soft_wrap=True)
    print_report(await examine(entries, events or []), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_tidy_shop_is_told_what_could_be_answered_alone() -> None:
    text = await said([STOCK, INVOICE])
    assert "8 句逐一当作新问题问：首条就对 100%" in text
    assert "Of 100 routine questions 100 could be answered alone, 100% of them rightly." in text
    assert "只有 8 句，仅供参考" in text
    assert "还没有消息记录" in text
    assert "抢走" not in text


async def test_findings_name_entries_phrasings_and_what_to_do() -> None:
    fee = entry("fee", "邮费多少", "邮费几块", "邮费贵吗", "邮费怎么算")
    magnet = entry("gift", "送礼物不", "有赠品没", "礼物赠品", "邮费", "好的")
    text = await said([fee, magnet, STOCK, replace(STOCK, id="copy"), entry("lone", "门店在哪")])
    for expected in (
        "抢走",
        "碍事的问法",
        "「邮费」",
        "「邮费几块」",
        "删去一条 remove one",
        "再写 3 句 write 3 more",
        "被当作应答语",
    ):
        assert expected in text


async def test_messages_in_vain_are_listed_with_their_day() -> None:
    silence = {"silent": True, "reason": "no entry answers it", "suggestions": []}
    events = [
        Event("suggestion_shown", NOW, "c", silence),
        Event("message_received", NOW, "c", {"text": "[可以] 寄到月球吗"}),
    ]
    text = await said([STOCK, INVOICE], events)
    assert "没有答上的消息（最近 1 条里 1 条）" in text
    assert "寄到月球吗" in text
    assert "2026-03-05" in text


@pytest.mark.parametrize(
    ("entries", "expected"),
    [([], "没有可用的条目"), ([entry("a", "有货吗"), entry("b", "能开票吗")], "没有一条写了两句不同的问法")],
)
async def test_a_shop_that_cannot_be_asked_is_told_why(entries: list[Entry], expected: str) -> None:
    text = await said(entries)
    assert expected in text
    assert "nan" not in text
