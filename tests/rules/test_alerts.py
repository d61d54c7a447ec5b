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
    few_free_level,
    overcommitted_level,
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
    [(79, 100, None), (80, 100, "warning"), (85, 100, "error"), (94, 100, "error"), (95, 100, "critical"), (4, 5, "warning"),
     (5, 5, "critical"), (6, 5, "critical"), (0, 0, None), (0, 5, None)],
)  # fmt: skip
def test_the_fuller_the_louder(occupied, capacity, level):
    assert capacity_level(occupied, capacity, PERCENTS) == level


def test_any_number_of_thresholds_is_understood():
    assert capacity_level(90, 100, [90]) is Level.CRITICAL
    assert capacity_level(50, 100, [95, 90, 70, 50]) is Level.WARNING
    assert capacity_level(99, 100, []) is None


def test_a_pool_with_few_seats_or_too_many_promises():
    assert [few_free_level(free, 3) for free in (4, 3, 0)] == [None, "warning", "error"]
    assert [overcommitted_level(uses, 5) for uses in (5, 6)] == [None, "error"]


def test_a_credential_that_ends_soon():
    week = timedelta(days=7)
    assert credential_level(None, NOW, week) is None
    assert credential_level(NOW + timedelta(days=8), NOW, week) is None
    assert credential_level(NOW + timedelta(days=6), NOW, week) is Level.WARNING
    assert credential_level(NOW, NOW, week) is Level.ERROR


@pytest.mark.parametrize(
    ("open_level", "found", "change"),
    [
        (None, None, Change.NOTHING),
        (None, Level.WARNING, Change.OPEN),
        (Level.WARNING, Level.WARNING, Change.REPEAT),
        (Level.WARNING, Level.ERROR, Change.ESCALATE),
        (Level.ERROR, Level.WARNING, Change.REPEAT),
        (Level.ERROR, None, Change.RESOLVE),
    ],
)
def test_one_alert_per_condition_told_once_and_again_when_it_gets_worse(open_level, found, change):
    assert change_of(open_level, found) is change


@given(st.lists(st.none() | st.sampled_from(Level)))
def test_people_are_told_at_most_once_per_level_while_an_alert_is_open(findings):
    open_level, told = None, 0
    for found in findings:
        change = change_of(open_level, found)
        if change in {Change.OPEN, Change.ESCALATE}:
            assert found is not None
            told += 1
            open_level = found
        elif change is Change.RESOLVE:
            open_level, told = None, 0
        assert told <= len(Level)


def test_quiet_hours_hold_back_warnings_until_the_morning_and_errors_never():
    assert deliver_at(Level.WARNING, NOW, quiet=NIGHT) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert deliver_at(Level.ERROR, NOW, quiet=NIGHT) == NOW
    assert deliver_at(Level.INFO, NOW.replace(hour=12), quiet=NIGHT) == NOW.replace(hour=12)


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
