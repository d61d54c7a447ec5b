"""Teams: importing them by their credentials, changing them, switching them on and off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import audit
from core.actors import Actor, Role
from core.errors import BadChoice, BadNumber, CredentialUnreadable, NameTaken, NotFound
from core.providers.credential_lists import read_list
from core.providers.credential_spellings import canonical
from core.providers.registry import (
    ADAPTERS,
    ParsedCredential,
    fitting_providers,
    parse_session,
    properties_of,
)
from core.rules.addresses import read_address
from core.rules.team_names import make_name
from core.service import Core, credential_row
from core.storage import tables as t
from core.storage.database import dialect_insert
from core.storage.guards import guard
from core.storage.names import is_called, name_key, renamed, starting_with
from core.storage.row_claims import Overtaken
from core.storage.rows import TeamRow
from core.teams import health as team_health
from core.teams import seats as seat_actions
from core.teams.pools import Pool, default_pool, hold_pool, read_name
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.vault import Vault

MOST_SEATS = 10_000


@dataclass(frozen=True, slots=True)
class CandidateTeam:
    """One line of an import, read. `parsed` is None where `reason` says why it is invalid.

    `capacity` is what the team will have, `present_capacity` what a known team has now. `chosen`: an operator wrote
    that number; otherwise it is the usual one of its kind, which the upstream's own figure replaces.
    """

    line: int
    status: str  # new, updated, invalid
    reason: str | None = None
    parsed: ParsedCredential | None = None
    name: str | None = None
    capacity: int | None = None
    present_capacity: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ImportedTeams:
    """What an import did; `team_ids` are the created and updated ones, to be read at once."""

    created: int
    updated: int
    invalid: list[CandidateTeam]
    team_ids: list[int]


async def preview_teams(core: Core, actor: Actor, text: str, *, provider: str | None = None) -> list[CandidateTeam]:
    """Read pasted credentials in any of the shapes that `credential_lists` knows. Nothing is stored.

    Raises: NotAllowed.
    """
    actor.require(Role.ADMIN)
    read: list[CandidateTeam] = []
    seen: set[tuple[str, str]] = set()
    for listed in await asyncio.to_thread(lambda: [*read_list(text)]):  # millions of letters, and others wait meanwhile
        try:
            if listed.found is None:
                raise CredentialUnreadable(reason=listed.reason or "credential_not_json")
            parsed = parse_session(listed.found, provider)
        except CredentialUnreadable as fault:
            read.append(CandidateTeam(listed.line, "invalid", fault.facts["reason"]))
            continue
        if core.refuse_place(parsed.base_url) is not None:
            read.append(CandidateTeam(listed.line, "invalid", "private_place"))
            continue
        if (parsed.provider, parsed.external_id) in seen:
            read.append(CandidateTeam(listed.line, "invalid", "repeated_line"))
            continue
        seen.add((parsed.provider, parsed.external_id))
        stated = canonical(listed.found).get("seats")
        chosen = isinstance(stated, int) and 0 < stated <= MOST_SEATS
        capacity = stated if chosen else properties_of(parsed.provider).default_capacity
        read.append(CandidateTeam(listed.line, "new", None, parsed, parsed.name, capacity, chosen=chosen))
    return await core.read(_mark_known, read)


async def import_teams(
    core: Core, actor: Actor, candidates: Sequence[CandidateTeam], *, pool: str | None = None
) -> ImportedTeams:
    """Apply a preview, edited or not. An existing team keeps its pool, name and seats and gets the new credential.

    One that was removed, and whose pool was put away since, comes back into `pool`.

    Raises: NotAllowed, NotFound (the pool).
    """
    actor.require(Role.ADMIN)
    target = await default_pool(core, actor, pool)
    imported = ImportedTeams(0, 0, [one for one in candidates if one.parsed is None], [])
    for candidate in candidates:
        if candidate.parsed is None:
            continue
        upserted = await core.write(upsert, core.vault, actor, candidate, candidate.parsed, target, core.now())
        team_id, created = upserted
        imported = replace(
            imported,
            created=imported.created + created,
            updated=imported.updated + (not created),
            team_ids=[*imported.team_ids, team_id],
        )
    return imported


async def change_team(
    core: Core,
    actor: Actor,
    name: str,
    *,
    new_name: str | None = None,
    capacity: int | None = None,
    owner: str | None = None,
    provider: str | None = None,
) -> None:
    """Rename a team, change its seats, say who owns it upstream, or which provider's protocol it speaks.

    A taken or held seat is never dropped. A capacity set by hand forgets the one learned from the upstream. A protocol
    for which the stored credential is none is refused.
    Raises: NotAllowed, NotFound, NameTaken, BadNumber, BadAddress, BadChoice.
    """
    actor.require(Role.ADMIN)
    if capacity is not None and not 0 <= capacity <= MOST_SEATS:
        raise BadNumber(name="capacity", low=0, high=MOST_SEATS)
    changes: dict[str, Any] = renamed(read_name(new_name, "team")) if new_name is not None else {}
    if provider is not None and provider not in ADAPTERS:
        raise BadChoice(name="provider", value=provider[:80], choices=sorted(ADAPTERS))
    if owner is not None:
        changes["owner_address"] = read_address(owner).original
    if capacity is not None:
        changes |= {"capacity": capacity, "capacity_learned": None}
    try:
        await core.write(_change, core.vault, actor, name, changes, provider, core.now())
    except IntegrityError:
        raise NameTaken(kind="team", name=changes.get("name", name)) from None


async def enable_team(core: Core, actor: Actor, name: str, enabled: bool) -> None:
    """Switch a team on or off for new people; whoever is in it stays. Raises: NotAllowed, NotFound."""
    actor.require(Role.ADMIN)
    await core.write(switch, actor, name, enabled, core.now())


def team_named(tx: sa.Connection, name: str) -> TeamRow:
    """A team's row. Raises: NotFound."""
    statement = sa.select(t.teams).where(is_called(t.teams, name), t.teams.c.removed_at.is_(None))
    row = tx.execute(statement).one_or_none()
    if row is None:
        raise NotFound(kind="team", name=name)
    return row


def team_of_pool(tx: sa.Connection, name: str, pool_id: int) -> int:
    """The number of a team that serves a pool. Raises: NotFound, also where it has gone to another pool meanwhile."""
    team = team_named(tx, name)
    if any(guard("pool_kept", team.pool_id != pool_id)):
        raise NotFound(kind="team", name=name)
    return team.id


def pool_of_team(tx: sa.Connection, name: str) -> str:
    """What the pool of a team is called. Raises: NotFound."""
    its = sa.select(t.pools.c.name).where(t.pools.c.id == team_named(tx, name).pool_id)
    return str(tx.execute(its).scalar_one())


def _mark_known(tx: sa.Connection, read: Sequence[CandidateTeam]) -> list[CandidateTeam]:
    marked = []
    for candidate in read:
        found = candidate
        if candidate.parsed is not None:
            known = tx.execute(
                sa.select(t.teams.c.name, t.teams.c.capacity).where(
                    t.teams.c.provider == candidate.parsed.provider,
                    t.teams.c.external_id == candidate.parsed.external_id,
                )
            ).one_or_none()
            if known is not None:
                found = replace(
                    candidate,
                    status="updated",
                    name=known.name,
                    capacity=known.capacity,
                    present_capacity=known.capacity,
                )
        marked.append(found)
    return marked


def upsert(
    tx: sa.Connection,
    vault: Vault,
    actor: Actor,
    candidate: CandidateTeam,
    parsed: ParsedCredential,
    pool: Pool,
    now: datetime,
) -> tuple[int, bool]:
    """A new team, or a new credential for a known one: its number, and whether it is new."""
    sealed = vault.encrypt(json.dumps(dict(parsed.credential)), row=credential_row(parsed.provider, parsed.external_id))
    fresh: dict[str, Any] = {
        "credential": sealed,
        "credential_expires_at": parsed.expires_at,
        "owner_address": parsed.owner_address,
        "base_url": parsed.base_url,
        "removed_at": None,
    }
    mine = sa.and_(t.teams.c.provider == parsed.provider, t.teams.c.external_id == parsed.external_id)
    row = tx.execute(sa.select(t.teams.c.id, t.teams.c.pool_id, t.teams.c.credential).where(mine)).one_or_none()
    if row is not None:
        known = row.id
        if not hold_pool(tx, row.pool_id):
            fresh["pool_id"] = _bring_back(tx, known, pool)
        if candidate.capacity is not None:
            fresh["capacity"] = candidate.capacity
        tx.execute(sa.update(t.teams).where(t.teams.c.id == known).values(**fresh))
        # The rest was asked of whoever calls with this credential: to import it once more is no reason to call again.
        team_health.restore(tx, known, now, rested=not _holds(vault, bytes(row.credential), parsed))
        seat_actions.lay_out(tx, known)
        audit.record(tx, actor, "team.credential_replaced", "team", known, now)
        return int(known), False
    if not hold_pool(tx, pool.id):
        raise NotFound(kind="pool", name=pool.name)
    capacity = candidate.capacity or properties_of(parsed.provider).default_capacity
    values = {
        "pool_id": pool.id,
        "name": _free_name(tx, read_name(_wanted_name(tx, candidate, parsed, pool, now), "team")),
        "provider": parsed.provider,
        "external_id": parsed.external_id,
        "capacity": capacity,
        "created_at": now,
        "read_due_at": now,
        **fresh,
    }
    made = dialect_insert(t.teams, tx).values(**values).on_conflict_do_nothing().returning(t.teams.c.id)
    team_id = tx.execute(made).scalar_one_or_none()
    if team_id is None:
        raise Overtaken("teams")  # somebody brings it in at the same time, or another one of its name
    seat_actions.lay_out(tx, team_id)
    audit.record(tx, actor, "team.created", "team", team_id, now, after={"capacity": capacity, "pool": pool.id})
    return int(team_id), True


def _holds(vault: Vault, sealed: bytes, parsed: ParsedCredential) -> bool:
    """Is what was read the credential that is stored already?"""
    try:
        stored = json.loads(vault.decrypt(sealed, row=credential_row(parsed.provider, parsed.external_id)))
    except Undecipherable:
        return False
    return bool(stored == dict(parsed.credential))


def _bring_back(tx: sa.Connection, team_id: int, pool: Pool) -> int:
    """A removed team comes back and its pool was put away: it joins `pool`, with the codes that lead only to it.

    Raises: NotFound, and Overtaken for a team that has just left its pool before that was put away.
    """
    if not hold_pool(tx, pool.id):
        raise NotFound(kind="pool", name=pool.name)
    present = sa.select(t.pools.c.removed_at).join(t.teams, t.teams.c.pool_id == t.pools.c.id)
    if tx.execute(present.where(t.teams.c.id == team_id)).scalar_one() is None:
        raise Overtaken("teams")
    for table in (t.batches, t.team_figures):
        tx.execute(sa.update(table).where(table.c.team_id == team_id).values(pool_id=pool.id))
    return pool.id


def _wanted_name(
    tx: sa.Connection, candidate: CandidateTeam, parsed: ParsedCredential, pool: Pool, now: datetime
) -> str:
    """The name that somebody wrote, else one by the pool's template, else the credential's own."""
    given = candidate.name or parsed.name or parsed.external_id
    if pool.team_names is None or given not in {parsed.name, parsed.external_id}:
        return given
    taken = set(tx.execute(sa.select(t.teams.c.name_key)).scalars())
    return make_name(
        pool.team_names, pool=pool.name, provider=parsed.provider, day=now.date(), taken=taken, key=name_key
    )


def _free_name(tx: sa.Connection, wanted: str) -> str:
    """`wanted`, or with the lowest number that makes it unique."""
    taken = set(tx.execute(sa.select(t.teams.c.name_key).where(starting_with(t.teams, wanted))).scalars())
    number, name = 2, wanted
    while name_key(name) in taken:
        name, number = f"{wanted} {number}", number + 1
    return name


def _change(
    tx: sa.Connection,
    vault: Vault,
    actor: Actor,
    name: str,
    changes: Mapping[str, Any],
    provider: str | None,
    now: datetime,
) -> None:
    team = seat_actions.lock_team(tx, team_named(tx, name).id)
    values = dict(changes)
    if provider is not None and provider != team.provider:
        # The credential is sealed to its row, and the row is called by its provider.
        opened = vault.decrypt(team.credential, row=credential_row(team.provider, team.external_id))
        fitting = fitting_providers(json.loads(opened), team.base_url)
        if provider not in fitting:
            raise BadChoice(name="provider", value=provider, choices=fitting)
        sealed = vault.encrypt(opened, row=credential_row(provider, team.external_id))
        tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(provider=provider, credential=sealed))
        audit.record(
            tx,
            actor,
            "team.changed",
            "team",
            team.id,
            now,
            before={"provider": team.provider},
            after={"provider": provider},
        )
    if not values:
        return
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(**values))
    seat_actions.lay_out(tx, team.id)
    _ = values.pop("name_key", None)
    before = {key: getattr(team, key) for key in values}
    if "owner_address" in values:  # the log holds no address
        before["owner_address"], values["owner_address"] = "…", "…"
    audit.record(tx, actor, "team.changed", "team", team.id, now, before=before, after=values)


def switch(tx: sa.Connection, actor: Actor, name: str, enabled: bool, now: datetime) -> None:
    """`enable_team` as a part of a larger transaction."""
    team = seat_actions.lock_team(tx, team_named(tx, name).id)
    if team.enabled == enabled:
        return
    tx.execute(sa.update(t.teams).where(t.teams.c.id == team.id).values(enabled=enabled))
    team_health.set_open(tx, team.id, enabled and team.health == "healthy")
    action = "team.enabled" if enabled else "team.disabled"
    audit.record(tx, actor, action, "team", team.id, now, before={"enabled": team.enabled}, after={"enabled": enabled})
