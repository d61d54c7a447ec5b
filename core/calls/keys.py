"""Keys: what a program shows to act for a person. Made, limited, paused and revoked; shown once, stored as a digest.

A key is never wider than the role of its person, and what it had of that role goes with the role.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadValue
from core.credit import plans
from core.errors import BadChoice, BadNumber, NameTaken, NotFound
from core.people.people import person_of, role_of_person
from core.rules.keys import BODY, SCOPES, SYMBOLS, needed_role, whole_key
from core.rules.money import amount_text
from core.storage import tables as t
from core.storage.row_claims import Overtaken
from core.storage.talk_tables import keys
from core.talk_errors import TooManyKeys

if TYPE_CHECKING:
    from core.service import Core

STAFF_KEYS: Final = 20
"""Keys that somebody with a role may have, whatever their plan says."""
MOST_REQUESTS: Final = 100_000
"""The largest number of requests a minute that a key can be limited to."""
STATES: Final = ("active", "paused", "revoked")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key, which itself is known to nobody any more. `daily_limit` in micro-credits, `rpm` requests a minute."""

    id: int
    person: str | None
    name: str
    last4: str
    scopes: Sequence[str]
    models: Sequence[str] | None
    daily_limit: int | None
    rpm: int | None
    expires_at: datetime | None
    state: str
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do: its scopes, the models (None: all), micro-credits a day, requests a minute, until when."""

    scopes: Sequence[str] = ("chat",)
    models: Sequence[str] | None = None
    daily_limit: int | None = None
    rpm: int | None = None
    expires_at: datetime | None = None


TALKS: Final = KeyRights()
"""What a key may do if nobody says: ask models, as far as its person's credit goes."""


async def make_key(
    core: Core, actor: Actor, name: str, rights: KeyRights = TALKS, *, of: Actor | None = None
) -> tuple[str, KeyLine]:
    """A new key for the actor, or for somebody else, and its line. The key itself is returned here and never again.

    Raises: NotAllowed (a scope above the person's role, or somebody else's key without being an admin), TooManyKeys,
    NameTaken, BadValue, BadChoice, BadNumber.
    """
    of = of or actor
    if of.key != actor.key:
        actor.require(Role.ADMIN)
    actor.require(Role.ANYONE)
    models = None if rights.models is None else list(rights.models)
    values = _checked({"name": name, "rpm": rights.rpm, "models": models})
    chosen = [scope for scope in SCOPES if scope in rights.scopes]
    if unknown := sorted(set(rights.scopes) - SCOPES.keys()):
        raise BadChoice(name="scope", value=unknown[0][:40], choices=list(SCOPES))
    if not chosen:
        raise BadChoice(name="scope", value="", choices=list(SCOPES))
    key = whole_key("".join(secrets.choice(SYMBOLS) for _ in range(BODY)))
    values |= {"digest": core.vault.digest(f"key:{key}"), "last4": key[-4:], "scopes": chosen}
    values |= {"daily_limit": rights.daily_limit, "expires_at": rights.expires_at, "role": needed_role(chosen).label}
    line = await core.write(_make, actor, of, values, list(core.settings.staff.owners), core.now())
    return key, line


async def key_list(core: Core, actor: Actor, *, of: Actor | None = None, everybody: bool = False) -> list[KeyLine]:
    """The keys of a person that are not revoked, or everybody's with the revoked ones. Raises: NotAllowed."""
    if everybody or (of is not None and of.key != actor.key):
        actor.require(Role.ADMIN)
    return await core.read(_list, None if everybody else of or actor)


async def change_key(core: Core, actor: Actor, which: str, **changes: Any) -> KeyLine:
    """Rename or limit a key: name, models, daily_limit, rpm. `which` is its name, its number or its last four symbols.

    Raises: NotAllowed, NotFound (kind key), NameTaken, BadValue, BadNumber.
    """
    return await core.write(_change, actor, which, _checked(changes), core.now())


async def set_key_state(core: Core, actor: Actor, which: str, state: str) -> KeyLine:
    """Pause a key, use it again, or revoke it for good: with the next request, in every process.

    Raises: NotAllowed, NotFound (kind key), BadChoice.
    """
    if state not in STATES:
        raise BadChoice(name="state", value=state[:40], choices=list(STATES))
    return await core.write(_set_state, actor, which, state, core.now())


async def revoke_all_keys(core: Core, actor: Actor, *, of: Actor | None = None) -> int:
    """Revoke every key of the actor, or of somebody else. Returns how many. Raises: NotAllowed."""
    of = of or actor
    if of.key != actor.key:
        actor.require(Role.ADMIN)
    actor.require(Role.ANYONE)
    return await core.write(_revoke_all, actor, of, core.now())


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    if "name" in found:
        found["name"] = " ".join(str(found["name"]).split())
        if not 1 <= len(found["name"]) <= 64 or not found["name"].isprintable():
            raise BadValue(name="name", value=found["name"][:64], examples=["laptop", "web shop"])
    if found.get("rpm") is not None and not 1 <= found["rpm"] <= MOST_REQUESTS:
        raise BadNumber(name="rpm", low=1, high=MOST_REQUESTS)
    return found


def _make(
    tx: sa.Connection, actor: Actor, of: Actor, values: dict[str, Any], owners: list[str], now: datetime
) -> KeyLine:
    person_id = person_of(tx, of.platform, of.identity, now)
    _lock_person(tx, person_id)
    has = role_of_person(tx, owners, person_id)
    Actor(of.platform, of.identity, has).require(Role.named(values["role"]))
    mine = sa.and_(keys.c.person_id == person_id, keys.c.state != "revoked")
    names = tx.execute(sa.select(keys.c.name).where(mine)).scalars().all()
    if values["name"].casefold() in {name.casefold() for name in names}:
        raise NameTaken(kind="key", name=values["name"])
    most = plans.plan_of(tx, person_id, now).keys
    if has >= Role.VIEWER or actor.role >= Role.ADMIN:
        most = max(most, STAFF_KEYS)
    if len(names) >= most:
        raise TooManyKeys(most=most)
    row = tx.execute(sa.insert(keys).values(person_id=person_id, created_at=now, **values).returning(keys)).one()
    audit.record(tx, actor, "key.made", "key", row.id, now, after={"scopes": values["scopes"]})
    return _line(row, of.key)


def _lock_person(tx: sa.Connection, person_id: int) -> None:
    """Two keys at once are counted and named one after the other, and a role that is being taken away is seen."""
    tx.execute(sa.select(t.people.c.id).where(t.people.c.id == person_id).with_for_update(key_share=True))


def _list(tx: sa.Connection, of: Actor | None) -> list[KeyLine]:
    found = _SHOWN.order_by(keys.c.id)
    if of is not None:
        found = found.where(_of(of), keys.c.state != "revoked")
    return [_line(row, row.person) for row in tx.execute(found)]


_PERSON = (
    sa.select(sa.func.min(t.identities.c.platform + ":" + t.identities.c.identity))
    .where(t.identities.c.person_id == keys.c.person_id)
    .scalar_subquery()
)
_SHOWN = sa.select(keys, _PERSON.label("person"))


def _of(of: Actor) -> sa.ColumnElement[bool]:
    mine = sa.and_(t.identities.c.platform == of.platform, t.identities.c.identity == of.identity)
    return keys.c.person_id == sa.select(t.identities.c.person_id).where(mine).scalar_subquery()


def _found(tx: sa.Connection, actor: Actor, which: str) -> Any:
    """The one key of that name, number or ending: the actor's own, or for an admin anybody's.

    Its row stays as it is until the commit. Raises: NotFound, Overtaken by whoever changed it meanwhile.
    """
    wanted = which.strip().lstrip("#…")
    rows = tx.execute(_SHOWN.where(_of(actor), keys.c.state != "revoked").order_by(keys.c.id)).all()
    if actor.role >= Role.ADMIN:
        others = _SHOWN.where(sa.or_(keys.c.last4 == wanted, sa.cast(keys.c.id, sa.String) == wanted))
        rows = [*rows, *(row for row in tx.execute(others) if row.id not in {one.id for one in rows})]
    for same in (
        [row for row in rows if row.name.casefold() == wanted.casefold()],
        [row for row in rows if row.last4 == wanted],
        [row for row in rows if str(row.id) == wanted],
    ):
        if len(same) == 1:
            _lock_person(tx, same[0].person_id)
            as_read = sa.and_(keys.c.id == same[0].id, keys.c.state == same[0].state, keys.c.name == same[0].name)
            if tx.execute(sa.select(keys.c.id).where(as_read).with_for_update(key_share=True)).first() is None:
                raise Overtaken("keys")
            return same[0]
    raise NotFound(kind="key", name=which[:64])


def _change(tx: sa.Connection, actor: Actor, which: str, changes: dict[str, Any], now: datetime) -> KeyLine:
    actor.require(Role.ANYONE)
    found = _found(tx, actor, which)
    if "name" in changes:
        mine = sa.and_(keys.c.person_id == found.person_id, keys.c.state != "revoked", keys.c.id != found.id)
        names = tx.execute(sa.select(keys.c.name).where(mine)).scalars()
        if changes["name"].casefold() in {name.casefold() for name in names}:
            raise NameTaken(kind="key", name=changes["name"])
    if not changes:
        return _line(found, found.person)
    row = tx.execute(sa.update(keys).where(keys.c.id == found.id).values(**changes).returning(keys)).one()
    shown = {name: value for name, value in changes.items() if name != "name"}
    if isinstance(limit := shown.get("daily_limit"), int):
        shown["daily_limit"] = amount_text(limit)
    audit.record(tx, actor, "key.changed", "key", found.id, now, after=shown)
    return _line(row, found.person)


def _set_state(tx: sa.Connection, actor: Actor, which: str, state: str, now: datetime) -> KeyLine:
    actor.require(Role.ANYONE)
    found = _found(tx, actor, which)
    # What is revoked stays so.
    live = sa.and_(keys.c.id == found.id, keys.c.state.in_(("active", "paused")))
    changed = tx.execute(sa.update(keys).where(live).values(state=state).returning(keys)).one_or_none()
    if changed is None:
        raise NotFound(kind="key", name=which[:64])
    if found.state != state:
        audit.record(
            tx, actor, "key.state", "key", found.id, now, before={"state": found.state}, after={"state": state}
        )
    return _line(changed, found.person)


def _revoke_all(tx: sa.Connection, actor: Actor, of: Actor, now: datetime) -> int:
    live = sa.and_(_of(of), keys.c.state.in_(("active", "paused")))
    gone = tx.execute(sa.update(keys).where(live).values(state="revoked").returning(keys.c.id)).scalars().all()
    for key_id in gone:
        audit.record(tx, actor, "key.state", "key", key_id, now, after={"state": "revoked"})
    return len(gone)


def _line(row: Any, person: str | None) -> KeyLine:
    values = {name: getattr(row, name) for name in KeyLine.__slots__ if name != "person"}
    return KeyLine(person=person, **values)
