"""What staff note of somebody: of the seat that an address has, or of the person behind a chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadLength
from core.errors import NotFound
from core.people.locks import read_identity
from core.rules.addresses import read_address
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

LONGEST: Final = 1000
NOTHING: Final = frozenset({"-", "–", "none", "无", "空"})
"""What takes a note away."""


@dataclass(frozen=True, slots=True)
class Noted:
    """`text` is empty where the note was taken away. `team` is that of the seat; none of a person."""

    about: str
    team: str | None
    text: str


def refuse_nobody(about: str) -> None:
    """Return if this could be an address or a person. Raises: BadAddress, BadValue."""
    if "@" in about:
        read_address(about)
    else:
        read_identity(about)


async def note(core: Core, actor: Actor, about: str, text: str) -> Noted:
    """Note something of the latest seat of an address, or of a person (`telegram:42`), in the place of what was noted.

    It is for staff, and goes when the person is forgotten. Raises: NotAllowed, BadAddress, BadLength, BadValue, NotFound.
    """
    actor.require(Role.OPERATOR)
    if len(text) > LONGEST:
        raise BadLength(name="note", value=text[:80], low=0, high=LONGEST)
    kept = None if text.strip().casefold() in NOTHING else text.strip() or None
    if "@" in about:
        address = read_address(about)
        return await core.write(_of_lease, actor, address.key, address.original, kept, core.now())
    platform, name = read_identity(about)
    return await core.write(_of_person, actor, platform, name, kept, core.now())


def _of_lease(tx: sa.Connection, actor: Actor, key: str, shown: str, text: str | None, now: datetime) -> Noted:
    latest = (
        sa.select(t.leases.c.id)
        .where(t.leases.c.address_key == key)
        .order_by(t.leases.c.status.not_in(t.LIVE), t.leases.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    noted = sa.update(t.leases).where(t.leases.c.id == latest).values(note=text)
    row = tx.execute(noted.returning(t.leases.c.id, t.leases.c.team_id)).one_or_none()
    if row is None:
        raise NotFound(kind="lease", name=shown)
    # What it says is in its own place alone, so that it can be forgotten.
    audit.record(tx, actor, "lease.noted", "lease", row.id, now, after={"note": text is not None})
    team = tx.execute(sa.select(t.teams.c.name).where(t.teams.c.id == row.team_id)).scalar_one()
    return Noted(shown, team, text or "")


def _of_person(tx: sa.Connection, actor: Actor, platform: str, name: str, text: str | None, now: datetime) -> Noted:
    mine = sa.select(t.identities.c.person_id).where(
        t.identities.c.platform == platform, t.identities.c.identity == name
    )
    noted = sa.update(t.people).where(t.people.c.id == mine.scalar_subquery()).values(note=text)
    person_id = tx.execute(noted.returning(t.people.c.id)).scalar_one_or_none()
    if person_id is None:
        raise NotFound(kind="person", name=f"{platform}:{name}")
    audit.record(tx, actor, "person.noted", "person", person_id, now, after={"note": text is not None})
    return Noted(f"{platform}:{name}", None, text or "")
