"""Which backups are kept: the last one of each of the latest days, and of each of the latest weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def pick_surplus(made: Iterable[datetime], *, daily: int, weekly: int, now: datetime) -> list[datetime]:
    """The backups among `made` that are no longer needed, oldest first; the newest is never among them.

    Days and weeks (ISO) without a backup do not count. A backup dated in the future, because the clock was ahead, takes
    no place and goes when its date has come.
    """
    newest_first = sorted((one for one in made if one <= now), reverse=True)
    days: dict[object, datetime] = {}
    weeks: dict[object, datetime] = {}
    for one in newest_first:
        days.setdefault(one.date(), one)
        weeks.setdefault(one.isocalendar()[:2], one)
    kept = {*list(days.values())[:daily], *list(weeks.values())[:weekly]}
    return [one for one in reversed(newest_first) if one not in kept]
