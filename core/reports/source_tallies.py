"""What sources count of us, held against the calls that are stored: `usher doctor --upstream`, where they can say.

Most providers list nothing of a key's calls; a gateway of this house's kind does. What somebody paid for exactly must
have been generated there, and nothing is asked there that was not noted here before it left.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from core.actors import Actor, Role
from core.models.protocol import Offers, Tally
from core.reports.doctor import Finding
from core.storage.rows import SourceRow
from core.storage.talk_tables import call_attempts, calls, models, source_models, sources
from core.vault import Undecipherable

if TYPE_CHECKING:
    from core.service import Core

AT_ONCE = 10
"""Sources read at the same time."""
LOOKED_BACK: Final = timedelta(hours=24)
EDGE: Final = timedelta(minutes=15)
"""What began so near to the edge of the time that is looked at may be counted on one side of it only."""


@dataclass(frozen=True, slots=True)
class StoredTally:
    """What is stored of a source. `asked` counts calls that were noted, `input` and `output` tokens that were paid
    for exactly; `models` are what it should have, by its own names.
    """

    asked: int
    input: int
    output: int
    models: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Compared:
    source: str
    unreadable: str | None = None
    more: int = 0
    fewer: int = 0
    lacking: tuple[str, ...] = ()
    tells: bool = True


async def compare_sources(core: Core, actor: Actor) -> list[Finding]:
    """Ask every source that is in service, and say what differs, as the doctor's findings. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    rows = await core.read(_in_service)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(source: SourceRow) -> _Compared:
        async with turn:
            return await _compare(core, source)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(row)) for row in rows]
    found = [task.result() for task in tasks]
    silent = sum(not each.tells and each.unreadable is None for each in found)
    return [
        Finding.of(
            "source_was_asked_by_us_alone",
            "a source counts no more calls than were noted here before they left",
            [f"{one.source}: {one.more} more" for one in found if one.more],
            aside=f"{silent} of {len(found)} sources do not tell" if silent else "",
        ),
        Finding.of(
            "source_made_what_was_paid",
            "a source counts all tokens that people paid for exactly",
            [f"{one.source}: {one.fewer} tokens fewer" for one in found if one.fewer],
        ),
        Finding.of(
            "source_has_our_models",
            "a source has the models that it is asked for",
            [f"{one.source}: {', '.join(one.lacking)}" for one in found if one.lacking],
            warning=True,
        ),
        Finding.of(
            "source_readable",
            "every source in service can be read",
            [f"{one.source}: {one.unreadable}" for one in found if one.unreadable],
            warning=True,
        ),
    ]


async def _compare(core: Core, source: SourceRow) -> _Compared:
    try:
        upstream = core.source(source)
    except Undecipherable:
        return _Compared(source.name, "the key of its credential is gone")
    offers = await upstream.offers()
    if not isinstance(offers, Offers):
        return _Compared(source.name, offers.detail or "unclear")
    since = core.now() - LOOKED_BACK
    tally = await upstream.tally(since)
    stored = await core.read(_stored, source.id, since, core.now())
    lacking = tuple(sorted(stored.models - {offer.model for offer in offers.models}))
    if tally is None:
        return _Compared(source.name, lacking=lacking, tells=False)
    if not isinstance(tally, Tally):
        return _Compared(source.name, tally.detail or "unclear", lacking=lacking)
    fewer = max(0, stored.input - tally.input) + max(0, stored.output - tally.output)
    return _Compared(source.name, None, max(0, tally.calls - stored.asked), fewer, lacking)


def _in_service(tx: sa.Connection) -> list[SourceRow]:
    healthy = (sources.c.removed_at.is_(None), sources.c.enabled, sources.c.health == "healthy")
    return list(tx.execute(sa.select(sources).where(*healthy).order_by(sources.c.id)).all())


def _stored(tx: sa.Connection, source_id: int, since: datetime, now: datetime) -> StoredTally:
    noted = (
        sa.select(sa.func.count())
        .select_from(call_attempts)
        .join(calls, calls.c.id == call_attempts.c.call_id)
        .where(call_attempts.c.source_id == source_id, calls.c.made_at >= since - EDGE)
    )
    exact = sa.select(
        sa.func.coalesce(sa.func.sum(calls.c.tokens_in), 0), sa.func.coalesce(sa.func.sum(calls.c.tokens_out), 0)
    ).where(
        calls.c.source_id == source_id,
        calls.c.state == "settled",
        sa.not_(calls.c.estimated),
        calls.c.made_at >= since + EDGE,
        calls.c.ended_at <= now,
    )
    given, made = tx.execute(exact).one()
    mine = (
        sa.select(source_models.c.upstream_name)
        .join(models, models.c.id == source_models.c.model_id)
        .where(source_models.c.source_id == source_id, source_models.c.enabled, models.c.enabled)
    )
    return StoredTally(
        int(tx.execute(noted).scalar_one()), int(given), int(made), frozenset(tx.execute(mine).scalars().all())
    )
