"""How long a membership lasts, and when it ends.

A term counts in calendar months, days or hours, or never ends. Months keep the day of the month of their
start, cut to the length of the month they end in.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from core.errors import BadTerm

Unit: TypeAlias = Literal["month", "day", "hour", "unlimited"]

_STORED: Final[dict[str, Unit]] = {"mo": "month", "d": "day", "h": "hour"}
_SUFFIX: Final[dict[Unit, str]] = {unit: suffix for suffix, unit in _STORED.items()}
_MOST: Final[dict[Unit, int]] = {"month": 1_200, "day": 36_500, "hour": 876_000}  # a hundred years

_WORDS: Final[dict[str, tuple[Unit, int]]] = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "小时", "个小时", "时", "小時", "個小時"), ("hour", 1)),
    **dict.fromkeys(("d", "day", "days", "天", "日"), ("day", 1)),
    **dict.fromkeys(("w", "wk", "week", "weeks", "周", "星期", "个星期", "個星期", "週"), ("day", 7)),
    **dict.fromkeys(("mo", "mon", "month", "months", "个月", "月", "個月"), ("month", 1)),
    **dict.fromkeys(("y", "yr", "year", "years", "年"), ("month", 12)),
}
_ENDLESS: Final = frozenset(
    {"unlimited", "forever", "none", "no limit", "never", "∞", "永久", "无限", "不限", "无限期", "無限", "無限期"}
)
_CHINESE_NUMBERS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2}


@dataclass(frozen=True, slots=True)
class Term:
    """`count` units of a membership. Its text is what is stored: `1mo`, `30d`, `24h`, `unlimited`.

    Raises:
        BadTerm: less than one unit or more than a hundred years (facts: text).
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit != "unlimited" and not 1 <= self.count <= _MOST[self.unit]:
            raise BadTerm(text=f"{self.count} {self.unit}")

    def __str__(self) -> str:
        return "unlimited" if self.unit == "unlimited" else f"{self.count}{_SUFFIX[self.unit]}"

    @property
    def unlimited(self) -> bool:
        """Does it never end?"""
        return self.unit == "unlimited"


UNLIMITED: Final = Term(0, "unlimited")
ONE_MONTH: Final = Term(1, "month")


@lru_cache(maxsize=256)
def parse_term(text: str) -> Term:
    """Read a term as people write it: `1 month`, `24h`, `30 days`, `3d`, `∞`, `一个月`, `24小时`; or as stored.

    Weeks count as 7 days and years as 12 months. A bare `m` is refused: it could be minutes.

    Raises: BadTerm (facts: text).
    """
    words = unicodedata.normalize("NFKC", text[:64]).casefold()
    words = " ".join("".join(char for char in words if unicodedata.category(char) not in {"Cf", "Cc", "Cs"}).split())
    if words in _ENDLESS:
        return UNLIMITED
    match = re.fullmatch(r"(\d{1,7}|[一两兩二三四五六七八九十半]{1,3}|an?) ?(\D+)", words)
    if match is None or match[2] not in _WORDS:
        raise BadTerm(text=_shown(text))
    unit, each = _WORDS[match[2]]
    if match[1] == "半":
        halves: dict[tuple[Unit, int], Term] = {("month", 12): Term(6, "month"), ("day", 1): Term(12, "hour")}
        if (unit, each) not in halves:
            raise BadTerm(text=_shown(text))
        return halves[unit, each]
    count = _number(match[1]) * each
    if not 1 <= count <= _MOST[unit]:
        raise BadTerm(text=_shown(text))
    return Term(count, unit)


def ends_at(term: Term, start: datetime, times: int = 1) -> datetime | None:
    """When a membership of `times` terms from `start` ends, in UTC; None when never.

    Always computed from the first start: 31 January plus one month is 28 or 29 February, plus two is
    31 March, which adding one month to February would miss.

    Raises:
        ValueError: `start` is not aware.
    """
    if start.tzinfo is None:
        raise ValueError("a start needs a time zone")
    moment = start.astimezone(UTC)
    if term.unit == "unlimited":
        return None
    if term.unit == "month":
        return add_months(moment, term.count * times)
    return moment + (timedelta(days=term.count) if term.unit == "day" else timedelta(hours=term.count)) * times


def add_months(moment: datetime, months: int) -> datetime:
    """The same day and time so many months later, on the last day of a month that is too short."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _number(text: str) -> int:
    if text in {"a", "an"}:
        return 1
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _CHINESE_NUMBERS.get(text, 0)
    # `十三四` is thirteen or fourteen, and so no number.
    known = (tens or "一") in _CHINESE_NUMBERS and (ones or "零") in _CHINESE_NUMBERS
    return 10 * _CHINESE_NUMBERS[tens or "一"] + _CHINESE_NUMBERS[ones or "零"] if known else 0


def _shown(text: str) -> str:
    return "".join(char for char in text[:40] if char.isprintable())
