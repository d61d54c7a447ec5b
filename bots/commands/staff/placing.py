"""Seats that staff give without a code: inviting somebody, and giving members found upstream a lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.errors import NotFound, Refusal
from core.leases import adopting
from core.leases.adopting import Adoptee, Adoption
from core.leases.receipts import Receipt
from core.redemptions import seating
from core.redemptions.redemptions import RedeemStage
from core.rules.addresses import Address, read_address
from core.rules.terms import Term, parse_term
from core.service import Core

SHOWN = 20
SPELLED = {"no_seats", "team_unavailable", "quota_exceeded", "address_refused_upstream", "address_not_allowed"}
"""Why nobody was invited: for a person these texts speak of their code, and here there is none."""


async def invite(
    core: Core, request: Request, *, address: Address, place: str | None, term: Term | None, override: bool
) -> Reply:
    """Give somebody a seat without handing a code out."""
    pool = team = None
    if place is not None:
        pool, team, term = await _place_and_term(core, request, place, term)

    async def progress(stage: RedeemStage) -> None:
        if stage != "done":
            facts = {"address": address, "number": 1, "of": 1}
            await request.show(Reply(f"progress-{stage}", facts, state="working"))

    try:
        receipt = await seating.seat(
            core,
            request.actor,
            address,
            seating.SeatWish(pool=pool, team=team, term=str(term) if term else None, override=override),
            request_key=request.key,
            wait=request.patience,
            progress=progress,
        )
    except Refusal as refusal:
        if refusal.key not in SPELLED:
            raise
        return _not_invited(refusal.key, {**refusal.facts, "address": address})
    return _invited(receipt)


async def adopt(
    core: Core, request: Request, *, who: str, term: Term | None, since: datetime | None, moves: str | None
) -> Reply:
    """Give members whom Usher did not invite a lease, after showing who they are and until when."""
    team, addresses = _whom(who)
    wish = Adoption(team, addresses, str(term) if term else None, since, moves != "no")
    if request.confirmed:
        return _adopted(await adopting.adopt(core, request.actor, wish))
    found = await adopting.preview(core, request.actor, wish)
    able = [one for one in found if one.refused is None]
    items = [_adoptee(one) for one in found[:SHOWN]]
    more = [Say("adopt-more", {"count": len(found) - SHOWN})] if len(found) > SHOWN else []
    if not able:
        key = "adopt-nobody" if found else "adopt-no-strangers"
        return Reply(key, {"who": who}, items=items, more=more, state="refused")
    given = {"who": who, "term": wish.term, "since": since and since.strftime("%Y-%m-%d %H:%M"), "moves": moves}
    again = {name: value for name, value in given.items() if value}
    more.append(Say("adopt-then-moves" if wish.auto_transfer else "adopt-then-ends"))
    question = Reply("adopt", {"count": len(able)}, items=items, more=more)
    return confirm(question, "adopt", again, label="button-adopt", danger=False)


async def _place_and_term(
    core: Core, request: Request, text: str, term: Term | None
) -> tuple[str | None, str | None, Term | None]:
    """Pool, team and term of `Workspace 2 1 month`: a name may have spaces, and so may a term behind it.

    Raises: NotFound.
    """
    try:
        return *await seating.place_named(core, request.actor, text), term
    except NotFound:
        words = text.split()
        for cut in range(max(0, len(words) - 2), len(words)) if term is None else ():
            read = _as_term(" ".join(words[cut:]))
            if read is not None and cut == 0:
                return None, None, read
            if read is not None:
                return *await seating.place_named(core, request.actor, " ".join(words[:cut])), read
        raise


def _as_term(text: str) -> Term | None:
    try:
        return parse_term(text)
    except Refusal:
        return None


def _invited(receipt: Receipt) -> Reply:
    facts: dict[str, Any] = {
        **receipt.facts,
        "address": receipt.address,
        "team": receipt.team or "",
        "term": parse_term(receipt.term) if receipt.term else "",
    }
    if receipt.state == "refused":
        return _not_invited(receipt.reason or "", facts)
    see = Button(Say("button-leases-of"), "leases", {"address": receipt.address})
    return Reply(f"invite-{receipt.state.replace('_', '-')}", facts, buttons=((see,),), replace=False)


def _not_invited(reason: str, facts: Mapping[str, Any]) -> Reply:
    key = f"invite-{reason}" if reason in SPELLED else f"error-{reason}"
    rows = ((Button(Say("button-pools"), "pools"), Button(Say("button-teams"), "teams")),)
    return Reply(key, facts, buttons=rows, state="refused")


def _whom(who: str) -> tuple[str | None, Sequence[Address]]:
    """Addresses, with or without the team's name in front; or the team's name alone."""
    words = who.replace(",", " ").replace("，", " ").split()
    addresses = [read_address(word) for word in words if "@" in word]
    team = " ".join(word for word in words if "@" not in word).strip('"“”') or None
    if not words:
        raise MissingArgument(name="who")
    return team, addresses


def _adoptee(one: Adoptee) -> Say:
    facts = {"address": one.address, "team": one.team or "none"}
    if one.refused is not None:
        return Say("adopt-line-left", {**facts, "reason": Say(f"adopt-left-{one.refused}")})
    until = Say("until", {"moment": one.expires_at}) if one.expires_at else Say("adopt-without-end")
    return Say("adopt-line", {**facts, "until": until})


def _adopted(done: Sequence[Adoptee]) -> Reply:
    made = [one for one in done if one.lease_id is not None]
    left = [one for one in done if one.lease_id is None]
    items = [_adoptee(one) for one in (*made, *left)[:SHOWN]]
    more = [Say("adopt-more", {"count": len(done) - SHOWN})] if len(done) > SHOWN else []
    facts = {"count": len(made), "left": len(left)}
    return Reply("adopted", facts, items=items, more=more, state="ok" if made else "refused")


COMMANDS = (
    Command(
        "invite",
        Role.OPERATOR,
        invite,
        "people",
        (
            Argument("address", "address", invites=True),
            Argument("place", "text", False),
            Argument("term", "term", False, word=True),
            Argument("override", "flag", False),
        ),
    ),
    Command(
        "adopt",
        Role.ADMIN,
        adopt,
        "people",
        (
            Argument("who", "text", rest=True),
            Argument("term", "term", False, word=True),
            Argument("since", "moment", False, word=True),
            Argument("moves", "choice", False, ("yes", "no"), word=True),
        ),
    ),
)
