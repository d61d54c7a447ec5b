"""Making two chat identities one person: only when both sides have said so, each knowing who the other is.

A token is made on one side and claimed on the other, which is told whom it would become one with, and agrees; then the
first side is told who wants that, and agrees or not. Whoever has a role is never joined to anybody: a role is given by
an owner, and neither lost nor passed on by a link.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from core import audit, outbox
from core.actors import Actor, Role
from core.errors import LinkRefused
from core.people.credit_privacy import join_credit
from core.people.people import person_of
from core.people.talk_privacy import join_talk
from core.storage import tables as t
from core.storage.row_claims import change

if TYPE_CHECKING:
    from core.service import Core

OPEN: Final = timedelta(minutes=10)
"""How long a token can be claimed and agreed to."""
ANSWER: Final = timedelta(hours=24)
"""How long the one who made it may take to answer who wants to join."""


@dataclass(frozen=True, slots=True)
class Link:
    """One wish to be one person. `other` is the side that is not the asker's, as `telegram:42`."""

    id: int
    other: str
    state: str


async def issue_link(core: Core, actor: Actor) -> tuple[str, datetime]:
    """A one-time token for the other side, and until when it can be claimed. Raises: LinkRefused for staff."""
    _refuse_staff(core, actor)
    token = secrets.token_urlsafe(24)
    ends = core.now() + OPEN
    await core.write(_issue, core.vault.digest(_named(token)), actor, ends, core.now())
    return token, ends


async def find_link(core: Core, actor: Actor, token: str) -> Link | None:
    """The link behind a token, which is this identity's to agree to from now on; None if it is no link's.

    Raises: LinkRefused.
    """
    found = await core.write(_take, core.vault.digests(_named(token)), actor, core.now())
    if found is not None:
        _refuse_staff(core, actor)
    return found


async def wanted(core: Core, actor: Actor) -> Link | None:
    """Who wants to be one person with the asker, and waits for the asker's word."""
    return await core.read(_wanted, actor, core.now())


async def agree(core: Core, actor: Actor, link_id: int) -> str:
    """The side that claimed the token agrees; the other one is asked now, and named. Raises: LinkRefused."""
    _refuse_staff(core, actor)
    return await core.write(_agree, actor, link_id, core.now())


async def join(core: Core, actor: Actor, link_id: int) -> str:
    """The side that made the token agrees, too: both are one person, and the other side is named.

    Raises: LinkRefused, also where one of them has got a role or a ban meanwhile.
    """
    _refuse_staff(core, actor)
    return await core.write(_join, list(core.settings.staff.owners), actor, link_id, core.now())


async def decline(core: Core, actor: Actor, link_id: int) -> None:
    """Either side does not want it. Raises: LinkRefused if there is nothing left to decline."""
    await core.write(_decline, actor, link_id, core.now())


def _named(token: str) -> str:
    return f"link:{token.strip()}"


def _refuse_staff(core: Core, actor: Actor) -> None:
    actor.require(Role.ANYONE)
    if actor.role > Role.ANYONE or actor.key in core.settings.staff.owners:
        raise LinkRefused(reason="staff")


def _issue(tx: sa.Connection, digest: bytes, actor: Actor, ends: datetime, now: datetime) -> None:
    person_of(tx, actor.platform, actor.identity, now)
    # A newer token takes the place of those before it: there is one that can be given away.
    _ = change(tx, t.links, t.links.c.maker == actor.key, expected="open", state="ended", ended_at=now).count
    values = {"digest": digest, "maker": actor.key, "state": "open", "created_at": now, "expires_at": ends}
    link_id = tx.execute(sa.insert(t.links).values(**values).returning(t.links.c.id)).scalar_one()
    audit.record(tx, actor, "link.made", "link", link_id, now)


def _take(tx: sa.Connection, digests: list[bytes], actor: Actor, now: datetime) -> Link | None:
    mine = sa.or_(t.links.c.joiner.is_(None), t.links.c.joiner == actor.key)
    named = (t.links.c.digest.in_(digests), t.links.c.expires_at > now)
    row = change(tx, t.links, *named, mine, expected="open", joiner=actor.key).one_or_none()
    if row is None:
        return None
    maker = _person(tx, row.maker)
    if maker is None or maker == person_of(tx, actor.platform, actor.identity, now):
        raise LinkRefused(reason="over" if maker is None else "yourself")
    return Link(row.id, row.maker, row.state)


def _wanted(tx: sa.Connection, actor: Actor, now: datetime) -> Link | None:
    agreed = sa.and_(t.links.c.maker == actor.key, t.links.c.state == "agreed", t.links.c.expires_at > now)
    row = tx.execute(sa.select(t.links).where(agreed).order_by(t.links.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else Link(row.id, row.joiner, row.state)


def _agree(tx: sa.Connection, actor: Actor, link_id: int, now: datetime) -> str:
    mine = (t.links.c.id == link_id, t.links.c.joiner == actor.key, t.links.c.expires_at > now)
    row = change(tx, t.links, *mine, expected="open", state="agreed", expires_at=now + ANSWER).one_or_none()
    if row is None:
        raise LinkRefused(reason="over")
    audit.record(tx, actor, "link.agreed", "link", link_id, now)
    platform, _, identity = row.maker.partition(":")
    outbox.tell(
        tx,
        platform,
        identity,
        outbox.Notice("link_wanted", {"identity": actor.key}, dedupe=f"link:{link_id}:wanted"),
        now,
    )
    return str(row.maker)


def _join(tx: sa.Connection, owners: list[str], actor: Actor, link_id: int, now: datetime) -> str:
    mine = (t.links.c.id == link_id, t.links.c.maker == actor.key, t.links.c.expires_at > now)
    row = change(tx, t.links, *mine, expected="agreed", state="joined", ended_at=now).one_or_none()
    if row is None:
        raise LinkRefused(reason="over")
    kept, former = _person(tx, actor.key), _person(tx, row.joiner)
    if kept is None or former is None:
        raise LinkRefused(reason="over")
    if kept != former:
        _make_one(tx, owners, kept, former, now)
        # Both lines name a person by a number that is never used again; the actors are the two identities.
        audit.record(tx, actor, "person.linked", "person", kept, now, after={"person": former, "link": link_id})
    platform, _, identity = row.joiner.partition(":")
    outbox.tell(
        tx,
        platform,
        identity,
        outbox.Notice("link_joined", {"identity": actor.key}, dedupe=f"link:{link_id}:joined"),
        now,
    )
    return str(row.joiner)


def _make_one(tx: sa.Connection, owners: list[str], kept: int, former: int, now: datetime) -> None:
    both = sorted((kept, former))
    # Locked in one order, so that a role that is being given at this moment is seen or waits.
    people = tx.execute(
        sa.select(t.people.c.role, t.people.c.standing)
        .where(t.people.c.id.in_(both))
        .order_by(t.people.c.id)
        .with_for_update()
    ).all()
    pairs = tx.execute(
        sa.select(t.identities.c.platform, t.identities.c.identity).where(t.identities.c.person_id.in_(both))
    ).all()
    if {one.role for one in people} != {Role.ANYONE.label} or any(f"{one}:{other}" in owners for one, other in pairs):
        raise LinkRefused(reason="staff")
    banned = sa.or_(*(sa.and_(t.bans.c.platform == one, t.bans.c.identity == other) for one, other in pairs))
    live = sa.and_(banned, t.bans.c.lifted_at.is_(None), sa.or_(t.bans.c.until.is_(None), t.bans.c.until > now))
    suspended = any(one.standing != "active" for one in people)
    if suspended or tx.execute(sa.select(t.bans.c.id).where(live).limit(1)).first() is not None:
        raise LinkRefused(reason="over")
    tx.execute(sa.update(t.identities).where(t.identities.c.person_id == former).values(person_id=kept))
    join_credit(tx, former, kept, now)
    join_talk(tx, former, kept)
    tx.execute(sa.delete(t.people).where(t.people.c.id == former))


def _decline(tx: sa.Connection, actor: Actor, link_id: int, now: datetime) -> None:
    mine = (t.links.c.id == link_id, sa.or_(t.links.c.maker == actor.key, t.links.c.joiner == actor.key))
    declined = change(tx, t.links, *mine, expected=("open", "agreed"), state="declined", ended_at=now)
    if declined.one_or_none() is None:
        raise LinkRefused(reason="over")
    audit.record(tx, actor, "link.declined", "link", link_id, now)


def _person(tx: sa.Connection, key: str) -> Any:
    platform, _, identity = key.partition(":")
    mine = sa.and_(t.identities.c.platform == platform, t.identities.c.identity == identity)
    return tx.execute(sa.select(t.identities.c.person_id).where(mine)).scalar_one_or_none()
