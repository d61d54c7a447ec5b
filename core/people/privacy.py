"""What is stored about a person: to be taken along, and to be erased.

Which columns that are stands in `core.people.personal`. What is still needed, because a seat lasts or an invite is
under way, keeps its address and loses its owner; a sweep erases it when it is over.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from core import audit
from core.actors import Actor
from core.people.credit_privacy import export_credit, forget_credit, gift_keys, whose_gifts
from core.people.endings import end_access, private_chats
from core.people.personal import (
    ERASED,
    PERSONAL,
    SECRET,
    Whose,
    columns,
    forgotten_content,
    kept_marks,
    table_named,
    theirs,
)
from core.people.report import identities_of, of_identities
from core.people.talk_privacy import export_talk, forget_talk
from core.rounds import Round
from core.service import Core
from core.storage import journal
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.row_claims import change
from core.storage.rows import LeaseRow
from core.vault import Vault

NOBODYS: Final = "@erased.invalid"
JOURNAL_FOLLOWS: Final = 1
"""Days after which a file of the journal is written anew without whom it names: nobody appends to it any more."""
MOVING: Final = ("planned", "inviting", "waiting", "removing")


@dataclass(frozen=True, slots=True)
class Erased:
    """`kept` live seats keep their address, which the workspace itself needs as long as they last."""

    rows: int
    kept: int


async def export_person(core: Core, actor: Actor) -> dict[str, Any]:
    """Everything stored about the person behind an identity, by table, as JSON values."""
    return await core.read(_export, core.vault, actor)


async def erase_person(core: Core, actor: Actor) -> Erased:
    """Forget this person: addresses of what is over, the chats, the language, what was asked and answered.

    The journal follows within two days of the end. Limits and bans stay until they end: erasing oneself is no way around them. So do live seats and what is under way,
    by address only, until they are over. The log keeps what happened, under a pseudonym.
    """
    erased, keys = await core.write(_erase, core.vault, actor, core.now())
    # What a question was last answered with may also be elsewhere; a crash here leaves it to end within a day.
    await core.dialogues.clear(keys)
    return erased


async def forget_ended(core: Core) -> Round:
    """Erase what was kept for people who are forgotten, and is over now."""
    rows = await core.write(forget_over, core.vault)
    return Round({"rows_erased": rows})


def forget_over(tx: sa.Connection, vault: Vault) -> int:
    """Erase kept rows that are over. Returns how many those were."""

    def kept(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.platform == ERASED, table.c.identity > ERASED)

    addresses = _addresses(tx, kept)
    rows = _forget_rows(tx, vault, kept)
    if rows:
        _forget_words(tx, [one for one in addresses if one not in set(_addresses(tx, kept))], ())
    return rows


def without_forgotten(tx: sa.Connection) -> Callable[[dict[str, Any]], Mapping[str, Any]]:
    """What becomes of a line of the journal: the same, or without whom it names if they are forgotten."""
    gone = t.leases.c.address_key.like(f"{ERASED}-%{NOBODYS}")
    leases = set(tx.execute(sa.select(t.leases.c.id).where(gone)).scalars())
    gifts = gift_keys(tx, None)

    def without(line: dict[str, Any]) -> Mapping[str, Any]:
        row = line.get("row", {})
        theirs = line.get("lease") in leases or (line["kind"] == "gift" and row["request_key"] in gifts)
        if not theirs or row.get("platform", ERASED) == ERASED:
            return line
        nobody = {**_nobody(line.get("lease", 0)), "content": ""}
        return {**line, "row": {name: nobody.get(name, value) for name, value in row.items()}}

    return without


def _nobody(number: int) -> dict[str, Any]:
    """What stands in a row in the place of whoever is forgotten."""
    address = f"{ERASED}-{number}{NOBODYS}"
    return {"address": address, "address_key": address, "platform": ERASED, "identity": ERASED, "language": None}


def _export(tx: sa.Connection, vault: Vault, actor: Actor) -> dict[str, Any]:
    whose = _whose(tx, identities_of(tx, actor))
    person = sa.select(t.identities.c.person_id).where(of_identities(t.identities, whose.pairs))
    stored = {"people": _rows(tx, t.people, t.people.c.id.in_(person))}
    for name in sorted({column.partition(".")[0] for column in PERSONAL} | {"attempts", "bans"}):
        if name not in stored:
            table = table_named(name)
            stored[name] = _rows(tx, table, theirs(table, whose))
    for person_id in tx.execute(person).scalars().all():
        stored |= export_credit(tx, person_id) | export_talk(tx, vault, person_id)
    return {name: rows for name, rows in stored.items() if rows}


def _rows(tx: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    shown = [column for column in table.c if column.name not in SECRET and not isinstance(column.type, sa.LargeBinary)]
    rows = tx.execute(sa.select(*shown).where(which).order_by(*table.primary_key))
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _whose(tx: sa.Connection, pairs: Sequence[tuple[str, str]]) -> Whose:
    mine = sa.select(t.leases.c.id).where(of_identities(t.leases, pairs))
    addresses = _addresses(tx, lambda table: of_identities(table, pairs))
    return Whose(pairs, sorted(private_chats(tx, pairs)), addresses, list(tx.execute(mine).scalars()))


def _addresses(tx: sa.Connection, mine: Any) -> list[str]:
    """Every address, as written and as compared, of somebody's own rows."""
    found: set[str] = set()
    for table in (t.redemptions, t.leases, t.waitlist, t.code_requests):
        for row in tx.execute(sa.select(table.c.address, table.c.address_key).where(mine(table)).distinct()):
            found |= {row.address, row.address_key}
    return sorted(one for one in found if not one.endswith(NOBODYS))


def erase_again(
    tx: sa.Connection, vault: Vault, person_id: int, leases: Collection[int], gifts: Collection[str], now: datetime
) -> None:
    """Forget somebody whom a restored backup, or the journal after it, brought back: by what was theirs when they were
    forgotten.
    """
    known = [
        (t.identities, sa.or_(t.identities.c.person_id == person_id, t.identities.c.platform == ERASED)),
        (t.leases, sa.and_(t.leases.c.id.in_(leases), t.leases.c.platform != ERASED)),
    ]
    pairs = {
        (row.platform, row.identity)
        for table, hers in known
        for row in tx.execute(sa.select(table.c.platform, table.c.identity).where(hers))
    }
    if pairs := pairs | set(whose_gifts(tx, gifts)):
        _erase_pairs(tx, vault, Actor(*min(pairs)), sorted(pairs), now)


def _erase(tx: sa.Connection, vault: Vault, actor: Actor, now: datetime) -> tuple[Erased, list[str]]:
    return _erase_pairs(tx, vault, actor, identities_of(tx, actor), now)


def _erase_pairs(
    tx: sa.Connection, vault: Vault, actor: Actor, pairs: Sequence[tuple[str, str]], now: datetime
) -> tuple[Erased, list[str]]:
    whose = _whose(tx, pairs)
    pseudonym = f"{ERASED}:{secrets.token_hex(6)}"
    end_access(tx, actor, pairs, now)
    _end_waiting(tx, actor, of_identities(t.waitlist, pairs), now)
    asked = of_identities(t.code_requests, pairs)
    _ = change(tx, t.code_requests, asked, expected="asked", state="declined", decided_at=now).count
    rows = _forget_rows(tx, vault, lambda table: of_identities(table, pairs))
    kept = _keep(tx, vault, pairs)
    tx.execute(sa.delete(t.notices).where(theirs(t.notices, whose)))
    _forget_words(tx, whose.addresses, whose.places)
    here = sa.or_(
        sa.false(), *(sa.and_(t.jobs.c.platform == one, t.jobs.c.chat_id == other) for one, other in whose.places)
    )
    tx.execute(sa.update(t.jobs).where(here).values(platform=None, chat_id=None, message_ref=None))
    for column in columns("actor"):
        _take_pseudonym(tx, column, whose, pseudonym)
    persons = tx.execute(
        sa.delete(t.identities).where(of_identities(t.identities, pairs)).returning(t.identities.c.person_id)
    )
    for person_id in set(persons.scalars()):
        gifts = sorted(gift_keys(tx, person_id))
        rows += forget_credit(tx, person_id, now) + forget_talk(tx, person_id, [":".join(pair) for pair in pairs])
        tx.execute(sa.delete(t.people).where(t.people.c.id == person_id))
        # A backup would bring them back: this is read when one is restored, and names nobody.
        journal.note(tx, "erased", now, person=person_id, leases=list(whose.leases), gifts=gifts)
        nobody = Actor(ERASED, pseudonym.partition(":")[2])
        audit.record(tx, nobody, "person.erased", "person", person_id, now, after={"rows": rows, "seats_kept": kept})
    return Erased(rows, kept), whose.keys


def _end_waiting(tx: sa.Connection, actor: Actor, mine: sa.ColumnElement[bool], now: datetime) -> None:
    """Give up places of the waiting list; one whose code is being redeemed already has another outcome."""
    waits = (mine, t.waitlist.c.state == "waiting")
    # Locked first: an UPDATE that has waited for its row looks into other tables as they were before.
    tx.execute(sa.select(t.waitlist.c.id).where(*waits).order_by(t.waitlist.c.id).with_for_update())
    over: dict[str, Any] = {"ended_at": now, "claim": None, "due_at": None}
    for state, which in (("left", guard("place_fence", sa.not_(t.place_redeemed))), ("served", ())):
        for place in change(tx, t.waitlist, mine, *which, expected="waiting", state=state, **over).all():
            audit.record(tx, actor, f"waitlist.{state}", "waitlist", place.id, now, before={"state": "waiting"})


def _forget_rows(tx: sa.Connection, vault: Vault, mine: Any) -> int:
    """Erase addresses and owners of the rows that are `mine(table)` and over, and of what hangs on them."""
    wanted = sa.exists().where(t.removals.c.lease_id == t.leases.c.id, t.removals.c.state == "planned")
    moving = sa.exists().where(
        sa.or_(t.transfers.c.lease_id == t.leases.c.id, t.transfers.c.target_lease_id == t.leases.c.id),
        t.transfers.c.state.in_(MOVING),
    )
    over = tx.execute(
        sa.select(t.leases).where(mine(t.leases), t.leases.c.status.in_(("ended", "failed")), ~wanted, ~moving)
    ).all()
    for lease in over:
        _forget_lease(tx, lease)
    done = sa.and_(mine(t.redemptions), t.redemptions.c.state.in_(("invited", "already_member", "refused")))
    redeemed = tx.execute(sa.select(t.redemptions.c.id, t.redemptions.c.content).where(done)).all()
    for row in redeemed:
        content = forgotten_content(vault, [bytes(row.content)])[0]
        _make_nobodys(tx, t.redemptions, row.id, content=content, facts=None)
    places = (
        tx.execute(sa.select(t.waitlist.c.id).where(mine(t.waitlist), t.waitlist.c.state != "waiting")).scalars().all()
    )
    for place in places:
        _make_nobodys(tx, t.waitlist, place)
    wishes = tx.execute(sa.select(t.code_requests.c.id).where(mine(t.code_requests))).scalars().all()
    for wish in wishes:
        _make_nobodys(tx, t.code_requests, wish)
    return len(over) + len(redeemed) + len(places) + len(wishes)


def _forget_lease(tx: sa.Connection, lease: LeaseRow) -> None:
    hers = sa.or_(
        t.removals.c.lease_id == lease.id,
        # A member whom nobody here had invited, of the same address: nobody else can have been meant.
        sa.and_(
            t.removals.c.lease_id.is_(None),
            t.removals.c.team_id == lease.team_id,
            t.removals.c.address_key == lease.address_key,
            t.removals.c.state != "planned",
        ),
    )
    for removal in tx.execute(sa.select(t.removals.c.id).where(hers)).scalars().all():
        gone = f"{ERASED}-{removal}{NOBODYS}"
        tx.execute(sa.update(t.removals).where(t.removals.c.id == removal).values(address=gone, address_key=gone))
    moves = sa.or_(t.transfers.c.lease_id == lease.id, t.transfers.c.target_lease_id == lease.id)
    tx.execute(sa.update(t.transfers).where(moves, t.transfers.c.address.is_not(None)).values(address=NOBODYS[1:]))
    _make_nobodys(tx, t.leases, lease.id, invite_reference=None, note=None)


def _make_nobodys(tx: sa.Connection, table: sa.Table, row_id: int, **more: Any) -> None:
    """With a name of its own per row, so that what is unique stays unique."""
    tx.execute(sa.update(table).where(table.c.id == row_id).values(**_nobody(row_id), **more))


def _keep(tx: sa.Connection, vault: Vault, pairs: Sequence[tuple[str, str]]) -> int:
    """Take the owner from what is not over yet; returns how many of it are live seats."""
    kept = 0
    for pair in pairs:
        own = {"platform": ERASED, "identity": kept_marks(vault, [pair])[0], "language": None}
        kept += tx.execute(
            sa.select(sa.func.count())
            .select_from(t.leases)
            .where(of_identities(t.leases, [pair]), t.leases.c.status.in_(t.LIVE))
        ).scalar_one()
        for table in (t.leases, t.redemptions):
            tx.execute(sa.update(table).where(of_identities(table, [pair])).values(**own))
    return kept


def _take_pseudonym(tx: sa.Connection, column: sa.Column[str], whose: Whose, pseudonym: str) -> None:
    table = column.table
    which: sa.ColumnElement[bool] = column.in_(whose.keys)
    if table is t.inbox:
        # What waits to be answered is needed until it is: it loses its lane with its answer.
        which = sa.and_(t.inbox.c.lane.in_(whose.keys), t.inbox.c.state != "ready")
        tx.execute(sa.update(t.inbox).where(which).values(lane=pseudonym, payload=b""))
    elif "job_id" in table.c:
        which = table.c.subject.in_([*whose.keys, *whose.addresses])
        # One job has every subject once, and this person may stand there under several names.
        named = sa.literal(f"{pseudonym}:").concat(sa.cast(table.c.id, sa.String))
        tx.execute(sa.update(table).where(which).values(subject=named))
    else:
        tx.execute(sa.update(table).where(which).values({column.name: pseudonym}))


def _forget_words(tx: sa.Connection, addresses: Sequence[str], places: Sequence[tuple[str, str]]) -> None:
    """Take addresses and chats out of the facts of messages and alerts, which stay for whom they were written."""
    chats = {chat for _, chat in places}
    for table in (t.notices, t.alerts):
        for word in (*addresses, *chats):
            # As JSON the two databases write it: one of them escapes every letter beyond ASCII.
            forms = {json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]}
            text = sa.cast(table.c.facts, sa.Text)
            holds = sa.or_(*(text.contains(form, autoescape=True) for form in forms))
            for row in tx.execute(sa.select(table.c.id, table.c.facts).where(holds)).all():
                facts = {name: _without(name, value, addresses, chats) for name, value in row.facts.items()}
                tx.execute(sa.update(table).where(table.c.id == row.id).values(facts=facts))
    for platform, chat in places:
        about = t.alerts.c.subject == f"chat:{platform}:{chat}"
        nobody = sa.literal(f"chat:{ERASED}:").concat(sa.cast(t.alerts.c.id, sa.String))
        tx.execute(sa.update(t.alerts).where(about).values(subject=nobody))


def _without(name: str, value: Any, addresses: Collection[str], chats: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_without(name, one, addresses, chats) for one in value]
    if not isinstance(value, str):
        return value
    if value in addresses:
        return f"{ERASED}{NOBODYS}"
    return ERASED if name in {"chat", "identity", "recipient"} and value.rpartition(":")[2] in chats else value
