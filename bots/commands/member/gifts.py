"""Codes that give credit, a plan or access: no address is needed, so none is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bots.commands.arguments import Codes, read_codes
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.credit import gifts
from core.credit.gifts import Gift
from core.errors import Refusal
from core.rules.codes import CodeText
from core.rules.money import shown_balance
from core.service import Core
from core.talk import choosing

WALLET = Button(Say("button-wallet"), "wallet", replaces=False)


async def before_the_address(core: Core, request: Request, values: Mapping[str, str]) -> Reply | None:
    """Redeem what needs no address, and ask for one only where a code gives a seat. None: the usual question."""
    if "address" in values:
        return None
    if "codes" not in values:  # the code says whether an address is needed
        asking = Reply("ask-code-first")
        return await ask(core, request, "redeem", "codes", {}, asking) if await choosing.talks(core) else None
    try:
        codes = read_codes(values["codes"], await core.shapes(), core.settings.redemption.codes_per_message)
    except Refusal:
        return None
    given = await gifts.take_gifts(core, request.actor, codes, request_key=request.key, seats_follow=False)
    if not given and not codes.mistyped:
        return None
    left = without(codes, given)
    if not left:
        return answer(codes, given)
    seats = {"codes": "\n".join(code.display for code in left)}
    key, facts = ("gifts-and-seats", {}) if given else ("ask-redeem-address", {"address": ""})
    items = [*lines(codes, given), *_mistyped(codes)]  # said now: they are not asked for again
    question = Reply(key, {"count": len(left), **facts}, items=items)
    return await ask(core, request, "redeem", "address", seats, question)


async def beside_the_seats(core: Core, request: Request, codes: Codes) -> Mapping[int, Gift]:
    """Redeem those of the codes that give no seat, by their places."""
    return await gifts.take_gifts(core, request.actor, codes, request_key=request.key, seats_follow=True)


def without(codes: Codes, given: Mapping[int, Gift]) -> Codes:
    """The codes that nobody has answered yet."""
    left = Codes(code for place, code in enumerate(codes) if place not in given)
    left.mistyped = codes.mistyped
    return left


def answer(codes: Sequence[CodeText], given: Mapping[int, Gift]) -> Reply:
    """What the codes gave."""
    mistyped = _mistyped(codes)
    if len(given) > 1 or mistyped:
        done = sum(one.state == "given" for one in given.values())
        items = [*lines(codes, given), *mistyped]
        facts = {"count": len(items), "done": done}
        return Reply("gifts-many", facts, items=items, buttons=((WALLET,),), state="ok" if done else "refused")
    [one] = given.values()
    if one.state == "refused":
        return Reply(f"error-{one.reason}", dict(one.facts or {}), state="refused")
    key = "gift-before" if one.repeated else f"gift-{one.gives}"
    return Reply(key, _facts(one), buttons=((WALLET,),))


def lines(codes: Sequence[CodeText], given: Mapping[int, Gift]) -> list[Say]:
    """One line for each code that was answered."""
    return [_line(codes[place], one) for place, one in sorted(given.items())]


def _mistyped(codes: Sequence[CodeText]) -> list[Say]:
    written = getattr(codes, "mistyped", ())
    return [Say("receipt-mistyped", {"code": one, "reason": Say("reason-mistyped_code")}) for one in written]


def _line(code: CodeText, one: Gift) -> Say:
    if one.state == "refused":
        return Say("receipt-refused", {"code": code.last4, "reason": Say(f"reason-{one.reason}"), "address": ""})
    return Say(f"gift-line-{one.gives}", {"code": code.last4, **_facts(one)})


def _facts(one: Gift) -> dict[str, Any]:
    facts: dict[str, Any] = {"amount": shown_balance(one.amount), "plan": one.plan or "", "gives": one.gives or ""}
    ends = Say("gift-until", {"until": one.until}) if one.until is not None else Say("gift-for-ever")
    return {**facts, "ends": ends}
