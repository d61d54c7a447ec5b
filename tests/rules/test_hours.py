"""Hours of the day in a place."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.hours import DailyHours

DAY = DailyHours.parse("09:00-22:00", "Asia/Shanghai")
NIGHT = DailyHours.parse("22:00-06:30")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_hours_are_those_of_the_wall_in_the_zone():
    assert DAY.contain(at("2026-11-21T01:00"))
    assert not DAY.contain(at("2026-11-21T00:59"))
    assert DAY.contain(at("2026-11-21T13:59"))
    assert not DAY.contain(at("2026-11-21T14:00"))


@pytest.mark.parametrize(
    ("hour", "inside"), [("21:59", False), ("22:00", True), ("00:00", True), ("06:29", True), ("06:30", False)]
)
def test_a_window_may_go_over_midnight(hour, inside):
    assert NIGHT.contain(at(f"2026-11-21T{hour}")) is inside


def test_equal_ends_are_the_whole_day():
    always = DailyHours(time(9), time(9))
    assert always.contain(at("2026-11-21T03:00"))
    assert always.next_end(at("2026-11-21T03:00")) is None


def test_midnight_may_be_written_as_the_end_of_the_day():
    evening = DailyHours.parse(" 18:00 – 24:00 ")
    assert evening.contain(at("2026-11-21T23:59"))
    assert not evening.contain(at("2026-11-22T00:00"))
    assert str(evening) == "18:00-00:00"


def test_when_the_hours_start_and_end_next():
    assert DAY.next_start(at("2026-11-21T15:00")) == at("2026-11-22T01:00")
    assert DAY.next_start(at("2026-11-21T05:00")) == at("2026-11-21T05:00")
    assert DAY.next_end(at("2026-11-21T05:00")) == at("2026-11-21T14:00")
    assert NIGHT.next_end(at("2026-11-21T23:00")) == at("2026-11-22T06:30")


def test_the_clock_change_is_the_zones_business():
    berlin = DailyHours.parse("09:00-22:00", "Europe/Berlin")
    assert berlin.next_start(at("2026-03-28T22:00")) == at("2026-03-29T07:00")
    assert berlin.next_start(at("2026-03-27T22:00")) == at("2026-03-28T08:00")


@pytest.mark.parametrize(
    ("text", "zone"), [("9-22", "UTC"), ("25:00-26:00", "UTC"), ("09:00-22:00", "Mars/Base"), ("09:00-22:00", "../etc")]
)
def test_what_are_no_hours_is_refused(text, zone):
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence goes into the settings' own report
        DailyHours.parse(text, zone)


@given(
    st.builds(DailyHours, st.times(), st.times(), st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"])),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_the_next_start_is_within_the_hours_and_within_two_days(hours, now):
    start = hours.next_start(now)
    assert now <= start <= now + timedelta(days=2)
    if start > now:
        assert not hours.contain(now)
