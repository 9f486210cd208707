"""A shop's evaluation as an owner reads it: a verdict, what could be answered alone, the findings, the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from bot.cli.shop_findings import finding_tables, new_table

if TYPE_CHECKING:
    from bot.domain.answer_quality import AnswerQuality
    from bot.services.shop_evaluation_report import ShopReport

_FEW: Final = 50
_NAMED: Final = 20
_LEFT_OUT: Final = {
    "draft": "草稿 draft",
    "archived": "已归档 archived",
    "not valid now": "现在不在有效期 not valid now",
}
_VAIN: Final = {
    "no entry answers it": "没有条目 no entry",
    "nothing to answer": "似无需回复 seems to want no answer",
}
_VAIN_COLUMNS: Final = ("消息 message", "次数 times", "最近 newest", "原因 reason")
_COVERAGE_COLUMNS: Final = (
    "要求答对 right", "置信度 confidence", "可自动回复 answered", "95% 区间 interval", "其中答对 right of it",
)  # fmt: skip
_CLASSIFIERS: Final = {
    "ready": "有意图识别 with intents",
    "partly": "部分有意图识别 intents for some",
    "none": "没有意图识别 without intents",
}


def print_report(report: ShopReport, console: Console) -> None:
    """Print the whole report."""
    _print_head(report, console)
    if report.quality.questions:
        _print_quality(report.quality, console)
    for table in finding_tables(report):
        console.print()
        console.print(table)
    _print_log(report, console)
    _print_left_out(report, console)


def _print_head(report: ShopReport, console: Console) -> None:
    _line(console, f"{report.name} ({report.shop})", "bold")
    _line(
        console,
        f"{report.entries} 个条目 entries，{report.phrasings} 句问法 phrasings，{_CLASSIFIERS[report.classifier]}",
    )
    asked = report.quality.questions
    if not report.entries:
        _line(
            console, "没有可用的条目：先导入一些。 No entry that buyers get: import some (`kuaihui import`)."
        )
    elif not asked:
        _line(
            console,
            "没有一条写了两句不同的问法，无从提问：每条再写几句。 No entry has two different phrasings: write more.",
        )
    else:
        right, three = report.first_right / asked, report.among_three / asked
        _line(
            console,
            f"{asked} 句逐一当作新问题问：首条就对 {right:.0%}，前三条里有 {three:.0%}。 "
            f"{asked} phrasings asked as if new: first reply right {right:.0%}, right among three {three:.0%}.",
        )


def _print_quality(quality: AnswerQuality, console: Console) -> None:
    console.print()
    table = new_table("可以自动回复多少 What could be answered alone", _COVERAGE_COLUMNS)
    meanings = []
    for part in quality.coverage:
        if part.threshold is None:
            threshold, right = "–", "–"
            meanings.append(
                f"没有哪个阈值能有 {part.precision:.0%} 答对。 No threshold is {part.precision:.0%} right."
            )
        else:
            share, right = round(part.share * 100), f"{part.right:.0%}"
            threshold = f"≥ {part.threshold:.2f}"
            meanings.append(
                f"100 个常见问题里 {share} 个可自动回复，其中 {right} 答对。 "
                f"Of 100 routine questions {share} could be answered alone, {right} of them rightly."
            )
        interval = f"{part.low:.0%}–{part.high:.0%}"
        table.add_row(f"{part.precision:.0%}", threshold, f"{part.share:.0%}", interval, right)
    console.print(table)
    for meaning in meanings:
        _line(console, meaning)
    if quality.questions < _FEW:
        _line(
            console,
            f"只有 {quality.questions} 句，仅供参考。 Only {quality.questions} questions: take it as a hint.",
        )
    _line(
        console,
        "店主写的问法比买家的话工整，实际会低一些。 Phrasings read easier than buyers' messages: expect less in real life.",
        "dim",
    )
    error, skill = quality.calibration_error, quality.brier_skill
    _line(
        console,
        f"校准误差 calibration error {_number(error)}（越小越好 0 is best），Brier 技能 skill {_number(skill)}（1 最好 is best）",
        "dim",
    )


def _print_log(report: ShopReport, console: Console) -> None:
    logged = report.logged
    console.print()
    if not logged.messages:
        _line(console, "还没有消息记录。 No message is logged yet.")
    elif not logged.unanswered:
        _line(
            console,
            f"最近 {logged.messages} 条消息都有推荐或无需回复。 "
            f"None of the last {logged.messages} messages was asked in vain.",
        )
    else:
        title = (
            f"没有答上的消息（最近 {logged.messages} 条里 {logged.unanswered} 条） "
            f"Asked in vain ({logged.unanswered} of the last {logged.messages} messages)"
        )
        table = new_table(title, _VAIN_COLUMNS)
        for message in logged.commonest:
            reason = _VAIN.get(message.reason, message.reason)
            table.add_row(Text(f"「{message.text}」"), str(message.count), message.newest[:10], reason)
        console.print(table)


def _print_left_out(report: ShopReport, console: Console) -> None:
    for reason, word in _LEFT_OUT.items():
        names = [entry.entry for entry in report.left_out if entry.reason == reason]
        if names:
            more = f" … (+{len(names) - _NAMED})" if len(names) > _NAMED else ""
            _line(console, f"未计入 left out, {word}: {', '.join(names[:_NAMED])}{more}", "dim")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(text, markup=False, style=style)
