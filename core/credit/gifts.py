"""Codes that give credit, a plan or access: one transaction, for there is no upstream to wait for.

They are made in the same batches as those that give seats, guessed under the same limits, refused in the same words,
and used as often as they allow and not once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core import attempts, audit, holds
from core.actors import Actor, Role
from core.code_errors import CodeForAnother, PersonLimit
from core.codes import bearers, posted, uses
from core.codes.bearers import Asker
from core.codes.foreign import make_real
from core.codes.guesses import note_wrong_code
from core.credit import plans, wallets
from core.credit.ledger import LedgerCause
from core.errors import CodeRefused, CodeUnknown, LockedOut, Refusal, RequestKeyReused
from core.people.people import person_of
from core.rules.codes import CodeText
from core.rules.terms import ends_at, parse_term
from core.storage import journal
from core.storage import tables as t
from core.storage.guards import guard
from core.storage.rows import BatchLimit
from core.storage.talk_tables import gifts

if TYPE_CHECKING:
    from core.service import Core

_NO_ADDRESS = sa.bindparam("address_key", type_=sa.String())
ACCESS = "vip"
"""The plan that a code which gives access leads to: the first that may make keys."""

KEPT: Final = ("request_key", "gives", "amount", "plan", "until_at", "platform", "identity", "created_at")
"""The columns from which the journal makes a gift again."""


@dataclass(frozen=True, slots=True)
class Gift:
    """What one code gave: `gives` is credit (`amount`, in micro-credits), plan or access (`plan`), until when.

    `state` is given, or refused with the key of the `reason`. `repeated`: it had been given before, and nothing was
    used now.
    """

    code_last4: str
    state: str
    gives: str | None = None
    amount: int = 0
    plan: str | None = None
    until: datetime | None = None
    reason: str | None = None
    facts: Any = None
    repeated: bool = False


async def take_gifts(
    core: Core, actor: Actor, wanted: Sequence[CodeText], *, request_key: str, seats_follow: bool
) -> dict[int, Gift]:
    """Redeem those of the codes that give something else than a seat, and answer for each by its place.

    The others are left alone where `seats_follow`; else what is no code at all is refused here, as a guess that counts.
    Repeating the request, or the code, returns what was given and uses nothing. Raises: TooManyAttempts.
    """
    await make_real(core, wanted)
    kinds = await core.read(_kinds, core, actor, list(wanted))
    mine = [place for place, kind in enumerate(kinds) if kind not in {None, "seat"}]
    unknown = [] if seats_follow else [place for place, kind in enumerate(kinds) if kind is None]
    if not mine and not unknown:
        return {}
    if actor.role < Role.OPERATOR and not await core.read(_is_known, request_key):
        await core.write(attempts.claim_attempt, actor, core.settings.limits, core.now())
    given = {}
    for place in sorted([*mine, *unknown]):
        key = request_key if place == 0 else f"{request_key}/{place + 1}"
        given[place] = await _redeem(core, actor, wanted[place], key)
    return given


async def _redeem(core: Core, actor: Actor, code: CodeText, request_key: str) -> Gift:
    guessing = actor.role < Role.OPERATOR
    if guessing:
        try:
            await core.write(attempts.claim_guess, actor, core.settings.limits, core.now())
        except LockedOut as locked:
            return Gift(code.last4, "refused", reason=locked.key, facts=locked.facts)
    try:
        given = await _give_once(core, actor, code, request_key)
    except CodeRefused as refusal:
        if guessing:
            await core.write(note_wrong_code, core, actor, core.now())
        return Gift(code.last4, "refused", reason=refusal.key, facts=refusal.facts)
    except Refusal as refusal:
        if guessing:
            await core.write(attempts.return_guess, actor)
        return Gift(code.last4, "refused", reason=refusal.key, facts=refusal.facts)
    if guessing:
        await core.write(attempts.return_guess, actor)
    return given


async def _give_once(core: Core, actor: Actor, code: CodeText, request_key: str) -> Gift:
    for _ in range(3):
        try:
            return await core.write(give, core, actor, code, request_key, core.now())
        except IntegrityError as clash:
            # The same person gave the same code, or the same key, in the same instant: now it shows.
            last = clash
    raise AssertionError("a gift clashed three times") from last


def give(tx: sa.Connection, core: Core, actor: Actor, code: CodeText, request_key: str, now: datetime) -> Gift:
    """Use a code once for the actor and give what it gives, or say why not.

    Raises: CodeRefused, RequestKeyReused, RestoredWait.
    """
    digests = core.vault.digests(code.canonical)
    person_id = person_of(tx, actor.platform, actor.identity, now)
    row = _code(tx, digests, actor, now)
    before = _earlier(tx, row.id if row is not None else None, person_id, request_key)
    if before is not None:
        if row is None or before.code_id != row.id or before.person_id != person_id:
            raise RequestKeyReused
        return _as_before(code, before)
    if row is None or row.gives == "seat":
        holds.refuse_restored(tx)  # it may have been made after the backup
        raise CodeUnknown
    if not row.meant:
        raise CodeForAnother
    _refuse_beyond(tx, row, person_id)
    uses.take_use(tx, row.id, now)
    posted.refuse_others(tx, core.vault, actor, digests, now)
    term = parse_term(row.term)
    wallet_id = membership_id = None
    amount, plan, until = 0, None, None
    if row.gives == "credit":
        amount, until = int(row.gift["amount"]), ends_at(term, now)
        credit = wallets.GivenCredit(amount, f"batch:{row.batch_id}", row.pool_id, until)
        wallet_id = wallets.grant(tx, person_id, credit, now, cause=LedgerCause(code_id=row.id))
    else:
        plan = str((row.gift or {}).get("plan") or ACCESS)
        membership_id, until = plans.join(tx, actor, person_id, plan, term, now, origin=f"batch:{row.batch_id}")
    made = {
        "request_key": request_key,
        "code_id": row.id,
        "person_id": person_id,
        "gives": row.gives,
        "amount": amount,
        "plan": plan,
        "until_at": until,
        "wallet_id": wallet_id,
        "membership_id": membership_id,
        "platform": actor.platform,
        "identity": actor.identity,
        "created_at": now,
    }
    gift_id = tx.execute(sa.insert(gifts).values(**made).returning(gifts.c.id)).scalar_one()
    after = {"code": row.id, "gives": row.gives, "wallet": wallet_id, "membership": membership_id}
    audit.record(tx, actor, "gift.given", "gift", gift_id, now, after=after)
    kept = {name: made[name] for name in KEPT}
    journal.note(tx, "gift", now, code=row.id, digest=row.digest, last4=code.last4, row=kept)
    return Gift(code.last4, "given", row.gives, amount, plan, until)


def _kinds(tx: sa.Connection, core: Core, actor: Actor, wanted: Sequence[CodeText]) -> list[str | None]:
    """What each code gives; None for one that does not exist, or is another person's."""
    digests = {digest: place for place, code in enumerate(wanted) for digest in core.vault.digests(code.canonical)}
    found: list[str | None] = [None] * len(wanted)
    joined = sa.select(t.codes.c.digest, t.batches.c.gives).join(t.batches, t.batches.c.id == t.codes.c.batch_id)
    theirs = sa.or_(t.batches.c.for_address.is_not(None), bearers.meant(_NO_ADDRESS))
    for row in tx.execute(joined.where(t.codes.c.digest.in_(list(digests)), theirs), _asking(actor, core.now())):
        found[digests[bytes(row.digest)]] = row.gives
    return found


def _is_known(tx: sa.Connection, request_key: str) -> bool:
    return tx.execute(sa.select(gifts.c.id).where(gifts.c.request_key == request_key)).first() is not None


def _asking(actor: Actor, now: datetime) -> dict[str, Any]:
    return {**Asker(actor).facts(now), "address_key": None}


def _refuse_beyond(tx: sa.Connection, code: BatchLimit, person_id: int) -> None:
    """Count what this person has of the batch, with nobody else counting. Raises: PersonLimit."""
    if code.per_person is None:
        return
    person = sa.select(t.people.c.id).where(t.people.c.id == person_id)
    tx.execute(person.with_for_update(key_share=True) if guard("person_lock", True) else person)
    counted = (
        sa.select(sa.func.count())
        .select_from(gifts)
        .join(t.codes, t.codes.c.id == gifts.c.code_id)
        .where(t.codes.c.batch_id == code.batch_id, gifts.c.person_id == person_id)
    )
    if tx.execute(counted).scalar_one() >= code.per_person:
        raise PersonLimit(most=code.per_person)


def _code(tx: sa.Connection, digests: Sequence[bytes], actor: Actor, now: datetime) -> Any:
    return tx.execute(
        sa.select(
            t.codes.c.id,
            t.codes.c.digest,
            t.codes.c.batch_id,
            t.batches.c.gives,
            t.batches.c.gift,
            t.batches.c.term,
            t.batches.c.pool_id,
            t.batches.c.per_person,
            bearers.meant(_NO_ADDRESS).label("meant"),
        )
        .join(t.batches, t.batches.c.id == t.codes.c.batch_id)
        .where(t.codes.c.digest.in_(digests)),
        _asking(actor, now),
    ).one_or_none()


def _earlier(tx: sa.Connection, code_id: int | None, person_id: int, request_key: str) -> Any:
    same = sa.and_(gifts.c.code_id == code_id, gifts.c.person_id == person_id)
    known = sa.select(gifts).where(sa.or_(gifts.c.request_key == request_key, same))
    return tx.execute(known.order_by(gifts.c.request_key != request_key).limit(1)).one_or_none()


def _as_before(code: CodeText, row: Any) -> Gift:
    return Gift(code.last4, "given", row.gives, row.amount, row.plan, row.until_at, repeated=True)
