"""What is stored about a person: to be taken along, and to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core import audit
from core.actors import Actor
from core.people.report import identities_of, of_identities
from core.service import Core
from core.storage.row_claims import change
from core.storage.tables import (
    LIVE,
    buttons,
    dialogues,
    identities,
    inbox,
    leases,
    notices,
    people,
    redemptions,
    waitlist,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """`kept` live seats keep their address, which the workspace itself needs as long as they last."""

    rows: int
    kept: int


async def export_person(core: Core, actor: Actor) -> dict[str, Any]:
    """Everything stored about the person behind an identity, as JSON values."""
    return await core.read(_export, actor)


async def erase_person(core: Core, actor: Actor) -> Erased:
    """Forget this person: addresses of what is over, the chats, the language, what was asked and answered.

    Lock-outs stay until they end: erasing oneself is no way around them. So do live seats, by address only, and
    the log of changes, which holds neither address nor code.
    """
    erased, keys = await core.write(_erase, actor, core.now())
    # What a question was last answered with may also be elsewhere; a crash here leaves it to end within a day.
    await core.dialogues.clear(keys)
    return erased


def _export(tx: sa.Connection, actor: Actor) -> dict[str, Any]:
    pairs = identities_of(tx, actor)
    person = tx.execute(
        sa.select(people)
        .join(identities, identities.c.person_id == people.c.id)
        .where(identities.c.platform == actor.platform, identities.c.identity == actor.identity)
    ).one_or_none()
    return {
        "person": _plain(person, ("role", "language", "timezone", "created_at")) if person is not None else None,
        "identities": [{"platform": platform, "identity": identity} for platform, identity in pairs],
        "redemptions": _rows(
            tx, redemptions, pairs, ("address", "code_last4", "state", "reason", "created_at", "settled_at")
        ),
        "seats": _rows(
            tx,
            leases,
            pairs,
            ("address", "status", "term", "created_at", "invited_at", "joined_at", "expires_at", "ended_at"),
        ),
        "waiting_list": _rows(tx, waitlist, pairs, ("address", "state", "created_at", "ended_at")),
    }


def _rows(
    tx: sa.Connection, table: sa.Table, pairs: list[tuple[str, str]], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(table).where(of_identities(table, pairs)).order_by(table.c.id))
    return [_plain(row, names) for row in rows]


def _plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _erase(tx: sa.Connection, actor: Actor, now: datetime) -> tuple[Erased, list[str]]:
    pairs = identities_of(tx, actor)
    keys = [f"{platform}:{identity}" for platform, identity in pairs]
    rows = 0
    for table, over in (
        (redemptions, redemptions.c.state.in_(("invited", "already_member", "refused"))),
        (leases, leases.c.status.in_(("ended", "failed"))),
        (waitlist, waitlist.c.state != "served"),
    ):
        # A name of its own per row, so that what is unique stays unique.
        nobody = sa.literal("erased-").concat(sa.cast(table.c.id, sa.String)).concat("@erased.invalid")
        values: dict[str, Any] = {
            "address": nobody,
            "address_key": nobody,
            "platform": "erased",
            "identity": "erased",
            "language": None,
        }
        if table is waitlist:
            mine = of_identities(waitlist, pairs)
            for place in change(tx, waitlist, mine, expected="waiting", state="left", ended_at=now).all():
                audit.record(tx, actor, "waitlist.left", "waitlist", place.id, now, before={"state": "waiting"})
        rows += tx.execute(sa.update(table).where(of_identities(table, pairs), over).values(**values)).rowcount
    kept = tx.execute(
        sa.update(leases)
        .where(of_identities(leases, pairs), leases.c.status.in_(LIVE))
        .values(platform=None, identity=None, language=None)
    ).rowcount
    tx.execute(sa.delete(dialogues).where(dialogues.c.identity.in_(keys)))
    tx.execute(sa.delete(buttons).where(buttons.c.owner.in_(keys)))
    for platform, identity in pairs:
        tx.execute(sa.delete(notices).where(notices.c.channel == platform, notices.c.recipient == identity))
        tx.execute(
            sa.update(inbox)
            .where(inbox.c.lane == f"{platform}:{identity}", inbox.c.state != "ready")
            .values(payload=b"")
        )
    who = sa.or_(*(sa.and_(identities.c.platform == one, identities.c.identity == other) for one, other in pairs))
    persons = list(tx.execute(sa.delete(identities).where(who).returning(identities.c.person_id)).scalars())
    for person_id in set(persons):
        tx.execute(sa.delete(people).where(people.c.id == person_id))
        audit.record(tx, actor, "person.erased", "person", person_id, now, after={"rows": rows, "seats_kept": kept})
    return Erased(rows, kept), keys
