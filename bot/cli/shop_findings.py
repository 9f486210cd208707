"""The findings of a shop's evaluation as tables, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bot.services.shop_evaluation_report import Example, ShopReport

_ROWS: Final = 20
_LONGEST: Final = 30
_ENTRY: Final = "条目 entry"
_PHRASING: Final = "问法 phrasing"
_EXAMPLES: Final = "例句 examples"
_ADVICE: Final = "建议 advice"
_CONFIDENCE: Final = "置信度 confidence"
_IN_LOG: Final = "记录中出现 in the log"
_ACTIONS: Final = {
    "merge": "合并 merge",
    "move": "改写或移走 reword",
    "add": "补写 add",
    "part": "区分 tell apart",
}
_ACTIONS_EXPLAINED: Final = (
    "合并：两条问的是一回事。 merge: the two ask the same.\n"
    "改写或移走：例句更像右边那条。 reword: these phrasings read like the other entry; reword or move them.\n"
    "补写：问法太少。 add: too few phrasings, write more.\n"
    "区分：互相抢，各写几句只属于自己的问法。 tell apart: each needs phrasings that are its own alone."
)
_TWINS: Final = {
    "identical": "删去一条 remove one",
    "shared": "只留一处 keep it in one",
    "near": "合并 merge",
}
_HARMS_EXPLAINED: Final = (
    "救回多、弄坏少的先改写或删去；只救回 1 句的仅供参考。 Reword or remove first what repairs much and breaks little; "
    "a single repair is a hint."
)
_REFUSALS: Final = {
    "unreadable": "太长或无可读文字 too long, or nothing to read",
    "acknowledgement": "被当作应答语 taken for an acknowledgement",
    "no words": "没有文字 no words",
}


def finding_tables(report: ShopReport) -> Iterator[Table]:
    """Yield a table for each kind of finding that there is, the gravest kinds first."""
    parts = (_twins, _stealing, _unreachable, _harms, _misplaced, _unasked, _unjudged)
    for part in parts:
        title, columns, rows, explained = part(report)
        if rows:
            yield _filled(title, columns, rows, explained)


def new_table(title: str, columns: Sequence[str]) -> Table:
    """Return an empty table as all of this report look."""
    table = Table(title=title, title_justify="left", caption_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


_Finding: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[str]], str]
"""Title, columns, rows, and what the words in them mean."""


def _twins(report: ShopReport) -> _Finding:
    rows = [
        (
            pair.first,
            pair.second,
            "、".join(map(_quoted, pair.shared[:3])) or "–",
            "是 yes" if pair.same_reply else "否 no",
            _TWINS[pair.kind],
        )
        for pair in report.twins
    ]
    columns = (_ENTRY, _ENTRY, "相同问法 shared", "回复相同 same reply", _ADVICE)
    return "重复的条目 Entries that ask the same", columns, rows, ""


def _stealing(report: ShopReport) -> _Finding:
    rows = [
        (
            theft.entry,
            theft.thief,
            f"{theft.count}/{theft.asked} ({theft.share:.0%})",
            f"{theft.confidence:.2f}",
            "\n".join(f"{_quoted(e.text)} {e.confidence:.2f}" for e in theft.examples),
            _ACTIONS[theft.action],
        )
        for theft in report.stealing
    ]
    columns = (_ENTRY, "被谁抢 goes to", "几句 lost", _CONFIDENCE, _EXAMPLES, _ADVICE)
    return "问题被别的条目抢走 Entries that lose questions to others", columns, rows, _ACTIONS_EXPLAINED


def _unreachable(report: ShopReport) -> _Finding:
    rows = [
        (entry.entry, str(entry.asked), entry.behind or "–", _shown(entry.examples), str(entry.shown_in_log))
        for entry in report.unreachable
    ]
    columns = (_ENTRY, "问了 asked", "总是出现 comes instead", _EXAMPLES, _IN_LOG)
    title = "问不到的条目：自己的问法都进不了前三 Entries that none of their own phrasings reaches"
    return title, columns, rows, ""


def _harms(report: ShopReport) -> _Finding:
    rows = [
        (
            harm.entry,
            _quoted(harm.text),
            str(harm.repaired),
            str(harm.broken),
            "\n".join(f"{_quoted(e.text)} {e.own}" for e in harm.examples),
        )
        for harm in report.harms
    ]
    title = (
        f"碍事的问法：去掉后别的问题就答对（试了 {report.harms_tried} 句） "
        f"Phrasings that hurt: without them others come right ({report.harms_tried} tried)"
    )
    return (
        title,
        (_ENTRY, _PHRASING, "救回 repaired", "弄坏 broken", "救回的例句 examples"),
        rows,
        _HARMS_EXPLAINED,
    )


def _misplaced(report: ShopReport) -> _Finding:
    rows = [
        (
            entry.entry,
            _quoted(entry.text),
            entry.nearer,
            f"{entry.confidence:.2f}",
            f"{entry.own_confidence:.2f}",
        )
        for entry in report.misplaced
    ]
    columns = (_ENTRY, _PHRASING, "更像 nearer", _CONFIDENCE, "本条 own")
    return "放错地方的问法：更像别的条目 Phrasings that sit nearer another entry", columns, rows, ""


def _unasked(report: ShopReport) -> _Finding:
    rows = [(entry.entry, _quoted(entry.text), _REFUSALS[entry.reason]) for entry in report.unasked]
    title = "用不上的问法：这样的消息不会去查条目 Phrasings that no message finds"
    return title, (_ENTRY, _PHRASING, "原因 reason"), rows, ""


def _unjudged(report: ShopReport) -> _Finding:
    rows = [
        (
            entry.entry,
            str(entry.phrasings),
            f"再写 {entry.write} 句 write {entry.write} more",
            str(entry.shown_in_log),
        )
        for entry in report.unjudged
    ]
    columns = (_ENTRY, "不同问法 phrasings", _ADVICE, _IN_LOG)
    return "问法太少，无法判断 Too few phrasings to judge", columns, rows, ""


def _filled(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], explained: str) -> Table:
    table = new_table(title, columns)
    for row in rows[:_ROWS]:
        table.add_row(*map(Text, row))
    if len(rows) > _ROWS:
        left = len(rows) - _ROWS
        more = f"另有 {left} 行，见 --json。 {left} more rows: see --json."
        explained = f"{more}\n{explained}" if explained else more
    table.caption = explained or None
    return table


def _shown(examples: Iterable[Example]) -> str:
    return "\n".join(
        f"{_quoted(example.text)}→{example.entry or '–'} {example.confidence:.2f}" for example in examples
    )


def _quoted(text: str) -> str:
    return f"「{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}」"
