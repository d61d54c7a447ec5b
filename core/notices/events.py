"""Telling an address of one event: what its message says, how things stand when it goes out, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.notices import deliveries
from core.notices.deliveries import Due
from core.rules.events import TRIES, pause_after
from core.rules.money import amount_text
from core.service import hook_row
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.talk_tables import wallets

if TYPE_CHECKING:
    from core.service import Core


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: `data` as JSON has it, `secret` to sign it with."""

    url: str
    secret: str
    event: str
    at: datetime
    data: dict[str, Any]


async def message_of(core: Core, due: Due) -> Message | None:
    """What to send, or None where the address wants nothing any more. Raises: Undecipherable."""
    found = await core.read(_read, due)
    if found is None:
        return None
    hook, data = found
    secret = core.vault.decrypt(bytes(hook.secret), row=hook_row(hook.reference))
    return Message(hook.url, secret, str(due.facts["event"]), due.facts["at"], data)


def hook_of(due: Due) -> int:
    """The number of the address that a notice is for."""
    return int(due.recipient.partition("/")[0])


def note_taken(tx: sa.Connection, due: Due, now: datetime) -> None:
    """The address has taken it; if it had stopped taking any, that is over."""
    deliveries.note_sent(tx, due, None, now)
    failing = sa.and_(t.hooks.c.id == hook_of(due), t.hooks.c.failing_since.is_not(None))
    if tx.execute(sa.update(t.hooks).where(failing).values(failing_since=None, last_error=None)).rowcount:
        alerts.end_condition(tx, "system", f"hook:{hook_of(due)}", now)


def note_not_taken(tx: sa.Connection, due: Due, error: str, now: datetime, pause: float | None = None) -> bool:
    """It did not arrive: later again, with growing pauses for a day, then never, and staff are told. True if never.

    The later events of the same subject wait, so that they arrive in their order.
    """
    mine = t.hooks.c.id == hook_of(due)
    since = sa.func.coalesce(t.hooks.c.failing_since, sa.literal(now, t.hooks.c.failing_since.type))
    tx.execute(sa.update(t.hooks).where(mine).values(failing_since=since, last_error=error[:200]))
    wait = max(pause_after(due.tries), timedelta(seconds=pause or 0))
    if not deliveries.note_later(tx, due, error, wait, now, most=TRIES):
        return False
    if not deliveries.note_dead(tx, due, error):
        return True
    facts = {"hook": str(hook_of(due)), "error": error[:200]}
    alerts.raise_alert(tx, "system", f"hook:{hook_of(due)}", "error", "hook_dead", facts, now)
    return True


def note_gone(tx: sa.Connection, due: Due, now: datetime) -> None:
    """The address says that it is gone for good (410): it is told nothing more until somebody resumes it."""
    hook_id = hook_of(due)
    paused = change(tx, t.hooks, t.hooks.c.id == hook_id, expected="active", state="paused", last_error="gone")
    if paused.one_or_none() is not None:
        audit.record(tx, SYSTEM, "hook.paused", "hook", hook_id, now, after={"reason": "gone"})
        facts = {"hook": str(hook_id), "error": "410"}
        alerts.raise_alert(tx, "system", f"hook:{hook_id}", "error", "hook_dead", facts, now)
    deliveries.note_dead(tx, due, "gone")


def _read(tx: sa.Connection, due: Due) -> tuple[Any, dict[str, Any]] | None:
    wanted = sa.and_(t.hooks.c.id == hook_of(due), t.hooks.c.state == "active")
    if due.facts.get("event") == "hook.test":
        wanted = sa.and_(t.hooks.c.id == hook_of(due), t.hooks.c.state != "removed")
    hook = tx.execute(sa.select(t.hooks).where(wanted)).one_or_none()
    if hook is None:
        return None
    subject, number = str(due.facts["subject"]), int(due.facts["id"])
    about = _ABOUT.get(subject)
    row = None if about is None else tx.execute(about.where(_NUMBER[subject] == number)).mappings().one_or_none()
    known = {name: _plain(value) for name, value in row.items()} if row is not None else {}
    if "credit" in known:
        known["credit"] = amount_text(int(known["credit"] or 0))
    return hook, {"id": number, "subject": subject, **known}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value


_OLD, _NEW, _TARGET = t.teams.alias("old"), t.teams.alias("new"), t.leases.alias("target")
_ALL = wallets.alias("all_of_theirs")
_HOLDER = (
    sa.select(t.identities.c.platform.concat(":").concat(t.identities.c.identity))
    .where(t.identities.c.person_id == wallets.c.person_id)
    .order_by(t.identities.c.created_at, t.identities.c.platform)
    .limit(1)
    .scalar_subquery()
)
_CREDIT = (
    sa.select(sa.func.sum(_ALL.c.left + _ALL.c.claimed))
    .where(_ALL.c.person_id == wallets.c.person_id, _ALL.c.kind == "credit")
    .scalar_subquery()
)
_ABOUT: Final[dict[str, sa.Select[Any]]] = {
    "redemption": sa.select(
        t.redemptions.c.state,
        t.redemptions.c.reason,
        t.redemptions.c.address.label("email"),
        t.redemptions.c.code_last4,
        t.redemptions.c.lease_id,
        t.teams.c.name.label("team"),
    )
    .select_from(t.redemptions)
    .outerjoin(t.leases, t.leases.c.id == t.redemptions.c.lease_id)
    .outerjoin(t.teams, t.teams.c.id == t.leases.c.team_id),
    "lease": sa.select(
        t.leases.c.status,
        t.leases.c.address.label("email"),
        t.leases.c.joined_at,
        t.leases.c.expires_at,
        t.leases.c.ended_at,
        t.leases.c.end_reason,
        t.teams.c.name.label("team"),
    ).join(t.teams, t.teams.c.id == t.leases.c.team_id),
    "transfer": sa.select(
        t.transfers.c.state,
        t.transfers.c.cause,
        t.leases.c.address.label("email"),
        _OLD.c.name.label("from_team"),
        _NEW.c.name.label("to_team"),
    )
    .select_from(t.transfers)
    .join(t.leases, t.leases.c.id == t.transfers.c.lease_id)
    .outerjoin(_OLD, _OLD.c.id == t.leases.c.team_id)
    .outerjoin(_TARGET, _TARGET.c.id == t.transfers.c.target_lease_id)
    .outerjoin(_NEW, _NEW.c.id == _TARGET.c.team_id),
    "batch": sa.select(t.batches.c.label, t.batches.c.uses, t.batches.c.used, t.batches.c.gives),
    "alert": sa.select(
        t.alerts.c.level,
        t.alerts.c.category,
        t.alerts.c.title,
        t.alerts.c.subject.label("about"),
        t.alerts.c.facts,
        t.alerts.c.count,
        t.alerts.c.resolved_at,
        t.alerts.c.resolved_by,
    ),
    "wallet": sa.select(_HOLDER.label("person"), _CREDIT.label("credit")),
}
_NUMBER: Final = {
    "redemption": t.redemptions.c.id,
    "lease": t.leases.c.id,
    "transfer": t.transfers.c.id,
    "batch": t.batches.c.id,
    "alert": t.alerts.c.id,
    "wallet": wallets.c.id,
}
