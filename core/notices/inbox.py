"""The durable inbox: what a platform brings is a row before it is acknowledged, and an answer before it is done.

Rows of one lane (a chat) are handled one after the other, lanes side by side. A row is claimed by a lease that is
renewed while it is handled: when the process dies, another one begins the row again, with the same request key.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa
import structlog

from core import telemetry
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.errors import Busy
from core.service import Core
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.commits import autocommit, repeatable
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.storage.row_claims import change, changing, claim_due
from core.vault import Undecipherable
from core.waking import until_woken, wake_at_end

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=10)
"""How long a claim lives without being renewed: the longest that a killed process keeps a chat waiting."""
MOST_TRIES = 5
"""Times a row is begun before it is given up with an apology and an alert."""
OLDEST = timedelta(days=2)
"""Age at which an answer is not worth giving any more, where its platform was away all the time; as in the outbox."""
LOOK_EVERY = 0.5
"""Seconds between two looks for rows that other processes stored or left behind."""
STOP_WITHIN = 7.0


@dataclass(frozen=True, slots=True)
class Event:
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
class Stored:
    """How many events were new, and which of them were claimed at once."""

    new: int
    begun: list[Begun]


class Later(Exception):
    """The platform cannot be reached just now: begin the row again after `seconds`, as often as it takes in two days."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


Handle: TypeAlias = Callable[[Begun], Awaitable[None]]


async def store(core: Core, events: Sequence[Event]) -> int:
    """Keep events, all or none; one that is there already is the same event again. Returns how many were new."""
    if not events:
        return 0
    return (await _kept(core, events, "", 0)).new


async def _kept(core: Core, events: Sequence[Event], token: str, room: int) -> Stored:
    crashpoint("K0")
    if len(events) == 1:
        return await core.write(_store_one, core, events[0], token, room)
    return await core.write(_store, core, list(events), token, room)


class Inbox:
    """Handles the rows whose key starts with `prefix`, at most `handlers` at a time in this process.

    A row whose handling fails is begun again after `first_pause` seconds, twice as long each time, at most five
    times; then `give_up` may say sorry, and staff hear of it.
    """

    def __init__(
        self,
        core: Core,
        prefix: str,
        handle: Handle,
        *,
        give_up: Handle,
        handlers: int = 64,
        platform: str = "",
        first_pause: float = 0.5,
    ) -> None:
        self._core = core
        self._prefix = prefix
        self._handle = handle
        self._give_up = give_up
        self._handlers = handlers
        self._first_pause = first_pause
        self._platform = platform or prefix.partition(":")[0]
        self._token = secrets.token_hex(12)
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self._promised = 0

    def wake(self) -> None:
        """Something was stored: look now."""
        self._wake.set()

    async def take(self, events: Sequence[Event]) -> None:
        """Keep events, all or none, and begin at once those whose turn it is, as far as there is room.

        For one caller at a time: two that keep events of one lane at once would have them begun at once. Raises: Busy.
        """
        with self._room(0 if self._group is None else self._handlers) as free:
            stored = await _kept(self._core, events, self._token, free)
            if self._group is not None:
                self._start(self._group, stored.begun)
                if stored.new > len(stored.begun):
                    self.wake()
                return
        if stored.begun:
            # It stops: others may begin these, and only these. What runs is still being answered here.
            keys = [row.key for row in stored.begun]
            await self._quietly(self._core.write(_hand_over, self._token, self._core.now(), keys))

    async def run(self, stop: asyncio.Event) -> None:
        """Handle rows until `stop` is set; what is not done within seven seconds is handed to another process."""
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(self._keep_claims())
            ending = group.create_task(wake_at_end(stop, self._wake))
            self._group = group
            while not stop.is_set():
                self._wake.clear()
                if not await self._begin(group) and not stop.is_set():
                    await until_woken(self._wake, LOOK_EVERY)
            self._group = None
            if running := list(self._running.values()):
                _, late = await asyncio.wait(running, timeout=STOP_WITHIN)
                for task in late:
                    task.cancel()
                if late:
                    await asyncio.wait(late)
            keeper.cancel()
            ending.cancel()
        await self._quietly(self._core.write(_hand_over, self._token, self._core.now()))

    async def _begin(self, group: asyncio.TaskGroup) -> bool:
        """Start what is due; True when there may be more."""
        with self._room(self._handlers) as free:
            if free <= 0:
                return False
            try:
                if not await self._core.read(_is_due, self._prefix, self._core.now()):
                    return False
                rows = await self._core.write(_claim, self._core, self._prefix, self._token, free)
            except Busy:
                return False
            self._start(group, rows)
            return len(rows) == free

    @contextlib.contextmanager
    def _room(self, most: int) -> Iterator[int]:
        """How many more rows may be begun; nobody else is promised the same room meanwhile."""
        free = max(0, most - len(self._running) - self._promised)
        self._promised += free
        try:
            yield free
        finally:
            self._promised -= free

    def _start(self, group: asyncio.TaskGroup, rows: Sequence[Begun]) -> None:
        for row in rows:
            # A claim that ran out before it could be renewed comes back to us while its row is still at work.
            if row.key not in self._running:
                self._running[row.key] = group.create_task(self._do(row), name="inbox")

    async def _do(self, row: Begun) -> None:
        waited_for = True
        try:
            waited_for = await self._try(row)
        except Later as later:
            await self._quietly(
                self._core.write(_wait_for_platform, row.key, self._token, later.seconds, self._core.now())
            )
            telemetry.count("usher_updates", platform=self._platform, outcome="later")
        except Exception:
            log.exception("update_failed", row=row.key, tries=row.tries)
            wait = min(60.0, self._first_pause * 2**row.tries)
            await self._quietly(self._core.write(_put_off, row.key, self._token, wait, self._core.now()))
            telemetry.count("usher_updates", platform=self._platform, outcome="failed")
        else:
            telemetry.count("usher_updates", platform=self._platform, outcome="done")
        finally:
            waited_for = waited_for or len(self._running) >= self._handlers
            self._running.pop(row.key, None)
            if waited_for:
                self._wake.set()

    async def _try(self, row: Begun) -> bool:
        """Handle a row or give it up; True when the lane goes on after it."""
        if row.tries > MOST_TRIES:
            await self._core.write(_bury, self._core, row.key, self._token)
            await self._give_up(row)
            return True
        await self._handle(row)
        crashpoint("K8")
        mine = (row.key, row.lane, self._token, self._core.now())
        if row.along:
            return await self._core.write(_finish_all, *mine, row.along)
        return await self._core.write(_finish, *mine)

    async def _keep_claims(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            if self._running:
                renewed = self._core.write(_renew, list(self._running), self._token, self._core.now() + LEASE)
                await self._quietly(renewed)

    async def _quietly(self, work: Awaitable[Any]) -> None:
        """A database that is away for a while stops nothing: the claim runs out, and the row is begun again."""
        try:
            await work
        except Exception as fault:
            log.exception("inbox_not_written", kind=type(fault).__name__)


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
    name = tx.dialect.name
    if name not in _KEEP:
        _KEEP[name] = Prepared(dialect_insert(t.inbox, tx).on_conflict_do_nothing(index_elements=["key"]))
    return _KEEP[name]


@autocommit
def _store_one(tx: sa.Connection, core: Core, event: Event, token: str, room: int) -> Stored:
    return _store(tx, core, (event,), token, room)


def _store(tx: sa.Connection, core: Core, events: Sequence[Event], token: str, room: int) -> Stored:
    """Keep events, and claim for `token` as many as there is room for, none before an earlier one of its lane."""
    now = core.now()  # asked here: the way to the database may have taken longer than a claim lasts
    begun: list[Begun] = []
    keep, new = _keep(tx), 0
    for number, event in enumerate(events):
        mine = len(begun) < room and not _LANE.all(tx, {"its_lane": event.lane})
        row = {
            "key": event.key,
            "lane": event.lane,
            "payload": core.vault.encrypt(event.payload, row=row_of(event.key)),
            "state": "ready",
            "tries": int(mine),
            "claim": token if mine else None,
            "due_at": now + LEASE if mine else now,
            # Events of one delivery keep their order.
            "received_at": now + timedelta(microseconds=number),
        }
        if keep.run(tx, row):
            new += 1
            if mine:
                begun.append(Begun(event.key, event.lane, event.payload, 1))
    return Stored(new, begun)


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


def _is_due(tx: sa.Connection, prefix: str, now: datetime) -> bool:
    return tx.execute(sa.select(t.inbox.c.key).where(*_due(prefix, now)).limit(1)).first() is not None


def _claim(tx: sa.Connection, core: Core, prefix: str, token: str, most: int) -> list[Begun]:
    now = core.now()
    tries = t.inbox.c.tries + 1
    order = [t.inbox.c.received_at]
    rows = claim_due(
        tx, t.inbox, *_due(prefix, now), until=now + LEASE, order_by=order, most=most, token=token, tries=tries
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
def _renew(tx: sa.Connection, keys: list[str], token: str, until: datetime) -> int:
    mine = (t.inbox.c.key.in_(keys), t.inbox.c.claim == token)
    return change(tx, t.inbox, *mine, expected="ready", returning=False, due_at=until).count


@repeatable
@autocommit
def _finish(tx: sa.Connection, key: str, lane: str, token: str, now: datetime) -> bool:
    """True when something more of the lane is there."""
    if not _FINISH.run(tx, {"its_key": key, "token": token, "now": now}):
        log.info("update_claim_lost", row=key)  # whoever has it now answers it again, under the same key
    return bool(_LANE.all(tx, {"its_lane": lane}))


@repeatable
def _finish_all(tx: sa.Connection, key: str, lane: str, token: str, now: datetime, along: Sequence[str]) -> bool:
    """The same with those that were answered along with it."""
    mine = sa.and_(t.inbox.c.key == key, t.inbox.c.claim == token, t.inbox.c.state == "ready")
    if tx.execute(sa.select(t.inbox.c.key).where(mine).with_for_update()).first() is not None:
        done: dict[str, Any] = {"state": "done", "done_at": now, "payload": b"", "lane": ""}
        count = change(tx, t.inbox, t.inbox.c.key.in_(along), expected="ready", returning=False, **done).count
        log.info("updates_answered_along", row=key, count=count)
    return _finish(tx, key, lane, token, now)


@repeatable
@autocommit
def _put_off(tx: sa.Connection, /, key: str, token: str, seconds: float, now: datetime, **values: Any) -> bool:
    values |= {"claim": None, "due_at": now + timedelta(seconds=seconds)}
    return change(tx, t.inbox, t.inbox.c.key == key, t.inbox.c.claim == token, expected="ready", **values).count == 1


@repeatable
@autocommit
def _wait_for_platform(tx: sa.Connection, key: str, token: str, seconds: float, now: datetime) -> bool:
    """No fault of the row: it has all its tries left, but it was begun. One that is too old has had its last."""
    old = t.inbox.c.received_at < sa.literal(now - OLDEST, t.inbox.c.received_at.type)
    return _put_off(tx, key, token, seconds, now, tries=sa.case((old, MOST_TRIES), else_=1))


def _bury(tx: sa.Connection, core: Core, key: str, token: str) -> None:
    now = core.now()
    mine = (t.inbox.c.key == key, t.inbox.c.claim == token)
    dead = change(tx, t.inbox, *mine, expected="ready", state="dead", claim=None, done_at=now, payload=b"", lane="")
    dead.one_or_none()
    alerts.raise_alert(tx, "system", "inbox", "error", "update_dead", {"platform": key.partition(":")[0]}, now)


@repeatable
@autocommit
def _hand_over(tx: sa.Connection, token: str, now: datetime, keys: Sequence[str] | None = None) -> int:
    mine = sa.and_(t.inbox.c.claim == token, sa.true() if keys is None else t.inbox.c.key.in_(keys))
    return change(tx, t.inbox, mine, expected="ready", returning=False, claim=None, due_at=now).count


def row_of(key: str) -> str:
    """What the payload of a row is bound to."""
    return f"inbox:{key}:payload"
