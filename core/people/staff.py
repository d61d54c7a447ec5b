"""Who is staff: looking, granting and revoking. Owners by configuration are not stored and cannot be revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core import audit
from core.actors import Actor, Role
from core.command_errors import BadValue
from core.errors import LeaveRefused, NotFound
from core.people.endings import end_access, end_keys_above
from core.people.people import NOBODY, person_of
from core.people.report import identities_of
from core.storage import tables as t

if TYPE_CHECKING:
    from core.service import Core

PLATFORMS = ("telegram", "discord")


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff with every identity, as `telegram:42`. `configured` owners stand in the settings."""

    person_id: int | None
    role: str
    identities: tuple[str, ...]
    configured: bool
    since: datetime | None


async def staff_list(core: Core, actor: Actor) -> list[StaffLine]:
    """Everybody with a role, owners first. Raises: NotAllowed."""
    actor.require(Role.ADMIN)
    stored = await core.read(_lines)
    configured = [StaffLine(None, Role.OWNER.label, (owner,), True, None) for owner in core.settings.staff.owners]
    return [*configured, *sorted(stored, key=lambda line: -Role.named(line.role))]


async def grant(core: Core, actor: Actor, identity: str, role: Role) -> None:
    """Give a chat identity (`telegram:42`) a role, at once and on all platforms of that person.

    Nobody grants more than they have. Raises: NotAllowed, BadChoice.
    """
    actor.require(Role.OWNER)
    platform, number = read_identity(identity)
    await core.write(_set_role, actor, platform, number, role, core.now())


async def revoke(core: Core, actor: Actor, identity: str) -> None:
    """Take a person's role away; the next thing they ask for is already refused.

    With it end the tokens, links, buttons, dialogues, drafts and subscriptions of all their identities; a job of theirs
    stops before its next line.

    Raises: NotAllowed, NotFound (an owner by configuration as well), BadChoice.
    """
    actor.require(Role.OWNER)
    platform, number = read_identity(identity)
    pairs = await core.write(_revoke, actor, platform, number, core.now())
    await core.dialogues.clear([f"{one}:{other}" for one, other in pairs])


async def leave(core: Core, actor: Actor) -> None:
    """Give up one's own role, on all of one's platforms. The last owner stays, or nobody could let anybody in.

    Raises: NotAllowed, LeaveRefused.
    """
    actor.require(Role.VIEWER)
    pairs = await core.write(_leave, core.settings.staff.owners, actor, core.now())
    await core.dialogues.clear([f"{one}:{other}" for one, other in pairs])


def _leave(tx: sa.Connection, configured: Sequence[str], actor: Actor, now: datetime) -> list[tuple[str, str]]:
    mine = {f"{one}:{other}" for one, other in identities_of(tx, actor)}
    if mine & set(configured):
        raise LeaveRefused(reason="configured")
    # Two last owners who leave at the same instant wait for each other here.
    owners = sa.select(t.people.c.id).where(t.people.c.role == Role.OWNER.label).order_by(t.people.c.id)
    found = tx.execute(owners.with_for_update()).scalars().all()
    if actor.role is Role.OWNER and len(found) < 2 and not configured:
        raise LeaveRefused(reason="last_owner")
    return _revoke(tx, actor, actor.platform, actor.identity, now)


def read_identity(identity: str) -> tuple[str, str]:
    """Platform and number of `telegram:42`. Raises: BadChoice."""
    platform, _, number = identity.strip().partition(":")
    platform, number = platform.strip().lower(), number.strip()
    # A user name changes hands, and a shared identity is many people: only a number names one person for good.
    if platform not in PLATFORMS or not number.isascii() or not number.isdigit() or number in NOBODY:
        raise BadValue(name="identity", value=identity[:40], examples=["telegram:42", "discord:42"])
    return platform, number


def _lines(tx: sa.Connection) -> list[StaffLine]:
    rows = tx.execute(
        sa.select(
            t.people.c.id, t.people.c.role, t.people.c.created_at, t.identities.c.platform, t.identities.c.identity
        )
        .join(t.identities, t.identities.c.person_id == t.people.c.id)
        .where(t.people.c.role != Role.ANYONE.label)
        .order_by(t.people.c.id, t.identities.c.platform, t.identities.c.identity)
    ).all()
    found: dict[int, StaffLine] = {}
    for row in rows:
        known = found[row.id].identities if row.id in found else ()
        name = f"{row.platform}:{row.identity}"
        found[row.id] = StaffLine(row.id, row.role, (*known, name), configured=False, since=row.created_at)
    return list(found.values())


def _set_role(tx: sa.Connection, actor: Actor, platform: str, number: str, role: Role, now: datetime) -> None:
    person_id = person_of(tx, platform, number, now)
    before = tx.execute(
        sa.select(t.people.c.role).where(t.people.c.id == person_id).with_for_update(key_share=True)
    ).scalar_one()
    if before == role.label:
        return
    tx.execute(sa.update(t.people).where(t.people.c.id == person_id).values(role=role.label))
    if role < Role.named(before):
        end_keys_above(tx, actor, person_id, role, now)
    audit.record(
        tx, actor, "staff.granted", "person", person_id, now, before={"role": before}, after={"role": role.label}
    )


def _revoke(tx: sa.Connection, actor: Actor, platform: str, number: str, now: datetime) -> list[tuple[str, str]]:
    row = tx.execute(
        sa.select(t.people.c.id, t.people.c.role)
        .join(t.identities, t.identities.c.person_id == t.people.c.id)
        .where(
            t.identities.c.platform == platform,
            t.identities.c.identity == number,
            t.people.c.role != Role.ANYONE.label,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound(kind="staff", name=f"{platform}:{number}")
    tx.execute(sa.update(t.people).where(t.people.c.id == row.id).values(role=Role.ANYONE.label))
    after = {"role": Role.ANYONE.label}
    audit.record(tx, actor, "staff.revoked", "person", row.id, now, before={"role": row.role}, after=after)
    pairs = identities_of(tx, Actor(platform, number))
    end_access(tx, actor, pairs, now)
    return pairs


async def also_known_as(core: Core, actor: Actor, identity: str) -> list[str]:
    """Every other identity of the person behind `telegram:42`: whoever gives a role gives it to all of them.

    Raises: NotAllowed, BadChoice.
    """
    actor.require(Role.OWNER)
    platform, number = read_identity(identity)
    pairs = await core.read(identities_of, Actor(platform, number))
    return [f"{one}:{other}" for one, other in pairs if (one, other) != (platform, number)]
