from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.rules.refills import HOUR, Refill, above_cap, refilled

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def come(left: int, after: timedelta, *, cap: int = 100, per_hour: int = 10) -> Refill:
    return refilled(left, cap, per_hour, NOON, NOON + after)


def test_it_comes_by_the_hour_and_stops_at_the_cap():
    assert timedelta(hours=1) / timedelta(microseconds=1) == HOUR
    assert come(0, timedelta(hours=1)) == Refill(10, NOON + timedelta(hours=1))
    assert come(91, timedelta(hours=1)) == Refill(9, NOON + timedelta(hours=1))
    assert come(90, timedelta(hours=1)) == Refill(10, NOON + timedelta(hours=1))
    assert come(99, timedelta(hours=1)).amount == 1
    assert come(100, timedelta(hours=1)) == Refill(0, NOON + timedelta(hours=1))
    assert come(0, timedelta(hours=1), per_hour=0) == Refill(0, NOON + timedelta(hours=1))
    assert come(0, timedelta(hours=1), per_hour=1) == Refill(1, NOON + timedelta(hours=1))


def test_a_fraction_waits_for_the_rest_of_it():
    six = timedelta(minutes=6)
    assert come(0, six) == Refill(1, NOON + six)
    assert come(0, six - timedelta(microseconds=1)) == Refill(0, NOON)
    assert come(0, six * 1.5) == Refill(1, NOON + six)


def test_a_clock_that_was_set_back_gives_and_takes_nothing():
    assert come(0, timedelta(hours=-1)) == come(0, timedelta(0)) == Refill(0, NOON)
    assert come(100, timedelta(hours=-1)) == Refill(0, NOON)
    assert come(0, timedelta(microseconds=1), per_hour=HOUR) == Refill(1, NOON + timedelta(microseconds=1))


@given(
    per_hour=st.integers(1, 10**9),
    looks=st.lists(st.integers(1, 10**10), min_size=1, max_size=8),
)
def test_looking_often_gives_what_looking_once_gives(per_hour: int, looks: list[int]):
    """To within what is still on its way: less than one micro-credit for each look."""
    left, since, now = 0, NOON, NOON
    for step in looks:
        now += timedelta(microseconds=step)
        found = refilled(left, 10**15, per_hour, since, now)
        left, since = left + found.amount, found.at
        assert since <= now
    once = refilled(0, 10**15, per_hour, NOON, now).amount
    assert once - len(looks) <= left <= once


def test_what_does_not_fit_any_more_is_named():
    assert above_cap(50, 60, 100) == 10
    assert above_cap(50, 50, 100) == 0
    assert above_cap(50, 60, None) == 0
    assert above_cap(150, 20, 100) == 20
    assert above_cap(0, 5, 100) == 0
