"""Pictures of an evaluation, as SVG: how far confidences can be trusted, and how much could be answered alone.

Texts stay texts in the file, Chinese and English; colours are those of Okabe and Ito, told apart by the colour-blind.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.retrieval.evaluation_coverage import threshold_at_precision
from bot.retrieval.evaluation_measures import answered_at_precision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Numbers = NDArray[np.float64]

_INK: Final = "#20262d"
_SOFT: Final = "#66707b"
_GRID: Final = "#e3e7eb"
_BLUE: Final = "#0072B2"
_PALE_BLUE: Final = "#bcd9ea"
_TARGET_COLOURS: Final = ("#009E73", "#E69F00", "#D55E00")
_TARGET_MARKS: Final = ("o", "s", "D")
_FONTS: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "DejaVu Sans", "sans-serif",
)  # fmt: skip
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kuaihui",
    "font.family": list(_FONTS),
    "font.size": 11,
    "text.color": _INK,
    "axes.edgecolor": _SOFT,
    "axes.labelcolor": _INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
}
_WIDTH: Final = 7.6
_LEFT: Final = 0.09
_RIGHT: Final = 0.965
_TITLE_SIZE: Final = 14
_MOST_BINS: Final = 10
_FEWEST_A_BIN: Final = 10
_APART: Final = 0.04
_NORMAL_95: Final = 1.96


class NothingToDraw(ValueError):
    """There is no answer of which a picture could be made."""


def draw_reliability(confidences: Sequence[float], right: Sequence[bool], path: Path, title: str) -> None:
    """Write the reliability diagram: share right against confidence in bins of equally many, and how many there are.

    Raises NothingToDraw, OSError.
    """
    given, true = _arrays(confidences, right)
    with _figure(
        6.6, title, "点在虚线上 = 置信度名副其实 On the dashed line: the confidence says what is true"
    ) as figure:
        upper = figure.add_axes((_LEFT, 0.34, _RIGHT - _LEFT, 0.485))
        lower = figure.add_axes((_LEFT, 0.085, _RIGHT - _LEFT, 0.15), sharex=upper)
        _draw_bins(upper, given, true)
        _draw_counts(lower, given)
        _save(figure, path)


def draw_coverage(confidences: Sequence[float], right: Sequence[bool], path: Path, title: str) -> None:
    """Write the coverage curve: precision against the share answered, with what each target precision leaves.

    Raises NothingToDraw, OSError.
    """
    given, true = _arrays(confidences, right)
    with _figure(6.2, title, "从最有把握的答起 Answering the surest first") as figure:
        axes = figure.add_axes((_LEFT, 0.315, _RIGHT - _LEFT, 0.505))
        _draw_curve(axes, given, true)
        key = figure.add_axes((_LEFT, 0.03, _RIGHT - _LEFT, 0.17))
        _draw_key(key, [_target(given, true, precision) for precision in TARGET_PRECISIONS])
        _save(figure, path)


def _arrays(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Numbers, Numbers]:
    if not len(confidences):
        raise NothingToDraw("no question was asked: there is nothing to draw")
    return np.asarray(confidences, np.float64), np.asarray(right, np.float64)


@contextmanager
def _figure(height: float, title: str, subtitle: str) -> Iterator[Figure]:
    """Yield an empty figure under its title; nothing global of matplotlib's is touched."""
    # Only here: matplotlib takes a second to import, and only who wants a picture shall wait for it.
    import matplotlib
    from matplotlib.figure import Figure

    # The file names several fonts for whoever opens it; that this machine lacks some is no news.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure((_WIDTH, height), facecolor="white")
        top = 1 - 0.16 / height
        place: dict[str, Any] = {"ha": "left", "va": "top", "parse_math": False}
        figure.text(0.02, top, title, fontsize=_TITLE_SIZE, fontweight="bold", **place)
        figure.text(0.02, top - 0.32 / height, subtitle, color=_SOFT, **place)
        yield figure


def _save(figure: Figure, path: Path) -> None:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": "Kuaihui"})
    path.write_bytes(drawn.getvalue())


def _draw_bins(axes: Axes, given: Numbers, true: Numbers) -> None:
    count = len(given)
    order = np.argsort(given, kind="stable")
    bins = _apart(np.array_split(order, max(1, min(_MOST_BINS, count // _FEWEST_A_BIN))), given)
    sizes = np.array([len(members) for members in bins], np.float64)
    means = np.array([given[members].mean() for members in bins])
    shares = np.array([true[members].mean() for members in bins])
    low, high = _wilson(shares, sizes)
    axes.plot((0, 1), (0, 1), color=_SOFT, linewidth=1, dashes=(5, 4))
    axes.plot(means, shares, color=_BLUE, linewidth=1.6, clip_on=False)
    axes.errorbar(
        means, shares, yerr=(np.maximum(shares - low, 0), np.maximum(high - shares, 0)), fmt="o", color=_BLUE, markersize=6.5,
        markeredgecolor="white", markeredgewidth=0.8, ecolor=_PALE_BLUE, elinewidth=3, clip_on=False,
    )  # fmt: skip
    _head(axes, "实际答对的比例（竖条：95% 区间） Share right, with 95 % interval")
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.04))
    _in_percent(axes.xaxis, 0.2)
    _in_percent(axes.yaxis, 0.2)
    axes.grid(True)


def _apart(bins: Sequence[NDArray[np.int64]], given: Numbers) -> list[NDArray[np.int64]]:
    """Return the bins with those joined whose points would lie on one another."""
    joined = [bins[0]]
    for members in bins[1:]:
        if given[members].mean() - given[joined[-1]].mean() < _APART:
            joined[-1] = np.concatenate([joined[-1], members])
        else:
            joined.append(members)
    return joined


def _draw_counts(axes: Axes, given: Numbers) -> None:
    edges = np.linspace(0, 1, 11)
    counts, _ = np.histogram(np.clip(given, 0, 1), edges)
    axes.bar(edges[:-1] + 0.05, counts, 0.092, color=_PALE_BLUE)
    for place, count in enumerate(counts):
        if count:
            axes.annotate(
                str(count), (edges[place] + 0.05, count), (0, 2), textcoords="offset points", ha="center",
                va="bottom", fontsize=9, color=_SOFT,
            )  # fmt: skip
    _head(axes, f"问题数（共 {len(given)}） Questions, {len(given)} in all")
    axes.set_ylim(0, max(1, counts.max()) * 1.28)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("置信度 Confidence")


def _draw_curve(axes: Axes, given: Numbers, true: Numbers) -> None:
    order = np.argsort(-given, kind="stable")
    answered = np.arange(1, len(order) + 1, dtype=np.float64)
    last = np.append(given[order][1:] < given[order][:-1], True)
    precision = (np.cumsum(true[order]) / answered)[last]
    shares = (answered / len(order))[last]
    low, high = _wilson(precision, answered[last])
    axes.fill_between(shares, low, high, color=_PALE_BLUE, alpha=0.55, linewidth=0, step="post")
    axes.step(shares, precision, where="post", color=_BLUE, linewidth=1.8)
    floor = min(0.8, np.floor(float(precision.min()) * 10) / 10 if len(precision) else 0.8)
    axes.set(xlim=(0, 1), ylim=(floor, 1.0 + (1 - floor) * 0.03))
    for target, colour, mark in zip(TARGET_PRECISIONS, _TARGET_COLOURS, _TARGET_MARKS, strict=True):
        axes.axhline(target, color=colour, linewidth=1, dashes=(2, 3))
        share = answered_at_precision(given.tolist(), true.tolist(), target)
        if share:
            axes.plot((share, share), (floor, target), color=colour, linewidth=1, dashes=(2, 3))
            axes.plot(
                share,
                target,
                mark,
                color=colour,
                markersize=9,
                markeredgecolor="white",
                clip_on=False,
                zorder=5,
            )
    _head(axes, "答对的比例（浅色：95% 区间） Share right of what is answered, with 95 % interval")
    axes.set_xlabel(f"自动回复的比例（共 {len(given)} 问） Share answered, of {len(given)} questions")
    _in_percent(axes.xaxis, 0.2)
    _in_percent(axes.yaxis, 0.05 if floor >= 0.7 else 0.1 if floor >= 0.4 else 0.2)
    axes.grid(True)


def _draw_key(axes: Axes, lines: Sequence[tuple[str, str]]) -> None:
    """Write what the three targets leave, a line each: no label can then lie on the curve."""
    axes.set(xlim=(0, 1), ylim=(-0.5, len(lines) - 0.5))
    axes.axis("off")
    rows = zip(reversed(range(len(lines))), lines, _TARGET_COLOURS, _TARGET_MARKS, strict=True)
    for row, (chinese, english), colour, mark in rows:
        axes.plot(0.008, row, mark, color=colour, markersize=9, markeredgecolor="white", clip_on=False)
        axes.text(0.03, row, chinese, ha="left", va="center", parse_math=False)
        axes.text(0.56, row, english, ha="left", va="center", color=_SOFT, parse_math=False)


def _target(given: Numbers, true: Numbers, precision: float) -> tuple[str, str]:
    """Return what the target precision leaves, in Chinese and in English."""
    threshold = threshold_at_precision(given, true > 0, precision)
    if threshold is None:
        return f"答对 {precision:.0%}：没有哪个阈值做得到", f"{precision:.0%} right: no threshold does it"
    share = answered_at_precision(given.tolist(), true.tolist(), precision)
    return (
        f"答对 {precision:.0%}：置信度 ≥ {threshold:.2f}，可自动回复 {share:.0%}",
        f"{precision:.0%} right: ≥ {threshold:.2f} answers {share:.0%}",
    )


def _head(axes: Axes, text: str) -> None:
    """Write what the vertical axis shows above it, where it can be read without turning one's head."""
    above = 1 + 0.022 / axes.get_position().height
    axes.text(0, above, text, transform=axes.transAxes, ha="left", va="bottom", parse_math=False)


def _in_percent(axis: object, step: float) -> None:
    from matplotlib.axis import Axis
    from matplotlib.ticker import MultipleLocator, PercentFormatter

    assert isinstance(axis, Axis)
    axis.set_major_locator(MultipleLocator(step))
    axis.set_major_formatter(PercentFormatter(1, decimals=0))


def _wilson(shares: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Return the 95 % interval of each share (Wilson's, which stays between 0 and 1 also for few)."""
    spread = _NORMAL_95**2 / counts
    middle = (shares + spread / 2) / (1 + spread)
    half = _NORMAL_95 * np.sqrt(shares * (1 - shares) / counts + spread / (4 * counts)) / (1 + spread)
    return middle - half, middle + half
