"""Charts are pictures for phones: the right size, every glyph there, and the chats answered meanwhile."""

from __future__ import annotations

import asyncio
import io
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from bots.messages import charts
from bots.messages.charts import (
    FunnelLabels,
    FunnelRow,
    TrendLabels,
    TrendPoint,
    UtilisationLabels,
    UtilisationRow,
    funnel_chart,
    trend_chart,
    utilisation_chart,
)
from tests.support.processes import Processes

TREND = TrendLabels("兑换趋势", "过去 30 天", "已兑换", "已加入", "还没有数据")
SEATS = UtilisationLabels("席位使用率", "各团队", "已占用", "预留中", "空闲", "其余团队", "没有团队")
FUNNEL = FunnelLabels("从兑换码到席位", "过去 30 天", "没有数据")


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _days(count: int, seed: int = 0) -> list[TrendPoint]:
    return [TrendPoint(f"11-{day:02d}", (day * 7 + seed) % 50, (day * 5 + seed) % 40) for day in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 2, 7, 30, 365])
async def test_a_trend_fits_the_phone_however_many_days_it_has(count: int):
    assert _size(await trend_chart(_days(count), TREND)) == (1080, 810)


@pytest.mark.parametrize(("count", "height"), [(0, 810), (1, 810), (5, 902), (12, 1350), (400, 1350)])
async def test_seats_grow_downwards_and_stop_at_the_height_of_a_screen(count: int, height: int):
    rows = [UtilisationRow(f"团队 {index}", index % 5, index % 2, 4) for index in range(count)]
    assert _size(await utilisation_chart(rows, SEATS)) == (1080, height)


async def test_what_has_no_room_is_summed_up_and_not_left_out():
    many = [UtilisationRow("一", 1, 0, 1)] * 20
    summed = [UtilisationRow("一", 1, 0, 1)] * 11 + [UtilisationRow(SEATS.others, 9, 0, 9)]
    assert await utilisation_chart(many, SEATS) == await utilisation_chart(summed, SEATS)


async def test_a_funnel_of_nobody_is_drawn_too():
    rows = [FunnelRow("已兑换", 0), FunnelRow("已加入", 0)]
    assert _size(await funnel_chart(rows, FUNNEL)) == (1080, 810)


@pytest.mark.parametrize("file", ["NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"])
def test_the_fonts_write_chinese(file: str):
    wanted = "席位使用率兑换趋势邀请已加入预留空闲团队过去天，。：（）！？%·…0123456789ABCxyzé→↓"
    assert not [character for character in wanted if ord(character) not in charts._characters(file)]


def test_both_languages_can_be_written():
    """A text that a font lacks would be a box in front of every operator."""
    texts = "".join(path.read_text(encoding="utf-8") for path in (Path(charts.FONTS).parent / "locales").glob("*.ftl"))
    letters = {character for character in texts if "\u3400" <= character <= "\u9fff"}
    assert not sorted(letters - {chr(code) for code in charts._characters("NotoSansSC-Regular.otf")})


@pytest.mark.parametrize(
    "name", ["", "$x^2$ \\frac", "🚀 龘 \u202eabc", "两\n行", "\x00\ud800", "长" * 500, "<b>&amp;"]
)
async def test_any_name_is_drawn_without_a_warning(name: str):
    assert _size(await utilisation_chart([UtilisationRow(name, 1, 1, 2)], SEATS)) == (1080, 810)
    assert _size(await funnel_chart([FunnelRow(name, 3)], FUNNEL)) == (1080, 810)


async def test_the_picture_shows_the_names():
    """Two names give two pictures: no font silently draws the same box for everything."""
    pictures = {await utilisation_chart([UtilisationRow(name, 1, 0, 3)], SEATS) for name in ("设计", "市场", "Design")}
    assert len(pictures) == 3


async def test_what_no_font_can_write_is_left_out():
    plain = await utilisation_chart([UtilisationRow("Night shift", 1, 0, 3)], SEATS)
    assert await utilisation_chart([UtilisationRow("🌙 Night 🦉shift\ufe0f", 1, 0, 3)], SEATS) == plain
    only = await utilisation_chart([UtilisationRow("🌙🦉", 1, 0, 3)], SEATS)
    assert only == await utilisation_chart([UtilisationRow("…", 1, 0, 3)], SEATS)


async def test_names_that_differ_at_their_end_still_do():
    rows = [UtilisationRow("Workspace of the northern harbour office, floor " * 2 + str(n), 1, 0, 3) for n in (1, 2)]
    assert await utilisation_chart(rows[:1], SEATS) != await utilisation_chart(rows[1:], SEATS)
    assert charts._middle("Workspace of the harbour 17", 8) == "Work…r 17"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 5, "0%"), (5, 5, "100%"), (1, 2, "50%"), (87, 100_000, "<0.1%"), (100, 100_000, "0.1%"),
        (999, 100_000, "0.9%"), (1, 100, "1%"), (99_999, 100_000, "99.9%"), (99, 100, "99%"), (994, 1_000, "99.4%"),
    ],
)  # fmt: skip
def test_a_share_is_never_said_to_be_all_or_nothing_when_it_is_not(part: int, whole: int, shown: str):
    assert charts.share_text(part / whole) == shown


async def test_the_smallest_share_can_be_seen():
    some, none = ([FunnelRow("a", 100_000), FunnelRow("b", count)] for count in (1, 0))
    labels = FunnelLabels("", "", "")
    pixels = [await _row_of_pixels(rows, labels, charts.FIRST) for rows in (some, none)]
    assert pixels[0] - pixels[1] >= charts.LEAST_BAR - 2


async def _row_of_pixels(rows: list[FunnelRow], labels: FunnelLabels, colour: str) -> int:
    """How many pixels of the colour stand in the middle of the second bar."""
    from matplotlib.image import imread

    picture = imread(io.BytesIO(await funnel_chart(rows, labels)))
    wanted = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    line = picture[224 + 150 + 63]
    return sum(all(abs(pixel[part] - wanted[part]) < 0.02 for part in range(3)) for pixel in line)


@pytest.mark.parametrize("count", [2, 3, 7, 8, 31])
async def test_the_names_of_an_axis_keep_apart(count: int, monkeypatch: pytest.MonkeyPatch):
    drawn: list[tuple[float, float]] = []
    whole = charts._Sheet.text

    def text(sheet: charts._Sheet, x: float, y: float, text: str, *given: object, **more: object) -> float:
        if text.startswith("Week "):
            width = sheet.width(text, 28)
            start = {"left": x, "center": x - width / 2, "right": x - width}[str(more["align"])]
            drawn.append((start, start + width))
        return whole(sheet, x, y, text, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(charts._Sheet, "text", text)
    await trend_chart([TrendPoint(f"Week of 1{n:02d}-30", n, n) for n in range(count)], TREND)
    drawn.sort()
    assert len(drawn) >= 2
    assert all(after[0] - before[1] >= 12 for before, after in pairwise(drawn))


async def test_chats_are_answered_while_charts_are_drawn():
    await trend_chart(_days(3), TREND)  # the first one imports matplotlib, which is paid once
    answered = 0

    async def answer() -> None:
        nonlocal answered
        while True:
            await asyncio.sleep(0.005)
            answered += 1

    answering = asyncio.ensure_future(answer())
    await asyncio.gather(*(trend_chart(_days(30, seed), TREND) for seed in range(1, 13)))
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering

    assert answered > 20  # drawn in the loop itself, all twelve would be one pause


async def test_the_same_chart_is_drawn_once():
    first = await trend_chart(_days(30, 99), TREND)
    assert await trend_chart(_days(30, 99), TREND) is first


def test_whoever_imports_charts_does_not_pay_for_drawing(processes: Processes):
    script = "import sys, bots.messages.charts; print('matplotlib' in sys.modules, 'numpy' in sys.modules)"
    assert processes.start_python("-c", script).finish().expect(0).out.split() == ["False", "False"]
