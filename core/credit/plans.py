"""Plans and memberships: who may do what, until when."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadValue
from core.credit import wallets
from core.errors import BadNumber, NotFound
from core.rules.plans import FREE, STANDARD, Plan, extended
from core.rules.terms import Term
from core.storage.database import dialect_insert
from core.storage.names import is_called, name_key
from core.storage.prepared import Prepared
from core.storage.talk_tables import memberships, models, plans

if TYPE_CHECKING:
    from core.service import Core

MOST = 100_000_000
RANGES: Final = {
    **dict.fromkeys(("questions", "at_once", "key_requests"), (0, MOST)),
    **dict.fromkeys(("most_output", "context"), (1, MOST)),
    "keys": (0, 1_000),
}
"""What staff may set; 0 of what comes in a minute or runs side by side is no limit."""

_FIELDS = tuple(name for name in Plan.__slots__ if name != "models")

_live = sa.and_(
    memberships.c.person_id == sa.bindparam("person_id", type_=memberships.c.person_id.type),
    memberships.c.ended_at.is_(None),
    sa.or_(
        memberships.c.until_at.is_(None),
        memberships.c.until_at > sa.bindparam("now", type_=plans.c.created_at.type),
    ),
)
_OF_PERSON = Prepared(
    sa.select(plans)
    .outerjoin(memberships, sa.and_(memberships.c.plan_id == plans.c.id, _live))
    .where(sa.or_(memberships.c.id.is_not(None), plans.c.name == FREE.name))
    .order_by(memberships.c.id.is_(None))
)
_NAMED = Prepared(sa.select(plans).where(plans.c.name == sa.bindparam("name")))


def plan_of(tx: sa.Connection, person_id: int, now: datetime) -> Plan:
    """The plan of a person's membership that runs now, or the free one."""
    rows = _OF_PERSON.all(
        tx, {"person_id": person_id, "now": now}
    )  # their own first, then the free one, as far as stored
    return _plan(rows[0]) if rows else FREE


def plan_named(tx: sa.Connection, name: str) -> Plan:
    """A plan as staff set it, or one of the two that are there from the start. Raises: NotFound."""
    wanted = name_key(name)
    row = _NAMED.one_or_none(tx, {"name": wanted})
    if row is not None:
        return _plan(row)
    if wanted in STANDARD:
        return STANDARD[wanted]
    raise NotFound(kind="plan", name=name[:64])


def all_plans(tx: sa.Connection) -> list[Plan]:
    """Every plan: the standing ones first, then by name."""
    stored = {row.name: _plan(row) for row in tx.execute(sa.select(plans).order_by(plans.c.name))}
    return [stored.pop(name, plan) for name, plan in STANDARD.items()] + list(stored.values())


async def set_plan(core: Core, actor: Actor, name: str, *, new: bool = False, **changes: Any) -> Plan:
    """Make a plan or change one; what is not named stays, and a new one begins as the free one.

    Takes effect with everybody's next call. Raises: NotAllowed, NotFound (a plan, or a model that it names), BadValue,
    BadNumber.
    """
    actor.require(Role.ADMIN)
    wanted = name_key(name)
    # What begins with a figure would be an amount to whoever gives it.
    if not 1 <= len(wanted) <= 64 or not wanted.isprintable() or " " in wanted or not wanted[0].isalpha():
        raise BadValue(name="plan", value=name[:64], examples=["free", "vip"])
    for limit, (low, high) in RANGES.items():
        if limit in changes and not low <= changes[limit] <= high:
            raise BadNumber(name=limit, low=low, high=high)
    return await core.write(_set, actor, wanted, new, changes, core.now())


def join(
    tx: sa.Connection, actor: Actor, person_id: int, plan: str, term: Term, now: datetime, *, origin: str
) -> tuple[int, datetime | None]:
    """Give a person a plan for a term; more of the same extends it, another one takes its place.

    Returns the membership's id and its end. Raises: NotFound.
    """
    row = _row(tx, plan_named(tx, plan), now)
    live = _live_membership(tx, person_id)
    same = live is not None and live.plan_id == row.id
    if same and live.until_at is None:
        return _put(tx, actor, _Joining(person_id, row, live, origin), None, now)
    until = extended(live.until_at if same else None, term, now)
    return _put(tx, actor, _Joining(person_id, row, live, origin), until, now)


def join_until(
    tx: sa.Connection,
    actor: Actor,
    person_id: int,
    plan: str,
    until: datetime | None,
    now: datetime,
    *,
    origin: str,
) -> tuple[int, datetime | None]:
    """Give a person a plan until a moment, or longer where they have it for longer. Raises: NotFound."""
    row = _row(tx, plan_named(tx, plan), now)
    live = _live_membership(tx, person_id)
    if live is not None and live.plan_id == row.id and until is not None:
        until = None if live.until_at is None else max(until, live.until_at)
    return _put(tx, actor, _Joining(person_id, row, live, origin), until, now)


def _live_membership(tx: sa.Connection, person_id: int) -> Any:
    mine = sa.and_(memberships.c.person_id == person_id, memberships.c.ended_at.is_(None))
    return tx.execute(sa.select(memberships).where(mine).with_for_update()).one_or_none()


@dataclass(frozen=True, slots=True)
class _Joining:
    """Whoever gets a plan: its row, the membership that they have now, and where the new one comes from.

    `anew` gives its whole allowance also to whoever had it before.
    """

    person_id: int
    plan: Any
    live: Any
    origin: str
    anew: bool = True


def _put(
    tx: sa.Connection, actor: Actor, joining: _Joining, until: datetime | None, now: datetime
) -> tuple[int, datetime | None]:
    row, live, person_id = joining.plan, joining.live, joining.person_id
    if live is not None and live.plan_id == row.id:
        tx.execute(sa.update(memberships).where(memberships.c.id == live.id).values(until_at=until))
        membership_id = int(live.id)
    else:
        if live is not None:
            tx.execute(sa.update(memberships).where(memberships.c.id == live.id).values(ended_at=now))
        values = {
            "person_id": person_id,
            "plan_id": row.id,
            "began_at": now,
            "until_at": until,
            "origin": joining.origin,
        }
        made = sa.insert(memberships).values(**values).returning(memberships.c.id)
        membership_id = int(tx.execute(made).scalar_one())
    wallets.keep_to_oneself(tx, person_id)
    wallets.keep_allowance(tx, person_id, _plan(row), now, anew=joining.anew)
    after = {"plan": row.name, "until": until.isoformat() if until else None}
    audit.record(tx, actor, "membership.given", "membership", membership_id, now, after=after)
    return membership_id, until


def end(tx: sa.Connection, membership_id: int, now: datetime) -> bool:
    """A membership is over: its person is on the free plan again, and its allowance goes. Returns whether it was live."""
    ended = tx.execute(
        sa.update(memberships)
        .where(memberships.c.id == membership_id, memberships.c.ended_at.is_(None), memberships.c.until_at <= now)
        .values(ended_at=now)
        .returning(memberships.c.person_id)
    ).one_or_none()
    if ended is None:
        return False
    if ended.person_id is not None:
        wallets.keep_to_oneself(tx, ended.person_id)
        wallets.keep_allowance(tx, ended.person_id, plan_named(tx, FREE.name), now)
    return True


def stand_at(tx: sa.Connection, actor: Actor, person_id: int, plan: str | None, now: datetime, *, origin: str) -> bool:
    """Give a person the plan that `origin` gives now, without an end; None ends what it gave before.

    A plan that they have from elsewhere stays. One that ended and comes back brings what was left of its allowance and
    what has refilled since: nobody fills it up by leaving a group and joining it again. Returns whether they have the
    one of `origin`. Raises: NotFound.
    """
    live = _live_membership(tx, person_id)
    if live is not None and live.origin != origin and (live.until_at is None or live.until_at > now):
        return False
    if plan is not None:
        row = _row(tx, plan_named(tx, plan), now)
        _put(tx, actor, _Joining(person_id, row, live, origin, anew=False), None, now)
        return True
    if live is not None:
        tx.execute(sa.update(memberships).where(memberships.c.id == live.id).values(ended_at=now))
        wallets.keep_to_oneself(tx, person_id)
        wallets.keep_allowance(tx, person_id, plan_named(tx, FREE.name), now)
        audit.record(tx, actor, "membership.ended", "membership", live.id, now)
    return False


def _row(tx: sa.Connection, plan: Plan, now: datetime) -> Any:
    """The plan's row, made where it is still as it was from the start."""
    made = dialect_insert(plans, tx).on_conflict_do_nothing(index_elements=["name"])
    tx.execute(made, {**asdict(plan), "created_at": now})
    return tx.execute(sa.select(plans).where(plans.c.name == plan.name)).one()


def _set(tx: sa.Connection, actor: Actor, name: str, new: bool, changes: dict[str, Any], now: datetime) -> Plan:
    for model in changes.get("models") or ():
        if tx.execute(sa.select(models.c.id).where(is_called(models, model))).first() is None:
            raise NotFound(kind="model", name=model[:100])
    before = replace(FREE, name=name) if new and name not in STANDARD else plan_named(tx, name)
    row = _row(tx, before, now)
    if changes:
        tx.execute(sa.update(plans).where(plans.c.id == row.id).values(**changes))
    shown = {key: getattr(before, key) for key in changes}
    audit.record(tx, actor, "plan.changed", "plan", row.id, now, before=shown, after=changes)
    return _plan(tx.execute(sa.select(plans).where(plans.c.id == row.id)).one())


def _plan(row: Any) -> Plan:
    models = None if row.models is None else tuple(row.models)
    return Plan(models=models, **{name: getattr(row, name) for name in _FIELDS})
