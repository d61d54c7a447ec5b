"""Accounts that a source makes for people: at most one for each, whatever is killed, late or unclear.

`claim → create → settle`, as for an invite: the row is committed before the call and guards what comes after it. An
unclear creation is looked up by its name. If an account of that name exists, it was made and its key, which is told
only once, was lost with the answer: it is revoked before another one is asked for. That there is none counts only in a
list that is younger than its lag.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import sqlalchemy as sa
import structlog

from core import audit, outbox
from core.actors import SYSTEM, Actor, Role
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.heartbeat import heartbeat
from core.models.source_lines import WrittenSource
from core.models.subaccounts.protocol import LIST_LAG, Denied, Made, Parent
from core.people.people import person_of
from core.providers.protocol import Done, Failure, Listing, Unavailable, Unclear
from core.rules.money import MICRO
from core.sources import parents as parent_rows
from core.sources.own import free_name
from core.sources.sources import forget_row, is_known, put_row
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.commits import repeatable
from core.storage.database import dialect_insert
from core.storage.row_claims import claim_due, new_token
from core.storage.subaccount_tables import SUBACCOUNT_LIVE, SUBACCOUNT_OPEN, parents, subaccounts
from core.storage.talk_tables import models, source_models, sources
from core.talk_errors import SubaccountRefused
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

LAG: Final = timedelta(seconds=LIST_LAG)
LONGEST_PAUSE: Final = 3600.0
"""Seconds between two looks at one that stays unclear."""
STUCK: Final = 5
"""Failed looks after which staff are told."""

TAKEN: Final = "taken"

SubaccountState: TypeAlias = Literal["sending", "unclear", "ready", "ending"]


class SubaccountLost(Exception):
    """Another process works on the row, or it is to end: what this process learned must not be written."""


@dataclass(frozen=True, slots=True)
class GivenSubaccount:
    """The one subaccount that somebody has at a parent.

    `source` is its name here, once it is ready. `new` where it was made just now.
    """

    parent: str
    state: SubaccountState
    source: str | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class SubaccountClaim:
    """The right to settle one subaccount. `parent` is its parent's row; `late`: whoever asked for it has gone."""

    token: str
    id: int
    row: Any
    parent: Any
    late: bool


async def give(core: Core, actor: Actor, parent: str, *, to: Actor | None = None) -> GivenSubaccount:
    """Get somebody an account of their own at `parent`, or report on the one that they have there.

    People ask for themselves where the parent is open to all, staff for anybody. A sweep settles what stays unclear,
    and the person is told. Raises: NotAllowed, NotFound (kind parent), SubaccountRefused.
    """
    if to is not None and to.key != actor.key:
        actor.require(Role.OPERATOR)
    claim = await core.write(_claim, core, actor, to or actor, parent, core.now())
    if isinstance(claim, GivenSubaccount):
        return claim
    crashpoint("S1")
    try:
        settled = await _create(core, claim, claim.row.sent_at)
    except SubaccountLost:
        return await core.read(_given, claim.id)
    if settled in {"refused", "unavailable"}:
        raise SubaccountRefused(parent=claim.parent.name, reason=settled)
    return await core.read(_given, claim.id, new=True)


async def conclude(core: Core, claim: SubaccountClaim) -> str:
    """Settle a subaccount that no process works on: revoke what exists, and ask anew unless it is to end.

    Returns its new state. Raises: SubaccountLost.
    """
    parent = _opened(core, claim)
    async with _kept(core, claim):
        read_at = core.now()
        gone = await _cleared(parent, claim) if parent is not None else Unavailable("credential", "undecipherable")
    if not isinstance(gone, int):
        return await core.write(_later, claim, gone, core.now())
    listed_from = core.clock.at_latest(claim.row.sent_at) + LAG
    # Its reference was told, or it is the one of its name, since the parent makes no second one.
    is_all = gone and (claim.row.reference is not None or claim.row.reason == TAKEN)
    if not is_all and read_at < listed_from:
        # Whether there is another is not known: this list may be older than what it lacks.
        return await core.write(_wait, claim, listed_from)
    if claim.row.state == "ending":
        return await core.write(_revoked, core, claim, core.now())
    asked_at = core.now()
    await core.write(_note_sending, core, claim, asked_at)
    return await _create(core, claim, asked_at)


def take_over(tx: sa.Connection, core: Core, now: datetime, *, most: int) -> list[SubaccountClaim]:
    """Claim those that are due: their process is silent, or the time of their next look has come."""
    until = now + timedelta(seconds=core.settings.redemption.claim)
    due = sa.and_(subaccounts.c.due_at.is_not(None), subaccounts.c.due_at <= sa.literal(now, Moment()))
    rows = claim_due(tx, subaccounts, due, until=until, order_by=(subaccounts.c.due_at,), most=most)
    claims = []
    for row in rows:
        if row.state == "sending":
            # Its process may have asked until this moment, and may have been answered.
            mine = sa.and_(subaccounts.c.id == row.id, subaccounts.c.claim == row.claim)
            lost = sa.update(subaccounts).where(mine).values(state="unclear", sent_at=now)
            row = tx.execute(lost.returning(subaccounts)).one()  # noqa: PLW2901 - the same row, as it is now
        parent = tx.execute(parent_rows.with_sources().where(parents.c.id == row.parent_id)).one()
        claims.append(SubaccountClaim(row.claim, row.id, row, parent, late=True))
    return claims


def end_of_the_suspended(tx: sa.Connection, now: datetime) -> int:
    """End the subaccounts of everybody who is suspended or gone. Returns how many have to be revoked."""
    suspended = sa.select(t.people.c.id).where(t.people.c.standing == "suspended")
    which = sa.or_(subaccounts.c.person_id.is_(None), subaccounts.c.person_id.in_(suspended))
    return parent_rows.end(tx, which, now)


def _claim(
    tx: sa.Connection, core: Core, actor: Actor, to: Actor, name: str, now: datetime
) -> SubaccountClaim | GivenSubaccount:
    """Write down that somebody is to have one. Raises: NotFound (kind parent), SubaccountRefused."""
    parent = parent_rows.parent_named(tx, name, for_all=actor.role < Role.OPERATOR)
    person_id = person_of(tx, to.platform, to.identity, now)
    if tx.execute(sa.select(t.people.c.standing).where(t.people.c.id == person_id)).scalar_one() != "active":
        raise SubaccountRefused(parent=parent.name, reason="suspended")
    values = {
        "parent_id": parent.id,
        "person_id": person_id,
        "name": f"usher-{core.vault.digest(f'person:{person_id}').hex()[:16]}",
        "state": "sending",
        "claim": new_token(),
        "sent_at": now,
        "created_at": now,
        "due_at": now + timedelta(seconds=core.settings.redemption.claim),
    }
    made = dialect_insert(subaccounts, tx).on_conflict_do_nothing().returning(subaccounts)
    row = tx.execute(made, values).one_or_none()
    if row is None:
        mine = sa.and_(subaccounts.c.parent_id == parent.id, subaccounts.c.person_id == person_id)
        there = sa.select(subaccounts.c.id).where(mine, subaccounts.c.state.in_(SUBACCOUNT_LIVE))
        number = tx.execute(there).scalar_one_or_none()
        if number is None:
            raise SubaccountRefused(parent=parent.name, reason="ended")  # between the two statements
        return _given(tx, number)
    audit.record(tx, actor, "subaccount.asked", "subaccount", row.id, now, after={"parent": parent.name})
    return SubaccountClaim(values["claim"], row.id, row, parent, late=False)


def _given(tx: sa.Connection, row_id: int, *, new: bool = False) -> GivenSubaccount:
    used = sources.alias()
    found = (
        sa.select(subaccounts.c.state, sources.c.name.label("parent"), used.c.name.label("source"))
        .join(parents, parents.c.id == subaccounts.c.parent_id)
        .join(sources, sources.c.id == parents.c.source_id)
        .outerjoin(used, used.c.id == subaccounts.c.source_id)
    )
    row = tx.execute(found.where(subaccounts.c.id == row_id)).one()
    if row.state not in SUBACCOUNT_LIVE:
        raise SubaccountRefused(parent=row.parent, reason="ended")
    return GivenSubaccount(row.parent, row.state, row.source, new)


def _opened(core: Core, claim: SubaccountClaim) -> Parent | None:
    try:
        return core.parent(claim.parent)
    except Undecipherable:
        log.warning("credential_undecipherable", parent=claim.parent.id)
        return None


async def _create(core: Core, claim: SubaccountClaim, noted_at: datetime) -> str:
    """Ask for it, once, and settle the answer; `noted_at` is when that was written down. Raises: SubaccountLost."""
    parent = _opened(core, claim)
    if core.now() >= noted_at + timedelta(seconds=core.settings.redemption.claim):
        # Frozen since then: somebody else looks after it, and may have proved that nothing was sent.
        raise SubaccountLost
    answer: Made | Denied | Failure = Unavailable("credential", "undecipherable")
    if parent is not None:
        async with _kept(core, claim):
            answer = await parent.create(claim.row.name)
            crashpoint("S2")
    try:
        settled = await core.write(_settle, core, claim, answer, core.now())
    except SubaccountLost:
        # Whoever has taken over asks for its own.
        if isinstance(answer, Made) and parent is not None:
            made = answer.reference
            if await core.write(parent_rows.keep_to_revoke, claim.parent.id, claim.row.name, made, core.now()):
                _ = await parent.revoke(made)  # at once where that works; the sweep sees to it
        raise
    crashpoint("S3")
    return settled


async def _cleared(parent: Parent, claim: SubaccountClaim) -> int | Failure:
    """Revoke every account of this name, and the one that is known. Returns how many are gone now."""
    found = await parent.named(claim.row.name)
    if not isinstance(found, Listing):
        return found
    references = {one.reference for one in found.items}
    if claim.row.reference is not None:
        references.add(claim.row.reference)
    for reference in sorted(references):
        revoked = await parent.revoke(reference)
        if not isinstance(revoked, Done):
            return revoked
    return len(references)


def _kept(core: Core, claim: SubaccountClaim) -> AbstractAsyncContextManager[None]:
    """Keep the claim for as long as the parent is spoken to."""
    return heartbeat(core.settings.redemption.claim / 3, lambda: core.write(_renew, core, claim, core.now()))


def _mine(claim: SubaccountClaim) -> sa.ColumnElement[bool]:
    """The row, only while this process holds the claim and the row is not to end."""
    states = ("ending",) if claim.row.state == "ending" else SUBACCOUNT_OPEN
    return sa.and_(subaccounts.c.id == claim.id, subaccounts.c.claim == claim.token, subaccounts.c.state.in_(states))


def _change(tx: sa.Connection, claim: SubaccountClaim, /, **values: Any) -> None:
    """Raises: SubaccountLost."""
    if tx.execute(sa.update(subaccounts).where(_mine(claim)).values(**values)).rowcount != 1:
        raise SubaccountLost


@repeatable
def _renew(tx: sa.Connection, core: Core, claim: SubaccountClaim, now: datetime) -> None:
    _change(tx, claim, due_at=now + timedelta(seconds=core.settings.redemption.claim))


def _note_sending(tx: sa.Connection, core: Core, claim: SubaccountClaim, now: datetime) -> None:
    """Note that another account is about to be asked for; if the process dies now, it is looked up."""
    until = now + timedelta(seconds=core.settings.redemption.claim)
    asked = {"state": "sending", "sends": subaccounts.c.sends + 1, "sent_at": now, "due_at": until}
    _change(tx, claim, **asked, reference=None, reason=None)


def _settle(
    tx: sa.Connection, core: Core, claim: SubaccountClaim, answer: Made | Denied | Failure, now: datetime
) -> str:
    """What the parent's answer means, in one transaction with everything that hangs on it. Raises: SubaccountLost."""
    mine = tx.execute(sa.select(subaccounts).where(_mine(claim)).with_for_update()).one_or_none()
    if mine is None:
        raise SubaccountLost
    match answer:
        case Made():
            return _ready(tx, core, claim, mine, answer, now)
        case Denied(reason="taken") if not claim.late:
            # One of this name is there: from before a restore, or of a process that died. It is looked up at once.
            _change(tx, claim, state="unclear", claim=None, due_at=now, reason=TAKEN)
            return "unclear"
        case Unclear() as failed:
            return _later(tx, claim, failed, now, sent_at=now)
        case Unavailable() as failed if claim.late:
            return _later(tx, claim, failed, now)
        case Denied(reason="taken"):
            return _later(tx, claim, Unclear("taken, and not in the list"), now)
    refused = "refused" if isinstance(answer, Denied) else "unavailable"
    _change(tx, claim, state="failed", claim=None, due_at=None, ended_at=now, reason=refused)
    audit.record(tx, SYSTEM, "subaccount.failed", "subaccount", claim.id, now, after={"reason": refused})
    _tell(tx, claim, mine, "subaccount_failed", now)
    return refused


def _ready(tx: sa.Connection, core: Core, claim: SubaccountClaim, mine: Any, made: Made, now: datetime) -> str:
    owner = _identity(tx, mine.person_id)
    if owner is None:
        _change(tx, claim, state="ending", claim=None, due_at=now, reference=made.reference, looks=0)
        return "ending"
    name = free_name(tx, f"{claim.parent.name[:55]}-{mine.name[-4:]}")
    line = _line(tx, claim.parent, name, made.api_key)
    if is_known(tx, core.vault, line) or parent_rows.is_somebodys(tx, claim.parent.id, made.reference):
        return _later(tx, claim, Unclear("the answer is what somebody has already"), now, sent_at=now)
    source_id, _ = put_row(tx, core.vault, SYSTEM, line, owner, now)
    settled = {"state": "ready", "claim": None, "due_at": None, "reference": made.reference, "source_id": source_id}
    _change(tx, claim, **settled, looks=0, reason=None)
    audit.record(tx, SYSTEM, "subaccount.made", "subaccount", claim.id, now, after={"source": name})
    alerts.end_condition(tx, "provider", f"subaccounts:{claim.parent.id}", now)
    _tell(tx, claim, mine, "subaccount_ready", now, source=name)
    return "ready"


def _line(tx: sa.Connection, parent: Any, name: str, api_key: str) -> WrittenSource:
    """The source that a subaccount is: asked at its parent's address, for the same models."""
    offered = sa.select(models.c.name, source_models.c.upstream_name).join(
        models, models.c.id == source_models.c.model_id
    )
    rows = tx.execute(offered.where(source_models.c.source_id == parent.source_id))
    return WrittenSource(
        name=name,
        adapter="openai_compatible",
        base_url=parent.asked_at,
        api_key=api_key,
        models={row.name: row.upstream_name for row in rows},
        tier=parent.tier,
        concurrency=parent.concurrency,
        rpm=parent.rpm,
        tpm=parent.tpm,
        daily_budget=None if parent.daily_budget is None else Decimal(parent.daily_budget) / MICRO,
    )


def _later(
    tx: sa.Connection, claim: SubaccountClaim, failed: Failure, now: datetime, *, sent_at: datetime | None = None
) -> str:
    """Leave it as it is and look again later; staff are told of one that stays unclear for long."""
    state = "ending" if claim.row.state == "ending" else "unclear"
    looks = claim.row.looks + 1 if claim.late else 0
    asked = failed.retry_after if isinstance(failed, Unavailable) and failed.retry_after is not None else 0.0
    pause = min(LONGEST_PAUSE, max(asked, LIST_LAG * 2 ** min(looks, 10) / 2))
    reason = failed.reason if isinstance(failed, Unavailable) else "unclear"
    noted = {"reason": reason, "looks": looks, "sent_at": sent_at or claim.row.sent_at}
    _change(tx, claim, state=state, claim=None, due_at=now + timedelta(seconds=max(pause, LIST_LAG)), **noted)
    if looks >= STUCK:
        facts = {"source": claim.parent.name, "error": failed.detail[:100], "count": looks}
        alerts.raise_alert(tx, "provider", f"subaccounts:{claim.parent.id}", "warning", "subaccount_stuck", facts, now)
    return state


@repeatable
def _wait(tx: sa.Connection, claim: SubaccountClaim, until: datetime) -> str:
    _change(tx, claim, claim=None, due_at=until)
    return str(claim.row.state)


def _revoked(tx: sa.Connection, core: Core, claim: SubaccountClaim, now: datetime) -> str:
    _change(tx, claim, state="revoked", claim=None, due_at=None, ended_at=now)
    used = tx.execute(
        sa.select(sources).where(sources.c.id == claim.row.source_id, sources.c.removed_at.is_(None)).with_for_update()
    ).one_or_none()
    if used is not None:
        forget_row(tx, core, used, now)
    parent_rows.forget_credentials(tx)
    alerts.end_condition(tx, "provider", f"subaccounts:{claim.parent.id}", now)
    audit.record(tx, SYSTEM, "subaccount.revoked", "subaccount", claim.id, now)
    return "revoked"


def _identity(tx: sa.Connection, person_id: int | None) -> Actor | None:
    """An identity of a person who may have a subaccount; None for one who is suspended or gone."""
    found = (
        sa.select(t.identities.c.platform, t.identities.c.identity)
        .join(t.people, t.people.c.id == t.identities.c.person_id)
        .where(t.identities.c.person_id == person_id, t.people.c.standing == "active")
        .order_by(t.identities.c.created_at, t.identities.c.platform)
    )
    row = tx.execute(found.limit(1)).one_or_none()
    return None if row is None else Actor(row.platform, row.identity)


def _tell(tx: sa.Connection, claim: SubaccountClaim, mine: Any, template: str, now: datetime, **facts: Any) -> None:
    """Tell a person who was not answered yet."""
    to = _identity(tx, mine.person_id) if claim.late else None
    if to is not None:
        told = {"parent": claim.parent.name, **facts}
        outbox.tell(
            tx, to.platform, to.identity, outbox.Notice(template, told, dedupe=f"subaccount:{claim.id}:{template}"), now
        )
