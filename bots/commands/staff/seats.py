"""People's seats over time: who has one, moving, extending and ending them, and what works by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.member import my_seat
from bots.commands.paging import PAGE, cursor, list_head, page_buttons
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.commands.staff import jobs, tables
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.errors import LeaseRefused, NotFound, TransferRefused
from core.jobs import chores
from core.leases import leases as lease_actions
from core.leases.report import LeaseFilter, LeaseLine, LeaseView, lease_list
from core.people import report as members
from core.rules.addresses import Address, read_address
from core.rules.terms import Term, parse_term
from core.service import Core
from core.sync import sync as sync_actions
from core.sync.readings import Reading
from core.transfers import address_changes
from core.transfers import transfers as transfer_actions
from core.transfers.report import Preview, preview

WHICH = ("live", "expiring", "expired", "pending", "moving", "ended", "all")
PER_PAGE = 10
EVERYTHING = {"all", "*", "全部", "所有"}
SHOWN = 15
"""Readings that did not work out and are named."""
BAR = 20
TERMS = ("1mo", "3mo", "12mo")
_SETTLED = {"invited", "active"}


async def leases(
    core: Core,
    request: Request,
    *,
    which: LeaseView | None,
    address: Address | None,
    team: str | None,
    pool: str | None,
    file: str | None,
    page: str | None,
) -> Reply:
    """Who has a seat: those that end first come first."""
    team = _without("team", team)
    start = cursor(page) or 0
    # Of one address everything is told, of a house full of people what is the case now.
    chosen: LeaseView = which or ("all" if address is not None else "live")
    found = await lease_list(
        core,
        request.actor,
        LeaseFilter(chosen, address.original if address else None, team, pool),
        offset=0 if file else start,
        limit=tables.MOST if file else PER_PAGE,
    )
    if file is not None:
        return tables.sheet("leases", found.lines)
    given = {"which": which, "address": address.original if address else None, "team": team, "pool": pool}
    wish = {name: value for name, value in given.items() if value is not None}
    filters: list[Sequence[Button]] = []
    if address is None:
        kept = {name: value for name, value in wish.items() if name != "which"}
        others = [one for one in ("live", "expiring", "moving", "pending", "ended") if one != chosen]
        row = [Button(Say(f"button-leases-{one}"), "leases", {**kept, "which": one}) for one in others]
        filters = [tuple(row[:2]), tuple(row[2:])]
    named = {"address": wish.get("address"), "team": team, "pool": pool}
    what = list_head(named, f"leases-{chosen}")
    if not found.lines:
        nobody = chosen == "live" and not any(named.values())
        return Reply("leases-nobody" if nobody else "leases-none", {"what": what}, buttons=filters)
    following = start + PER_PAGE if found.total > start + PER_PAGE else None
    rows: list[Sequence[Button]] = [*page_buttons("leases", wish, page, following)]
    if address is None:
        people = list(dict.fromkeys(line.address for line in found.lines))
        rows += [(Button(Say("plain", {"text": one}), "leases", {"address": one}),) for one in people]
    else:
        rows += _next_steps(request, address.original, found.lines)
    items = [_lease_line(core, line) for line in found.lines]
    return Reply("leases", {"count": found.total, "what": what}, items=items, buttons=[*rows, *filters])


async def sync(core: Core, request: Request, *, what: str) -> Reply:
    """Read teams anew: one, those in which an address has a seat, or all."""
    if what.strip().casefold() in EVERYTHING:
        begun = await chores.start(core, request.actor, "sync", request_key=request.key, place=jobs.place_of(request))
        return await jobs.started(core, request, begun.job_id, begun.items, merged=begun.merged, key="job-begun")

    async def watched(done: int, of: int) -> None:
        await request.show(_progress(done, of))

    if "@" in what:
        readings = await sync_actions.sync_address(core, request.actor, read_address(what).original, watched)
    else:
        await watched(0, 1)
        readings = [await sync_actions.sync_team(core, request.actor, _without("team", what) or what)]
    return _read(what, readings)


async def transfer(
    core: Core,
    request: Request,
    *,
    address: Address,
    to: str | None,
    force: bool,
    new: Address | None,
    lease: int | None,
) -> Reply:
    """Move somebody to another team, or their seat to another address, after showing what happens meanwhile."""
    if request.actor.role < Role.OPERATOR:
        return await my_seat.myseat(core, request, action="move", seat=None, address=None)
    if new is not None:
        return await _readdress(core, request, address, new, lease)
    to = _without("to", to)
    if request.confirmed:
        await request.show(Reply("transfer-working", {"address": address}, state="working"))
        moved = await transfer_actions.transfer(
            core, request.actor, address.original, to=to, forced=force, lease_id=lease
        )
        see = Button(Say("button-leases-of"), "leases", {"address": address.original})
        items = [_moved(core, one) for one in moved]
        over = all(one.state == "done" for one in moved)
        key = "transferred" if over else "transfer-begun"
        return Reply(key, {"count": len(moved)}, items=items, buttons=((see,),), state="ok" if over else "working")
    plans = await preview(core, request.actor, address.original, to=to, forced=force)
    plans = [one for one in plans if lease in {None, one.lease_id}]
    if not plans:
        raise NotFound(kind="lease", name=f"{address.original} (#{lease})")
    possible = [one for one in plans if one.refused is None]
    if not possible:
        raise TransferRefused(reason=plans[0].refused)
    wish = {name: value for name, value in {"to": to, "force": force or None}.items() if value is not None}
    if len(possible) > 1:
        return _which_seat("transfer", address, [(one.lease_id, one.from_team) for one in possible], wish)
    return _ask_transfer(address, possible[0], wish)


async def _own_move(core: Core, request: Request, _: Mapping[str, str]) -> Reply | None:
    """A person wants to be moved themselves: no address is asked for. None for staff, who mean somebody else."""
    if request.actor.role >= Role.OPERATOR:
        return None
    return await my_seat.myseat(core, request, action="move", seat=None, address=None)


async def _readdress(core: Core, request: Request, address: Address, new: Address, lease: int | None) -> Reply:
    """Give the seat of one address to another one of the same person."""
    found = await lease_list(core, request.actor, LeaseFilter(address=address.original), limit=100)
    lines = [line for line in found.lines if lease in {None, line.id}]
    if not lines:
        raise NotFound(kind="lease", name=address.original if lease is None else f"{address.original} (#{lease})")
    if len(lines) > 1:
        return _which_seat("transfer", address, [(line.id, line.team) for line in lines], {"new": new.original})
    [line] = lines
    if not request.confirmed:
        question = Reply("transfer-address", {"address": line.address, "from": line.team, "wanted": new.original})
        wish = {"address": line.address, "new": new.original, "lease": line.id}
        return confirm(question, "transfer", wish, label="button-transfer-now", danger=False)
    await request.show(Reply("transfer-working", {"address": address}, state="working"))
    moved = await address_changes.change(core, request.actor, line.id, new.original)
    see = Button(Say("button-leases-of"), "leases", {"address": new.original})
    return Reply("transfer-begun", {"count": 1}, items=[_moved(core, moved)], buttons=((see,),), state="working")


async def extend(core: Core, request: Request, *, address: Address, term: Term, lease: int | None) -> Reply:
    """Let a seat end later."""
    if lease is not None:
        await _require_mine(core, request, address, lease)
    changed = dict(await lease_actions.extend(core, request.actor, address.original, str(term), lease_id=lease))
    found = await lease_list(core, request.actor, LeaseFilter(address=address.original), limit=100)
    items = [_lease_line(core, line) for line in found.lines if line.id in changed]
    see = Button(Say("button-leases-of"), "leases", {"address": address.original})
    return Reply("extended", {"address": address, "term": term}, items=items, buttons=((see,),), replace=False)


async def end(core: Core, request: Request, *, address: Address, force: bool, lease: int | None) -> Reply:
    """End somebody's seat and take them out of the team, after showing which it is."""
    if request.confirmed:
        await request.show(Reply("end-working", {"address": address}, state="working"))
        ended = await lease_actions.end(core, request.actor, address.original, lease_id=lease, forced=force)
        items = [_ended(one) for one in ended]
        under_way = any(one.state == "planned" for one in ended)
        failed = any(one.state == "failed" for one in ended)
        key = "end-failed" if failed else "end-begun" if under_way else "ended"
        return Reply(key, {"count": len(ended)}, items=items, state="failed" if failed else "ok")
    found = await lease_list(core, request.actor, LeaseFilter(address=address.original), limit=100)
    lines = [line for line in found.lines if lease in {None, line.id}]
    if not lines:
        raise NotFound(kind="lease", name=address.original if lease is None else f"{address.original} (#{lease})")
    if force:
        # A move under way is taken over: it is the person who leaves, wherever they are by now.
        facts = {"address": lines[0].address, "count": len(lines)}
        items = [_lease_line(core, line) for line in lines]
        wish = {"address": lines[0].address, "force": True, "lease": lease}
        question = Reply("end-force", facts, items=items)
        return confirm(question, "end", {name: value for name, value in wish.items() if value}, label="button-end-now")
    arriving = {line.moving_to for line in found.lines}  # where somebody is just being moved to
    possible = [line for line in lines if line.status in _SETTLED and not line.ending and line.team not in arriving]
    if not possible:
        if lines[0].team in arriving:
            raise LeaseRefused(reason="moving")
        reasons = {"transferring": "moving", "held": "held"}
        raise LeaseRefused(reason="ending" if lines[0].ending else reasons.get(lines[0].status, "ended"))
    if len(possible) > 1:
        return _which_seat("end", address, [(line.id, line.team) for line in possible], {})
    [line] = possible
    facts = {"address": line.address, "team": line.team}
    question = Reply("end", facts, items=[_lease_line(core, line)], more=[Say(f"end-{line.status}", facts)])
    return confirm(question, "end", {"address": line.address, "lease": line.id}, label="button-end-now")


def _ask_transfer(address: Address, plan: Preview, wish: dict[str, Any]) -> Reply:
    facts = {
        "address": plan.address,
        "from": plan.from_team,
        "to": plan.to_team or "–",
        "hours": round(plan.grace_hours),
        "until": Say("until", {"moment": plan.expires_at}) if plan.expires_at else "",
    }
    where = "transfer-nowhere"
    if plan.to_team is not None:
        where = "transfer-to-until" if plan.expires_at else "transfer-to"  # time runs only once somebody has joined
    more = [Say(where, facts), Say("transfer-forced" if plan.forced else "transfer-waits", facts)]
    arguments = {"address": address.original, "lease": plan.lease_id, **wish}
    question = Reply("transfer", facts, more=more)
    if not plan.forced:
        at_once = Button(Say("button-transfer-force"), "transfer", {**arguments, "force": True})
        question = Reply("transfer", facts, more=more, buttons=((at_once,),))
    return confirm(question, "transfer", arguments, label="button-transfer-now", danger=plan.forced)


def _which_seat(command: str, address: Address, seats: Sequence[tuple[int, str]], wish: dict[str, Any]) -> Reply:
    """Several seats of one address: one is chosen before anything happens."""
    rows = [
        (Button(Say("plain", {"text": team}), command, {"address": address.original, "lease": number, **wish}),)
        for number, team in seats
    ]
    return Reply(f"{command}-which", {"address": address, "count": len(seats)}, buttons=rows, state="asking")


async def _require_mine(core: Core, request: Request, address: Address, lease: int) -> None:
    """Return if the lease is one of this address: a number alone is mistyped too easily. Raises: NotFound."""
    found = await lease_list(core, request.actor, LeaseFilter(address=address.original), limit=100)
    if lease not in {line.id for line in found.lines}:
        raise NotFound(kind="lease", name=f"{address.original} (#{lease})")


def _next_steps(request: Request, address: str, lines: Sequence[LeaseLine]) -> list[tuple[Button, ...]]:
    live = [line for line in lines if line.status in _SETTLED and not line.ending]
    if request.actor.role < Role.OPERATOR or not live:
        return []
    given = {"address": address}
    row = [Button(Say(f"button-{name}-seat"), name, given) for name in ("transfer", "extend", "end")]
    again = Button(Say("button-resend-seat"), "resend", {"addresses": address})
    read = Button(Say("button-sync"), "sync", {"what": address})
    last = (again, read) if any(line.status == "invited" for line in live) else (read,)
    return [tuple(row), last]


def _lease_line(core: Core, line: LeaseLine) -> Say:
    facts = {
        "lease": str(line.id),
        "address": line.address,
        "team": line.team,
        "status": Say("lease-being-ended") if line.ending else Say(f"lease-{line.status}"),
        "to": line.moving_to or "–",
    }
    if line.status == "transferring" and not line.ending:
        return Say("lease-line-moving", facts)
    if line.status in {"ended", "failed"}:
        at = Brief(line.ended_at, core.now()) if line.ended_at else "–"
        return Say("lease-line-over", {**facts, "at": at})
    if line.expires_at is not None:
        return Say("lease-line-until", {**facts, "moment": Brief(line.expires_at, core.now())})
    return Say("lease-line", {**facts, "until": Say("found-until-term", {"term": parse_term(line.term)})})


def _moved(core: Core, one: transfer_actions.Transfer) -> Say:
    facts = {
        "address": one.address,
        "from": one.from_team or "–",
        "to": one.to_team or "–",
        "state": Say(f"moved-{one.state}"),
        "reason": Say(f"reason-{one.reason}") if one.reason else "–",
        "due": Brief(one.due_at, core.now()) if one.due_at else "–",
    }
    if one.to_team is None:
        return Say("transfer-line-waiting", facts)
    return Say("transfer-line-reason" if one.reason else "transfer-line", facts)


def _ended(one: lease_actions.Ended) -> Say:
    reason = Say(f"reason-{one.reason}") if one.reason else "–"
    return Say(f"ended-{one.state}", {"address": one.address, "team": one.team or "–", "reason": reason})


def _read(what: str, readings: Sequence[Reading]) -> Reply:
    failed = [one for one in readings if not one.complete]
    facts = {
        "count": len(readings) - len(failed),
        "of": len(readings),
        "failed": len(failed),
        "members": sum(one.members for one in readings),
        "pending": sum(one.pending for one in readings),
        "joined": sum(one.joined for one in readings),
        "gone": sum(one.gone for one in readings),
        "strangers": sum(one.strangers for one in readings),
    }
    items = [Say("sync-failed", {"team": one.team, "reason": Say(f"reason-{one.reason}")}) for one in failed[:SHOWN]]
    if len(failed) > SHOWN:
        items.append(Say("sync-more-failed", {"count": len(failed) - SHOWN}))
    row = [Button(Say("button-sync-again"), "sync", {"what": what})]
    if "@" in what:
        row.append(Button(Say("button-leases-of"), "leases", {"address": what}))
    elif len(readings) == 1:
        row.append(Button(Say("plain", {"text": readings[0].team}), "team", {"name": readings[0].team}))
    else:
        row.append(Button(Say("button-teams"), "teams"))
    nothing = bool(failed) and len(failed) == len(readings)
    key = "sync-nothing" if nothing else "synced"
    return Reply(key, facts, items=items, buttons=(tuple(row),), state="failed" if nothing else "ok")


def _progress(done: int, of: int) -> Reply:
    filled = BAR * done // of if of else 0
    facts = {"done": done, "of": of, "bar": "█" * filled + "░" * (BAR - filled)}
    return Reply("sync-working", facts, state="working")


def _without(word: str, name: str | None) -> str | None:
    """A name as it stands behind the word that leads to it: `to Workspace 2`, `team Workspace 2`."""
    if name is None:
        return None
    first, _, rest = name.strip().partition(" ")
    return rest.strip() if first.casefold() == word and rest.strip() else name.strip()


_LEASE = Argument("lease", "number", False, low=1, word=True)

COMMANDS = (
    Command(
        "leases",
        Role.VIEWER,
        leases,
        "people",
        (
            Argument("which", "choice", False, WHICH),
            Argument("address", "address", False),
            Argument("team", "team", False, rest=True),
            Argument("pool", "pool", False, word=True),
            tables.FILE,
            Argument(PAGE, "text", False, word=True),
        ),
    ),
    Command("sync", Role.OPERATOR, sync, "people", (Argument("what", "text", rest=True),)),
    Command(
        "transfer",
        Role.ANYONE,
        transfer,
        "seats",
        (
            Argument("address", "address"),
            Argument("to", "team", False),
            Argument("force", "flag", False),
            Argument("new", "address", False, word=True, invites=True),
            _LEASE,
        ),
        first=_own_move,
        offered=members.may_move,
        always=Role.OPERATOR,
    ),
    Command(
        "extend",
        Role.OPERATOR,
        extend,
        "people",
        (Argument("address", "address"), Argument("term", "term", choices=TERMS), _LEASE),
        once=True,
    ),
    Command(
        "end",
        Role.OPERATOR,
        end,
        "people",
        (Argument("address", "address"), Argument("force", "flag", False), _LEASE),
        harmful=True,
    ),
)
