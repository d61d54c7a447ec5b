"""The uses of a code: unused → reserved → used, and back. The only place that changes a code's counters."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NoReturn

import sqlalchemy as sa

from core import holds
from core.code_errors import CodeForAnother, CodeGivesNoSeat
from core.codes import bearers
from core.codes.bearers import Asker
from core.errors import (
    AddressUsedWithCode,
    CodeDisabled,
    CodeExpired,
    CodeSuspended,
    CodeUnknown,
    CodeUsedUp,
    Refusal,
    RequestKeyReused,
    RestoredWait,
)
from core.rules.gifts import Giving
from core.rules.money import amount_text
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.database import dialect_insert
from core.storage.drawing import drawn
from core.storage.guards import guard
from core.storage.later import Effect
from core.storage.prepared import Prepared
from core.storage.row_claims import Overtaken
from core.storage.rows import FoundCode, SuspendedCode

_now = sa.bindparam("now", type_=Moment())
_address_key = sa.bindparam("address_key", type_=sa.String())
_request_key = sa.bindparam("request_key", type_=sa.String())
_asked = t.redemptions.alias("asked")


_restored = sa.exists().where(t.facts.c.name == holds.RESTORED)


def _kept() -> Any:
    """The uses that waiting places of other addresses keep."""
    others = (
        t.waitlist.c.code_id == t.codes.c.id,
        t.waitlist.c.address_key != _address_key,
        t.waitlist.c.state == "waiting",
    )
    return sa.select(sa.func.count()).select_from(t.waitlist).where(*others).correlate(t.codes).scalar_subquery()


def _approved() -> sa.ColumnElement[bool]:
    """Staff have said that this address may use this code, although its batch is suspended."""
    return (
        sa.exists()
        .where(
            t.code_requests.c.code_id == t.codes.c.id,
            t.code_requests.c.address_key == _address_key,
            t.code_requests.c.state == "approved",
        )
        .correlate(t.codes)
    )


@cache
def _claiming(keys: int, guards: tuple[str, ...], *, several_writers: bool, limited: bool) -> Prepared:
    """The claim, built once: building a statement costs more than running it.

    Where several write at once, it takes the lock on the address as well: what is read afterwards shows what the
    earlier redemption of the same address has got. So it does with the person, whose redemptions of a day are `limited`.
    """
    lock = sa.func.pg_advisory_xact_lock(sa.bindparam("address_lock", type_=sa.BigInteger()))
    taken = t.codes.c.used + t.codes.c.reserved + (_kept() if "kept" in guards else 0)
    left = (taken < t.codes.c.max_uses,) if "left" in guards else ()
    usable = (
        sa.select(t.batches.c.id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(
            t.batches.c.id == t.codes.c.batch_id,
            t.batches.c.gives == "seat",
            sa.or_(t.batches.c.expires_at.is_(None), t.batches.c.expires_at > _now),
            t.pools.c.enabled,
            bearers.meant(_address_key),
            sa.or_(t.batches.c.suspended_at.is_(None), _approved()),
        )
        .exists()
    )
    return Prepared(
        sa.update(t.codes)
        .where(_known_by(keys), t.codes.c.status == "active", *left, usable, sa.not_(_restored))
        .values(reserved=t.codes.c.reserved + 1)
        .returning(t.codes.c.id, *((lock,) if several_writers else ()), *((bearers.locked(),) if limited else ()))
    )


def _known_by(keys: int) -> sa.ColumnElement[bool]:
    """The code whose digest is one of `digest_0`, …: under each key of the vault it has another one."""
    return t.codes.c.digest.in_([sa.bindparam(f"digest_{number}", type_=sa.LargeBinary()) for number in range(keys)])


@cache
def _finding(keys: int, *, limited: bool) -> Prepared:
    used_today = bearers.used_today() if limited else sa.literal(0)
    return Prepared(
        sa.select(
            t.codes.c.id,
            t.codes.c.status,
            t.codes.c.batch_id,
            t.batches.c.pool_id,
            t.batches.c.team_id,
            t.batches.c.term,
            sa.func.coalesce(t.codes.c.auto_transfer, t.batches.c.auto_transfer).label("auto_transfer"),
            t.batches.c.temporary,
            t.batches.c.expires_at,
            t.batches.c.suspended_at,
            t.batches.c.per_person,
            sa.not_(bearers.meant(_address_key)).label("for_another"),
            used_today.label("used_today"),
            (t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses).label("has_uses"),
            (t.codes.c.used + t.codes.c.reserved + _kept() <= t.codes.c.max_uses).label("leaves_kept"),
            _restored.label("restored"),
            t.pools.c.policy,
            t.pools.c.team_choice,
            drawn(t.redemptions).label("next_redemption"),
            t.redemptions.c.id.label("mine"),
            t.redemptions.c.state.label("my_state"),
            t.redemptions.c.lease_id.label("my_lease"),
            sa.func.coalesce(
                sa.select(_asked.c.id).where(_asked.c.request_key == _request_key).scalar_subquery(),
                sa.select(t.repeated_requests.c.redemption_id)
                .where(t.repeated_requests.c.request_key == _request_key)
                .scalar_subquery(),
            ).label("asked_before"),
            sa.select(sa.func.min(t.leases.c.id))
            .where(
                t.leases.c.address_key == _address_key,
                t.leases.c.status.in_(t.LIVE),
                t.leases.c.pool_id == t.batches.c.pool_id,
                sa.or_(t.batches.c.team_id.is_(None), t.leases.c.team_id == t.batches.c.team_id),
            )
            .correlate(t.batches)
            .scalar_subquery()
            .label("live_lease"),
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .outerjoin(
            t.redemptions,
            sa.and_(
                t.redemptions.c.code_id == t.codes.c.id,
                t.redemptions.c.address_key == _address_key,
                t.redemptions.c.state.in_(("sending", "unclear", "invited")),
            ),
        )
        .where(_known_by(keys))
    )


_of_redemption = (
    sa.select(t.redemptions.c.code_id).where(t.redemptions.c.id == sa.bindparam("redemption_id")).scalar_subquery()
)
_CONFIRM = Prepared(
    sa.update(t.codes)
    .where(t.codes.c.id == _of_redemption, t.codes.c.reserved > 0)
    .values(used=t.codes.c.used + 1, reserved=t.codes.c.reserved - 1)
    .returning(t.codes.c.digest)
)
_CONFIRMED = Prepared(
    sa.insert(t.batch_changes).from_select(
        ["batch_id", "used"], sa.select(t.codes.c.batch_id, sa.literal(1)).where(t.codes.c.id == _of_redemption)
    )
)
_CHANGE = Prepared(sa.insert(t.batch_changes))


def claim_use(
    tx: sa.Connection,
    digests: list[bytes],
    address_key: str,
    request_key: str,
    contents: Sequence[bytes],
    asker: Asker,
    now: datetime,
) -> FoundCode | int:
    """Reserve one use: the row of the code with its batch and pool, or the id of the earlier redemption.

    The same code with the same address is not a second use, whatever state the first one is in; `request_key` is
    remembered as another name of that wish. A key that was used before leads to what it stood for then, if that was
    this wish: one of `contents`. The row's `live_lease` is the address's live lease in a team that the
    code could lead to, if there is one.

    Raises: CodeRefused, CodeGivesNoSeat, AddressUsedWithCode, RequestKeyReused, PersonLimit, DailyLimit.
    """
    known = {f"digest_{number}": digest for number, digest in enumerate(digests)}
    locking = tx.dialect.name == "postgresql" and bool(guard("address_lock", True))
    limited = asker.most is not None
    claiming = _claiming(
        len(digests),
        (*guard("code_uses", "left"), *guard("kept_uses", "kept")),
        several_writers=locking,
        limited=limited and tx.dialect.name == "postgresql" and bool(guard("person_lock", True)),
    )
    finding = _finding(len(digests), limited=limited)
    who = asker.facts(now)
    lock = {"address_lock": _lock_of(address_key)} if locking else {}
    claimed = claiming.one_or_none(tx, {**known, "now": now, "address_key": address_key, **lock, **who})
    asked = {**known, "address_key": address_key, "request_key": request_key, **who}
    code: FoundCode | None = finding.one_or_none(tx, asked)
    if code is None:
        if holds.read(tx, holds.RESTORED) is not None:
            raise RestoredWait  # it may have been made after the backup
        raise CodeUnknown
    if code.for_another:
        raise CodeForAnother
    if code.mine is None and code.asked_before is None:
        if claimed is None:
            raise _gives_else(tx, code, now) or _why_not(code, now)
        _refuse_taken(tx, code, asker, address_key, now)
        return code
    if claimed is not None:
        return_use(tx, code.id)
    else:
        # What was found may be settled by now; with the row locked it stays as it is until this is committed.
        tx.execute(sa.select(t.codes.c.id).where(t.codes.c.id == code.id).with_for_update())
        code = finding.one(tx, asked)
    if code.asked_before is not None:
        first = tx.execute(sa.select(t.redemptions).where(t.redemptions.c.id == code.asked_before)).one()
        if bytes(first.content) not in contents:
            raise RequestKeyReused
        return int(first.id)
    if code.mine is None:
        return claim_use(tx, digests, address_key, request_key, contents, asker, now)
    if code.my_state == "invited":
        status = tx.execute(sa.select(t.leases.c.status).where(t.leases.c.id == code.my_lease)).scalar_one()
        if status not in t.LIVE:
            raise AddressUsedWithCode
    repeat = {"request_key": request_key, "redemption_id": code.mine, "created_at": now}
    tx.execute(dialect_insert(t.repeated_requests, tx).values(repeat).on_conflict_do_nothing())
    return int(code.mine)


def refuse_moved(tx: sa.Connection, code_id: int, pool_id: int) -> None:
    """Return if a code still leads to the pool that it was read with. Raises: Overtaken, and everything is read anew."""
    leads_to = sa.select(t.batches.c.pool_id).join(t.codes, t.codes.c.batch_id == t.batches.c.id)
    present = tx.execute(leads_to.where(t.codes.c.id == code_id)).scalar_one()
    if any(guard("pool_kept", present != pool_id)):
        raise Overtaken("batches")


def _refuse_taken(tx: sa.Connection, code: FoundCode, asker: Asker, address_key: str, now: datetime) -> None:
    """Return if the claimed use is neither a waiting place's nor more than this person may have. Raises: Refusal."""
    if guard("kept_uses", True) and guard("code_uses", True) and not code.leaves_kept:
        # The claim waited for somebody who took a place meanwhile, and had counted the places before it did.
        raise CodeUsedUp
    bearers.refuse_beyond(tx, asker, code, address_key, now)


def _lock_of(address_key: str) -> int:
    """The number of an address's lock: two addresses that share one wait for each other, which harms nobody."""
    return int.from_bytes(hashlib.sha256(address_key.encode()).digest()[:8], "big", signed=True)


def suspended(tx: sa.Connection, digests: list[bytes]) -> SuspendedCode:
    """The row of a code that was refused as suspended, with its batch."""
    return tx.execute(
        sa.select(
            t.codes.c.id,
            t.codes.c.digest,
            t.codes.c.batch_id,
            t.batches.c.pool_id,
            t.batches.c.team_id,
            t.batches.c.term,
            sa.func.coalesce(t.codes.c.auto_transfer, t.batches.c.auto_transfer).label("auto_transfer"),
            t.batches.c.temporary,
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(t.codes.c.digest.in_(digests))
    ).one()


def _gives_else(tx: sa.Connection, code: FoundCode, now: datetime) -> Refusal | None:
    """What a code gives that could be redeemed now, only not for a seat. Of one that could not, nothing is told."""
    ended = code.expires_at is not None and code.expires_at <= now
    if code.restored or code.status != "active" or ended or code.suspended_at is not None or not code.has_uses:
        return None
    b, pools = t.batches.c, t.pools.c
    asked = sa.select(b.gives, b.gift, pools.enabled).join(t.pools, pools.id == b.pool_id).where(b.id == code.batch_id)
    row = tx.execute(asked).one()
    if row.gives == "seat" or not row.enabled:
        return None
    what = Giving.of(row.gives, row.gift)
    return CodeGivesNoSeat(gives=what.gives, amount=amount_text(what.amount), plan=what.plan or "")


def _why_not(code: FoundCode, now: datetime) -> Refusal:
    if code.restored:
        return RestoredWait()
    if code.status != "active":
        return CodeDisabled()
    if code.expires_at is not None and code.expires_at <= now:
        return CodeExpired()
    if code.suspended_at is not None and code.has_uses:
        return CodeSuspended(code=code.id)
    return CodeUsedUp()


def confirm_use(tx: sa.Connection, redemption_id: int) -> Effect:
    """The use that is reserved for a redemption is used. Its row has the code's digest."""

    def is_not_reserved() -> NoReturn:
        raise AssertionError(f"no use is reserved for redemption {redemption_id}")

    used = _CONFIRM.later(tx, {"redemption_id": redemption_id}, otherwise=is_not_reserved)
    _CONFIRMED.later(tx, {"redemption_id": redemption_id}, otherwise=is_not_reserved)
    return used


def return_use(tx: sa.Connection, code_id: int) -> None:
    """The reserved use is unused again; of a code that was disabled meanwhile, it is void."""
    row = tx.execute(
        sa.update(t.codes)
        .where(t.codes.c.id == code_id, t.codes.c.reserved > 0)
        .values(reserved=t.codes.c.reserved - 1)
        .returning(t.codes.c.batch_id, t.codes.c.status)
    ).one()
    if row.status != "active":
        tx.execute(sa.insert(t.batch_changes).values(batch_id=row.batch_id, voided=1))


def take_back(tx: sa.Connection, code_id: int) -> None:
    """A used use is unused again, as nobody came of it; of a code that was disabled meanwhile, it is void."""
    row = tx.execute(
        sa.update(t.codes)
        .where(t.codes.c.id == code_id, t.codes.c.used > 0)
        .values(used=t.codes.c.used - 1)
        .returning(t.codes.c.batch_id, t.codes.c.status)
    ).one()
    void = int(row.status != "active")
    tx.execute(sa.insert(t.batch_changes).values(batch_id=row.batch_id, used=-1, voided=void))


def take_use(tx: sa.Connection, code_id: int, now: datetime) -> None:
    """Use a code once that gives no seat, and so needs no reservation.

    While nobody knows whether it was used before a restore, it waits. Raises: CodeRefused, RestoredWait.
    """
    left = t.codes.c.used + t.codes.c.reserved < t.codes.c.max_uses
    row = tx.execute(
        sa.select(
            t.codes.c.status,
            t.codes.c.batch_id,
            t.batches.c.expires_at,
            t.batches.c.suspended_at,
            t.pools.c.enabled,
            left.label("has_uses"),
            _restored.label("restored"),
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .join(t.pools, t.pools.c.id == t.batches.c.pool_id)
        .where(t.codes.c.id == code_id)
        .with_for_update(of=t.codes)
    ).one()
    ended = row.expires_at is not None and row.expires_at <= now
    if row.suspended_at is not None and row.has_uses:
        raise RestoredWait
    if row.restored or row.status != "active" or ended or not row.enabled:
        raise _why_not(row, now)
    used = sa.update(t.codes).where(t.codes.c.id == code_id, t.codes.c.status == "active", *guard("code_uses", left))
    if tx.execute(used.values(used=t.codes.c.used + 1)).rowcount != 1:
        raise CodeUsedUp
    _CHANGE.run(tx, {"batch_id": row.batch_id, "used": 1})
