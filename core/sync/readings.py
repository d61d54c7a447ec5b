"""What a complete reading of a team changes: who has joined, who is gone, who was never invited, how many seats.

Unknown is never zero. A list that was cut never gets here, nobody is gone before several complete readings in a
row say so, and where the upstream's own count contradicts its lists nothing is concluded from an absence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.actors import SYSTEM
from core.alerts import alerts
from core.leases import transfer_steps
from core.leases.ending import end_now
from core.providers.protocol import Capacity, Member, PendingInvite, Properties
from core.rules.addresses import key_of, key_of_listed
from core.rules.removal import misses_after, seen_after
from core.rules.terms import ends_at, parse_term
from core.storage import tables as t
from core.storage.row_claims import change
from core.storage.rows import LeaseRow, TeamRow
from core.teams import health as team_health
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

SWITCHED_ON = "unauthorised_since"
"""The fact that says since when unauthorised members are looked for."""
READ_CALLS = ("pending", "members", "capacity")


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything one reading brought. `capacity` is None where the upstream did not say.

    `uncounted` are keys of members on another kind of seat than the one that is bought: they take none.
    """

    started_at: datetime
    properties: Properties
    pending: Mapping[str, PendingInvite]
    members: Mapping[str, Member]
    owners: frozenset[str]
    capacity: Capacity | None
    count_failed: bool = False
    uncounted: frozenset[str] = frozenset()

    @property
    def present(self) -> set[str]:
        """Keys of all who take a seat, in or invited; owners take none."""
        return {*self.members, *self.pending} - self.owners - self.uncounted

    def since(self, key: str) -> datetime | None:
        """When somebody came, as far as the upstream says it: in, else invited."""
        joined = self.members[key].joined_at if key in self.members else None
        return joined or (self.pending[key].invited_at if key in self.pending else None)

    @property
    def seated(self) -> int:
        """Members that the upstream's own count is about, without the owners."""
        uncounted = self.uncounted if self.capacity is not None and self.capacity.seat_type else frozenset()
        return len(self.members.keys() - self.owners - uncounted)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading saw and did. One that is not complete says why, and has changed nothing but counters."""

    team_id: int
    team: str
    complete: bool
    reason: str | None = None
    members: int = 0
    pending: int = 0
    joined: int = 0
    gone: int = 0
    strangers: int = 0
    capacity: int | None = None
    absent: tuple[int, ...] = ()
    """Leases whose people it did not show, although it must have."""


# Built once: 2,000 teams are read every few minutes, and building these costs more than running them.
_THIS: sa.BindParameter[int] = sa.bindparam("team")
_ALERT = sa.and_(
    t.alerts.c.category == "provider",
    t.alerts.c.subject == sa.literal("team:").concat(sa.cast(t.teams.c.id, sa.String)),
    t.alerts.c.resolved_at.is_(None),
)
_TEAM = sa.select(
    t.teams,
    sa.exists().where(t.team_endpoints.c.team_id == t.teams.c.id).label("troubled"),
    sa.exists().where(_ALERT).label("alerted"),
    sa.select(sa.func.count())
    .where(t.seats.c.team_id == t.teams.c.id)
    .correlate(t.teams)
    .scalar_subquery()
    .label("laid_out"),
).where(t.teams.c.id == _THIS)
_LEASES = sa.select(t.leases).where(t.leases.c.team_id == _THIS, t.leases.c.status.in_(t.LIVE)).order_by(t.leases.c.id)
_STRANGERS = (
    sa.select(t.seats).where(t.seats.c.team_id == _THIS, t.seats.c.occupant.is_not(None)).order_by(t.seats.c.id)
)
_READ = (
    sa.update(t.teams)
    .where(t.teams.c.id == _THIS)
    .values(read_at=sa.bindparam("at"), count_apart=sa.bindparam("apart"))
)


class Doubtful(Exception):
    """The lists miss somebody, and the upstream's own count says that it is the lists that are wrong."""


def collect(
    started_at: datetime,
    properties: Properties,
    owner_address: str | None,
    pending: Collection[PendingInvite],
    members: Collection[Member],
    capacity: Capacity | None,
    *,
    count_failed: bool,
) -> Lists:
    """Sort what the upstream listed by Usher's keys of addresses."""
    by_key = {key_of_listed(member.address, member.reference): member for member in members}
    owners = {key for key, member in by_key.items() if member.is_owner}
    if owner_address:
        owners.add(key_of(owner_address))
    invited = {key_of_listed(invite.address, invite.reference): invite for invite in pending}
    bought = capacity.seat_type if capacity is not None else None
    uncounted = frozenset(key for key, member in by_key.items() if not member.takes_a_seat(bought))
    return Lists(started_at, properties, invited, by_key, frozenset(owners), capacity, count_failed, uncounted)


def apply(tx: sa.Connection, core: Core, team_id: int, lists: Lists, now: datetime) -> Reading:
    """Write down what a complete reading shows. Raises: Doubtful, with nothing changed."""
    team = tx.execute(_TEAM, {"team": team_id}).one()
    held = tx.execute(_LEASES, {"team": team_id}).all()
    strangers = tx.execute(_STRANGERS, {"team": team_id}).all()
    settled = [lease for lease in held if lease.status != "held"]
    absent = [lease for lease in settled if _is_absent(lease, lists, core)]
    lost = [seat for seat in strangers if seat.occupant not in lists.present | lists.uncounted]
    apart = _count_apart(lists)
    if not lists.members and _anybody_known(settled, strangers):
        # A tenant that counts nothing and lists no owner may be empty. One where people were seen may not.
        raise Doubtful("an empty list, although members are known")
    if absent or lost:
        _refuse_contradiction(team, lists, apart)
    counts = _counts_as_a_miss(team, lists, core)
    joined = sum(_note_presence(tx, core, lease, lists, now) for lease in settled)
    gone = sum(_note_absence(tx, core, lease, now) for lease in absent if counts)
    keys = {lease.address_key for lease in held}
    _note_strangers(tx, core, team, lists, strangers, keys, counts)
    fewer = team.laid_out < min(
        team.capacity, team.capacity if team.capacity_learned is None else team.capacity_learned
    )
    if _learn_capacity(tx, team, lists, now) or fewer:
        seat_actions.lay_out(tx, team_id)
    sure = not absent and not lost and apart is not None and 0 <= apart <= len(lists.owners)
    tx.execute(_READ, {"team": team_id, "at": now, "apart": apart if sure else team.count_apart})
    if team.failures or team.members_failures or team.troubled or team.health != "healthy":
        team_health.note_success(tx, team_id, now, calls=READ_CALLS, limits=core.settings.health)
    if team.alerted and team.health == "healthy" and not (lists.capacity and lists.capacity.unpaid):
        alerts.end_condition(tx, "provider", f"team:{team_id}", now)
    return Reading(
        team_id,
        team.name,
        complete=True,
        members=len(lists.members),
        pending=len(lists.pending),
        joined=joined,
        gone=gone,
        strangers=len(lists.present - keys),
        capacity=lists.capacity.seats if lists.capacity else None,
        absent=tuple(lease.id for lease in absent),
    )


def _is_absent(lease: LeaseRow, lists: Lists, core: Core) -> bool:
    """Neither a member nor invited, and old enough that a list must show it.

    A lease that is being moved is its transfer's business: the removal at the end finds out by itself.
    """
    if lease.address_key in lists.members or lease.address_key in lists.pending or lease.status == "transferring":
        return False
    last = lease.last_sent_at or lease.invited_at or lease.created_at
    return core.clock.at_latest(last) + timedelta(seconds=lists.properties.list_lag) <= lists.started_at


def _anybody_known(settled: Collection[Any], strangers: Collection[Any]) -> bool:
    return any(lease.joined_at is not None or lease.status == "active" for lease in settled) or any(
        seat.seen_reads for seat in strangers
    )


def _count_apart(lists: Lists) -> int | None:
    if lists.capacity is None or lists.capacity.in_use is None:
        return None
    return lists.capacity.in_use - lists.seated


def _refuse_contradiction(team: TeamRow, lists: Lists, apart: int | None) -> None:
    if lists.count_failed:
        raise Doubtful("somebody is missing and the count could not be read")
    if apart is not None and apart > (team.count_apart or 0):
        raise Doubtful("the lists show fewer members than the count")
    if lists.capacity is not None and (lists.capacity.pending or 0) > len(lists.pending):
        raise Doubtful("the lists show fewer invites than the count")


def _counts_as_a_miss(team: TeamRow, lists: Lists, core: Core) -> bool:
    """Readings that follow close upon each other may all show the same old list: they count as one."""
    apart = min(lists.properties.list_lag, core.settings.sync.interval)
    if team.read_at is None:
        return True
    return lists.started_at - core.clock.at_latest(team.read_at) >= timedelta(seconds=apart * 0.5)


def _note_presence(tx: sa.Connection, core: Core, lease: LeaseRow, lists: Lists, now: datetime) -> bool:
    """True if this reading is the first to show the person as a member."""
    member = lists.members.get(lease.address_key)
    if member is None:
        if lease.absent_reads and lease.address_key in lists.pending:
            tx.execute(sa.update(t.leases).where(t.leases.c.id == lease.id).values(absent_reads=0))
        return False
    moment = member.joined_at or (now if core.settings.sync.guess_joined_at else None)
    if lease.absent_reads:
        tx.execute(sa.update(t.leases).where(t.leases.c.id == lease.id).values(absent_reads=0))
    if lease.joined_at is not None or (lease.status != "invited" and moment is None):
        return False
    values: dict[str, Any] = {"status": "active"} if lease.status == "invited" else {}
    if moment is not None:
        # Nobody joins by an invite before it was sent: an older date is of something else, and would end the term early.
        moment = min(max(moment, lease.first_sent_at or lease.created_at), now)
        values |= {"joined_at": moment, "expires_at": lease.expires_at or ends_at(parse_term(lease.term), moment)}
    row = change(tx, t.leases, t.leases.c.id == lease.id, expected=lease.status, **values).one_or_none()
    if row is None:
        return False
    if lease.status == "invited":
        audit.record(
            tx,
            SYSTEM,
            "lease.active",
            "lease",
            lease.id,
            now,
            before={"status": "invited"},
            after={"status": "active", "joined_at": moment.isoformat() if moment else None},
        )
        if row.transfer_id is not None:
            transfer_steps.joined(tx, core, row, now)
    return True


def _note_absence(tx: sa.Connection, core: Core, lease: LeaseRow, now: datetime) -> bool:
    """True if that was one absence too many."""
    misses = misses_after(lease.absent_reads, complete=True, listed=False)
    tx.execute(sa.update(t.leases).where(t.leases.c.id == lease.id).values(absent_reads=misses))
    return misses >= core.settings.sync.complete_misses and end_now(tx, core, lease, "gone", now)


def _note_strangers(
    tx: sa.Connection,
    core: Core,
    team: TeamRow,
    lists: Lists,
    strangers: Collection[Any],
    leased: Collection[str],
    counts: bool,
) -> None:
    known = set()
    for seat in strangers:
        known.add(seat.occupant)
        if seat.occupant in leased:
            # Counted twice: by the lease, and by this seat from before it.
            seat_actions.give_back(tx, seat.id, of=seat.occupant)
            continue
        listed = seat.occupant in lists.present
        if seat.occupant in lists.uncounted:
            seat_actions.give_back(tx, seat.id, of=seat.occupant)
            continue
        if not listed and not counts:
            continue
        misses = misses_after(seat.absent_reads, complete=True, listed=listed)
        seen = seen_after(seat.seen_reads, complete=True, listed=seat.occupant in lists.members)
        if misses >= core.settings.sync.complete_misses:
            seat_actions.give_back(tx, seat.id, of=seat.occupant)
            continue
        came = seat.occupied_at or lists.since(seat.occupant)
        if (misses, min(seen, 1000), came) != (seat.absent_reads, seat.seen_reads, seat.occupied_at):
            read = {"absent_reads": misses, "seen_reads": min(seen, 1000), "occupied_at": came}
            same = (t.seats.c.id == seat.id, t.seats.c.occupant == seat.occupant)
            tx.execute(sa.update(t.seats).where(*same).values(**read))
    fresh = lists.present - known - set(leased)
    if not fresh:
        return
    # Whoever was taken out while the lists were being read may still stand in them.
    since = lists.started_at - timedelta(seconds=lists.properties.list_lag)
    unknown = core.clock.at_latest(since) > since  # how long ago anybody was taken out
    recently = t.leases.c.ended_at.is_not(None) if unknown else t.leases.c.ended_at > since
    ended = tx.execute(sa.select(t.leases.c.address_key).where(t.leases.c.team_id == team.id, recently))
    old = _was_there_before(tx, team)
    for key in sorted(fresh - set(ended.scalars())):
        came = lists.since(key) or lists.started_at
        seat_actions.seat_stranger(tx, team.id, key, grandfathered=old, since=came)


def _was_there_before(tx: sa.Connection, team: TeamRow) -> bool:
    """Whether a stranger who shows up now may have been there when the unauthorised-member sweep was switched on."""
    since = tx.execute(sa.select(t.facts.c.value).where(t.facts.c.name == SWITCHED_ON)).scalar_one_or_none()
    return since is not None and (team.read_at is None or team.read_at < since)


def _learn_capacity(tx: sa.Connection, team: TeamRow, lists: Lists, now: datetime) -> bool:
    """Take over how many seats the upstream states. True if the seats have to be laid out anew.

    Fewer than the team was given are not taken over without a word.

    A learned number that nothing explains any more ("full" although the lists show room) is raised by one seat
    per reading: a refused invite fails over, a seat that stays away for ever is lost.
    """
    stated = lists.capacity.seats if lists.capacity else None
    limit = team.capacity if stated is None else min(team.capacity, stated)
    learned = team.capacity if team.capacity_learned is None else team.capacity_learned
    if learned < limit and len(lists.present) <= learned:
        limit = learned + 1
    wanted = None if limit >= team.capacity else limit
    if wanted == team.capacity_learned:
        return False
    as_read = (
        t.teams.c.id == team.id,
        t.teams.c.capacity == team.capacity,
        t.teams.c.capacity_learned.is_not_distinct_from(team.capacity_learned),
    )
    # A number that staff set while the lists were being read stands: the next reading learns from there.
    if tx.execute(sa.update(t.teams).where(*as_read).values(capacity_learned=wanted)).rowcount != 1:
        return False
    subject = f"team:{team.id}:seats"
    if wanted is None:
        alerts.end_condition(tx, "team_capacity", subject, now)
    elif wanted == stated:
        facts = {"team": team.name, "seats": team.capacity, "stated": stated}
        alerts.raise_alert(tx, "team_capacity", subject, "warning", "fewer_seats_stated", facts, now)
    return True
