"""Who stands behind a key that a program shows, asked anew with every request: a revoked key ends at once, everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import attempts
from core.actors import Actor, Role
from core.alerts import alerts
from core.calls.claims import banned
from core.credit import plans, wallets
from core.errors import NotAllowed
from core.people.people import role_of_person
from core.rules.keys import SCOPES, is_key, role_of, scopes_left
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.talk_tables import calls, keys, models
from core.talk_errors import KeyUnknown, Suspended, TooManyWrongKeys

if TYPE_CHECKING:
    from core.service import Core

USED_EVERY: Final = timedelta(minutes=1)
"""How often it is noted that a key was used."""
MANY: Final = 10
"""Staff are told when all addresses together show so many times as many wrong keys as one may."""
MOST_CALLS: Final = 100
"""Calls on one page."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A key in use. `actor` acts in the role that the key's scopes and its person's role both reach."""

    key_id: int
    person_id: int
    actor: Actor
    scopes: frozenset[str]
    models: Sequence[str] | None
    rpm: int | None
    holds: Role = Role.ANYONE
    """The role that the key's person has."""

    def require(self, scope: str) -> None:
        """Return if the key has this scope, or one that is a role which reaches as far. Raises: NotAllowed."""
        needed = SCOPES[scope]
        if scope not in self.scopes and not (needed > Role.ANYONE and self.actor.role >= needed):
            raise NotAllowed(role=scope, has=", ".join(sorted(self.scopes)))

    def acting(self, scope: str) -> Actor:
        """The actor of one use of that scope: with the role that it stands for, and no more.

        Who redeems for others as an operator is limited by the key, as operators are in a chat, and not as one person.
        """
        role = max(self.actor.role, SCOPES[scope])
        if scope == "redeem" and self.holds >= Role.OPERATOR:
            role = max(role, Role.OPERATOR)
        return replace(self.actor, role=role)


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """What a key may still do: requests of this minute (`limit` 0: as many as it likes), and micro-credits left."""

    limit: int
    remaining: int
    resets_in: float
    left: int


@dataclass(frozen=True, slots=True)
class KeyCall:
    """One call of a key. Micro-credits."""

    id: int
    model: str
    state: str
    finish: str | None
    reason: str | None
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    charged: int
    estimated: bool
    made_at: datetime
    ended_at: datetime | None


async def find_bearer(core: Core, shown: str, address: str) -> Bearer:
    """Who shows this key, from `address`. A mistyped or foreign one costs no look-up.

    Raises: KeyUnknown, TooManyWrongKeys, Suspended.
    """
    if not is_key(shown):
        raise KeyUnknown
    now = core.now()
    digests = core.vault.digests(f"key:{shown}")
    found = await core.read(_find, digests, list(core.settings.staff.owners), now)
    if found is None:
        whose = f"address:{core.vault.digest(f'address:{address}').hex()[:40]}"
        most = core.settings.gateway.wrong_keys_per_minute
        if await core.write(_count_wrong, whose, most, now) > most:
            raise TooManyWrongKeys(until=now + timedelta(minutes=1))
        raise KeyUnknown
    row, (platform, identity), role = found
    if row.standing != "active" or row.banned:
        raise Suspended
    # Only now that it is shown can it be digested under the active key of the vault.
    if row.last_used_at is None or row.last_used_at <= now - USED_EVERY or bytes(row.digest) != digests[0]:
        await core.write(_note_use, row.id, digests[0], now)
    scopes = scopes_left(row.scopes, role)
    actor = Actor(platform, identity, min(role, role_of(scopes)), row.person_id, row.language)
    return Bearer(row.id, row.person_id, actor, scopes, row.models, row.rpm, role)


async def claim_request(core: Core, bearer: Bearer) -> None:
    """Count one request of a key that asks no model. Raises: TooManyQuestions."""
    await core.write(_claim_request, bearer, core.now())


async def standing_of(core: Core, bearer: Bearer) -> KeyStanding:
    """What the key may still do at this moment."""
    return await core.read(_standing, bearer, core.now())


async def models_for(core: Core, bearer: Bearer) -> list[tuple[str, datetime]]:
    """The names of the models that the key may ask, with when each was made."""
    return await core.read(_models, bearer, core.now())


async def calls_of_key(
    core: Core,
    bearer: Bearer,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    most: int = 50,
) -> list[KeyCall]:
    """The key's calls, the latest first; `after` is the number of the last one of the page before."""
    return await core.read(_calls, bearer.key_id, since, until, after, min(most, MOST_CALLS))


def _find(
    tx: sa.Connection, digests: list[bytes], owners: list[str], now: datetime
) -> tuple[Any, tuple[str, str], Role] | None:
    """The key's row, the identity that its person was first known by, and the role that they have now."""
    moment = sa.literal(now, Moment())
    live = sa.and_(
        keys.c.digest.in_(digests),
        keys.c.state == "active",
        sa.or_(keys.c.expires_at.is_(None), keys.c.expires_at > moment),
    )
    shut_out = banned(keys.c.person_id, moment).label("banned")
    found = sa.select(keys, t.people.c.language, t.people.c.standing, shut_out)
    row = tx.execute(found.join(t.people, t.people.c.id == keys.c.person_id).where(live)).one_or_none()
    if row is None:
        return None
    theirs = sa.select(t.identities.c.platform, t.identities.c.identity).where(
        t.identities.c.person_id == row.person_id
    )
    first = tx.execute(theirs.order_by(t.identities.c.created_at, t.identities.c.platform).limit(1)).one()
    return row, (first.platform, first.identity), role_of_person(tx, owners, row.person_id)


def _count_wrong(tx: sa.Connection, whose: str, most: int, now: datetime) -> int:
    """Count a wrong key, and tell staff of many. Returns how many came from there within a minute."""
    here, everywhere = attempts.count_wrong_key(tx, whose, now), attempts.count_wrong_key(tx, attempts.EVERYBODY, now)
    if here == most + 1 or everywhere == MANY * most:
        facts = {"count": everywhere}
        alerts.raise_alert(tx, "security", "keys", "warning", "keys_guessed", facts, now)
    return here


def _note_use(tx: sa.Connection, key_id: int, digest: bytes, now: datetime) -> None:
    tx.execute(sa.update(keys).where(keys.c.id == key_id).values(last_used_at=now, digest=digest))


def _claim_request(tx: sa.Connection, bearer: Bearer, now: datetime) -> None:
    most = bearer.rpm or plans.plan_of(tx, bearer.person_id, now).key_requests
    attempts.claim_question(tx, f"key:{bearer.key_id}", most, now)


def _standing(tx: sa.Connection, bearer: Bearer, now: datetime) -> KeyStanding:
    plan = plans.plan_of(tx, bearer.person_id, now)
    limit = bearer.rpm or plan.key_requests
    mine = sa.and_(t.attempts.c.identity == f"key:{bearer.key_id}", t.attempts.c.kind == "ask")
    row = tx.execute(sa.select(t.attempts).where(mine)).mappings().one_or_none()
    used, resets_in = 0, 0.0
    if row is not None and row["window_started_at"] > now - timedelta(minutes=1):
        used, resets_in = row["count"], 60 - (now - row["window_started_at"]).total_seconds()
    purses = wallets.purses(tx, bearer.person_id, "", now, lock=False, allowance=plan.allowance > 0)
    return KeyStanding(limit, max(0, limit - used), resets_in, sum(purse.there for purse in purses))


def _models(tx: sa.Connection, bearer: Bearer, now: datetime) -> list[tuple[str, datetime]]:
    allowed = [plans.plan_of(tx, bearer.person_id, now).models, bearer.models]
    rows = tx.execute(sa.select(models.c.name, models.c.created_at).where(models.c.enabled).order_by(models.c.name))
    return [
        (row.name, row.created_at)
        for row in rows
        if all(names is None or row.name.casefold() in {one.casefold() for one in names} for names in allowed)
    ]


def _calls(
    tx: sa.Connection, key_id: int, since: datetime | None, until: datetime | None, after: int | None, most: int
) -> list[KeyCall]:
    which = [calls.c.key_id == key_id]
    which += [calls.c.made_at >= since] if since is not None else []
    which += [calls.c.made_at < until] if until is not None else []
    which += [calls.c.id < after] if after is not None else []
    columns = [calls.c[name] for name in KeyCall.__slots__]
    rows = tx.execute(sa.select(*columns).where(*which).order_by(calls.c.id.desc()).limit(most))
    return [KeyCall(*row) for row in rows]
