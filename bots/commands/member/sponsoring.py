"""Paying for what a group asks: set where it counts, seen by everybody there, ended there or in private."""

from __future__ import annotations

from bots.commands.member.talk import place_of, refuse_where_off, speaker_of
from bots.commands.request import Request
from bots.messages.reply import Reply, Say
from core.rules.money import amount_text, read_amount, shown_balance
from core.service import Core
from core.talk import sponsors

OFF = frozenset({"off", "none", "0", "关"})


async def sponsor(core: Core, request: Request, amount: str | None) -> Reply:
    """Who pays in this group; or an amount a day that the asker pays from now on, or `off`. In private: where they do."""
    await refuse_where_off(core)
    off = amount is not None and amount.strip().casefold() in OFF
    if request.chat.private:
        return await _in_private(core, request, off=off)
    place = place_of(request)
    if off:
        await sponsors.end(core, request.actor, place)
        return Reply("sponsor-ended", private=False)
    if amount is not None:
        limit = read_amount(amount)
        await sponsors.sponsor(core, request.actor, place, limit)
        facts = {"name": speaker_of(request) or "", "limit": amount_text(limit)}
        return Reply("sponsor-set", facts, private=False)
    found = await sponsors.sponsored(core, request.actor, place)
    if found is None:
        return Reply("sponsor-nobody", private=False)
    return Reply("sponsor-here", _facts(found), private=False)


async def _in_private(core: Core, request: Request, *, off: bool) -> Reply:
    if off:
        return Reply("sponsor-ended-everywhere", {"count": await sponsors.end(core, request.actor)})
    found = await sponsors.sponsored_by(core, request.actor)
    if not found:
        return Reply("sponsor-how")
    return Reply("sponsor-mine", {"count": len(found)}, items=[Say("sponsor-line", _facts(one)) for one in found])


def _facts(found: sponsors.Sponsored) -> dict[str, str]:
    left = max(0, found.daily_limit - found.spent)
    return {
        "place": f"{found.platform}:{found.place}",
        "limit": amount_text(found.daily_limit),
        "left": shown_balance(left),
    }
