"""What every call's outcome does to a team's health, in the transaction that settles the call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from core import audit
from core.actions import alerts
from core.actors import SYSTEM
from core.storage.tables import seats, teams

if TYPE_CHECKING:
    from core.service import Core

DEFAULT_PAUSE = 60.0
"""Seconds to leave an upstream alone that asked for a pause without saying how long."""


class Failed(Protocol):
    """What is told about a failed call."""

    @property
    def reason(self) -> str | None: ...
    @property
    def detail(self) -> str: ...
    @property
    def retry_after(self) -> float | None: ...


def note_success(tx: sa.Connection, team_id: int, now: datetime, *, invited: bool = False) -> None:
    """A call was answered as it should be: the failure counters start again."""
    values: dict[str, object] = {"failures": 0, "breaker_opened": 0}
    if invited:
        values["last_invited_at"] = now
    tx.execute(sa.update(teams).where(teams.c.id == team_id).values(**values))


def note_failure(tx: sa.Connection, core: Core, team_id: int, call: str, failed: Failed, now: datetime) -> None:
    """A call failed on the team's side: count, pause, and take the team out of service where the rules say so."""
    if failed.reason == "rate_limited":
        pause = timedelta(seconds=failed.retry_after or DEFAULT_PAUSE)
        tx.execute(sa.update(teams).where(teams.c.id == team_id).values(paused_until=now + pause))
        return
    if failed.reason == "paused":
        return
    row = tx.execute(
        sa.update(teams)
        .where(teams.c.id == team_id)
        .values(failures=teams.c.failures + 1, last_error=(failed.reason or failed.detail)[:200])
        .returning(teams)
    ).one()
    if failed.reason == "gone":
        _take_out(tx, row, "gone", now)
    elif failed.reason == "credential" or row.failures >= core.settings.health.failures:
        _take_out(tx, row, "expired", now)


def restore(tx: sa.Connection, team_id: int, now: datetime) -> None:
    """The team serves again: after a success, or with a new credential."""
    row = tx.execute(
        sa.update(teams)
        .where(teams.c.id == team_id)
        .values(
            health="healthy",
            failures=0,
            members_failures=0,
            members_failures_since=None,
            breaker_opened=0,
            paused_until=None,
            unhealthy_since=None,
            last_error=None,
        )
        .returning(teams)
    ).one()
    set_open(tx, team_id, row.enabled and row.removed_at is None)
    alerts.end_condition(tx, "provider", f"team:{team_id}", now)


def set_open(tx: sa.Connection, team_id: int, opened: bool) -> None:
    """Whether the team's seats may be given to new people; the flag on the seats is what claims look at."""
    tx.execute(sa.update(seats).where(seats.c.team_id == team_id).values(open=opened))


def _take_out(tx: sa.Connection, team: sa.Row[tuple[object, ...]], health: str, now: datetime) -> None:
    if team.health == health:
        return
    tx.execute(sa.update(teams).where(teams.c.id == team.id).values(health=health, unhealthy_since=now))
    set_open(tx, team.id, False)
    audit.record(
        tx, SYSTEM, f"team.{health}", "team", team.id, now, before={"health": team.health}, after={"health": health}
    )
    alerts.raise_alert(
        tx, "provider", f"team:{team.id}", "error", f"team_{health}", {"team": team.name, "error": team.last_error}, now
    )
