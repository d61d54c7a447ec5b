"""What every call's outcome does to a team's health, in the transaction that settles the call."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.providers.protocol import CredentialCheck, Failure, ProviderFault, Unavailable, Unclear
from core.rules import breaker as breaker_rules
from core.rules import health as health_rules
from core.rules.breaker import Breaker
from core.rules.health import FailureKind, HealthCounters, TeamVerdict
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.storage.row_claims import change
from core.storage.rows import TeamRow
from core.team_settings import HealthSettings

if TYPE_CHECKING:
    from core.providers.protocol import Provider
    from core.service import Core

DEFAULT_LIMITS = HealthSettings()
INVITE = "invite"
"""The call whose breaker is kept on the team's own row, because it decides whether new people come."""


class FailedCall(Protocol):
    """The facts that are reported of a failed call."""

    @property
    def reason(self) -> str | None: ...
    @property
    def detail(self) -> str: ...
    @property
    def retry_after(self) -> float | None: ...
    @property
    def fault(self) -> ProviderFault: ...


_own_pause = sa.case((t.teams.c.breaker_opened == 0, t.teams.c.paused_until), else_=None)
_WELL_AND_INVITED = Prepared(
    sa.update(t.teams)
    .where(t.teams.c.id == sa.bindparam("team"), t.teams.c.health == "healthy", t.teams.c.members_failures == 0)
    .values(
        failures=0,
        breaker_opened=0,
        paused_until=_own_pause,
        last_error=None,
        last_invited_at=sa.bindparam("now", type_=Moment()),
    )
)
"""Every redemption comes through here, so the ordinary case is one statement that is built once."""


async def confirm_credential(provider: Provider, failure: Failure) -> Failure:
    """A rejected credential counts only when a second call is rejected too; otherwise the call has failed in passing."""
    if not isinstance(failure, Unavailable) or failure.reason != "credential":
        return failure
    return await rejected_again(provider) or Unclear("the credential was rejected once")


async def rejected_again(provider: Provider) -> Failure | None:
    """Ask once more after a rejected credential: None if it works now, else the outcome of asking."""
    check = await provider.check_credential()
    return None if isinstance(check, CredentialCheck) else check


def note_success(
    tx: sa.Connection,
    team_id: int,
    now: datetime,
    *,
    invited: bool = False,
    calls: Collection[str] = (INVITE,),
    limits: HealthSettings = DEFAULT_LIMITS,
) -> None:
    """These calls were answered as they should be: their counters start again, and an expired team is restored."""

    def whatever_it_was() -> None:
        _note_success(tx, team_id, now, invited=invited, calls=calls, limits=limits)

    if invited and tuple(calls) == (INVITE,):
        _WELL_AND_INVITED.later(tx, {"team": team_id, "now": now}, otherwise=whatever_it_was)
    else:
        whatever_it_was()


def _note_success(
    tx: sa.Connection, team_id: int, now: datetime, *, invited: bool, calls: Collection[str], limits: HealthSettings
) -> None:
    values: dict[str, Any] = {"failures": 0}
    if INVITE in calls:
        values |= {"breaker_opened": 0, "paused_until": _own_pause}
    if invited:
        values["last_invited_at"] = now
    row = tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(**values).returning(t.teams)).one()
    others = [name for name in calls if name != INVITE]
    if others:
        mine = sa.and_(t.team_endpoints.c.team_id == team_id, t.team_endpoints.c.name.in_(others))
        tx.execute(sa.delete(t.team_endpoints).where(mine))
    if row.health == "healthy" and not row.members_failures:
        # What was wrong is over, and nobody looks for it any more.
        tx.execute(
            sa.update(t.teams).where(t.teams.c.id == team_id, t.teams.c.last_error.is_not(None)).values(last_error=None)
        )
        return
    counters, verdict = health_rules.after_success(
        _counters(row), limits, members_call="members" in calls, expired=row.health != "healthy"
    )
    over = {} if counters.members_failures or row.health != "healthy" else {"last_error": None}
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(**_counter_values(counters), **over))
    if verdict is TeamVerdict.RESTORE:
        restore(tx, team_id, now, rested=False)
        change = {"before": {"health": row.health}, "after": {"health": "healthy"}}
        audit.record(tx, SYSTEM, "team.restored", "team", team_id, now, **change)


def note_failure(
    tx: sa.Connection,
    core: Core,
    team_id: int,
    call: str,
    failed: FailedCall,
    now: datetime,
    *,
    opened_when_asked: int | None = None,
) -> None:
    """A call failed on the team's side: count, pause, and take the team out of service where the rules say so.

    A rejected credential is reported here only after a second call has rejected it, too. `opened_when_asked` is
    how often the breaker had opened when the caller read the team, so that a late failure counts once. What is one
    person's trouble, or nobody's, is not counted.
    """
    if failed.reason == "paused" or failed.fault != "team":
        return
    row = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id).with_for_update()).one()
    limits = health_rules.limits_for(core.settings.health, core.settings.sync)
    if failed.reason == "rate_limited":
        _rest(tx, row, failed.retry_after, now)
        return
    if failed.reason == "unpaid":
        _note_unpaid(tx, row, call, now, limits)
        return
    kind = FailureKind.MEMBERS if call == "members" else FailureKind.CALL
    if failed.reason == "credential":
        kind = FailureKind.CREDENTIAL
    counters, verdict = health_rules.after_failure(_counters(row), kind, now, limits, confirmed=True)
    values = _counter_values(counters) | {"last_error": (failed.reason or failed.detail)[:200]}
    if call == INVITE:
        seen = row.breaker_opened if opened_when_asked is None else opened_when_asked
        tripped = breaker_rules.after_failure(_breaker(row), seen, now, limits)
        values |= {"breaker_opened": tripped.opened, "paused_until": tripped.paused_until}
    else:
        _trip_endpoint(tx, core, team_id, call, now)
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team_id).values(**values))
    row = tx.execute(sa.select(t.teams).where(t.teams.c.id == team_id)).one()
    if failed.reason == "gone":
        _take_out(tx, row, "gone", now)
    elif verdict is TeamVerdict.EXPIRE:
        _take_out(tx, row, "expired", now)


def may_call(tx: sa.Connection, team: TeamRow, calls: Collection[str], now: datetime) -> datetime | None:
    """None if these calls may go out now, else when to ask again. A yes while a breaker is open allows one trial call."""
    if team.paused_until is not None and team.paused_until > now:
        return team.paused_until
    mine = sa.and_(t.team_endpoints.c.team_id == team.id, t.team_endpoints.c.name.in_(calls))
    for row in tx.execute(sa.select(t.team_endpoints).where(mine)).all():
        before = Breaker(row.failures, row.opened, row.paused_until)
        after, wait = breaker_rules.ask(before, now)
        if wait is not None:
            return wait
        if after != before:
            unchanged = sa.and_(
                t.team_endpoints.c.team_id == team.id,
                t.team_endpoints.c.name == row.name,
                t.team_endpoints.c.paused_until.is_not_distinct_from(row.paused_until),
            )
            stored = tx.execute(sa.update(t.team_endpoints).where(unchanged).values(paused_until=after.paused_until))
            if stored.rowcount != 1:
                return after.paused_until
    return None


def waits_of(tx: sa.Connection, claimed: Collection[Any], calls: Collection[str], now: datetime) -> dict[int, datetime]:
    """The teams among these whose calls have to wait, and until when."""
    ids = [team.id for team in claimed]
    troubled = sa.select(t.team_endpoints.c.team_id).where(t.team_endpoints.c.team_id.in_(ids)).distinct()
    in_trouble = set(tx.execute(troubled).scalars()) if ids else set()
    waits = {}
    for team in claimed:
        if team.id in in_trouble or (team.paused_until is not None and team.paused_until > now):
            until = may_call(tx, team, calls, now)
            if until is not None:
                waits[team.id] = until
    return waits


def note_trial(tx: sa.Connection, team: TeamRow, now: datetime) -> None:
    """An invite goes out to a team whose breaker was open: until it is answered, nobody else is sent there."""
    trial, wait = breaker_rules.ask(_breaker(team), now)
    if wait is None and trial.paused_until != team.paused_until:
        tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(paused_until=trial.paused_until))


def restore(tx: sa.Connection, team_id: int, now: datetime, *, rested: bool = True) -> None:
    """The team serves again: with a new credential, or after a success.

    Unless it has `rested`, a pause that the upstream asked for stays.
    """
    row = change(
        tx,
        t.teams,
        t.teams.c.id == team_id,
        expected=("healthy", "expired", "gone"),
        health="healthy",
        failures=0,
        members_failures=0,
        members_failures_since=None,
        breaker_opened=0,
        paused_until=None if rested else _own_pause,
        unhealthy_since=None,
        last_error=None,
        read_due_at=now,
    ).one()
    tx.execute(sa.delete(t.team_endpoints).where(t.team_endpoints.c.team_id == team_id))
    set_open(tx, team_id, row.enabled and row.removed_at is None)
    alerts.end_condition(tx, "provider", f"team:{team_id}", now)


def set_open(tx: sa.Connection, team_id: int, opened: bool) -> None:
    """Whether the team's seats may be given to new people; the flag on the seats is what claims look at."""
    tx.execute(sa.update(t.seats).where(t.seats.c.team_id == team_id).values(open=opened))


def _counters(row: Any) -> HealthCounters:
    return HealthCounters(row.failures, row.members_failures, row.members_failures_since)


def _counter_values(counters: HealthCounters) -> dict[str, Any]:
    return {
        "failures": counters.failures,
        "members_failures": counters.members_failures,
        "members_failures_since": counters.members_failures_since,
    }


def _breaker(row: Any) -> Breaker:
    return Breaker(row.failures, row.breaker_opened, row.paused_until)


def _rest(tx: sa.Connection, team: TeamRow, seconds: float | None, now: datetime) -> None:
    paused = breaker_rules.after_rate_limit(_breaker(team), now, seconds)
    values = {"breaker_opened": paused.opened, "paused_until": paused.paused_until}
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(**values))


def _trip_endpoint(tx: sa.Connection, core: Core, team_id: int, call: str, now: datetime) -> None:
    mine = sa.and_(t.team_endpoints.c.team_id == team_id, t.team_endpoints.c.name == call)
    row = tx.execute(sa.select(t.team_endpoints).where(mine)).one_or_none()
    before = Breaker() if row is None else Breaker(row.failures, row.opened, row.paused_until)
    tripped = breaker_rules.after_failure(before, before.opened, now, core.settings.health)
    values = {"failures": tripped.failures, "opened": tripped.opened, "paused_until": tripped.paused_until}
    statement = dialect_insert(t.team_endpoints, tx).on_conflict_do_update(
        index_elements=["team_id", "name"], set_=values
    )
    tx.execute(statement, {"team_id": team_id, "name": call, **values})


def _note_unpaid(tx: sa.Connection, team: TeamRow, call: str, now: datetime, limits: HealthSettings) -> None:
    """The workspace's bill is open, so it gives out no seats: no new people for a while. The credential stays good."""
    if call == INVITE:
        _rest(tx, team, limits.longest_breaker_pause, now)
    alerts.raise_alert(tx, "provider", f"team:{team.id}", "error", "team_unpaid", {"team": team.name}, now)


def _take_out(tx: sa.Connection, team: TeamRow, health: str, now: datetime) -> None:
    if team.health in {health, "gone"}:
        return
    since = team.unhealthy_since or now
    change(tx, t.teams, t.teams.c.id == team.id, expected=team.health, health=health, unhealthy_since=since).one()
    set_open(tx, team.id, False)
    audit.record(
        tx, SYSTEM, f"team.{health}", "team", team.id, now, before={"health": team.health}, after={"health": health}
    )
    alerts.raise_alert(
        tx, "provider", f"team:{team.id}", "error", f"team_{health}", {"team": team.name, "error": team.last_error}, now
    )
