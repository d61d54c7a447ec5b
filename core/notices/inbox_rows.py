"""The rows of the inbox: how an event is kept, claimed, put off and done with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from core.alerts import alerts
from core.crashpoints import crashpoint
from core.service import Core
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.commits import autocommit, repeatable
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.storage.row_claims import change, changing, claim_due
from core.vault import Undecipherable

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=10)
"""How long a claim lives without being renewed: the longest that a killed process keeps a chat waiting."""
MOST_TRIES = 5
"""Times a row is begun before it is given up with an apology and an alert."""
OLDEST = timedelta(days=2)
"""Age at which an answer is not worth giving any more, where its platform was away all the time; as in the outbox."""


@dataclass(frozen=True, slots=True)
class PlatformEvent:
    """One thing that a platform brought. `key` is the platform's own id of it, `lane` its chat."""

    key: str
    lane: str
    payload: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An event that is to be handled now; `repeated` when it was begun before.

    Whoever handles it names in `along` the later ones of its lane that it answers as well: they are done with it.
    """

    key: str
    lane: str
    payload: str
    tries: int
    along: list[str] = field(default_factory=list, compare=False)

    @property
    def repeated(self) -> bool:
        return self.tries > 1


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """How many events were new, and which of them were claimed at once."""

    new: int
    begun: list[Begun]


async def store(core: Core, events: Sequence[PlatformEvent]) -> int:
    """Keep events; one that is there already is the same event again. Returns how many were new. Raises: Busy."""
    if not events:
        return 0
    return (await keep(core, events, "", 0)).new


async def keep(core: Core, events: Sequence[PlatformEvent], token: str, room: int) -> StoredEvents:
    """Keep events, all or none, and claim for `token` those whose turn it is, at most `room`. Raises: Busy."""
    crashpoint("K0")
    if len(events) == 1:
        return await core.write(_store_one, core, events[0], token, room)
    return await core.write(_store, core, list(events), token, room)


_lane = sa.bindparam("its_lane", type_=sa.String())
_LANE = Prepared(sa.select(t.inbox.c.key).where(t.inbox.c.lane == _lane, t.inbox.c.state == "ready").limit(1))
"""Something of a lane that is waiting or under way."""
_KEEP: dict[str, Prepared] = {}
_FINISH = Prepared(
    changing(
        t.inbox,
        t.inbox.c.key == sa.bindparam("its_key"),
        t.inbox.c.claim == sa.bindparam("token"),
        expected="ready",
        state="done",
        claim=None,
        done_at=sa.bindparam("now", type_=Moment()),
        payload=b"",  # the key stays, so that the platform's repeat is known; what was said does not,
        lane="",  # nor who said it
    )
)


def _keep(tx: sa.Connection) -> Prepared:
    """Keep an event, claimed for `token` if there is one and nothing of the lane is waiting. A new one's claim returns."""
    name = tx.dialect.name
    if name not in _KEEP:
        columns = t.inbox.c
        own = ("key", "lane", "payload", "received_at")
        token, due_at, until = (
            sa.bindparam(name, type_=column.type)
            for name, column in (("token", columns.claim), ("due_at", columns.due_at), ("until", columns.due_at))
        )
        before = sa.exists().where(columns.lane == _lane, columns.state == "ready")
        asked = sa.select(sa.or_(token.is_(None), before).label("waits")).subquery("asked")
        kept = sa.select(
            *(sa.bindparam(name, type_=columns[name].type) for name in own),
            sa.literal("ready", columns.state.type),
            sa.case((asked.c.waits, 0), else_=1),
            sa.case((asked.c.waits, None), else_=token),
            sa.case((asked.c.waits, due_at), else_=until),
        ).where(sa.true())  # or SQLite takes the ON of the conflict for a join's
        rows = dialect_insert(t.inbox, tx).from_select([*own, "state", "tries", "claim", "due_at"], kept)
        _KEEP[name] = Prepared(rows.on_conflict_do_nothing(index_elements=["key"]).returning(columns.claim))
    return _KEEP[name]


@autocommit
def _store_one(tx: sa.Connection, core: Core, event: PlatformEvent, token: str, room: int) -> StoredEvents:
    return _store(tx, core, (event,), token, room)


def _store(tx: sa.Connection, core: Core, events: Sequence[PlatformEvent], token: str, room: int) -> StoredEvents:
    """Keep events, and claim for `token` as many as there is room for, none before an earlier one of its lane."""
    now = core.now()  # asked here: the way to the database may have taken longer than a claim lasts
    begun: list[Begun] = []
    keep, new = _keep(tx), 0
    for number, event in enumerate(events):
        row = {
            "key": event.key,
            "lane": event.lane,
            "its_lane": event.lane,
            "payload": core.vault.encrypt(event.payload, row=row_of(event.key)),
            "token": token if len(begun) < room else None,
            "due_at": now,
            "until": now + LEASE,
            # Events of one delivery keep their order.
            "received_at": now + timedelta(microseconds=number),
        }
        kept = keep.one_or_none(tx, row)
        if kept is not None:
            new += 1
            if kept.claim is not None:
                begun.append(Begun(event.key, event.lane, event.payload, 1))
    return StoredEvents(new, begun)


def _due(prefix: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    earlier = t.inbox.alias("earlier")
    before = sa.or_(
        earlier.c.received_at < t.inbox.c.received_at,
        sa.and_(earlier.c.received_at == t.inbox.c.received_at, earlier.c.key < t.inbox.c.key),
    )
    blocked = sa.exists().where(earlier.c.lane == t.inbox.c.lane, earlier.c.state == "ready", before)
    return (
        t.inbox.c.state == "ready",
        t.inbox.c.due_at <= now,
        t.inbox.c.key.startswith(prefix, autoescape=True),
        ~blocked,
    )


def is_due(tx: sa.Connection, prefix: str, now: datetime) -> bool:
    """Whether a row with this prefix may be begun."""
    return tx.execute(sa.select(t.inbox.c.key).where(*_due(prefix, now)).limit(1)).first() is not None


def claim(tx: sa.Connection, core: Core, prefix: str, token: str, most: int) -> list[Begun]:
    """Begin the rows that are due, at most `most`; what nobody can read any more is given up."""
    now = core.now()
    tries = t.inbox.c.tries + 1
    order = [t.inbox.c.received_at]
    rows = claim_due(
        tx, t.inbox, *_due(prefix, now), until=now + LEASE, order_by=order, most=most, claim=token, tries=tries
    )
    begun = []
    for row in sorted(rows, key=lambda one: one.received_at):
        try:
            payload = core.vault.decrypt(row.payload, row=row_of(row.key))
        except Undecipherable:
            # Its key has left the configuration: nobody can ever answer it.
            change(tx, t.inbox, t.inbox.c.key == row.key, expected="ready", state="dead", claim=None).one()
            continue
        begun.append(Begun(row.key, row.lane, payload, row.tries))
    return begun


@repeatable
@autocommit
def renew(tx: sa.Connection, keys: list[str], token: str, until: datetime) -> int:
    """Keep claims for as long as their rows are handled. Returns how many are still ours."""
    mine = (t.inbox.c.key.in_(keys), t.inbox.c.claim == token)
    return change(tx, t.inbox, *mine, expected="ready", returning=False, due_at=until).count


@repeatable
@autocommit
def finish(tx: sa.Connection, key: str, lane: str, token: str, now: datetime) -> bool:
    """True when something more of the lane is there."""
    if not _FINISH.run(tx, {"its_key": key, "token": token, "now": now}):
        log.info("update_claim_lost", row=key)  # whoever has it now answers it again, under the same key
    return bool(_LANE.all(tx, {"its_lane": lane}))


@repeatable
def finish_all(tx: sa.Connection, key: str, lane: str, token: str, now: datetime, along: Sequence[str]) -> bool:
    """The same with those that were answered along with it."""
    mine = sa.and_(t.inbox.c.key == key, t.inbox.c.claim == token, t.inbox.c.state == "ready")
    if tx.execute(sa.select(t.inbox.c.key).where(mine).with_for_update()).first() is not None:
        done: dict[str, Any] = {"state": "done", "done_at": now, "payload": b"", "lane": ""}
        count = change(tx, t.inbox, t.inbox.c.key.in_(along), expected="ready", returning=False, **done).count
        log.info("updates_answered_along", row=key, count=count)
    return finish(tx, key, lane, token, now)


@repeatable
@autocommit
def put_off(tx: sa.Connection, /, key: str, token: str, seconds: float, now: datetime, **values: Any) -> bool:
    """Let a row be begun again after so many seconds. False where it is somebody else's by now."""
    values |= {"claim": None, "due_at": now + timedelta(seconds=seconds)}
    return change(tx, t.inbox, t.inbox.c.key == key, t.inbox.c.claim == token, expected="ready", **values).count == 1


@repeatable
@autocommit
def wait_for_platform(tx: sa.Connection, key: str, token: str, seconds: float, now: datetime) -> bool:
    """It was not the row's fault: all its tries are left to it, though it was begun. One that is too old is given up."""
    old = t.inbox.c.received_at < sa.literal(now - OLDEST, t.inbox.c.received_at.type)
    return put_off(tx, key, token, seconds, now, tries=sa.case((old, MOST_TRIES), else_=1))


def bury(tx: sa.Connection, core: Core, key: str, token: str) -> None:
    """Give a row up; staff hear of it."""
    now = core.now()
    mine = (t.inbox.c.key == key, t.inbox.c.claim == token)
    dead = change(tx, t.inbox, *mine, expected="ready", state="dead", claim=None, done_at=now, payload=b"", lane="")
    dead.one_or_none()
    alerts.raise_alert(tx, "system", "inbox", "error", "update_dead", {"platform": key.partition(":")[0]}, now)


@repeatable
@autocommit
def hand_over(tx: sa.Connection, token: str, now: datetime, keys: Sequence[str] | None = None) -> int:
    """Let others begin what is claimed: these rows, or all of them. Returns how many."""
    mine = sa.and_(t.inbox.c.claim == token, sa.true() if keys is None else t.inbox.c.key.in_(keys))
    return change(tx, t.inbox, mine, expected="ready", returning=False, claim=None, due_at=now).count


def row_of(key: str) -> str:
    """What the payload of a row is bound to."""
    return f"inbox:{key}:payload"
