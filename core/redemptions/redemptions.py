"""Redeeming: one address gets one seat for one use of one code.

`reserve → invite → settle`: two short transactions around one upstream call that is made in neither. What can
go wrong in between is settled by `core.leases.invites`; this module gives and takes the code's use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import IntegrityError

from core import attempts, audit, outbox, telemetry
from core.actors import Actor, Role
from core.code_errors import ChooseTeam
from core.codes import posted
from core.codes import uses as code_uses
from core.codes.bearers import Asker
from core.codes.foreign import make_real
from core.codes.guesses import contents_of, note_wrong_code, settle_wrong_code
from core.crashpoints import crashpoint
from core.errors import (
    CodeRefused,
    CodeSuspended,
    NoCodes,
    Refusal,
    RequestKeyReused,
    StillConfirming,
    TooManyCodes,
)
from core.leases import invites, redemption_steps
from core.leases.claims import Claim, ClaimLost, hold, team_of
from core.leases.receipts import OTHERS, UNDER_WAY, Receipt, is_theirs, read_receipt, receipt_and_due
from core.redemptions import choices, holders, places, suspended
from core.redemptions.orders import Order, RedeemWish, insert
from core.rules.addresses import read_address, refuse_address
from core.rules.allocation import Policy
from core.storage import tables as t
from core.storage.commits import repeatable
from core.storage.rows import RedemptionRow
from core.teams import seats as seat_actions

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

RedeemStage: TypeAlias = Literal["finding", "inviting", "confirming", "done"]
TellStage: TypeAlias = Callable[[RedeemStage, int, int], Awaitable[None]]
"""Called with the stage, the number of the code (from 1) and how many there are."""


async def silent(stage: RedeemStage, number: int, of: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A reservation: `claim` is None when somebody else is at it already. `own`: for the person who asks now."""

    redemption_id: int
    claim: Claim | None
    own: bool


async def redeem_all(
    core: Core,
    actor: Actor,
    wish: RedeemWish,
    *,
    wait: float = 20.0,
    progress: TellStage = silent,
) -> list[Receipt]:
    """Redeem the codes, one after the other, and answer for each.

    `wait` is how many seconds in all to stay with invites that are unclear. Raises, with nothing used: BadAddress, AddressNotAllowed, NoCodes, TooManyCodes, TooManyAttempts, LockedOut.
    """
    actor.require(Role.ANYONE)
    rules = core.settings.redemption
    if not wish.codes:
        raise NoCodes
    if len(wish.codes) > rules.codes_per_message:
        raise TooManyCodes(most=rules.codes_per_message, given=len(wish.codes))
    address = read_address(wish.address)
    refuse_address(address, rules.allowed_domains, rules.blocked)
    await make_real(core, wish.codes)
    if actor.role < Role.OPERATOR and await core.read(by_key, wish.request_key) is None:
        await core.write(attempts.claim_attempt, actor, core.settings.limits, core.now())
    until = core.clock.now() + timedelta(seconds=wait)
    receipts = []
    for number, code in enumerate(wish.codes, start=1):
        key = wish.request_key if number == 1 else f"{wish.request_key}/{number}"
        order = Order(address, code, key, wish.language, team=wish.team, chooses=wish.chooses)

        async def report(stage: RedeemStage, number: int = number) -> None:
            await progress(stage, number, len(wish.codes))

        left = max(0.0, (until - core.clock.now()).total_seconds())
        receipt = await redeem(core, actor, order, wait=left, progress=report)
        telemetry.count("usher_redemptions", outcome=receipt.reason or receipt.state)
        receipts.append(receipt)
    return receipts


async def redeem(
    core: Core,
    actor: Actor,
    order: Order,
    *,
    wait: float = 20.0,
    progress: Callable[[RedeemStage], Awaitable[None]] | None = None,
) -> Receipt:
    """Give one address one seat for one use of one code.

    Repeating `order.request_key` returns the first outcome, whatever happened to the process in between; the
    same code with the same address returns the present state and uses nothing. A refusal is a receipt, too.
    """

    async def report(stage: RedeemStage) -> None:
        if progress is not None:
            await progress(stage)

    telemetry.begin_numbering()
    await report("finding")
    crashpoint("K1")
    try:
        started = await _reserve(core, actor, order)
    except Refusal as refusal:
        return await _refused(core, actor, order, refusal)
    if isinstance(started, Receipt):
        return started
    return await carry_on(core, started, wait=wait, progress=report)


async def carry_on(
    core: Core, started: Reservation, *, wait: float, progress: Callable[[RedeemStage], Awaitable[None]]
) -> Receipt:
    """Make the call that a reservation is for, and stay with it for up to `wait` seconds."""
    telemetry.number(redemption=started.redemption_id)
    if started.claim is not None:
        await progress("inviting")
        reached: Claim | Receipt | None = started.claim
        try:
            while isinstance(reached, Claim):
                reached = await invites.send(core, reached)
        except ClaimLost:
            log.info("claim_lost")
        if isinstance(reached, Receipt):
            crashpoint("K7")
            await progress("done")
            return reached
    receipt = await follow(
        core, started.redemption_id, wait=wait, own=started.own, on_wait=lambda: progress("confirming")
    )
    crashpoint("K7")
    if receipt.state != "unclear":
        if started.own:
            await core.write(outbox.withdraw, redemption_steps.late_notice(started.redemption_id))
        await progress("done")
    return receipt


async def _refused(core: Core, actor: Actor, order: Order, refusal: Refusal) -> Receipt:
    """The receipt of a refusal; of the same request twice at the same instant, one writes it and the other reads it."""
    contents = _contents(core, order)
    if isinstance(refusal, ChooseTeam):
        # A question: the same wish is made again, with an answer.
        return Receipt(None, "refused", refusal.key, order.address.original, order.code.last4, facts=refusal.facts)
    try:
        return await core.write(_note_refusal, actor, order, contents, refusal, core.now())
    except IntegrityError:
        return await core.write(_note_refusal, actor, order, contents, refusal, core.now())


async def follow(
    core: Core,
    redemption_id: int,
    *,
    wait: float,
    own: bool,
    on_wait: Callable[[], Awaitable[None]] | None = None,
) -> Receipt:
    """The receipt of a redemption, after staying with it for up to `wait` seconds while it is unclear.

    Whoever waits also works: when the invite is due for another look and nobody has it, it is looked at here.
    `own` says that the caller answers the person whose redemption it is, so that no notice has to.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + wait  # a clock that is moved by hand stands still while somebody waits
    told = False
    while True:
        receipt, due_at, lease_id = await core.read(receipt_and_due, redemption_id)
        now = core.now()
        if receipt.state != "unclear" or due_at is None:
            return receipt
        if not told and on_wait is not None:
            told = True
            await on_wait()
        if due_at <= now:
            claims = await core.write(invites.take_over, core, now, lease_id=lease_id, late=not own)
            for claim in claims:
                try:
                    await invites.conclude(core, claim)
                except ClaimLost:
                    log.info("claim_lost")
            if claims:
                continue
        if loop.time() >= until:
            return receipt
        await asyncio.sleep(min(1.0, max(0.02, (due_at - now).total_seconds())))


def _contents(core: Core, order: Order) -> list[bytes]:
    """What the request key stands for, under every key of the vault, the active one first: a repeat may come later."""
    return contents_of(core.vault, order.address.key, order.means or order.code.canonical)


async def _reserve(core: Core, actor: Actor, order: Order) -> Reservation | Receipt:
    """Transaction 1, with the guess counted around it. Raises: Refusal."""
    guessing = order.guesses and actor.role < Role.OPERATOR
    if guessing:
        await core.write(attempts.claim_guess, actor, core.settings.limits, core.now())
    try:
        for again in range(3):
            try:
                with telemetry.timed("usher_stage_seconds", stage="reserve"):
                    started = await core.write(reserve, core, actor, order, core.now(), look_first=again > 0)
                break
            except IntegrityError as clash:
                # Somebody reserved for the same address, or with the same key, in the same instant: now it shows.
                last = clash
        else:
            raise AssertionError("a reservation clashed three times") from last
    except CodeRefused:
        if guessing:
            await settle_wrong_code(core, actor, order.address.key, order.code)
        raise
    except Refusal as refusal:
        if isinstance(refusal, CodeSuspended):
            wish = (order.address, refusal.facts["code"], order.language)
            await core.write(suspended.ask, actor, *wish, core.now())
            refusal.facts = {}
        if guessing:
            await core.write(attempts.return_guess, actor)
        raise
    if guessing and isinstance(started, Receipt) and started.others and not started.repeated:
        # An unused code that tells of any address whether it is a member is a guess about that address.
        await core.write(note_wrong_code, core, actor, core.now())
    elif guessing:
        await core.write(attempts.return_guess, actor)
    return started


@repeatable
def reserve(
    tx: sa.Connection, core: Core, actor: Actor, order: Order, now: datetime, *, look_first: bool
) -> Reservation | Receipt:
    """Hold one use of the code and one seat for the address, or say why not. Raises: Refusal.

    A request key that was used before makes the insertion clash: `look_first` looks for it and answers as then.
    Most keys are new, so the first try does not look.
    """
    contents = _contents(core, order)
    if look_first and (before := asked_before(tx, core, actor, order)) is not None:
        return before
    if order.place is not None:
        places.keep(tx, *order.place, now)
    digests = core.vault.digests(order.code.canonical)
    try:
        asker = Asker.of(actor, core.settings.limits.redemptions_per_day, waited=order.place is not None)
        code = code_uses.claim_use(tx, digests, order.address.key, order.request_key, contents, asker, now)
    except CodeSuspended:
        adopted = suspended.adopt_holder(tx, actor, order, contents[0], now, code_uses.suspended(tx, digests))
        if adopted is None:
            raise
        return adopted
    if isinstance(code, int):
        first = tx.execute(sa.select(t.redemptions).where(t.redemptions.c.id == code)).one()
        holders.meet(tx, actor, first, order.language, now)
        return _as_before(tx, actor, order, first)
    if order.place is None and order.means is None:
        posted.refuse_others(tx, core.vault, actor, digests, now)
    if code.live_lease is not None:
        status = tx.execute(sa.select(t.leases.c.status).where(t.leases.c.id == code.live_lease)).scalar_one()
        if status == "held":
            raise StillConfirming
        code_uses.return_use(tx, code.id)
        seated = {"state": "already_member", "lease_id": code.live_lease}
        if actor.role < Role.OPERATOR and not is_theirs(tx, actor, code.live_lease):
            seated["facts"] = OTHERS
        return read_receipt(tx, insert(tx, actor, order, contents[0], now, code, **seated))
    chosen = choices.chosen_team(tx, code, order)
    team_id = chosen or code.team_id
    seat = seat_actions.claim_seat(
        tx,
        seat_actions.SeatWanted(
            pool_id=code.pool_id,
            team_id=team_id,
            policy=Policy(code.policy),
            excluded=(),
            address_key=order.address.key,
            hold=timedelta(seconds=core.settings.redemption.seat_hold),
        ),
        now,
    )
    if seat is None:
        code_uses.refuse_moved(tx, code.id, code.pool_id)
        raise choices.nothing_there(tx, code, order, chosen)
    team = team_of(tx, seat, order.address.key, now)
    sending = {"id": code.next_redemption, "state": "sending", "chosen_team_id": chosen}
    redemption_id = insert(tx, actor, order, contents[0], now, code, **sending)
    claim = hold(
        tx,
        core,
        team,
        now,
        address=order.address.original,
        address_key=order.address.key,
        pool_id=code.pool_id,
        redemption_id=redemption_id,
        term=code.term,
        auto_transfer=code.auto_transfer,
        temporary=code.temporary,
        platform=actor.platform if order.means is None else None,
        identity=actor.identity if order.means is None else None,
        language=order.language,
    )
    audit.record(
        tx,
        actor,
        "redemption.reserved",
        "redemption",
        redemption_id,
        now,
        after={"state": "sending", "code": code.id, "lease": claim.lease_id, "team": seat.team_id, "seat": seat.id},
    )
    crashpoint("K2")
    return Reservation(redemption_id, claim, order.answers)


def asked_before(tx: sa.Connection, core: Core, actor: Actor, order: Order) -> Reservation | Receipt | None:
    """What the order's request key led to the first time; None if it is new. Raises: RequestKeyReused."""
    earlier = by_key(tx, order.request_key)
    if earlier is None:
        return None
    if bytes(earlier.content) not in _contents(core, order):
        raise RequestKeyReused
    return _as_before(tx, actor, order, earlier)


def _note_refusal(
    tx: sa.Connection, actor: Actor, order: Order, contents: Sequence[bytes], refusal: Refusal, now: datetime
) -> Receipt:
    """Remember a refusal, so that a repeat of the same request gets the same answer."""
    base = Receipt(None, "refused", refusal.key, order.address.original, order.code.last4, facts=refusal.facts)
    if isinstance(refusal, RequestKeyReused):
        return base
    earlier = by_key(tx, order.request_key)
    if earlier is not None and bytes(earlier.content) not in contents:
        return replace(base, reason=RequestKeyReused.key, facts={})
    if earlier is not None:
        return read_receipt(tx, earlier.id)
    kept = dict(refusal.facts)
    redemption_id = insert(tx, actor, order, contents[0], now, None, state="refused", reason=refusal.key, facts=kept)
    return Receipt(redemption_id, "refused", refusal.key, order.address.original, order.code.last4, facts=refusal.facts)


def by_key(tx: sa.Connection, request_key: str) -> RedemptionRow | None:
    """The redemption that a wish with this key led to."""
    repeated = sa.select(t.repeated_requests.c.redemption_id).where(t.repeated_requests.c.request_key == request_key)
    known = sa.or_(t.redemptions.c.request_key == request_key, t.redemptions.c.id == repeated.scalar_subquery())
    # The key itself comes first: refused under it and repeated under it in the same instant, it may stand in both.
    statement = sa.select(t.redemptions).where(known).order_by(t.redemptions.c.request_key != request_key).limit(1)
    return tx.execute(statement).one_or_none()


def _as_before(tx: sa.Connection, actor: Actor, order: Order, redemption: RedemptionRow) -> Reservation | Receipt:
    own = order.answers and (actor.platform, actor.identity) == (redemption.platform, redemption.identity)
    if redemption.state in UNDER_WAY:
        return Reservation(redemption.id, None, own)
    if own:
        outbox.withdraw(tx, redemption_steps.late_notice(redemption.id))
    receipt, _, _ = receipt_and_due(tx, redemption.id, repeated=True)
    return receipt
