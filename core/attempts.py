"""How often one identity may try, counted in rows so that restarts and other processes count along.

An attempt is claimed *before* what it guards, in a transaction of its own or as the first thing of the same one:
a thousand guesses at once get no more look-ups than the limit allows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.actors import Actor
from core.errors import LockedOut, SignInLocked, TooManyAttempts
from core.rules.limits import Limit, lock_length, locks_remembered
from core.settings import LimitSettings
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.commits import autocommit
from core.storage.database import dialect_insert
from core.storage.prepared import Prepared
from core.talk_errors import TooManyQuestions

EVERYBODY = "*"


@autocommit
def claim_attempt(tx: sa.Connection, actor: Actor, limits: LimitSettings, now: datetime) -> None:
    """Count one redemption attempt. Raises: TooManyAttempts with the end of the window."""
    for identity in actor.counted:
        _claim(tx, identity, "redeem", limits.attempts, limits.attempts_window, now)


@autocommit
def claim_guess(tx: sa.Connection, actor: Actor, limits: LimitSettings, now: datetime) -> None:
    """Count one look-up of a code as if it were wrong; `return_guess` takes it back. Raises: LockedOut."""
    for identity in actor.counted:
        _claim(tx, identity, "guess", limits.wrong_codes, limits.wrong_codes_window, now)


@autocommit
def claim_look(tx: sa.Connection, identity: str, limits: LimitSettings, now: datetime) -> bool:
    """Count one message whose words are looked up in case one is a code; False where there were as many as attempts."""
    window = timedelta(seconds=limits.attempts_window)
    return _count(tx, identity, "words", window, now, most=limits.attempts) is not None


@autocommit
def return_guess(tx: sa.Connection, actor: Actor) -> None:
    """The code was right: the look-up was no guess."""
    for identity in actor.counted:
        _RETURN_GUESS.run(tx, {"whose": identity})


def punish_guess(tx: sa.Connection, actor: Actor, limits: LimitSettings, now: datetime) -> datetime | None:
    """The code was wrong: at the limit, lock for `lock` seconds, twice as long each time, up to `longest_lock`.

    Returns the end of the lock, or None where the limit is not reached yet.
    """
    longest = limits.longest_lock
    locks = [_lock_at(tx, one, "guess", limits.wrong_codes, limits.lock, longest, now) for one in actor.counted]
    return max((until for until in locks if until is not None), default=None)


def claim_sign_in(tx: sa.Connection, identity: str, limits: LimitSettings, now: datetime) -> None:
    """Count one staff sign-in as if it failed. Raises: SignInLocked."""
    _claim(tx, identity, "claim", limits.failed_claims, limits.longest_lock, now)


def punish_sign_in(tx: sa.Connection, identity: str, limits: LimitSettings, now: datetime) -> datetime | None:
    """The sign-in failed: at the limit, lock for `claim_lock` seconds. Returns the end of the lock."""
    return _lock_at(tx, identity, "claim", limits.failed_claims, limits.claim_lock, limits.claim_lock, now)


def claim_question(tx: sa.Connection, identity: str, most: int, now: datetime) -> None:
    """Count one question to a model; `most` in a minute, 0 for no limit. Raises: TooManyQuestions."""
    if most and _count(tx, identity, "ask", timedelta(minutes=1), now, most=most) is None:
        mine = sa.and_(t.attempts.c.identity == identity, t.attempts.c.kind == "ask")
        began = tx.execute(sa.select(t.attempts.c.window_started_at).where(mine)).scalar_one()
        raise TooManyQuestions(until=began + timedelta(minutes=1))


def forgive(tx: sa.Connection, identity: str, kind: str) -> None:
    """Forget the failures of `kind`, after a success."""
    tx.execute(sa.delete(t.attempts).where(t.attempts.c.identity == identity, t.attempts.c.kind == kind))


def count_wrong_code(tx: sa.Connection, now: datetime) -> int:
    """Count one wrong code of anybody in the running minute; returns the count."""
    return int(_count(tx, EVERYBODY, "all_guesses", timedelta(minutes=1), now) or 0)


def count_wrong_key(tx: sa.Connection, identity: str, now: datetime) -> int:
    """Count one wrong key that was shown from an address, in the running minute; returns the count."""
    return int(_count(tx, identity, "wrong_key", timedelta(minutes=1), now) or 0)


def _claim(tx: sa.Connection, identity: str, kind: str, most: int, window: float, now: datetime) -> None:
    if _count(tx, identity, kind, timedelta(seconds=window), now, most=most) is not None:
        return
    row = tx.execute(sa.select(t.attempts).where(t.attempts.c.identity == identity, t.attempts.c.kind == kind)).one()
    locked = row.locked_until is not None and row.locked_until > now
    until = row.locked_until if locked else row.window_started_at + timedelta(seconds=window)
    if kind == "claim":
        raise SignInLocked(until=until)
    raise LockedOut(until=until) if locked else TooManyAttempts(until=until)


def _count(
    tx: sa.Connection, identity: str, kind: str, window: timedelta, now: datetime, *, most: int | None = None
) -> int | None:
    """One more within the window; returns the count, or None where there are `most` already, or a lock."""
    name = (tx.dialect.name, most is not None)
    if name not in _COUNT:
        _COUNT[name] = _counting(tx, limited=most is not None)
    row = {"identity": identity, "kind": kind, "window_started_at": now, "count": 1, "locks": 0}
    counted = _COUNT[name].one_or_none(tx, {**row, "now": now, "over_at": now - window, "most": most})
    return None if counted is None else int(counted.count_)


def _counting(tx: sa.Connection, *, limited: bool) -> Prepared:
    now = sa.bindparam("now", type_=Moment())
    over = t.attempts.c.window_started_at <= sa.bindparam("over_at", type_=Moment())
    where = sa.and_(
        sa.or_(t.attempts.c.locked_until.is_(None), t.attempts.c.locked_until <= now),
        sa.or_(over, t.attempts.c.count < sa.bindparam("most", type_=sa.Integer())),
    )
    statement = dialect_insert(t.attempts, tx).on_conflict_do_update(
        index_elements=["identity", "kind"],
        set_={
            "count": sa.case((over, 1), else_=t.attempts.c.count + 1),
            # The parameter has a type of ours: SQLite would store a bare one as text, which is later than every number.
            "window_started_at": sa.case((over, now), else_=t.attempts.c.window_started_at),
        },
        where=where if limited else None,
    )
    return Prepared(statement.returning(t.attempts.c.count.label("count_")))


_COUNT: dict[tuple[str, bool], Prepared] = {}
_RETURN_GUESS = Prepared(
    sa.update(t.attempts)
    .where(t.attempts.c.identity == sa.bindparam("whose"), t.attempts.c.kind == "guess", t.attempts.c.count > 0)
    .values(count=t.attempts.c.count - 1)
)


def _lock_at(
    tx: sa.Connection, identity: str, kind: str, most: int, lock: float, longest: float, now: datetime
) -> datetime | None:
    row = (
        tx.execute(sa.select(t.attempts).where(t.attempts.c.identity == identity, t.attempts.c.kind == kind))
        .mappings()
        .one()
    )
    if row["count"] < most:
        return None
    limit = Limit(most=most, lock=timedelta(seconds=lock), longest_lock=timedelta(seconds=longest))
    locks = locks_remembered(row["locks"], row["locked_until"], now, limit)
    until = now + lock_length(locks, limit)
    tx.execute(
        sa.update(t.attempts)
        .where(t.attempts.c.identity == identity, t.attempts.c.kind == kind)
        .values(locked_until=until, locks=locks + 1, count=0, window_started_at=now)
    )
    return until
