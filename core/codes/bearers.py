"""For whom codes are, and how many of them one person may use: of a batch, and in a day.

A person is everybody whom their chats are linked with. What is counted is counted behind a lock on the person, so that
two codes at once are not both the last one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from core.actors import Actor, Role
from core.code_errors import DailyLimit, PersonLimit
from core.errors import BadNumber
from core.people.locks import read_identity
from core.people.report import identities_of, of_identities
from core.rules.addresses import read_address
from core.rules.code_lists import MOST_USES
from core.storage import tables as t
from core.storage.column_types import Moment
from core.storage.guards import guard
from core.storage.rows import LimitedCode

DAY: Final = timedelta(days=1)
USING: Final = ("sending", "unclear", "invited")
"""States of a redemption that has a use of its code, or may have."""
_PERSONS: Final = 1
"""The space of these locks, which addresses do not share."""

_platform = sa.bindparam("asker_platform", type_=sa.String())
_identity = sa.bindparam("asker_identity", type_=sa.String())
_asker = sa.bindparam("asker", type_=sa.String())
_since = sa.bindparam("day_began", type_=Moment())


@dataclass(frozen=True, slots=True)
class Asker:
    """Who redeems. `most`: redemptions in a day; none for staff, and for a place that was kept for somebody."""

    actor: Actor
    most: int | None = None

    @classmethod
    def of(cls, actor: Actor, most: int, *, waited: bool = False) -> Asker:
        """`most` of the settings (0: any number), as it applies to this one."""
        return cls(actor, most if most and actor.role < Role.VIEWER and not waited else None)

    def facts(self, now: datetime) -> dict[str, Any]:
        """What the statements ask for."""
        of = {"asker_platform": self.actor.platform, "asker_identity": self.actor.identity, "asker": self.actor.key}
        return {**of, "asker_lock": _number(self.actor.key), "day_began": now - DAY}


@dataclass(frozen=True, slots=True)
class CodeBearer:
    """Whom codes are for: an address as it is compared, or a chat identity (`telegram:42`); whoever has them if neither.

    One person may use `per_person` of them, any number if it is not said.
    """

    address: str | None = None
    identity: str | None = None
    per_person: int | None = None

    @property
    def named(self) -> str:
        """Whom they are for, as it is shown."""
        return self.address or self.identity or ""

    @property
    def columns(self) -> dict[str, Any]:
        """As a batch keeps it."""
        return {"for_address": self.address, "for_identity": self.identity, "per_person": self.per_person}

    def refuse_number(self) -> None:
        """Raises: BadNumber if nobody could use one, or the number is none."""
        if self.per_person is not None and not 1 <= self.per_person <= MOST_USES:
            raise BadNumber(name="per_person", low=1, high=MOST_USES)


ANYBODY: Final = CodeBearer()


def read_bearer(text: str | None, per_person: int | None = None) -> CodeBearer:
    """Read an address or an identity. Raises: BadAddress, BadValue."""
    if text is None:
        return CodeBearer(per_person=per_person)
    if "@" in text:
        return CodeBearer(read_address(text).key, per_person=per_person)
    return CodeBearer(identity=":".join(read_identity(text)), per_person=per_person)


def _person() -> sa.ScalarSelect[Any]:
    own = t.identities.alias("own")
    return sa.select(own.c.person_id).where(own.c.platform == _platform, own.c.identity == _identity).scalar_subquery()


def meant(address_key: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The batch's codes are for whoever has them, or for this address, and for this person."""
    one = t.identities.alias("one")
    linked = sa.exists().where(
        one.c.person_id == _person(),
        one.c.platform.concat(":").concat(one.c.identity) == t.batches.c.for_identity,
    )
    of = t.batches.c
    return sa.and_(
        sa.or_(of.for_address.is_(None), of.for_address == address_key),
        sa.or_(of.for_identity.is_(None), of.for_identity == _asker, linked),
    )


def locked() -> sa.ColumnElement[Any]:
    """On PostgreSQL: the lock on the person who asks."""
    person = sa.cast(_person() % (2**31 - 1), sa.Integer)
    number = sa.func.coalesce(person, sa.bindparam("asker_lock", type_=sa.Integer()))
    return sa.func.pg_advisory_xact_lock(sa.cast(_PERSONS, sa.Integer), number)


def used_today() -> sa.ColumnElement[int]:
    """The redemptions of this person in the last day: under this name, and under those that it is linked with."""
    counted = (t.redemptions.c.state.in_(USING), t.redemptions.c.created_at > _since)
    here = sa.and_(t.redemptions.c.platform == _platform, t.redemptions.c.identity == _identity)
    theirs = t.identities.alias("theirs")
    elsewhere = sa.and_(
        theirs.c.person_id == _person(),
        theirs.c.platform == t.redemptions.c.platform,
        theirs.c.identity == t.redemptions.c.identity,
        sa.not_(sa.and_(theirs.c.platform == _platform, theirs.c.identity == _identity)),
    )
    alone = sa.select(sa.func.count()).select_from(t.redemptions).where(here, *counted).correlate(None)
    linked = (
        sa.select(sa.func.count()).select_from(t.redemptions).join(theirs, elsewhere).where(*counted).correlate(None)
    )
    return alone.scalar_subquery() + linked.scalar_subquery()


def refuse_beyond(tx: sa.Connection, asker: Asker, code: LimitedCode, address_key: str, now: datetime) -> None:
    """Return if this person may use one more of such codes, today. Raises: PersonLimit, DailyLimit.

    `code` has `used_today` as counted behind the lock, where there is a limit of a day.
    """
    if asker.most is not None and code.used_today >= asker.most:
        raise DailyLimit(most=asker.most, until=_first_of_day(tx, asker, now) + DAY)
    if code.per_person is None:
        return
    lock_person(tx, asker, now)
    used = sa.or_(
        t.redemptions.c.address_key == address_key, of_identities(t.redemptions, identities_of(tx, asker.actor))
    )
    counted = (
        sa.select(sa.func.count(sa.distinct(t.redemptions.c.id)))
        .join(t.codes, t.codes.c.id == t.redemptions.c.code_id)
        .where(t.codes.c.batch_id == code.batch_id, t.redemptions.c.state.in_(USING), used)
    )
    if tx.execute(counted).scalar_one() >= code.per_person:
        raise PersonLimit(most=code.per_person)


def lock_person(tx: sa.Connection, asker: Asker, now: datetime) -> None:
    """Until the commit, nobody else counts what this person has used. On SQLite there is one writer anyway."""
    if tx.dialect.name == "postgresql" and guard("person_lock", True):
        tx.execute(sa.select(locked()), asker.facts(now))


def _first_of_day(tx: sa.Connection, asker: Asker, now: datetime) -> datetime:
    """When the redemption was made whose day is over first."""
    mine = of_identities(t.redemptions, identities_of(tx, asker.actor))
    first = sa.select(sa.func.min(t.redemptions.c.created_at)).where(
        mine, t.redemptions.c.state.in_(USING), t.redemptions.c.created_at > now - DAY
    )
    moment: datetime | None = tx.execute(first).scalar_one()
    return moment or now


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
