"""/myseat: where the person has seats and until when, and what they may do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say, spans
from core.actors import Role
from core.errors import NotFound, TooManyAttempts, TransferRefused
from core.leases import extensions, leases
from core.people import report as members
from core.people.report import HeldSeat, OwnWish, WaitingPlace
from core.rules.addresses import Address
from core.rules.terms import parse_term
from core.service import Core
from core.transfers import address_changes, transfers

NAME = "myseat"
REDEEM_BUTTON = Button(Say("button-redeem"), "redeem", style="primary", replaces=False)
MY_SEAT = Button(Say("button-myseat"), "myseat", replaces=False)
LEAVE = Button(Say("button-leave"), "waitlist", {"action": "leave"})


async def myseat(
    core: Core, request: Request, *, action: str | None, seat: int | None, address: Address | None
) -> Reply:
    """Show the seats; or have an invitation sent again, ask for another address, or for a move."""
    mine = await members.my_seat(core, request.actor)
    if action is not None and (mine.seats or seat is not None):
        return await _act(core, request, _chosen(mine.seats, seat, action), action, address)
    if not (mine.seats or mine.waiting or mine.under_way):
        none = Reply("myseat-kept", {"count": mine.kept}) if mine.kept else Reply("myseat-none")
        return replace(none, buttons=((REDEEM_BUTTON,),))
    items = [_line(one, core.now()) for one in mine.seats]
    items += [
        Say("myseat-moves-left", {"team": one.team, "count": one.moves_left})
        for one in mine.seats
        if one.moves_left is not None
    ]
    items += [left for one in mine.seats if (left := _what_follows(one, core.now())) is not None]
    items += [
        Say("myseat-confirming", {"address": one.address, "code": one.code_last4, "since": one.since})
        for one in mine.under_way
    ]
    items += [place(one) for one in mine.waiting]
    items += [_asked(one) for one in mine.wishes]
    rows = [*_buttons(mine.seats), *(((LEAVE,),) if mine.waiting else ())]
    return Reply(NAME, {"count": len(mine.seats)}, items=items, buttons=rows)


def place(one: WaitingPlace) -> Say:
    """One place in a waiting list."""
    facts = {"address": one.address, "pool": one.pool, "code": one.code_last4, "position": one.position}
    return Say("waitlist-place", {**facts, "since": one.since})


def _line(seat: HeldSeat, now: datetime) -> Say:
    until = Say("until-term", {"term": parse_term(seat.term)})
    if seat.expires_at is not None:
        until = Say("until", {"moment": _grace(seat) if seat.expires_at <= now else seat.expires_at})
    facts = {"address": seat.address, "team": seat.team, "invited": seat.invited_at, "joined": seat.joined_at}
    return Say(f"myseat-{seat.status}", {**facts, "until": until})


def _grace(seat: HeldSeat) -> datetime | None:
    """Until when the seat stays, its grace included."""
    return seat.leaves_at or seat.expires_at


def _asked(wish: OwnWish) -> Say:
    """A wish that staff have not decided yet."""
    facts = {"address": wish.address, "team": wish.team, "since": wish.since}
    if wish.term is not None:
        return Say("myseat-asked-stay", {**facts, "term": parse_term(wish.term)})
    return Say("myseat-asked-address", {**facts, "wanted": wish.wanted})


def _what_follows(seat: HeldSeat, now: datetime) -> Say | None:
    """How many days are left, and what happens then; None of what never ends by itself, and of what is moving already."""
    if seat.leaves_at is None or seat.expires_at is None:
        return None
    over = seat.expires_at <= now
    if over and seat.status == "transferring":
        return None
    facts: dict[str, object] = {"team": seat.team, "count": max(0, (seat.expires_at - now) // timedelta(days=1))}
    if seat.moves:
        return Say("myseat-left-move", facts)
    if seat.leaves_at == seat.expires_at:
        return Say("myseat-left-end", facts)
    facts["until"] = seat.leaves_at
    return Say("myseat-in-grace", {**facts, "since": seat.expires_at}) if over else Say("myseat-left-grace", facts)


def _buttons(seats: Sequence[HeldSeat]) -> list[Sequence[Button]]:
    """What may be done with each seat; with several, the buttons say which one they mean."""
    rows: list[Sequence[Button]] = []
    own = [seat for seat in seats if seat.here and seat.status in {"invited", "active"}]
    teams = [seat.team for seat in own]
    for seat in own[:5]:
        wishes = [("button-resend-mine", "resend")] if seat.status == "invited" else []
        wishes.append(("button-other-address", "address"))
        if seat.expires_at is not None:
            wishes.append(("button-stay", "stay"))
        if seat.transfer_requests and seat.status == "active" and seat.moves_left != 0:
            wishes.append(("button-move", "move"))
        for label, action in wishes:
            where = seat.team if teams.count(seat.team) == 1 else f"{seat.address}, {seat.team}"
            text = Say(label) if len(own) == 1 else Say("button-of-seat", {"what": Say(label), "team": where})
            rows.append((Button(text, NAME, {"action": action, "seat": seat.lease_id}, replaces=False),))
    return rows


def _chosen(seats: Sequence[HeldSeat], lease_id: int | None, action: str) -> HeldSeat:
    """The seat that is meant: the named one, or the only one. Raises: NotFound, TransferRefused (none can be moved)."""
    fitting = [one for one in seats if lease_id in {None, one.lease_id}]
    if fitting and action == "move" and not any(one.transfer_requests for one in fitting):
        raise TransferRefused(reason="not_offered")
    if len(fitting) != 1:
        raise NotFound(kind="seat", name=str(lease_id or ""))
    return fitting[0]


async def _act(core: Core, request: Request, seat: HeldSeat, action: str, address: Address | None) -> Reply:
    wish = {"action": action, "seat": seat.lease_id}
    if action == "resend":
        facts = {"address": seat.address, "team": seat.team}
        try:
            await leases.resend(core, request.actor, seat.address, lease_id=seat.lease_id)
        except TooManyAttempts as recently:
            return Reply("myseat-sent-recently", {**facts, **spans(recently.facts, core.now())}, state="refused")
        return Reply("myseat-resent", facts)
    if action == "address":
        if address is None:
            return await ask(core, request, NAME, "address", wish, Reply("ask-myseat-address"))
        asked = await address_changes.ask(core, request.actor, seat.lease_id, address.original)
        key = "myseat-address-changing" if asked.at_once else "myseat-address-asked"
        return Reply(key, {"address": address, "before": seat.address})
    if action == "stay":
        term = await extensions.ask(core, request.actor, seat.lease_id)
        return Reply("myseat-stay-asked", {"team": seat.team, "term": parse_term(term)})
    if not seat.transfer_requests:
        raise TransferRefused(reason="not_offered")
    if not request.confirmed:
        question = Reply("myseat-move", {"address": seat.address, "team": seat.team})
        return confirm(question, NAME, wish, danger=False)
    await transfers.request(core, request.actor, seat.lease_id)
    return Reply("myseat-moving")


COMMAND = Command(
    NAME,
    Role.ANYONE,
    myseat,
    "seats",
    (
        Argument("action", "choice", False, ("resend", "address", "move", "stay")),
        Argument("seat", "number", False),
        Argument("address", "address", False, invites=True),
    ),
)
