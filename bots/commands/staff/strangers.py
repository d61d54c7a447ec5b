"""Members whom nobody here invited: who of them would go, protecting one by hand, and the log of who was taken out."""

from __future__ import annotations

from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, page_buttons
from bots.commands.request import Request
from bots.commands.staff import tables
from bots.messages.rendering import has_words
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.languages import FALLBACK
from core.rules.addresses import Address
from core.service import Core
from core.sync import strangers
from core.sync.strangers import Stranger
from core.transfers.report import RemovalLine, removal_list

PER_PAGE = 10
SHOWN = 20
AT_ONCE = 1000
PROTECTED_AT_ONCE = 5


async def dry_run(core: Core, request: Request) -> Reply:
    """Who would be taken out now, and why the others stay; nobody is touched."""
    found = await strangers.dry_run(core, request.actor)
    going = [one for one in found if one.kept_because is None]
    staying = [one for one in found if one.kept_because is not None]
    shown = [*going, *staying][:SHOWN]
    facts = {"going": len(going), "staying": len(staying), "on": core.settings.unauthorised.enabled}
    more = [Say("strangers-more", {"count": len(found) - SHOWN})] if len(found) > SHOWN else []
    more.append(Say("strangers-on" if facts["on"] else "strangers-off"))
    rows = tuple(
        (
            Button(
                Say("button-protect", {"address": one.address}), "protect", {"address": one.address, "team": one.team}
            ),
        )
        for one in going[:PROTECTED_AT_ONCE]
    )
    log = (Button(Say("button-removals"), "removals"),)
    return Reply("strangers", facts, items=[_line(one) for one in shown], more=more, buttons=(*rows, log))


async def protect(core: Core, request: Request, *, address: Address, team: str | None, off: bool) -> Reply:
    """Protect a member from being taken out by the sweep, or no longer."""
    teams = await strangers.protect(core, request.actor, address.original, team=team, protected=not off)
    turn = Button(Say("button-protect-again" if off else "button-unprotect"), "protect",
                  {"address": address.original, "team": team, **({} if off else {"off": True})})  # fmt: skip
    look = Button(Say("button-see-strangers"), "sweep", {"action": "dry", "name": "unauthorised"})
    key = "protected-no-more" if off else "protected"
    return Reply(key, {"address": address, "teams": teams}, buttons=((turn,), (look,)))


async def removals(
    core: Core, request: Request, *, address: Address | None, team: str | None, file: str | None, page: str | None
) -> Reply:
    """Who was taken out of a team, from where, why, when, and with what result; newest first."""
    given = {"address": address.original if address else None, "team": team}
    if file is not None:

        async def earlier(before: int | None) -> list[RemovalLine]:
            return await removal_list(core, request.actor, **given, before=before, limit=AT_ONCE)

        return tables.sheet("removals", await tables.whole(earlier))
    lines = await removal_list(core, request.actor, **given, before=cursor(page), limit=PER_PAGE + 1)
    shown = lines[:PER_PAGE]
    following = shown[-1].id if len(lines) > PER_PAGE else None
    rows = page_buttons("removals", given, page, following)
    if not shown:
        return Reply("removals-none" if not any(given.values()) else "removals-unmatched", buttons=rows)
    return Reply("removals", items=[_removal(core, line) for line in shown], buttons=rows)


def _line(one: Stranger) -> Say:
    facts = {"address": one.address, "team": one.team, "seen": one.seen}
    if one.kept_because is None:
        return Say("strangers-go", facts)
    return Say("strangers-stay", {**facts, "why": Say(f"kept-{one.kept_because.replace('_', '-')}")})


def _removal(core: Core, line: RemovalLine) -> Say:
    key = f"removed-{line.cause}".replace("_", "-")
    reason = f"reason-{line.reason}"
    facts = {
        "number": str(line.id),
        "address": line.address,
        "team": line.team,
        "why": Say(key) if has_words(key, FALLBACK) else line.cause.replace("_", " "),
        "at": Brief(line.finished_at or line.created_at, core.now()),
        "by": line.requested_by,
        "reason": Say(reason) if has_words(reason, FALLBACK) else line.reason or "–",
    }
    return Say(f"removal-{line.state}", facts)


COMMANDS = (
    Command(
        "removals",
        Role.VIEWER,
        removals,
        "figures",
        (
            Argument("address", "address", False),
            Argument("team", "team", False, word=True),
            tables.FILE,
            Argument(PAGE, "text", False, word=True),
        ),
    ),
    Command(
        "protect",
        Role.ADMIN,
        protect,
        "operations",
        (Argument("address", "address"), Argument("team", "team", False, word=True), Argument("off", "flag", False)),
    ),
)
