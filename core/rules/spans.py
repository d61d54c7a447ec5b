"""Lengths of time as people write them for settings: `10m`, `2 days`, `1h 30m`, `48 小时`, or a bare number."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from core.errors import BadNumber, BadTerm

SpanUnit: TypeAlias = Literal["second", "minute", "hour", "day"]

_SECONDS: Final[dict[SpanUnit, int]] = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_WORDS: Final[dict[str, int]] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒", "秒钟"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "分", "分钟"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时", "个小时"), 3_600),
    **dict.fromkeys(("d", "day", "days", "天", "日"), 86_400),
    **dict.fromkeys(("w", "week", "weeks", "周", "星期"), 604_800),
}
_PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?([^\W\d]+) ?")
_NONE: Final = frozenset({"off", "none", "no", "无", "关"})


def read_span(text: str, unit: SpanUnit) -> timedelta:
    """A length of time; a number alone counts in `unit`, and `off` is none at all. Raises: BadTerm (facts: text)."""
    written = " ".join(unicodedata.normalize("NFKC", text[:64]).casefold().split())
    if written in _NONE:
        return timedelta()
    if re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", written):
        return timedelta(seconds=float(written) * _SECONDS[unit])
    parts = _PART.findall(written)
    if not parts or _PART.sub("", written) or any(name not in _WORDS for _, name in parts):
        raise BadTerm(text=text[:40])
    return timedelta(seconds=sum(float(count) * _WORDS[name] for count, name in parts))


def read_hours(text: str) -> int:
    """The same in whole hours; a number alone counts in hours. Raises: BadTerm."""
    hours = read_span(text, "hour") / timedelta(hours=1)
    if hours != int(hours):
        raise BadTerm(text=text[:40])
    return int(hours)


MOST_DAYS: Final = 36_500
"""A hundred years: before that there is nothing to look at, and some calendars end."""


def days_before(now: datetime, days: int, *, name: str = "days", least: int = 1) -> datetime:
    """The moment so many days ago. Raises: BadNumber."""
    if not least <= days <= MOST_DAYS:
        raise BadNumber(name=name, low=least, high=MOST_DAYS)
    return now - timedelta(days=days)


def in_words(span: timedelta) -> tuple[SpanUnit, float]:
    """The largest unit in which it is a whole number, and how many; less than a second is a fraction of one."""
    seconds = span.total_seconds()
    for unit, length in _SECONDS.items():
        if seconds and seconds % length == 0:
            return unit, int(seconds // length)
    return ("second", seconds) if seconds else ("hour", 0)
