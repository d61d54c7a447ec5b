"""QR codes: one as a picture, many as a sheet to print. Like the charts, they are drawn on a worker thread."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bots.messages.charts import INK, MUTED, font_for, one_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ACROSS, DOWN = 3, 4
A4 = (8.27, 11.69)
"""Inches."""
PIXELS = 12
"""Of one module of a picture: a phone reads it from another phone's screen."""
MOST = 240
"""Codes on one sheet: twenty pages."""


@dataclass(frozen=True, slots=True)
class Card:
    """One code: what its QR code holds, and what stands under it."""

    content: str
    below: str


def can_draw() -> bool:
    """Whether the libraries are here: they come with the extra `charts`."""
    return all(find_spec(name) is not None for name in ("segno", "matplotlib"))


async def picture(content: str) -> bytes:
    """A QR code as PNG."""
    return await asyncio.to_thread(_picture, content)


async def sheet(cards: Sequence[Card], *, title: str, how: str) -> bytes:
    """A PDF of A4 pages with twelve codes each: the shop's name above, how to redeem below."""
    return await asyncio.to_thread(_sheet, cards, title, how)


def _picture(content: str) -> bytes:
    import segno

    out = io.BytesIO()
    segno.make_qr(content, error="m").save(out, kind="png", scale=PIXELS, border=4)
    return out.getvalue()


def _sheet(cards: Sequence[Card], title: str, how: str) -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages

    out = io.BytesIO()
    with PdfPages(out, metadata={"CreationDate": None}) as pages:
        for start in range(0, len(cards), ACROSS * DOWN):
            pages.savefig(page_of(cards[start : start + ACROSS * DOWN], title, how))
    return out.getvalue()


def page_of(cards: Sequence[Card], title: str, how: str) -> Figure:
    """One page, with up to twelve codes."""
    from matplotlib.figure import Figure

    page = Figure(figsize=A4)
    _write(page, 0.955, title, 18, INK, bold=True)
    _write(page, 0.03, how, 9, MUTED)
    for place, card in enumerate(cards):
        _draw(page, place, card)
    return page


def _draw(page: Figure, place: int, card: Card) -> None:
    import segno

    row, column = divmod(place, ACROSS)
    width, height = 0.9 / ACROSS, 0.86 / DOWN
    left, bottom = 0.05 + column * width, 0.92 - (row + 1) * height
    axes = page.add_axes((left + 0.02, bottom + 0.045, width - 0.04, height - 0.06))
    axes.set_axis_off()
    modules = [[int(dark) for dark in line] for line in segno.make_qr(card.content, error="m").matrix]
    axes.imshow(modules, cmap="binary", interpolation="nearest", vmin=0, vmax=1)
    _write(page, bottom + 0.03, card.below, 9, INK, x=left + width / 2)


def _write(page: Figure, y: float, text: str, size: float, colour: str, *, x: float = 0.5, bold: bool = False) -> None:
    line = one_line(text)
    page.text(
        x, y, line, ha="center", color=colour, fontproperties=font_for(line, bold=bold), fontsize=size, parse_math=False
    )
