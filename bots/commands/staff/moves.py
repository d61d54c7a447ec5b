"""Moves as they stand: those that failed or take long, with what can be done about each."""

from __future__ import annotations

from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, page_buttons
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.rendering import has_words
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.languages import FALLBACK
from core.rules.addresses import Address
from core.service import Core
from core.transfers import transfers as actions
from core.transfers.report import TransferLine, transfer_list

PER_PAGE = 8
WHICH = ("open", "failed", "live", "done", "cancelled", "all")
DEEDS = ("retry", "cancel")
EARLY = {"planned", "asked"}
"""Nobody has been invited anywhere yet: the move can be given up."""


async def transfers(
    core: Core,
    request: Request,
    *,
    which: str | None,
    action: str | None,
    number: int | None,
    address: Address | None,
    page: str | None,
) -> Reply:
    """The moves that failed or are under way; take one up again, or give it up."""
    if action is not None:
        if number is None:
            raise MissingArgument(name="number")
        return await _act(core, request, action, number)
    chosen = which or ("all" if address is not None else "open")
    start = cursor(page) or 0
    found = await transfer_list(
        core,
        request.actor,
        state=None if chosen == "all" else chosen,
        address=address.original if address else None,
        limit=PER_PAGE + 1,
        offset=start,
    )
    what = Say(f"transfers-{chosen}")
    others = [Button(Say(f"button-transfers-{one}"), "transfers", {"which": one}) for one in WHICH if one != chosen]
    filters = [tuple(others[:3]), tuple(others[3:])]
    if not found:
        return Reply("transfers-none", {"what": what}, buttons=filters)
    lines = found[:PER_PAGE]
    given = {"which": which, "address": address.original if address else None}
    wish = {name: value for name, value in given.items() if value is not None}
    following = start + PER_PAGE if len(found) > PER_PAGE else None
    deeds = [row for line in lines if (row := _deeds(request, line))]
    rows = [*deeds, *page_buttons("transfers", wish, page, following), *filters]
    return Reply("transfers", {"what": what}, items=[_line(core, line) for line in lines], buttons=rows)


async def _act(core: Core, request: Request, action: str, number: int) -> Reply:
    see = ((Button(Say("button-transfers-open"), "transfers"),),)
    if action == "retry":
        moved = await actions.retry(core, request.actor, number)
        facts = {"number": str(number), "address": moved.address, "state": Say(f"moved-{moved.state}")}
        return Reply("transfer-retried", facts, buttons=see)
    if not request.confirmed:
        # A move that does not exist, or has gone too far, is refused at once.
        for line in await transfer_list(core, request.actor, number=number):
            if line.state in EARLY:
                question = Reply("transfer-cancel", {"number": str(number)}, items=[_line(core, line)])
                return confirm(question, "transfers", {"action": action, "number": number})
    await actions.cancel(core, request.actor, number)
    return Reply("transfer-cancelled", {"number": str(number)}, buttons=see)


def _deeds(request: Request, line: TransferLine) -> tuple[Button, ...]:
    if request.actor.role < Role.OPERATOR:
        return ()
    wanted = [
        *(("retry",) if line.state in {"failed", "planned"} else ()),
        *(("cancel",) if line.state in EARLY else ()),
    ]
    return tuple(
        Button(
            Say(f"button-transfer-{deed}", {"number": str(line.id)}),
            "transfers",
            {"action": deed, "number": line.id},
            line=line.id,
        )
        for deed in wanted
    )


def _line(core: Core, line: TransferLine) -> Say:
    now = core.now()
    facts = {
        "number": str(line.id),
        "address": line.address,
        "from": line.from_team,
        "to": line.to_team or Say("transfers-no-target"),
        "state": Say(f"moved-{line.state}"),
        "since": Brief(line.created_at, now),
        "reason": _reason(line.reason),
        "due": Brief(line.due_at, now) if line.due_at else "–",
        "tries": line.attempts,
    }
    return Say("transfers-line-reason" if line.reason else "transfers-line", facts)


def _reason(reason: str | None) -> Any:
    """In words where there are such; else as it was noted."""
    if reason is None:
        return "–"
    key = f"reason-{reason.rpartition(':')[2]}"
    return Say(key) if has_words(key, FALLBACK) else reason


COMMANDS = (
    Command(
        "transfers",
        Role.VIEWER,
        transfers,
        "people",
        (
            Argument("which", "choice", False, WHICH),
            Argument("action", "choice", False, DEEDS),
            Argument("number", "number", False, low=1),
            Argument("address", "address", False),
            Argument(PAGE, "text", False, word=True),
        ),
    ),
)
