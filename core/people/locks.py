"""Who is limited or shut out, until when and why; lifting it, banning and unbanning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadLength
from core.errors import NotFound, StaffStays
from core.people import staff
from core.people.endings import end_access
from core.people.people import person_of
from core.people.report import identities_of
from core.rules.terms import Term, ends_at
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

WHY: Final = {"guess": "wrong_codes", "claim": "wrong_tokens", "redeem": "many_attempts"}
"""Kinds of counted attempts, and what being stopped by them is called."""
LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True)
class Lock:
    """One reason why `identity` (`telegram:42`) may not do something now.

    `why`: wrong_codes, wrong_tokens, many_attempts, ban. `until` None is for good; `reason` and `by` are of a ban.
    """

    identity: str
    why: str
    until: datetime | None
    reason: str | None = None
    by: str | None = None
    since: datetime | None = None


async def lock_list(core: Core, actor: Actor, identity: str | None = None) -> list[Lock]:
    """Everybody who is limited, locked out or banned now: for good first, then by the end. Raises: NotAllowed, BadChoice."""
    actor.require(Role.OPERATOR)
    wanted = None if identity is None else ":".join(read_identity(identity))
    return await core.read(_list, core, wanted, core.now())


async def lift(core: Core, actor: Actor, identity: str) -> int:
    """Let somebody try again at once, on all their platforms; a ban stays. Returns how many counts were forgotten.

    Raises: NotAllowed, BadChoice, NotFound where nothing was counted.
    """
    actor.require(Role.OPERATOR)
    platform, number = read_identity(identity)
    return await core.write(_lift, actor, platform, number, core.now())


async def ban(core: Core, actor: Actor, identity: str, reason: str, term: Term | None = None) -> datetime | None:
    """Shut somebody out on all their platforms, for `term` or for good; returns the end. A new ban replaces an old one.

    What they have stays theirs. Raises: NotAllowed, BadChoice, StaffStays.
    """
    actor.require(Role.OPERATOR)
    platform, number = read_identity(identity)
    why = " ".join("".join(char if char.isprintable() else " " for char in reason).split())
    if not 1 <= len(why) <= LONGEST_REASON:
        raise BadLength(name="reason", value=why[:40], low=1, high=LONGEST_REASON)
    now = core.now()
    until = None if term is None else ends_at(term, now)
    pairs = await core.write(_ban, core, actor, (platform, number), why, until, now)
    await core.dialogues.clear([f"{one}:{other}" for one, other in pairs])
    return until


async def unban(core: Core, actor: Actor, identity: str) -> None:
    """Let somebody in again, on all their platforms. Raises: NotAllowed, BadChoice, NotFound."""
    actor.require(Role.OPERATOR)
    platform, number = read_identity(identity)
    await core.write(_unban, actor, platform, number, core.now())


def read_identity(identity: str) -> tuple[str, str]:
    """Platform and name of `telegram:42` or `terminal:anna`. Raises: BadChoice."""
    platform, _, name = identity.strip().partition(":")
    if platform.strip().lower() == "terminal" and 1 <= len(name.strip()) <= 100:
        return "terminal", name.strip()
    return staff.read_identity(identity)


def _list(tx: sa.Connection, core: Core, wanted: str | None, now: datetime) -> list[Lock]:
    limits = core.settings.limits
    most = {
        "guess": (limits.wrong_codes, limits.wrong_codes_window),
        "claim": (limits.failed_claims, limits.longest_lock),
        "redeem": (limits.attempts, limits.attempts_window),
    }
    found = []
    mine = sa.true() if wanted is None else t.attempts.c.identity == wanted
    for row in tx.execute(sa.select(t.attempts).where(mine, t.attempts.c.kind.in_(list(WHY)))):
        allowed, window = most[row.kind]
        ends = row.window_started_at + timedelta(seconds=window)
        if row.locked_until is not None and row.locked_until > now:
            found.append(Lock(row.identity, WHY[row.kind], row.locked_until))
        elif row._mapping["count"] >= allowed and ends > now:  # noqa: SLF001 - a row has a method of that name
            found.append(Lock(row.identity, WHY[row.kind], ends))
    for row in tx.execute(sa.select(t.bans).where(_live(now))):
        key = f"{row.platform}:{row.identity}"
        if wanted in {None, key}:
            found.append(Lock(key, "ban", row.until, row.reason, row.maker, row.created_at))
    return sorted(found, key=lambda one: (one.until is not None, one.until, one.identity))


def _lift(tx: sa.Connection, actor: Actor, platform: str, number: str, now: datetime) -> int:
    keys = [f"{one}:{other}" for one, other in identities_of(tx, Actor(platform, number))]
    lifted = tx.execute(
        sa.delete(t.attempts)
        .where(
            t.attempts.c.identity.in_(keys),
            t.attempts.c.kind.in_(list(WHY)),
            sa.or_(t.attempts.c.count > 0, t.attempts.c.locked_until.is_not(None)),
        )
        .returning(t.attempts.c.kind)
    ).scalars()
    kinds = sorted({WHY[kind] for kind in lifted})
    if not kinds:
        raise NotFound(kind="lock", name=f"{platform}:{number}")
    person = person_of(tx, platform, number, now)
    audit.record(tx, actor, "identity.unlocked", "person", person, now, before={"for": kinds})
    return len(kinds)


def _ban(
    tx: sa.Connection,
    core: Core,
    actor: Actor,
    whom: tuple[str, str],
    reason: str,
    until: datetime | None,
    now: datetime,
) -> list[tuple[str, str]]:
    person = person_of(tx, *whom, now)
    # Locked: a role that is being given at this moment is seen, or waits until the ban is there.
    role = tx.execute(
        sa.select(t.people.c.role).where(t.people.c.id == person).with_for_update(key_share=True)
    ).scalar_one()
    pairs = identities_of(tx, Actor(*whom))
    if role != Role.ANYONE.label or any(f"{one}:{other}" in core.settings.staff.owners for one, other in pairs):
        raise StaffStays(identity=f"{whom[0]}:{whom[1]}")
    _end(tx, actor, pairs, now)
    for platform, identity in pairs:
        values = {"platform": platform, "identity": identity, "reason": reason, "maker": actor.key}
        made = sa.insert(t.bans).values(**values, created_at=now, until=until).returning(t.bans.c.id)
        after = {"person": person, "until": until.isoformat() if until else None}
        audit.record(tx, actor, "identity.banned", "ban", tx.execute(made).scalar_one(), now, after=after)
    end_access(tx, actor, pairs, now)
    return pairs


def _unban(tx: sa.Connection, actor: Actor, platform: str, number: str, now: datetime) -> None:
    pairs = identities_of(tx, Actor(platform, number))
    ended = _end(tx, actor, pairs, now)
    if not ended:
        raise NotFound(kind="ban", name=f"{platform}:{number}")
    for ban_id in ended:
        audit.record(tx, actor, "identity.unbanned", "ban", ban_id, now)


def _end(tx: sa.Connection, actor: Actor, pairs: list[tuple[str, str]], now: datetime) -> list[int]:
    """End the bans of these identities, also one whose term is over: one stands for each identity. Returns the live."""
    mine = sa.or_(*(sa.and_(t.bans.c.platform == one, t.bans.c.identity == other) for one, other in pairs))
    rows = tx.execute(
        sa.update(t.bans)
        .where(mine, t.bans.c.lifted_at.is_(None))
        .values(lifted_at=now, lifted_by=actor.key)
        .returning(t.bans.c.id, t.bans.c.until)
    ).all()
    return [row.id for row in rows if row.until is None or row.until > now]


def _live(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(t.bans.c.lifted_at.is_(None), sa.or_(t.bans.c.until.is_(None), t.bans.c.until > now))
