"""What everybody may do: redeem, look, wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bots.commands.arguments import AS_IS, Codes
from bots.commands.command import Argument, Command
from bots.commands.member import gifts, my_seat
from bots.commands.member.my_seat import LEAVE, MY_SEAT, REDEEM_BUTTON, place
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say, spans
from core.actors import Role
from core.codes import verification
from core.leases.receipts import Receipt
from core.people import report as members
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.redemptions.redemptions import RedeemStage
from core.rules.addresses import Address
from core.rules.codes import CodeText
from core.rules.money import shown_balance
from core.rules.terms import parse_term
from core.service import Core
from core.waitlist import waitlist


async def redeem(
    core: Core, request: Request, *, address: Address, codes: Codes, team: str | None, as_is: bool
) -> Reply:
    """Redeem one or more codes for an address, and let the person watch. `as_is` was heard when it was read."""

    async def progress(stage: RedeemStage, number: int, of: int) -> None:
        if stage != "done":
            facts = {"address": address, "number": number, "of": of}
            await request.show(Reply(f"progress-{stage}", facts, state="working"))

    given = await gifts.beside_the_seats(core, request, codes)
    if given and len(given) == len(codes):
        return gifts.answer(codes, given)
    told, codes = gifts.lines(codes, given), gifts.without(codes, given)
    receipts = await redemptions.redeem_all(
        core,
        request.actor,
        RedeemWish(
            address.original,
            codes,
            request_key=request.key,
            language=request.language,
            team=team,
            chooses=len(codes) == 1,
        ),
        wait=request.patience,
        progress=progress,
    )
    alone = len(receipts) == 1 and not codes.mistyped
    reply = _one(core, request, receipts[0], codes[0]) if alone else _many(receipts, codes)
    return replace(reply, items=[*reply.items, *told]) if told else reply


async def verify(core: Core, request: Request, *, code: CodeText, address: Address | None) -> Reply:
    """Say what a code is good for, without using it."""
    view = await verification.verify(core, request.actor, code, address)
    seat = view.gives == "seat"
    facts = {
        "code": view.last4,
        "pool": view.team or view.pool,
        "left": view.remaining,
        "most": view.max_uses,
        "term": parse_term(view.term),
        "expires": view.expires_at,
        "amount": shown_balance(view.amount),
        "plan": view.plan,
    }
    more = []
    if view.valid:
        term = "verify-term-temporary" if view.temporary else "verify-term"
        more.append(Say(term if seat else "verify-term-gift", facts))
        more.append(Say("verify-expires" if view.expires_at else "verify-never-expires", facts))
    redeem_it = Button(Say("button-redeem-this"), "redeem", {"codes": code.display}, style="primary", replaces=False)
    state = view.state.replace("_", "-")
    return Reply(
        f"verify-{state}" if seat or not view.valid else f"verify-{state}-{view.gives}",
        facts,
        more=tuple(more),
        buttons=((redeem_it,),) if view.valid else (),
        state="ok" if view.valid else "refused",
    )


async def stock(core: Core, request: Request) -> Reply:
    """Free seats of the pools that show them."""
    pools = await members.stock(core)
    if not pools:
        return Reply("stock-hidden", private=False)
    items = [Say("stock-line", {"pool": one.pool, "free": one.free, "waiting": one.waiting}) for one in pools]
    return Reply("stock", items=items, private=False)


async def has_stock_to_show(core: Core) -> bool:
    """Does any pool show its free seats?"""
    return bool(await members.stock(core))


async def wait(
    core: Core, request: Request, *, action: str | None, address: Address | None, codes: Codes | None
) -> Reply:
    """Join the waiting list, see one's place, or leave."""
    if action == "leave":
        left = await waitlist.leave(core, request.actor)
        return Reply("waitlist-left", {"count": left}, buttons=((MY_SEAT,),))
    if action == "join" or (address is not None and codes):
        return await _join(core, request, address, codes)
    mine = await members.my_seat(core, request.actor)
    if not mine.waiting:
        return Reply("waitlist-none", buttons=((REDEEM_BUTTON,),))
    rows = ((LEAVE,),)
    return Reply("waitlist", {"count": len(mine.waiting)}, items=[place(one) for one in mine.waiting], buttons=rows)


async def _join(core: Core, request: Request, address: Address | None, codes: Codes | None) -> Reply:
    if address is None or not codes:
        return Reply("waitlist-how", state="refused")
    places = [await waitlist.join(core, request.actor, address, code, language=request.language) for code in codes]
    rows = ((LEAVE,),)
    return Reply("waitlist-joined", {"address": address}, items=[place(one) for one in places], buttons=rows)


def _one(core: Core, request: Request, receipt: Receipt, code: CodeText) -> Reply:
    facts = _facts(receipt)
    if receipt.state == "refused":
        return Reply(
            f"error-{receipt.reason}",
            spans(facts, core.now()),
            buttons=_what_next(receipt.reason or "", receipt.facts, receipt.address, [code.display]),
            state="refused",
        )
    if receipt.state == "unclear":
        return Reply("redeemed-unclear", facts, buttons=((MY_SEAT,),))
    key = f"redeemed-{receipt.state.replace('_', '-')}"
    # The first answer may have been lost with the process: then it is given again, not called a repeat.
    if receipt.state == "invited" and receipt.repeated and not request.repeated:
        key = "redeemed-joined" if receipt.joined_at else "redeemed-before"
    more: tuple[Say, ...] = ()
    if receipt.state == "invited" and receipt.term is not None and receipt.expires_at is None:
        more = (Say("redeemed-term", facts),)
    return Reply(key, facts, more=more, buttons=((MY_SEAT,),))


def _many(receipts: Sequence[Receipt], codes: Codes) -> Reply:
    counted = {"invited": 0, "already_member": 0, "unclear": 0, "refused": len(codes.mistyped)}
    items = []
    for receipt in receipts:
        counted[receipt.state] += 1
        reason = Say(f"reason-{receipt.reason}") if receipt.reason else ""
        items.append(Say(f"receipt-{receipt.state.replace('_', '-')}", {**_facts(receipt), "reason": reason}))
    items += [
        Say("receipt-mistyped", {"code": written, "reason": Say("reason-mistyped_code")}) for written in codes.mistyped
    ]
    without_seat = [
        code.display
        for code, receipt in zip(codes, receipts, strict=True)
        if receipt.reason == "no_seats" and receipt.facts.get("waitlist")
    ]
    rows: list[Sequence[Button]] = [(MY_SEAT,)]
    if without_seat:
        rows.insert(0, (_join_button(receipts[0].address, without_seat),))
    facts = {"address": receipts[0].address, "count": len(items), **counted}
    done = counted["invited"] + counted["already_member"] + counted["unclear"]
    return Reply("redeemed-many", facts, items=items, buttons=rows, state="ok" if done else "refused")


def _facts(receipt: Receipt) -> dict[str, Any]:
    facts = dict(receipt.facts)
    return {
        **facts,
        "address": receipt.address,
        "code": receipt.code_last4,
        "team": receipt.team or "",
        "term": parse_term(receipt.term) if receipt.term else "",
        "joined": receipt.joined_at,
        "invited": receipt.invited_at,
        "until": facts.get("until") or receipt.expires_at,
    }


def _what_next(reason: str, facts: dict[str, Any], address: str, codes: Sequence[str]) -> Sequence[Sequence[Button]]:
    if reason == "no_seats" and facts.get("waitlist"):
        return ((_join_button(address, codes),),)
    if reason == "choose_team":
        wish = {"address": address, "codes": "\n".join(codes)}
        rows = [
            Button(Say("plain", {"text": name}), "redeem", {**wish, "team": name}, replaces=False)
            for name in facts["teams"]
        ]
        return [tuple(rows[start : start + 2]) for start in range(0, len(rows), 2)]
    if reason == "team_unavailable":
        again = {"address": address, "codes": "\n".join(codes)}
        return ((Button(Say("button-try-again"), "redeem", again, style="primary", replaces=False),),)
    if reason in {"code_refused", "address_refused_upstream"}:
        return ((REDEEM_BUTTON,),)
    return ()


def _join_button(address: str, codes: Sequence[str]) -> Button:
    wish = {"action": "join", "address": address, "codes": "\n".join(codes)}
    return Button(Say("button-join"), "waitlist", wish, style="primary", replaces=False)


COMMANDS = (
    Command(
        "redeem",
        Role.ANYONE,
        redeem,
        "seats",
        (
            Argument("address", "address", invites=True),
            Argument("codes", "codes"),
            Argument("team", "text", False, word=True),
            Argument(AS_IS, "flag", False),
        ),
        first=gifts.before_the_address,
    ),
    my_seat.COMMAND,
    Command("verify", Role.ANYONE, verify, "seats", (Argument("code", "code"), Argument("address", "address", False))),
    Command("stock", Role.ANYONE, stock, "seats", public=True, offered=has_stock_to_show),
    Command(
        "waitlist",
        Role.ANYONE,
        wait,
        "seats",
        (
            Argument("action", "choice", False, ("show", "join", "leave")),
            Argument("address", "address", False, invites=True),
            Argument("codes", "codes", False),
        ),
    ),
)
