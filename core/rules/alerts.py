"""When staff should be told something, how urgently, and what becomes of an alert that is already open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from core.rules.hours import DailyHours


class Level(StrEnum):
    """How urgent, from `info` up. Compared by urgency, not by letters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for `info`, 3 for `critical`."""
        return list(Level).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank


class Category(StrEnum):
    """What it is about."""

    TEAM_CAPACITY = "team_capacity"
    TRANSFER_FAILURE = "transfer_failure"
    PROVIDER = "provider"
    DATABASE = "database"
    SECURITY = "security"
    SYSTEM = "system"


class Change(StrEnum):
    """What a finding of a check does to the one alert of its category and subject."""

    NOTHING = "nothing"
    OPEN = "open"
    REPEAT = "repeat"
    """Raise the count and `last_seen`; nobody is told again."""
    ESCALATE = "escalate"
    """Raise the level too, and tell people again."""
    EASE = "ease"
    """Lower the level: the message is corrected, and nobody is told again."""
    RESOLVE = "resolve"


def capacity_level(occupied: int, capacity: int, percents: Sequence[int]) -> Level | None:
    """How full a team or a pool is; None while there is room, and for one without any seats.

    Full is critical. `percents` are thresholds of seats taken or held: from the highest up it is an error, from the
    others a warning. Compared in whole numbers, so that exactly 80 % is 80 %.
    """
    if capacity <= 0:
        return None
    if occupied >= capacity:
        return Level.CRITICAL
    for place, percent in enumerate(sorted(set(percents), reverse=True)):
        if occupied * 100 >= capacity * percent:
            return Level.WARNING if place else Level.ERROR
    return None


def room_level(free: int, capacity: int, percents: Sequence[int], few: int) -> Level | None:
    """How short a pool is of seats: by how full it is or by how few are `free`, whichever is more urgent.

    No free seat at all is the most urgent, also where no seat is open.
    """
    if free <= 0:
        return Level.CRITICAL
    full = capacity_level(capacity - free, capacity, percents)
    return Level.WARNING if full is None and free <= few else full


def overcommitted_level(unused_uses: int, free_seats: int) -> Level | None:
    """Are more codes outstanding than there are seats?"""
    return Level.ERROR if unused_uses > free_seats else None


def credential_level(expires_at: datetime | None, now: datetime, ahead: timedelta) -> Level | None:
    """How soon a team's credential ends."""
    if expires_at is None or expires_at - now > ahead:
        return None
    return Level.ERROR if expires_at <= now else Level.WARNING


def change_of(open_level: Level | None, found: Level | None) -> Change:
    """What to do, given the level of the open alert (None: none is open) and of the finding (None: all is well).

    The level follows the condition, down as well as up. A value that wobbles around a threshold does not notify again
    and again, because whoever sends the messages tells each level at most once a day.
    """
    if open_level is None:
        return Change.NOTHING if found is None else Change.OPEN
    if found is None:
        return Change.RESOLVE
    if found == open_level:
        return Change.REPEAT
    return Change.ESCALATE if found > open_level else Change.EASE


def deliver_at(
    level: Level, now: datetime, *, quiet: DailyHours | None = None, muted_until: datetime | None = None
) -> datetime:
    """When a chat should be told: now, or after its quiet hours for levels below error.

    A mute, which somebody asked for, holds back every level below critical.
    """
    moment = now
    if muted_until is not None and muted_until > now and level < Level.CRITICAL:
        moment = muted_until
    if quiet is not None and level < Level.ERROR and quiet.contain(moment):
        # Quiet around the clock has no end: such a message waits a day and asks again.
        return quiet.next_end(moment) or moment + timedelta(days=1)
    return moment


def wants(level: Level, category: Category, least: Level, categories: frozenset[Category]) -> bool:
    """Does a subscription to these categories (none named: all) from `least` upwards want this alert?"""
    return level >= least and (not categories or category in categories)
