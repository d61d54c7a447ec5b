"""Charts as PNG, made to be read on a phone: few words, large type, no axis that has to be studied.

The texts come in already translated. Importing this module is cheap; matplotlib is imported by the first chart,
and all drawing happens on a worker thread, one chart at a time, so that the chats are answered meanwhile. The same
input is drawn once.
"""

from __future__ import annotations

import asyncio
import io
import math
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.patches import FancyBboxPatch

P = ParamSpec("P")

FONTS = Path(__file__).parent / "fonts"
WIDTH = 1080
MARGIN = 64
INK, MUTED, LINE, TRACK, PAPER = "#111827", "#6b7280", "#e5e7eb", "#e8eaf2", "#ffffff"
FIRST, SECOND, WARM, HOT = "#4f46e5", "#0d9488", "#f59e0b", "#dc2626"
MOST_ROWS = 12
LEAST_BAR = 6
LONGEST = 120
KEPT = 64

_drawing = threading.Lock()


def can_draw() -> bool:
    """Whether matplotlib is here: it comes with the extra `charts`, which a small installation leaves out."""
    return find_spec("matplotlib") is not None


@dataclass(frozen=True)
class TrendPoint:
    """One day (or week): how it is called on the axis, and what happened on it."""

    label: str
    redeemed: int
    joined: int


@dataclass(frozen=True)
class TrendLabels:
    title: str
    subtitle: str
    redeemed: str
    joined: str
    empty: str


@dataclass(frozen=True)
class UtilisationRow:
    """The seats of one team or pool."""

    name: str
    taken: int
    held: int
    free: int

    @property
    def total(self) -> int:
        return self.taken + self.held + self.free


@dataclass(frozen=True)
class UtilisationLabels:
    title: str
    subtitle: str
    taken: str
    held: str
    free: str
    others: str
    """The name of the row that sums up what has no room of its own."""
    empty: str


@dataclass(frozen=True)
class FunnelRow:
    """One stage and how many came as far; stages come in order."""

    name: str
    count: int


@dataclass(frozen=True)
class FunnelLabels:
    title: str
    subtitle: str
    empty: str


async def trend_chart(points: Sequence[TrendPoint], labels: TrendLabels) -> bytes:
    """Draw two lines over time, oldest point first, with their sums above them: 1080 × 810."""
    return await _off_the_loop(_trend, tuple(points), labels)


async def utilisation_chart(rows: Sequence[UtilisationRow], labels: UtilisationLabels) -> bytes:
    """Draw one bar per team or pool, in the order given: 1080 wide, 810 to 1350 high.

    More than twelve rows become eleven and one that sums up the others.
    """
    return await _off_the_loop(_utilisation, tuple(rows), labels)


async def funnel_chart(rows: Sequence[FunnelRow], labels: FunnelLabels) -> bytes:
    """Draw one bar per stage, with the share that came over from the stage before: 1080 wide, 810 to 1350 high."""
    return await _off_the_loop(_funnel, tuple(rows), labels)


async def _off_the_loop(draw: Callable[P, bytes], *args: P.args, **kwargs: P.kwargs) -> bytes:
    def drawn() -> bytes:
        with _drawing:  # matplotlib's caches are not made for two threads
            return draw(*args, **kwargs)

    return await asyncio.to_thread(drawn)


@lru_cache(KEPT)
def _trend(points: tuple[TrendPoint, ...], labels: TrendLabels) -> bytes:
    sheet = _Sheet(810)
    sheet.header(labels.title, labels.subtitle)
    if not points:
        return sheet.empty(labels.empty)
    series = (
        (labels.redeemed, FIRST, [point.redeemed for point in points]),
        (labels.joined, SECOND, [point.joined for point in points]),
    )
    for index, (name, colour, values) in enumerate(series):
        left = MARGIN + index * (WIDTH - 2 * MARGIN) / 2
        sheet.dot(left + 12, 213, colour)
        sheet.text(left + 36, 213, name, _Pen(32, MUTED), widest=400)
        sheet.text(left, 272, f"{sum(values):,}", _Pen(62, INK, bold=True))

    top, bottom, right = 350, 706, WIDTH - MARGIN - 12
    ticks = _ticks(max(max(values) for _, _, values in series))
    left = MARGIN + 20 + max(sheet.width(f"{tick:,}", 28) for tick in ticks)

    def place(value: int) -> float:
        return bottom - (bottom - top) * value / ticks[-1]

    for tick in ticks:
        sheet.rule(left, right, place(tick), INK if tick == 0 else LINE)
        sheet.text(left - 20, place(tick), f"{tick:,}", _Pen(28, MUTED), align="right")
    step = (right - left) / max(1, len(points) - 1)
    across = [left + step * index for index in range(len(points))] if len(points) > 1 else [(left + right) / 2]
    for _, colour, values in series:
        sheet.line(across, [place(value) for value in values], bottom, colour)
    broadest = max(sheet.width(point.label, 28) for point in points)
    # The first and the last name end where their line ends: between each of them and its neighbour, one and a half fit.
    every = max(-(-len(points) // 7), math.ceil((1.5 * broadest + 24) / step))
    for index in range(len(points) - 1, -1, -every):  # counted from the end: today always has its name
        align = "center" if 0 < index < len(points) - 1 or len(points) == 1 else "left" if index == 0 else "right"
        sheet.text(across[index], bottom + 44, points[index].label, _Pen(28, MUTED), align=align, widest=right - left)
    return sheet.png()


@lru_cache(KEPT)
def _utilisation(rows: tuple[UtilisationRow, ...], labels: UtilisationLabels) -> bytes:
    shown = rows
    if len(rows) > MOST_ROWS:
        rest = rows[MOST_ROWS - 1 :]
        sums = (sum(row.taken for row in rest), sum(row.held for row in rest), sum(row.free for row in rest))
        shown = (*rows[: MOST_ROWS - 1], UtilisationRow(labels.others, *sums))
    first, pitch = 274, min(120, 1048 / max(1, len(shown)))
    sheet = _Sheet(max(810, int(first + pitch * len(shown) + 28)))
    sheet.header(labels.title, labels.subtitle)
    if not shown:
        return sheet.empty(labels.empty)
    left: float = MARGIN
    for name, colour in ((labels.taken, FIRST), (labels.held, WARM), (labels.free, TRACK)):
        sheet.dot(left + 12, 206, colour)
        left = sheet.text(left + 36, 206, name, _Pen(30, MUTED), widest=250) + 52
    for index, row in enumerate(shown):
        y = first + pitch * index + 18
        share = (row.taken + row.held) / row.total if row.total else 0.0
        figures = f"{row.taken + row.held:,} / {row.total:,}"
        said = share_text(share)
        sheet.text(WIDTH - MARGIN, y, said, _Pen(34, _warmth(share), bold=True), align="right")
        aside = max(110, sheet.width(said, 34, bold=True) + 28)
        sheet.text(WIDTH - MARGIN - aside, y, figures, _Pen(30, MUTED), align="right")
        room = WIDTH - 2 * MARGIN - aside - 40 - sheet.width(figures, 30)
        sheet.text(MARGIN, y, row.name, _Pen(34, INK), widest=room, cut=_middle)
        parts = ((row.taken, FIRST), (row.held, WARM))
        sheet.bar(y + 26, 24, [(part / row.total if row.total else 0.0, colour) for part, colour in parts])
    return sheet.png()


@lru_cache(KEPT)
def _funnel(rows: tuple[FunnelRow, ...], labels: FunnelLabels) -> bytes:
    shown = rows[:7]
    first, pitch = 224, 150
    sheet = _Sheet(max(810, first + pitch * len(shown) + 10))
    sheet.header(labels.title, labels.subtitle)
    if not shown:
        return sheet.empty(labels.empty)
    most = max(1, *(row.count for row in shown))
    for index, row in enumerate(shown):
        y = first + pitch * index
        end = sheet.text(WIDTH - MARGIN, y, f"{row.count:,}", _Pen(48, INK, bold=True), align="right")
        room = WIDTH - 2 * MARGIN - (WIDTH - MARGIN - end) - 40
        if index and shown[index - 1].count:
            share = share_text(row.count / shown[index - 1].count)
            room -= sheet.width(share, 30) + 80
            sheet.text(end - 40, y, f"↓ {share}", _Pen(30, SECOND, bold=True), align="right")
        sheet.text(MARGIN, y, row.name, _Pen(36, INK), widest=room, cut=_middle)
        sheet.bar(y + 40, 46, [(row.count / most, FIRST)])
    return sheet.png()


@dataclass(frozen=True, slots=True)
class _Pen:
    """How a line is written: its height in pixels, its colour, its weight."""

    size: int
    colour: str
    bold: bool = False


class _Sheet:
    """A page measured in pixels from its upper left corner."""

    def __init__(self, height: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.height = height
        self._figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100, facecolor=PAPER)
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(height, 0)

    def header(self, title: str, subtitle: str) -> None:
        self.text(MARGIN, 84, title, _Pen(54, INK, bold=True), widest=WIDTH - 2 * MARGIN)
        self.text(MARGIN, 142, subtitle, _Pen(31, MUTED), widest=WIDTH - 2 * MARGIN)

    def empty(self, text: str) -> bytes:
        """Finish a page that has nothing to show but a sentence."""
        self.text(WIDTH / 2, self.height / 2 + 40, text, _Pen(38, MUTED), align="center", widest=WIDTH - 2 * MARGIN)
        return self.png()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        pen: _Pen,
        *,
        align: str = "left",
        widest: float | None = None,
        cut: Callable[[str, int], str] | None = None,
    ) -> float:
        """Write one line around the height `y`, shortened to `widest` pixels; return where it ends, away from `x`."""
        size, bold = pen.size, pen.bold
        whole = one_line(text)
        line, kept = whole, len(whole)
        while widest is not None and kept > 1 and self.width(line, size, bold=bold) > widest:
            kept -= 1
            line = (cut or _end)(whole, kept)
        font = font_for(line, bold=bold)
        drawn = self._axes.text(
            x,
            y,
            line,
            color=pen.colour,
            ha=align,
            va="center_baseline",
            fontproperties=font,
            parse_math=False,
        )
        drawn.set_fontsize(size * 0.72)
        width = self.width(line, size, bold=bold)
        return x - width if align == "right" else x + width

    def width(self, text: str, size: int, *, bold: bool = False) -> float:
        """How many pixels `text` takes."""
        font = font_for(text, bold=bold).copy()
        font.set_size(size * 0.72)
        renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]
        return float(renderer.get_text_width_height_descent(text, font, ismath=False)[0])

    def dot(self, x: float, y: float, colour: str) -> None:
        self._axes.scatter([x], [y - 2], s=24**2 * 0.52, color=colour, linewidths=0)

    def rule(self, left: float, right: float, y: float, colour: str) -> None:
        self._axes.plot([left, right], [y, y], color=colour, linewidth=1.5, zorder=1, solid_capstyle="butt")

    def line(self, across: Sequence[float], down: Sequence[float], bottom: float, colour: str) -> None:
        """A line with a breath of its colour below, its last point marked."""
        self._axes.fill_between(across, down, bottom, color=colour, alpha=0.10, linewidth=0, zorder=2)
        self._axes.plot(
            across, down, color=colour, linewidth=4.5, zorder=3, solid_joinstyle="round", solid_capstyle="round"
        )
        self._axes.scatter(across[-1:], down[-1:], s=210, color=colour, edgecolors=PAPER, linewidths=3, zorder=4)

    def bar(self, y: float, height: float, parts: Sequence[tuple[float, str]]) -> None:
        """A rounded track across the page, filled from the left with each part's share (0…1) and colour."""
        from matplotlib.patches import Rectangle

        length = WIDTH - 2 * MARGIN
        track = self._rounded(MARGIN, y, length, height, TRACK)
        left: float = MARGIN
        for share, colour in parts:
            width = max(LEAST_BAR, length * min(1.0, share)) if share else 0.0
            part = Rectangle((left, y), width, height, facecolor=colour, linewidth=0, zorder=3)
            self._axes.add_patch(part)
            part.set_clip_path(track)
            left += width

    def png(self) -> bytes:
        out = io.BytesIO()
        self._canvas.print_png(out)  # type: ignore[no-untyped-call]
        return out.getvalue()

    def _rounded(self, x: float, y: float, width: float, height: float, colour: str) -> FancyBboxPatch:
        from matplotlib.patches import FancyBboxPatch

        style = f"round,pad=0,rounding_size={height / 2}"
        patch = FancyBboxPatch((x, y), width, height, boxstyle=style, facecolor=colour, linewidth=0, zorder=2)
        self._axes.add_patch(patch)
        return patch


@lru_cache
def _characters(file: str) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(FONTS / file).get_charmap())


def font_for(text: str, *, bold: bool) -> FontProperties:
    """Bold where it can write all of `text`: half a heading in another weight looks like a fault."""
    from matplotlib.font_manager import FontProperties

    heavy = bold and all(ord(character) in _characters("NotoSansSC-Bold.otf") for character in text)
    return FontProperties(fname=FONTS / ("NotoSansSC-Bold.otf" if heavy else "NotoSansSC-Regular.otf"))


def one_line(text: str) -> str:
    """Names are what people typed: no line break, no control or direction mark reaches the picture.

    What no font here can write, an emoji for one, is left out; a name of nothing else is an ellipsis.
    """
    visible = "".join(character if unicodedata.category(character)[0] != "C" else " " for character in text)
    known = _characters("NotoSansSC-Regular.otf")
    line = " ".join("".join(character for character in visible if ord(character) in known).split())
    return line[:LONGEST] if line or not text.strip() else "…"


def _end(text: str, kept: int) -> str:
    return text[:kept].rstrip() + "…"


def _middle(text: str, kept: int) -> str:
    """Names that differ at their end still do: the middle goes."""
    return text[: -(-kept // 2)].rstrip() + "…" + text[len(text) - kept // 2 :].lstrip()


def share_text(share: float) -> str:
    """`87%`, `0.4%`, `<0.1%`; all and nothing are said of nothing less and nothing more."""
    if 0 < share < 0.001:
        return "<0.1%"
    if 0 < share < 0.01 or 0.99 < share < 1:
        return f"{math.floor(share * 1000) / 10:.1f}%"
    return f"{share:.0%}"


def _ticks(highest: int) -> list[int]:
    """Round whole numbers from 0 to `highest` or a little above, at most six of them."""
    step = next(unit * 10**power for power in count() for unit in (1, 2, 5) if unit * 10**power * 5 >= highest)
    top = step * max(1, -(-highest // step))
    return list(range(0, top + 1, step))


def _warmth(share: float) -> str:
    return HOT if share >= 0.95 else "#b45309" if share >= 0.8 else INK
