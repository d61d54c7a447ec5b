"""How long a membership lasts, and when it ends."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadTerm
from core.rules.terms import ONE_MONTH, UNLIMITED, Term, add_months, ends_at, parse_term

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1 month", "1mo"), ("1mo", "1mo"), ("3 Months", "3mo"), ("a month", "1mo"), ("1个月", "1mo"), ("一个月", "1mo"),
        ("十二个月", "12mo"), ("１个月", "1mo"), ("1 year", "12mo"), ("两年", "24mo"), ("半年", "6mo"),
        ("24h", "24h"), ("24 hours", "24h"), ("24小时", "24h"), ("二十四小时", "24h"), ("an hour", "1h"),
        ("30 days", "30d"), ("3d", "3d"), ("3 天", "3d"), ("2 weeks", "14d"), ("半天", "12h"),
        ("unlimited", "unlimited"), ("∞", "unlimited"), ("Forever", "unlimited"), ("永久", "unlimited"), ("不限", "unlimited"),
        ("三天", "3d"), ("四天", "4d"), ("五天", "5d"), ("六天", "6d"), ("七天", "7d"), ("八天", "8d"), ("九天", "9d"),
        ("兩個月", "2mo"), ("十天", "10d"), ("十一天", "11d"), ("二十天", "20d"), ("九十九天", "99d"), ("1200mo", "1200mo"),
        ("100 years", "1200mo"),
    ],
)  # fmt: skip
def test_terms_are_read_as_people_write_them(written, stored):
    assert str(parse_term(written)) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "month",
        "0d",
        "-1d",
        "1.5 days",
        "5m",
        "1 fortnight",
        "99999999h",
        "1201mo",
        "1 d 2 h",
        "半小时",
        "\ud800",
        "1\x00",
        "十三四天",  # thirteen or fourteen
        "二三十天",
        "三四天",
        "半十天",
        "十半天",
        "a fortnight",
    ],
)
def test_what_is_no_term_is_refused(written):
    with pytest.raises(BadTerm):
        parse_term(written)


def test_a_refusal_shows_what_can_be_printed_of_it():
    with pytest.raises(BadTerm) as refused:
        parse_term("a\n" + "x" * 60)
    assert refused.value.facts == {"text": "a" + "x" * 38}


def test_the_widest_terms():
    assert str(Term(1200, "month")) == "1200mo"
    assert parse_term("forever") == UNLIMITED == Term(0, "unlimited")


def test_a_term_out_of_range_cannot_be_made():
    for count in (0, -1, 1201):
        with pytest.raises(BadTerm):
            Term(count, "month")


@given(st.text())
def test_any_text_is_a_term_or_refused(text):
    try:
        term = parse_term(text)
    except BadTerm:
        return
    assert parse_term(str(term)) == term


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-31", "2026-02-28"), ("2028-01-31", "2028-02-29"), ("2026-01-15", "2026-02-15"),
        ("2026-12-31", "2027-01-31"), ("2026-03-31", "2026-04-30"), ("2026-11-21T10:30:05", "2026-12-21T10:30:05"),
    ],
)  # fmt: skip
def test_a_month_keeps_the_day_and_stays_in_the_month(start, end):
    assert ends_at(ONE_MONTH, at(start)) == at(end)


def test_months_are_counted_from_the_first_start_so_that_the_31st_comes_back():
    start = at("2026-01-31")
    assert [ends_at(ONE_MONTH, start, times) for times in (1, 2, 3, 13)] == [
        at("2026-02-28"), at("2026-03-31"), at("2026-04-30"), at("2027-02-28"),
    ]  # fmt: skip


def test_days_and_hours_are_lengths_of_time():
    assert ends_at(Term(24, "hour"), at("2026-02-28T12:00")) == at("2026-03-01T12:00")
    assert ends_at(Term(30, "day"), at("2026-01-31"), 2) == at("2026-04-01")


def test_the_unlimited_never_ends():
    assert ends_at(UNLIMITED, at("2026-01-31")) is None
    assert UNLIMITED.unlimited
    assert not ONE_MONTH.unlimited


def test_a_start_elsewhere_in_the_world_counts_in_utc():
    beijing = datetime(2026, 2, 1, 4, tzinfo=timezone(timedelta(hours=8)))
    assert ends_at(ONE_MONTH, beijing) == at("2026-02-28T20:00")


def test_a_start_without_a_zone_is_a_programming_error():
    with pytest.raises(ValueError, match="time zone"):
        ends_at(ONE_MONTH, datetime(2026, 1, 1))  # noqa: DTZ001


@given(MOMENTS, st.integers(0, 600))
def test_month_arithmetic(start, months):
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.time() == start.time()
    last = calendar.monthrange(end.year, end.month)[1]
    assert end.day == min(start.day, last)


@given(MOMENTS, st.integers(1, 120), st.integers(1, 120))
def test_a_longer_membership_never_ends_earlier(start, one, two):
    shorter, longer = (ends_at(Term(count, "month"), start) for count in sorted((one, two)))
    assert shorter is not None
    assert longer is not None
    assert start < shorter <= longer
