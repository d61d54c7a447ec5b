"""How often one identity may try, and for how long it is locked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.limits import Limit, Tries, after_attempt, after_guess, lock_length, locks_remembered, refusal_until

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ATTEMPTS = Limit(most=10, window=timedelta(hours=1))
GUESSES = Limit()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def guess(row: Tries, now: datetime) -> Tries:
    return after_guess(after_attempt(row, now, GUESSES), now, GUESSES)


def test_ten_attempts_an_hour_and_then_a_refusal_that_says_when_it_ends():
    row = Tries()
    for number in range(10):
        assert refusal_until(row, NOW + minutes(number), ATTEMPTS) is None
        row = after_attempt(row, NOW + minutes(number), ATTEMPTS)
    assert refusal_until(row, NOW + minutes(10), ATTEMPTS) == NOW + minutes(60)
    assert refusal_until(row, NOW + minutes(60), ATTEMPTS) is None
    assert after_attempt(row, NOW + minutes(60), ATTEMPTS).count == 1


def test_five_wrong_codes_lock_for_a_quarter_of_an_hour():
    row = Tries()
    for second in range(5):
        assert refusal_until(row, NOW + timedelta(seconds=second), GUESSES) is None
        row = guess(row, NOW + timedelta(seconds=second))
    assert refusal_until(row, NOW + minutes(1), GUESSES) == NOW + timedelta(seconds=4) + minutes(15)
    assert refusal_until(row, NOW + minutes(16), GUESSES) is None


def test_wrong_codes_far_apart_lock_nobody():
    row = Tries()
    for number in range(50):
        row = guess(row, NOW + minutes(2 * number))
    assert row.locked_until is None


@pytest.mark.parametrize(("earlier", "length"), [(0, 15), (1, 30), (2, 60), (6, 960), (7, 1440), (1000, 1440)])
def test_each_lock_out_is_twice_as_long_up_to_a_day(earlier, length):
    assert lock_length(earlier, GUESSES) == minutes(length)


def test_a_quiet_day_forgets_one_lock_out():
    for days, left in [(0.5, 3), (1, 2), (2.5, 1), (30, 0)]:
        assert locks_remembered(3, NOW, NOW + timedelta(days=days), GUESSES) == left
    assert locks_remembered(3, None, NOW, GUESSES) == 3
    assert locks_remembered(3, NOW + minutes(5), NOW, GUESSES) == 3


def test_guesses_during_a_lock_out_do_not_prolong_it():
    row = Tries(NOW, 7, locked_until=NOW + minutes(5), locks=1)
    assert after_guess(row, NOW, GUESSES) == row


@given(st.lists(st.integers(0, 400), min_size=1, max_size=80))
def test_no_pattern_of_guessing_beats_the_lock(gaps):
    row, now, looked_up = Tries(), NOW, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if refusal_until(row, now, GUESSES) is None:
            row = guess(row, now)
            looked_up.append(now)
    for first in looked_up:
        in_window = [moment for moment in looked_up if first <= moment < first + GUESSES.window]
        # Two windows can meet at their edges, no more.
        assert len(in_window) <= 2 * GUESSES.most - 1


def test_where_each_limit_ends():
    moment = timedelta(microseconds=1)
    locked = Tries(locked_until=NOW)
    assert refusal_until(locked, NOW - moment, GUESSES) == NOW
    assert refusal_until(locked, NOW, GUESSES) is None
    full = Tries(window_started_at=NOW - GUESSES.window + moment, count=5)
    assert refusal_until(full, NOW, GUESSES) == NOW + moment
    assert refusal_until(full, NOW + moment, GUESSES) is None
    assert refusal_until(Tries(NOW, count=4), NOW, GUESSES) is None
    assert after_attempt(full, NOW, GUESSES) == Tries(full.window_started_at, 6)
    assert after_attempt(full, NOW + moment, GUESSES) == Tries(NOW + moment, 1)
    assert after_guess(Tries(NOW, 4), NOW, GUESSES) == Tries(NOW, 4)
    # A lock that ends now is over, and the next one is counted.
    assert after_guess(Tries(NOW, 5, NOW, 1), NOW, GUESSES) == Tries(NOW, 0, NOW + minutes(30), 2)
    assert after_guess(Tries(NOW, 5, NOW + moment, 1), NOW, GUESSES).locks == 1
    assert locks_remembered(3, NOW, NOW + timedelta(days=1) - moment, GUESSES) == 3
    assert locks_remembered(3, NOW, NOW + timedelta(days=9), Limit(longest_lock=timedelta(0))) == 3
    assert lock_length(30, Limit(lock=timedelta(seconds=1), longest_lock=timedelta(days=900))) == timedelta(
        seconds=1 << 20
    )


def test_the_numbers_a_house_starts_with():
    assert Limit() == Limit(5, timedelta(seconds=300), timedelta(minutes=15), timedelta(hours=24))
    assert Tries() == Tries(None, 0, None, 0)
