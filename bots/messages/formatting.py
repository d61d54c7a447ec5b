"""Small things made readable: moments, terms, lists, and whatever a person typed."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from core.rules.addresses import mask

__all__ = ["babel_locale", "brief", "harmless", "mask", "moment", "width"]

LONGEST_VALUE = 400
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def moment(when: datetime, language: str, timezone: str) -> str:
    """Date, time and zone, as in `21 Nov 2026, 18:05 (UTC)`."""
    zone = ZoneInfo(timezone)
    local = when.astimezone(zone)
    pattern = "y年M月d日 HH:mm" if language == "zh-CN" else "d MMM y, HH:mm"
    shown = format_datetime(local, pattern, locale=babel_locale(language))
    named = local.tzname() or timezone
    return f"{shown}（{named}）" if language == "zh-CN" else f"{shown} ({named})"


def brief(when: datetime, now: datetime, language: str, timezone: str) -> str:
    """Day and time for a line of a list, as in `21 Nov 18:05`; with the year where it is not this one."""
    zone = ZoneInfo(timezone)
    local = when.astimezone(zone)
    year = local.year != now.astimezone(zone).year
    if language == "zh-CN":
        pattern = "y年M月d日 HH:mm" if year else "M月d日 HH:mm"
    else:
        pattern = "d MMM y HH:mm" if year else "d MMM HH:mm"
    return format_datetime(local, pattern, locale=babel_locale(language))


def babel_locale(language: str) -> str:
    """The name by which Babel knows a language."""
    return language.replace("-", "_")


def harmless(text: str, *, most: int = LONGEST_VALUE) -> str:
    """What somebody typed, fit to be shown to somebody else: one line, nothing invisible, nothing endless."""
    kept = []
    for char in text[: 4 * most]:
        if char in "\n\r\t\v\f\u2028\u2029":
            kept.append(" ")
        elif char not in _DIRECTION and unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            kept.append(char)
    shown = "".join(kept).strip()
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def width(text: str) -> int:
    """Columns in a fixed-width font: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
