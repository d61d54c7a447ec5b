"""Dates as people write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from core.command_errors import BadValue
from core.errors import BadTerm
from core.rules.terms import ends_at, parse_term


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
