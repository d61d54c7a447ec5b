"""Dates as people write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from core.command_errors import BadValue
from core.errors import BadTerm
from core.rules.terms import ends_at, parse_term

_WEEK = (
    "7",
    "week",
    "this week",
    "last week",
    "last 7 days",
    "past 7 days",
    "一周",
    "本周",
    "这周",
    "最近 7 天",
    "近 7 天",
)
_MONTH = (
    "30", "month", "this month", "last month", "last 30 days", "past 30 days", "一个月", "本月", "这个月", "最近 30 天",
    "近 30 天",
)  # fmt: skip
WINDOW_WORDS = (*((word, "7d") for word in _WEEK), *((word, "30d") for word in _MONTH))
"""What else the choices `7d` and `30d` are called. An answer says how many days it looked at."""


def read_moment(text: str, now: datetime, timezone: str) -> datetime:
    """A date (its last minute), a date with a time, or a term from now. In `timezone`; returned as UTC.

    Raises: BadChoice.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("/", "-")
    zone = ZoneInfo(timezone)
    try:
        if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", plain):
            day = datetime.strptime(plain, "%Y-%m-%d").replace(tzinfo=zone)
            return datetime.combine(day.date(), time(23, 59), tzinfo=zone).astimezone(UTC)
        return datetime.strptime(plain.replace("T", " "), "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        pass
    try:
        end = ends_at(parse_term(plain), now)
    except BadTerm:
        end = None
    if end is None:
        raise BadValue(name="date", value=text[:80], examples=["2026-12-31", "2026-12-31 18:00", "30d"])
    return end
