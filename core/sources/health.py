"""What a source's answer means for it: a rest, one more failure, the end of its credential.

A 429 rests the source and every source that shares its limit: switching keys inside one limit would only be evasion.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.models.protocol import CallUnavailable, CallUnclear
from core.rules import breaker as breaker_rules
from core.rules.breaker import Breaker
from core.sources.lending import follow_lending
from core.storage.column_types import Moment
from core.storage.rows import SourceRow
from core.storage.talk_tables import limit_groups, source_models, sources

if TYPE_CHECKING:
    from core.service import Core

NO_MODEL = timedelta(minutes=5)
"""How long a model that a source did not know is not asked for there; the next reading decides anew."""
_own_pause = sa.case((sources.c.breaker_opened == 0, sources.c.paused_until), else_=None)
"""What is left of a pause after a success: the one that the upstream has asked for."""


def note_success(tx: sa.Connection, source: SourceRow, now: datetime) -> None:
    """A source answered. Writes only where a failure or a rest has to be cleared."""
    if source.health == "expired":
        restore(tx, source.id, now, rested=False)  # what lending it brings follows with its next reading
    elif source.failures or source.breaker_opened:
        quiet = {"failures": 0, "breaker_opened": 0, "paused_until": _own_pause, "last_error": None}
        tx.execute(sa.update(sources).where(sources.c.id == source.id).values(**quiet))


def note_failure(
    tx: sa.Connection,
    core: Core,
    source_id: int,
    model_id: int | None,
    failed: CallUnavailable | CallUnclear,
    now: datetime,
) -> None:
    """A source did not answer. A rejected credential is handled by `expire`, once a second call has confirmed it."""
    row = tx.execute(sa.select(sources).where(sources.c.id == source_id).with_for_update()).one()
    before = Breaker(row.failures, row.breaker_opened, row.paused_until)
    reason = failed.reason if isinstance(failed, CallUnavailable) else "unclear"
    if reason in {"rate_limited", "exhausted"}:
        rest = core.settings.sources.pause if failed.retry_after is None else failed.retry_after
        _note(tx, source_id, breaker_rules.after_rate_limit(before, now, rest))
        if row.limit_group_id is not None and reason == "rate_limited":
            _rest_group(tx, row.limit_group_id, breaker_rules.pause_until(now, rest))
        return
    if reason == "no_model":
        which = sa.and_(source_models.c.source_id == source_id, source_models.c.model_id == model_id)
        gone = {"fraction": 0.0, "resets_at": now + NO_MODEL}
        tx.execute(sa.update(source_models).where(which).values(**gone))
        return
    # Nothing is sent while a breaker is open: what fails then was sent before, and must not double its pause.
    late = row.breaker_opened and row.paused_until is not None and row.paused_until > now
    tripped = before if late else breaker_rules.after_failure(before, row.breaker_opened, now, core.settings.health)
    tripped = replace(tripped, failures=row.failures + 1)
    if failed.retry_after is not None:
        asked = breaker_rules.after_rate_limit(tripped, now, failed.retry_after)
        longer = [one.paused_until for one in (asked, tripped) if one.paused_until is not None]
        tripped = replace(asked, paused_until=max(longer))
    said = f"{reason}: {failed.detail}" if failed.detail else str(reason)
    _note(tx, source_id, tripped, last_error=said[:200])
    if tripped.failures >= core.settings.health.failures:
        facts = {"source": row.name, "error": said[:100], "count": tripped.failures}
        alerts.raise_alert(tx, "provider", f"source:{source_id}", "warning", "source_failing", facts, now)


def expire(tx: sa.Connection, core: Core, source: SourceRow, detail: str, now: datetime) -> None:
    """Two calls in a row had the credential rejected: the source gets no calls until it is replaced or works again.

    `source` is the row as it was when it was asked: what happened to an old credential says nothing of a new one.
    """
    asked_with = sources.c.fingerprint == bytes(source.fingerprint)
    changed = tx.execute(
        sa.update(sources)
        .where(sources.c.id == source.id, sources.c.health == "healthy", asked_with)
        .values(health="expired", unhealthy_since=now, last_error=f"credential: {detail}"[:200])
        .returning(sources.c.name, sources.c.shared, sources.c.owner_id)
    ).one_or_none()
    if changed is None:
        return
    if changed.shared:
        follow_lending(tx, core.settings.sources, changed.owner_id, now)
    audit.record(tx, SYSTEM, "source.expired", "source", source.id, now, after={"health": "expired"})
    facts = {"source": changed.name, "error": detail[:100]}
    alerts.raise_alert(tx, "provider", f"source:{source.id}", "error", "source_expired", facts, now)


def note_abuse(tx: sa.Connection, source: SourceRow, code: str, pseudonym: str | None, now: datetime) -> None:
    """An upstream shut out an account, or one person, because of what was asked: staff are alerted.

    Nobody is suspended: an upstream may be wrong about a person, and where many share an account it may mean another
    one.
    """
    facts = {"source": source.name, "code": code, "pseudonym": pseudonym or "–"}
    alerts.raise_alert(tx, "security", f"abuse:{source.id}:{facts['pseudonym']}", "error", "source_abuse", facts, now)


def restore(tx: sa.Connection, source_id: int, now: datetime, *, rested: bool = True) -> None:
    """The source serves again: with a new credential, or because it answered.

    Unless it has `rested`, a pause that the upstream asked for stays: that its list can be read ends no limit.
    """
    well: dict[str, Any] = {"health": "healthy", "failures": 0, "breaker_opened": 0}
    well |= {"paused_until": None if rested else _own_pause}
    tx.execute(
        sa.update(sources).where(sources.c.id == source_id).values(unhealthy_since=None, last_error=None, **well)
    )
    alerts.end_condition(tx, "provider", f"source:{source_id}", now)


def _note(tx: sa.Connection, source_id: int, breaker: Breaker, **more: Any) -> None:
    values = {"failures": breaker.failures, "breaker_opened": breaker.opened, "paused_until": breaker.paused_until}
    tx.execute(sa.update(sources).where(sources.c.id == source_id).values(**values, **more))


def _rest_group(tx: sa.Connection, group_id: int, until: datetime) -> None:
    """Rest until then; a longer rest that is under way stays."""
    sooner = sa.or_(limit_groups.c.paused_until.is_(None), limit_groups.c.paused_until < sa.literal(until, Moment()))
    tx.execute(sa.update(limit_groups).where(limit_groups.c.id == group_id, sooner).values(paused_until=until))
