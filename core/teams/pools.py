"""Pools: making and changing them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadLength, BadValue, PoolUnnamed
from core.errors import BadChoice, BadNumber, NameTaken, NotFound
from core.rules.allocation import Policy
from core.rules.codes import Shape
from core.rules.team_names import read_template
from core.rules.terms import parse_term
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.names import is_called, name_key, renamed

if TYPE_CHECKING:
    from datetime import datetime

    from core.service import Core

MOST_GRACE = 720
"""Hours: thirty days."""
MOST_MOVES = 1_000
DEFAULT_POOL = "default"
"""The pool that is meant when none is named."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool's row, as everybody may see it. `credit_limit`: most micro-credits that its codes may promise."""

    id: int
    name: str
    prefix: str
    groups: int
    policy: str
    default_term: str
    show_stock: bool
    waitlist_open: bool
    transfer_requests: bool
    enabled: bool
    credit_limit: int | None = None
    grace_hours: int = 0
    transfers_allowed: int | None = None
    team_choice: bool = False
    team_names: str | None = None
    public_name: str | None = None

    @property
    def shape(self) -> Shape:
        return Shape(self.prefix, (4,) * self.groups)


@dataclass(frozen=True, slots=True)
class NewPool:
    """What a pool is made with. Prefix and groups of its codes, and its term, are the configured ones if not said."""

    prefix: str | None = None
    groups: int | None = None
    policy: str = Policy.FILL_FIRST
    term: str | None = None
    show_stock: bool = False
    waitlist_open: bool = True


USUAL: Final = NewPool()


async def create_pool(core: Core, actor: Actor, name: str, made: NewPool = USUAL) -> Pool:
    """Make a pool. Raises: NotAllowed, NameTaken, BadChoice, BadNumber, BadTerm."""
    actor.require(Role.ADMIN)
    values = {
        **_usual(core, name),
        "policy": _policy(made.policy),
        "show_stock": made.show_stock,
        "waitlist_open": made.waitlist_open,
    }
    if made.prefix:
        values["prefix"] = _prefix(made.prefix)
    if made.groups:
        values["groups"] = made.groups
    if made.term:
        values["default_term"] = str(parse_term(made.term))
    if not 3 <= int(values["groups"]) <= 6:
        raise BadNumber(name="groups", low=3, high=6)
    try:
        pool = await core.write(_insert, actor, values, core.now())
    except IntegrityError:
        raise NameTaken(kind="pool", name=values["name"]) from None
    core.forget_shapes()
    return pool


async def change_pool(core: Core, actor: Actor, name: str, /, **changes: Any) -> Pool:
    """Change policy, default_term, show_stock, waitlist_open, transfer_requests, team_choice, enabled, credit_limit or name.

    Also public_name (what people read as its name, or None), team_names (a template for new teams, or None), grace_hours (0 to 720), for which a seat stays after its term, and transfers_allowed (None: any number).

    Raises: NotAllowed, NotFound, NameTaken, BadChoice, BadTerm.
    """
    actor.require(Role.ADMIN)
    if "policy" in changes:
        changes["policy"] = _policy(changes["policy"])
    for name_, most in (("grace_hours", MOST_GRACE), ("transfers_allowed", MOST_MOVES)):
        if changes.get(name_) is not None and not 0 <= changes[name_] <= most:
            raise BadNumber(name=name_, low=0, high=most)
    if "default_term" in changes:
        changes["default_term"] = str(parse_term(changes["default_term"]))
    if changes.get("team_names") is not None:
        changes["team_names"] = read_template(changes["team_names"])
    if "name" in changes:
        changes["name"] = read_name(changes["name"], "pool")
    if changes.get("public_name") is not None:
        changes["public_name"] = read_name(changes["public_name"], "pool")
    try:
        return await core.write(_change, actor, name, changes, core.now())
    except IntegrityError:
        raise NameTaken(kind="pool", name=changes["name"]) from None


async def default_pool(core: Core, actor: Actor, name: str | None = None) -> Pool:
    """The named pool; without a name the only one, or the one called "default", made if there is none at all.

    Raises: NotFound, PoolUnnamed.
    """
    found = await core.read(find_pools)
    if name is not None:
        for pool in found:
            if name_key(pool.name) == name_key(name):
                return pool
        raise NotFound(kind="pool", name=name)
    if not found and actor.role >= Role.ADMIN:
        try:
            return await create_pool(core, actor, DEFAULT_POOL)
        except NameTaken:
            found = await core.read(find_pools)
    for pool in found:
        if len(found) == 1 or pool.name == DEFAULT_POOL:
            return pool
    if found:
        raise PoolUnnamed(pools=[pool.name for pool in found])
    raise NotFound(kind="pool", name=DEFAULT_POOL)


def find_pools(tx: sa.Connection) -> list[Pool]:
    """All pools by name, but for those that are put away."""
    present = sa.select(t.pools).where(t.pools.c.removed_at.is_(None)).order_by(t.pools.c.name)
    return [_pool(row) for row in tx.execute(present)]


def pool_named(tx: sa.Connection, name: str) -> Pool:
    """Raises: NotFound."""
    row = tx.execute(sa.select(t.pools).where(is_called(t.pools, name), t.pools.c.removed_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound(kind="pool", name=name)
    return _pool(row)


def hold_pool(tx: sa.Connection, pool_id: int, *, alone: bool = False) -> bool:
    """Keep a pool from being merged or put away until the commit; False if it has been put away already.

    Whoever puts something into a pool, or moves what is in it, comes here. `alone` makes everybody else who comes wait,
    so that nobody counts its uses at the same time.
    """
    locked = sa.select(t.pools.c.removed_at).where(t.pools.c.id == pool_id)
    if guard("pool_kept", True):
        locked = locked.with_for_update(read=not alone, key_share=alone)
    return tx.execute(locked).scalar_one() is None


def read_name(text: str, kind: str) -> str:
    """A name for a pool or team: printable, 1 to 64 characters. Raises: BadChoice."""
    name = re.sub(r"\s+", " ", "".join(char for char in text if char.isprintable() or char.isspace())).strip()
    if not 1 <= len(name) <= 64:
        raise BadLength(name=f"{kind}_name", value=name[:80], low=1, high=64)
    return name


def _policy(text: str) -> str:
    wanted = text.strip().lower().replace("-", "_")
    if wanted not in list(Policy):
        raise BadChoice(name="policy", value=text, choices=[str(policy) for policy in Policy])
    return wanted


def _prefix(text: str) -> str:
    wanted = text.strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,6}", wanted):
        raise BadValue(name="prefix", value=text, examples=["TEAM", "PLUS", "A1"])
    return wanted


def find_or_make(tx: sa.Connection, core: Core, actor: Actor, name: str, now: datetime) -> tuple[Pool, bool]:
    """The pool of this name, made as usual where there is none, and whether it is new. Raises: BadLength."""
    for pool in find_pools(tx):
        if name_key(pool.name) == name_key(name):
            return pool, False
    return _insert(tx, actor, _usual(core, name), now), True


def _usual(core: Core, name: str) -> dict[str, Any]:
    usual = core.settings.codes
    return {
        "name": read_name(name, "pool"),
        "prefix": _prefix(usual.prefix),
        "groups": usual.groups,
        "policy": str(Policy.FILL_FIRST),
        "default_term": str(parse_term(usual.term)),
        "show_stock": False,
        "waitlist_open": True,
        "allowed_domains": [],
    }


def _insert(tx: sa.Connection, actor: Actor, values: dict[str, Any], now: datetime) -> Pool:
    # One that was put away under this name is this one from now on, with its history.
    before = sa.and_(is_called(t.pools, values["name"]), t.pools.c.removed_at.is_not(None))
    back = sa.update(t.pools).where(before).values(removed_at=None, enabled=True, **values).returning(t.pools)
    row = tx.execute(back).one_or_none()
    if row is None:
        row = tx.execute(sa.insert(t.pools).values(created_at=now, **values).returning(t.pools)).one()
    audit.record(tx, actor, "pool.created", "pool", row.id, now, after={"name": row.name, "policy": row.policy})
    return _pool(row)


def _change(tx: sa.Connection, actor: Actor, name: str, changes: dict[str, Any], now: datetime) -> Pool:
    before = pool_named(tx, name)
    values = {**changes, **(renamed(changes["name"]) if "name" in changes else {})}
    row = tx.execute(sa.update(t.pools).where(t.pools.c.id == before.id).values(**values).returning(t.pools)).one()
    shown = {key: getattr(before, key) for key in changes}
    audit.record(tx, actor, "pool.changed", "pool", before.id, now, before=shown, after=changes)
    return _pool(row)


def _pool(row: Any) -> Pool:
    return Pool(**{name: getattr(row, name) for name in Pool.__slots__})
