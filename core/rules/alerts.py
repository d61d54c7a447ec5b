"""When something is worth telling staff, how loudly, and what becomes of an alert that is open already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from core.rules.hours import DailyHours


class Level(IntEnum):
    """How loud. Stored and configured by name in lower case."""

    INFO = 10
    WARNING = 20
    ERROR = 30
    CRITICAL = 40

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Level:
        """The level of that name.

        Raises:
            ValueError: there is none.
        """
        try:
            return cls[text.strip().upper()]
        except KeyError:
            raise ValueError(f"no such level: {text}") from None


class Category(StrEnum):
    """What it is about."""

    TEAM_CAPACITY = "team_capacity"
    TRANSFER_FAILURE = "transfer_failure"
    PROVIDER = "provider"
    DATABASE = "database"
    SECURITY = "security"
    SYSTEM = "system"


class Change(StrEnum):
    """What a check's finding does to the one alert of its category and subject."""

    NOTHING = "nothing"
    OPEN = "open"
    REPEAT = "repeat"
    """Raise the count and `last_seen`; nobody is told again."""
    ESCALATE = "escalate"
    """Raise the level too, and tell people again."""
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class AlertLimits:
    """The numbers of SPEC §6, each a setting. Percentages are of seats taken or held."""

    warning_percent: int = 80
    error_percent: int = 85
    critical_percent: int = 95
    few_free_seats: int = 2
    expired_leases: int = 10
    unclear_after: timedelta = timedelta(minutes=10)
    credential_ahead: timedelta = timedelta(days=7)
    clock_skew: timedelta = timedelta(seconds=5)
    database_bytes: int = 5 * 1024**3
    mute: timedelta = timedelta(hours=1)


def capacity_level(occupied: int, capacity: int, limits: AlertLimits) -> Level | None:
    """How full a team or a pool is; None while there is room, and for one without any seats.

    Compared in whole numbers, so that exactly 80 % is 80 %.
    """
    if capacity <= 0:
        return None
    for percent, level in (
        (limits.critical_percent, Level.CRITICAL),
        (limits.error_percent, Level.ERROR),
        (limits.warning_percent, Level.WARNING),
    ):
        if occupied * 100 >= capacity * percent:
            return level
    return None


def few_free_level(free: int, limits: AlertLimits) -> Level | None:
    """How urgent a pool's last free seats are."""
    if free <= 0:
        return Level.ERROR
    return Level.WARNING if free <= limits.few_free_seats else None


def overcommitted_level(unused_uses: int, free_seats: int) -> Level | None:
    """Are more codes outstanding than there are seats?"""
    return Level.ERROR if unused_uses > free_seats else None


def expired_leases_level(expired: int, limits: AlertLimits) -> Level | None:
    """Are expired leases piling up?"""
    return Level.WARNING if expired > limits.expired_leases else None


def credential_level(expires_at: datetime | None, now: datetime, limits: AlertLimits) -> Level | None:
    """How soon a team's credential ends."""
    if expires_at is None or expires_at - now > limits.credential_ahead:
        return None
    return Level.ERROR if expires_at <= now else Level.WARNING


def is_unclear_too_long(since: datetime, now: datetime, limits: AlertLimits) -> bool:
    """Has a redemption waited too long to be settled?"""
    return now - since > limits.unclear_after


def skew_level(skew: timedelta, limits: AlertLimits) -> Level | None:
    """Is a machine's clock off?"""
    return Level.WARNING if abs(skew) > limits.clock_skew else None


def change_of(open_level: Level | None, found: Level | None) -> Change:
    """What to do, given the level of the open alert (None: none is open) and of the finding (None: all is well).

    A finding below the open level is a repeat: a level that follows every wobble around a threshold would
    escalate, and notify, again and again.
    """
    if open_level is None:
        return Change.NOTHING if found is None else Change.OPEN
    if found is None:
        return Change.RESOLVE
    return Change.ESCALATE if found > open_level else Change.REPEAT


def deliver_at(
    level: Level, now: datetime, *, quiet: DailyHours | None = None, muted_until: datetime | None = None
) -> datetime:
    """When a chat should be told: now, or after its quiet hours for levels below error.

    A mute, which somebody asked for by hand, holds back every level below critical.
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
