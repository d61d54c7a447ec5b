"""How loud an alert is, and who hears it when."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.alerts import (
    Category,
    Change,
    Level,
    capacity_level,
    change_of,
    credential_level,
    deliver_at,
    overcommitted_level,
    room_level,
    wants,
)
from core.rules.hours import DailyHours

NOW = datetime(2026, 11, 21, 23, tzinfo=UTC)
PERCENTS = [80, 85, 95]
NIGHT = DailyHours(time(22), time(8))


def test_levels_compare_by_loudness_and_are_plain_words():
    assert Level.INFO < Level.WARNING < Level.ERROR < Level.CRITICAL
    assert max(Level, key=lambda level: level.rank) is Level.CRITICAL
    assert Level.CRITICAL >= "error"
    assert Level.WARNING <= "warning"
    assert Level("error") == "error"


@pytest.mark.parametrize(
    ("occupied", "capacity", "level"),
    [(79, 100, None), (80, 100, "warning"), (85, 100, "warning"), (94, 100, "warning"), (95, 100, "error"), (99, 100, "error"), (100, 100, "critical"), (4, 5, "warning"),
     (5, 5, "critical"), (6, 5, "critical"), (0, 0, None), (0, 5, None), (0, 1, None), (1, 1, "critical"), (796, 1000, None)],
)  # fmt: skip
def test_the_fuller_the_louder(occupied, capacity, level):
    assert capacity_level(occupied, capacity, PERCENTS) == level


def test_any_number_of_thresholds_is_understood():
    assert capacity_level(90, 100, [90]) is Level.ERROR
    assert capacity_level(50, 100, [95, 90, 70, 50]) is Level.WARNING
    assert capacity_level(99, 100, []) is None


def test_a_pool_with_few_seats_or_too_many_promises():
    assert [room_level(free, 100, PERCENTS, 3) for free in (21, 20, 5, 0)] == [None, "warning", "error", "critical"]
    assert [room_level(free, 6, PERCENTS, 3) for free in (4, 3, 1, 0)] == [None, "warning", "warning", "critical"]
    assert room_level(0, 0, PERCENTS, 3) is Level.CRITICAL, "no seat is open: nobody can be given one"
    assert [overcommitted_level(uses, 5) for uses in (5, 6)] == [None, "error"]


def test_a_credential_that_ends_soon():
    week = timedelta(days=7)
    assert credential_level(None, NOW, week) is None
    assert credential_level(NOW + timedelta(days=8), NOW, week) is None
    assert credential_level(NOW + timedelta(days=6), NOW, week) is Level.WARNING
    assert credential_level(NOW + week, NOW, week) is Level.WARNING
    assert credential_level(NOW + week + timedelta(microseconds=1), NOW, week) is None
    assert credential_level(NOW, NOW, week) is Level.ERROR


@pytest.mark.parametrize(
    ("open_level", "found", "change"),
    [
        (None, None, Change.NOTHING),
        (None, Level.WARNING, Change.OPEN),
        (Level.WARNING, Level.WARNING, Change.REPEAT),
        (Level.WARNING, Level.ERROR, Change.ESCALATE),
        (Level.ERROR, Level.WARNING, Change.EASE),
        (Level.ERROR, None, Change.RESOLVE),
    ],
)
def test_one_alert_per_condition_told_once_and_again_when_it_gets_worse(open_level, found, change):
    assert change_of(open_level, found) is change


@given(st.lists(st.none() | st.sampled_from(Level)))
def test_the_level_is_always_that_of_the_condition(findings):
    open_level = None
    for found in findings:
        change = change_of(open_level, found)
        assert (change in {Change.RESOLVE, Change.NOTHING}) is (found is None)
        assert (change is Change.ESCALATE) is (open_level is not None and found is not None and found > open_level)
        open_level = found


def test_quiet_hours_hold_back_warnings_until_the_morning_and_errors_never():
    assert deliver_at(Level.WARNING, NOW, quiet=NIGHT) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert deliver_at(Level.ERROR, NOW, quiet=NIGHT) == NOW
    assert deliver_at(Level.INFO, NOW.replace(hour=12), quiet=NIGHT) == NOW.replace(hour=12)


def test_quiet_around_the_clock_waits_a_day_and_asks_again():
    always = DailyHours(time(8), time(8))
    assert deliver_at(Level.WARNING, NOW, quiet=always) == NOW + timedelta(days=1)


def test_a_mute_holds_back_all_but_the_critical():
    muted = NOW + timedelta(hours=1)
    assert deliver_at(Level.ERROR, NOW, muted_until=muted) == muted
    assert deliver_at(Level.CRITICAL, NOW, muted_until=muted) == NOW
    assert deliver_at(Level.INFO, NOW, quiet=NIGHT, muted_until=muted) == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_a_subscription_names_a_level_and_categories():
    assert wants(Level.ERROR, Category.PROVIDER, Level.WARNING, frozenset())
    assert wants(Level.ERROR, Category.PROVIDER, Level.ERROR, frozenset({Category.PROVIDER}))
    assert not wants(Level.INFO, Category.PROVIDER, Level.WARNING, frozenset())
    assert not wants(Level.ERROR, Category.SYSTEM, Level.INFO, frozenset({Category.PROVIDER}))
