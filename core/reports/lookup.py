"""Everything that is known about an address, a code or a chat identity, gathered for one screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from core.actors import Actor, Role
from core.codes.report import CodeFilter, CodeLine, code_list, code_page
from core.errors import Mistyped, NotFound
from core.people.report import of_identities
from core.redemptions.report import RedemptionLine, redemption_lines
from core.rules.addresses import read_address
from core.rules.codes import read_code
from core.storage import tables as t
from core.storage.talk_tables import keys

if TYPE_CHECKING:
    from core.service import Core

MOST = 50
"""Rows of each kind that are looked at, the latest first."""
LATEST_EVENTS = 12


@dataclass(frozen=True, slots=True)
class FoundLease:
    """One lease, live or over."""

    id: int
    address: str
    team: str
    pool: str
    seat: int | None
    status: str
    code_last4: str | None
    term: str
    invited_at: datetime | None
    joined_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    transfers: int
    note: str | None


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place in a waiting list."""

    address: str
    pool: str
    since: datetime


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One chat identity of the person."""

    platform: str
    identity: str
    role: str
    language: str | None
    unreachable_since: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One step of the history. `what` is redeemed, refused, invited, joined, moved, readdressed, removed, ended or failed.

    Where one is readdressed, or wished to be, `team` is the other address.
    """

    at: datetime
    what: str
    address: str
    team: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A program's key, by its last symbols: one identity of whose it is, and active, paused or revoked."""

    last4: str
    person: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found for a `query` of a `kind`.

    `strangers` are teams that have the address as a member Usher never invited. `history` is newest first.
    """

    kind: Literal["address", "code", "last4", "identity"]
    query: str
    leases: Sequence[FoundLease]
    codes: Sequence[CodeLine]
    redemptions: Sequence[RedemptionLine]
    waiting: Sequence[PlaceLine]
    identities: Sequence[IdentityLine]
    strangers: Sequence[str]
    history: Sequence[HistoryStep]
    keys: Sequence[FoundKey] = ()

    @property
    def empty(self) -> bool:
        found = (self.leases, self.codes, self.redemptions, self.waiting, self.identities, self.strangers, self.keys)
        return not any(found)


async def find(core: Core, actor: Actor, text: str) -> Findings:
    """Look up an address, a code, the last symbols of one or of a key, or a chat identity (`telegram:42`, or its number).

    Raises: NotAllowed, BadAddress, NotFound.
    """
    actor.require(Role.VIEWER)
    found = await _found(core, actor, text)
    owners = core.settings.staff.owners  # no row says who is one by the configuration
    named = [
        replace(one, role=Role.OWNER.label) if f"{one.platform}:{one.identity}" in owners else one
        for one in found.identities
    ]
    return replace(found, identities=named)


async def _found(core: Core, actor: Actor, text: str) -> Findings:
    query = text.strip().strip("<>").removeprefix("mailto:").lstrip("…#")
    if "@" in query.lstrip("@"):
        address = read_address(query)
        return await core.read(_by_address, address.key, address.original)
    platform, colon, identity = query.partition(":")
    if colon and platform.strip().lower() in {"telegram", "discord", "terminal", "cli"}:
        return await core.read(_by_identity, platform.strip().lower(), identity.strip())
    if re.fullmatch(r"\d{5,}", query):
        return await core.read(_by_identity, None, query)
    if re.fullmatch(r"[0-9A-Za-z]{1,8}", query):
        lines = await code_list(core, actor, CodeFilter(last4=query), most=MOST)
        found = await core.read(_by_codes, "last4", query.upper() if lines else query, lines)
        return replace(found, keys=await core.read(_keys_ending, query))
    try:
        code = read_code(query, await core.shapes())
        lines = [await code_page(core, actor, code)]
    except NotFound:
        lines = []
    except Mistyped as fault:
        raise NotFound(kind="query", name=query[:40]) from fault
    return await core.read(_by_codes, "code", f"…{code.last4}", lines)


def _keys_ending(tx: sa.Connection, last4: str) -> list[FoundKey]:
    whose = sa.select(sa.func.min(t.identities.c.platform + ":" + t.identities.c.identity))
    person = whose.where(t.identities.c.person_id == keys.c.person_id).scalar_subquery().label("person")
    found = sa.select(keys.c.last4, person, keys.c.state).where(keys.c.last4 == last4).order_by(keys.c.id).limit(MOST)
    return [FoundKey(row.last4, row.person, row.state) for row in tx.execute(found)]


def _by_address(tx: sa.Connection, key: str, shown: str) -> Findings:
    pairs = {
        (row.platform, row.identity)
        for row in tx.execute(
            sa.union(
                sa.select(t.leases.c.platform, t.leases.c.identity).where(
                    t.leases.c.address_key == key, t.leases.c.identity.is_not(None)
                ),
                # Whoever of staff seated somebody is not who has the seat.
                sa.select(t.redemptions.c.platform, t.redemptions.c.identity)
                .outerjoin(t.codes, t.codes.c.id == t.redemptions.c.code_id)
                .outerjoin(t.batches, t.batches.c.id == t.codes.c.batch_id)
                .where(t.redemptions.c.address_key == key, t.batches.c.direct.is_not(True)),
            ).limit(MOST)
        )
    }
    sought = _Sought(
        "address",
        shown,
        of_lease=t.leases.c.address_key == key,
        of_redemption=t.redemptions.c.address_key == key,
        of_waiting=t.waitlist.c.address_key == key,
        of_removal=t.removals.c.address_key == key,
        pairs=sorted(pairs),
        strangers=_strangers(tx, key),
    )
    return _gather(tx, sought)


def _by_identity(tx: sa.Connection, platform: str | None, identity: str) -> Findings:
    mine = [t.identities.c.identity == identity]
    if platform is not None:
        mine.append(t.identities.c.platform == platform)
    persons = sa.select(t.identities.c.person_id).where(*mine)
    rows = tx.execute(
        sa.select(t.identities.c.platform, t.identities.c.identity).where(t.identities.c.person_id.in_(persons))
    )
    pairs = {(row.platform, row.identity) for row in rows}
    pairs |= {(name, identity) for name in ([platform] if platform else ["telegram", "discord"])}
    chosen = sorted(pairs)
    sought = _Sought(
        "identity",
        f"{platform}:{identity}" if platform else identity,
        of_lease=of_identities(t.leases, chosen),
        of_redemption=of_identities(t.redemptions, chosen),
        of_waiting=of_identities(t.waitlist, chosen),
        pairs=chosen,
    )
    return _gather(tx, sought)


def _by_codes(tx: sa.Connection, kind: Literal["code", "last4"], shown: str, lines: list[CodeLine]) -> Findings:
    ids = [line.id for line in lines]
    made = sa.select(t.redemptions.c.id).where(t.redemptions.c.code_id.in_(ids))
    sought = _Sought(
        kind,
        shown,
        of_lease=t.leases.c.redemption_id.in_(made),
        of_redemption=t.redemptions.c.code_id.in_(ids),
        of_waiting=t.waitlist.c.code_id.in_(ids),
        codes=lines,
    )
    return _gather(tx, sought)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for, and the rows that are about it. Removals without `of_removal` are those of the leases."""

    kind: Literal["address", "code", "last4", "identity"]
    query: str
    of_lease: sa.ColumnElement[bool]
    of_redemption: sa.ColumnElement[bool]
    of_waiting: sa.ColumnElement[bool]
    of_removal: sa.ColumnElement[bool] | None = None
    pairs: Sequence[tuple[str, str]] = ()
    strangers: Sequence[str] = ()
    codes: Sequence[CodeLine] = ()


def _gather(tx: sa.Connection, sought: _Sought) -> Findings:
    held = _leases(tx, sought.of_lease)
    made = redemption_lines(tx, [sought.of_redemption], MOST)
    of_removal = sought.of_removal
    if of_removal is None:
        of_removal = t.removals.c.lease_id.in_([line.id for line in held])
    return Findings(
        kind=sought.kind,
        query=sought.query,
        leases=held,
        codes=sought.codes,
        redemptions=made,
        waiting=_waiting(tx, sought.of_waiting),
        identities=_identities(tx, sought.pairs),
        strangers=list(sought.strangers),
        history=_history(held, made, [*_moves(tx, held), *_removed(tx, of_removal)]),
    )


def _leases(tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[FoundLease]:
    over = t.leases.c.status.in_(("ended", "failed"))
    rows = tx.execute(
        sa.select(
            t.leases,
            t.teams.c.name.label("team"),
            t.pools.c.name.label("pool"),
            t.seats.c.number.label("seat"),
            t.redemptions.c.code_last4,
        )
        .select_from(t.leases)
        .join(t.teams, t.teams.c.id == t.leases.c.team_id)
        .join(t.pools, t.pools.c.id == t.leases.c.pool_id)
        .outerjoin(t.seats, sa.and_(t.seats.c.id == t.leases.c.seat_id, sa.not_(over)))
        .outerjoin(t.redemptions, t.redemptions.c.id == t.leases.c.redemption_id)
        .where(where)
        .order_by(over, t.leases.c.id.desc())
        .limit(MOST)
    )
    return [
        FoundLease(
            id=row.id,
            address=row.address,
            team=row.team,
            pool=row.pool,
            seat=row.seat,
            status=row.status,
            code_last4=row.code_last4,
            term=row.term,
            invited_at=row.invited_at,
            joined_at=row.joined_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            end_reason=row.end_reason,
            transfers=row.transfer_count,
            note=row.note,
        )
        for row in rows
    ]


def _waiting(tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[PlaceLine]:
    rows = tx.execute(
        sa.select(t.waitlist.c.address, t.waitlist.c.created_at, t.pools.c.name)
        .join(t.pools, t.pools.c.id == t.waitlist.c.pool_id)
        .where(where, t.waitlist.c.state == "waiting")
        .order_by(t.waitlist.c.id)
        .limit(MOST)
    )
    return [PlaceLine(row.address, row.name, row.created_at) for row in rows]


def _identities(tx: sa.Connection, pairs: Sequence[tuple[str, str]]) -> list[IdentityLine]:
    if not pairs:
        return []
    rows = tx.execute(
        sa.select(t.identities, t.people.c.role, t.people.c.language, t.people.c.note)
        .join(t.people, t.people.c.id == t.identities.c.person_id)
        .where(of_identities(t.identities, pairs))
        .order_by(t.identities.c.platform, t.identities.c.identity)
    )
    return [
        IdentityLine(row.platform, row.identity, row.role, row.language, row.unreachable_since, row.note)
        for row in rows
    ]


def _strangers(tx: sa.Connection, key: str) -> list[str]:
    rows = tx.execute(
        sa.select(t.teams.c.name)
        .join(t.seats, t.seats.c.team_id == t.teams.c.id)
        .where(t.seats.c.occupant == key)
        .limit(MOST)
    )
    return sorted(rows.scalars())


def _moves(tx: sa.Connection, held: Sequence[FoundLease]) -> list[HistoryStep]:
    target = t.teams.alias("target")
    arrived = t.leases.alias("arrived")
    rows: list[Any] = list(
        tx.execute(
            sa.select(t.transfers, t.leases.c.address.label("person"), target.c.name.label("team"))
            .select_from(t.transfers)
            .join(t.leases, t.leases.c.id == t.transfers.c.lease_id)
            .outerjoin(arrived, arrived.c.id == t.transfers.c.target_lease_id)
            .outerjoin(target, target.c.id == sa.func.coalesce(arrived.c.team_id, t.transfers.c.target_team_id))
            .where(t.transfers.c.lease_id.in_([line.id for line in held]))
            .limit(MOST)
        )
    )
    return [
        HistoryStep(
            row.finished_at or row.created_at,
            "readdressed" if row.cause == "address" else "moved",
            row.person,
            row.address if row.cause == "address" else row.team,
            row.state,
        )
        for row in rows
    ]


def _removed(tx: sa.Connection, where: sa.ColumnElement[bool]) -> list[HistoryStep]:
    rows = tx.execute(
        sa.select(t.removals, t.teams.c.name.label("team"))
        .select_from(t.removals)
        .join(t.teams, t.teams.c.id == t.removals.c.team_id)
        .where(where)
        .limit(MOST)
    )
    return [HistoryStep(row.finished_at or row.created_at, "removed", row.address, row.team, row.cause) for row in rows]


def _history(
    held: Sequence[FoundLease], made: Sequence[RedemptionLine], more: Sequence[HistoryStep]
) -> list[HistoryStep]:
    events = list(more)
    for one in made:
        what = "refused" if one.state == "refused" else "redeemed"
        detail = one.reason if what == "refused" else one.code_last4
        events.append(HistoryStep(one.at, what, one.address, one.team, detail))
    for line in held:
        if line.invited_at is not None:
            events.append(HistoryStep(line.invited_at, "invited", line.address, line.team))
        if line.joined_at is not None:
            events.append(HistoryStep(line.joined_at, "joined", line.address, line.team))
        if line.ended_at is not None:
            events.append(HistoryStep(line.ended_at, line.status, line.address, line.team, line.end_reason))
    return sorted(events, key=lambda event: event.at, reverse=True)[:LATEST_EVENTS]
