"""Lengths of time as people write them, and how they are said again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import BadTerm
from core.rules.spans import in_words, read_hours, read_span


@pytest.mark.parametrize(
    ("written", "seconds", "said"),
    [
        ("900", 900, ("minute", 15)),
        ("10m", 600, ("minute", 10)),
        ("10 Minutes", 600, ("minute", 10)),
        ("90 min", 5_400, ("minute", 90)),
        ("1h 30m", 5_400, ("minute", 90)),
        ("48h", 172_800, ("day", 2)),
        ("2 天", 172_800, ("day", 2)),
        ("１０ 分钟", 600, ("minute", 10)),
        ("0.5", 0.5, ("second", 0.5)),
        ("off", 0, ("hour", 0)),
    ],
)
def test_a_length_of_time_is_read_and_said(written: str, seconds: float, said: tuple[str, float]):
    span = read_span(written, "second")
    assert (span, in_words(span)) == (timedelta(seconds=seconds), said)


@pytest.mark.parametrize("written", ["", "soon", "10 x", "h", "-5", "1h and 2", "1mo"])
def test_anything_else_is_none(written: str):
    with pytest.raises(BadTerm):
        read_span(written, "second")


def test_hours_are_whole():
    assert [read_hours(text) for text in ("48", "2d", "120 min", "off")] == [48, 48, 2, 0]
    with pytest.raises(BadTerm):
        read_hours("90 min")
