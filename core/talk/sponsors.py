"""Who pays for the questions of a group: one of its members, from their own wallet, up to a daily limit that all can see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core import audit
from core.calls.sponsorship import spent, there
from core.people.people import person_of
from core.rules.money import amount_text
from core.storage.chat_tables import sponsors
from core.storage.database import dialect_insert
from core.talk_errors import AlreadySponsored, NotSponsored

if TYPE_CHECKING:
    from core.actors import Actor
    from core.service import Core
    from core.talk.places import Place


@dataclass(frozen=True, slots=True)
class Sponsored:
    """What is paid for in one place. Micro-credits; `spent` counts today (UTC), questions under way included."""

    platform: str
    place: str
    daily_limit: int
    spent: int
    mine: bool


async def sponsor(core: Core, actor: Actor, place: Place, daily_limit: int) -> None:
    """Pay for what is asked in a group from now on, up to `daily_limit` micro-credits a day; or change the limit.

    Raises: AlreadySponsored where somebody else does.
    """
    await core.write(_sponsor, actor, place, daily_limit, core.now())


async def end(core: Core, actor: Actor, place: Place | None = None) -> int:
    """Pay no more for a group's questions, or (None) for those of any group; what waits there is not asked.

    Returns how many places that were. Raises: NotSponsored where the actor does not pay in `place`.
    """
    return await core.write(_end, actor, place, core.now())


async def sponsored(core: Core, actor: Actor, place: Place) -> Sponsored | None:
    """Who pays here, and how much of it is left today; None where everybody pays for themselves."""
    return await core.read(_sponsored, actor, place, core.now())


async def sponsored_by(core: Core, actor: Actor) -> list[Sponsored]:
    """The places in which the actor pays."""
    return await core.read(_sponsored_by, actor, core.now())


def payer_of(tx: sa.Connection, place: Place) -> str | None:
    """Who pays for what is asked here, if that is not the asker."""
    if place.private:
        return None
    return tx.execute(sa.select(sponsors.c.payer).where(*there(place.platform, place.chat))).scalar_one_or_none()


def _sponsor(tx: sa.Connection, actor: Actor, place: Place, daily_limit: int, now: datetime) -> None:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    row = {"person_id": person_id, "payer": actor.key, "daily_limit": daily_limit, "created_at": now}
    here = {"platform": place.platform, "place": place.chat}
    statement = dialect_insert(sponsors, tx).values(**here, **row)
    mine = sponsors.c.person_id == person_id
    changed = {"payer": actor.key, "daily_limit": daily_limit}
    done = statement.on_conflict_do_update(index_elements=["platform", "place"], set_=changed, where=mine)
    if tx.execute(done).rowcount != 1:
        raise AlreadySponsored
    after = {**here, "daily_limit": amount_text(daily_limit)}
    audit.record(tx, actor, "talk.sponsored", "person", person_id, now, after=after)


def _end(tx: sa.Connection, actor: Actor, place: Place | None, now: datetime) -> int:
    person_id = person_of(tx, actor.platform, actor.identity, now)
    where = [sponsors.c.person_id == person_id, *(() if place is None else there(place.platform, place.chat))]
    ended = tx.execute(sa.delete(sponsors).where(*where).returning(sponsors.c.platform, sponsors.c.place)).all()
    if place is not None and not ended:
        raise NotSponsored
    for one in ended:
        before = {"platform": one.platform, "place": one.place}
        audit.record(tx, actor, "talk.sponsor_ended", "person", person_id, now, before=before)
    return len(ended)


def _sponsored(tx: sa.Connection, actor: Actor, place: Place, now: datetime) -> Sponsored | None:
    row = tx.execute(sa.select(sponsors).where(*there(place.platform, place.chat))).one_or_none()
    return None if row is None else _shown(tx, row, actor, now)


def _sponsored_by(tx: sa.Connection, actor: Actor, now: datetime) -> list[Sponsored]:
    rows = tx.execute(
        sa.select(sponsors).where(sponsors.c.payer == actor.key).order_by(sponsors.c.platform, sponsors.c.place)
    ).all()
    return [_shown(tx, row, actor, now) for row in rows]


def _shown(tx: sa.Connection, row: Any, actor: Actor, now: datetime) -> Sponsored:
    return Sponsored(row.platform, row.place, row.daily_limit, spent(tx, row, now), row.payer == actor.key)
