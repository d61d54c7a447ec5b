"""Pools and teams: how they stand, and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bots.commands.choices import SWITCH
from bots.commands.command import Argument, Command
from bots.commands.paging import PAGE, cursor, page_buttons
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.commands.staff import tables
from bots.commands.staff.arranging import MOVES, delete_pool, misplaced, move_pool, which_pool
from bots.commands.staff.pool_page import said_of_pool, show_pool
from bots.messages.reply import Brief, Button, Reply, Say
from core.actors import Role
from core.command_errors import SamePool
from core.errors import BadChoice, NotFound, Refusal, TeamInUse
from core.providers.registry import ADAPTERS
from core.rules.addresses import Address
from core.rules.allocation import Policy
from core.rules.spans import read_hours
from core.rules.terms import Term
from core.service import Core
from core.teams import pool_moves
from core.teams import pools as pool_actions
from core.teams import teams as actions
from core.teams.pool_report import pool_line, pool_list
from core.teams.removal import preview_team_removal, remove_team
from core.teams.report import SeatLine, TeamLine, team_list, team_page

TEAMS_PER_PAGE = 8
SEATS_PER_PAGE = 25
ANY = {"any", "unlimited", "off", "不限", "∞"}
PARTS = ("rename", "seats", "pool", "owner", "provider")
SWITCHES = {"stock": "show_stock", "waitlist": "waitlist_open", "requests": "transfer_requests", "enabled": "enabled"}
SWITCHES |= {"choice": "team_choice"}


async def pools(core: Core, request: Request) -> Reply:
    """All pools with their seats, and how many codes there is room for."""
    lines = await pool_list(core, request.actor)
    if not lines:
        return Reply("pools-none", buttons=_if_admin(request, Button(Say("button-import"), "import")))
    names = [Button(Say("plain", {"text": line.name}), "pool", {"name": line.name}) for line in lines[:12]]
    rows = [tuple(names[start : start + 3]) for start in range(0, len(names), 3)] if _admin(request) else []
    return Reply("pools", items=[said_of_pool(line) for line in lines], buttons=rows)


async def pool(
    core: Core, request: Request, *, action: str | None, name: str | None, rename: str | None, policy: str | None,
    term: Term | None, prefix: str | None, groups: int | None, stock: str | None, waitlist: str | None,
    requests: str | None, enabled: str | None, grace: str | None, moves: str | None, into: str | None, choice: str | None, names: str | None,
    public: str | None,
) -> Reply:  # fmt: skip
    """Show a pool, make one, or change it."""
    switches = {"stock": stock, "waitlist": waitlist, "requests": requests, "enabled": enabled, "choice": choice}
    wanted: dict[str, Any] = {column: switches[short] == "on" for short, column in SWITCHES.items() if switches[short]}
    plain = {"policy": policy, "grace_hours": None if grace is None else read_hours(grace)}
    wanted |= {column: value for column, value in plain.items() if value is not None}
    if names is not None:
        wanted["team_names"] = None if names.casefold() in ANY else names
    if public is not None:
        wanted["public_name"] = None if public.casefold() in ANY else public
    if moves is not None:
        wanted["transfers_allowed"] = _moves(moves)
    wrong = misplaced(action, name, {"into": into}, (*MOVES,))
    wrong = wrong or misplaced(action, name, {"prefix": prefix, "groups": groups}, ("add",))
    if wrong is not None:
        return wrong
    if name is None:
        wish = {"action": action, "rename": rename, "policy": policy, "term": term, "prefix": prefix, "groups": groups}
        wish |= {"grace": grace, "moves": moves, "into": into, "names": names, "public": public, **switches}
        meant = await which_pool(core, request, wish)
        if isinstance(meant, Reply):
            return meant
        name, rename = meant
    if action in MOVES or action == "delete":
        return await (
            delete_pool(core, request, name) if action == "delete" else move_pool(core, request, action, name, into)
        )
    if action == "add":
        made = await pool_actions.create_pool(
            core,
            request.actor,
            name,
            pool_actions.NewPool(
                prefix=prefix,
                groups=groups,
                policy=wanted.pop("policy", Policy.FILL_FIRST),
                term=str(term) if term else None,
            ),
        )
        if wanted:
            await pool_actions.change_pool(core, request.actor, made.name, **wanted)
        return await show_pool(core, request, made.name, "pool-made")
    named = {"default_term": str(term) if term is not None else None, "name": rename}
    wanted |= {column: value for column, value in named.items() if value is not None}
    if not wanted:
        return await show_pool(core, request, name, "pool-shown")
    changed = await pool_actions.change_pool(core, request.actor, name, **wanted)
    return await show_pool(core, request, changed.name, "pool-changed")


async def teams(core: Core, request: Request, *, pool: str | None, page: str | None) -> Reply:
    """The teams with their seats and health, oldest first."""
    lines = await team_list(core, request.actor, pool=pool)
    if not lines:
        key = "teams-none" if pool is None else "teams-none-in-pool"
        return Reply(key, {"pool": pool}, buttons=_if_admin(request, Button(Say("button-import"), "import")))
    start = cursor(page) or 0
    shown = lines[start : start + TEAMS_PER_PAGE]
    following = start + TEAMS_PER_PAGE if len(lines) > start + TEAMS_PER_PAGE else None
    names = [Button(Say("plain", {"text": line.name}), "team", {"name": line.name}) for line in shown]
    rows: list[Sequence[Button]] = [tuple(names[first : first + 2]) for first in range(0, len(names), 2)]
    facts = {
        "count": len(lines),
        "free": sum(line.free for line in lines if line.state == "active"),
        "seats": sum(line.free + line.held + line.taken for line in lines),
        "ill": sum(line.state in {"expired", "gone"} for line in lines),
    }
    rows += list(page_buttons("teams", {"pool": pool}, page, following))
    return Reply("teams", facts, items=[_team_line(line) for line in shown], buttons=rows)


async def team(core: Core, request: Request, *, name: str, file: str | None, page: str | None) -> Reply:
    """One team, seat by seat."""
    if file is not None:
        found = await team_page(core, request.actor, name)
        return tables.sheet("members", [seat for seat in found.seats if seat.address is not None])
    return await _show_team(core, request, name, page)


async def edit_team(
    core: Core,
    request: Request,
    *,
    name: str,
    rename: str | None,
    seats: int | None,
    pool: str | None,
    owner: Address | None,
    provider: str | None,
) -> Reply:
    """Rename a team, change its seats, owner or provider, or let it serve another pool, with its people."""
    changes = {"new_name": rename, "capacity": seats, "provider": provider, "owner": owner and owner.original}
    given = {key: value for key, value in changes.items() if value is not None}
    if pool is None and not given:
        await team_page(core, request.actor, name)
        parts = [Button(Say(f"button-{part}"), "teamdraft", {"name": name, "edit": part}) for part in PARTS]
        return Reply("editteam", {"team": name}, buttons=(tuple(parts[:3]), tuple(parts[3:])))
    if pool is not None and not request.confirmed:
        line = (await team_page(core, request.actor, name)).line
        target = await pool_line(core, request.actor, pool)
        if target is None:
            raise NotFound(kind="pool", name=pool[:80])
        if target.name == line.pool:
            raise SamePool(name=target.name)
        facts = {"team": line.name, "from": line.pool, "pool": target.name, "people": line.held + line.taken}
        wish = {"name": line.name, "rename": rename, "seats": seats, "pool": target.name, "provider": provider,
                "owner": changes["owner"]}  # fmt: skip
        return confirm(Reply("editteam-pool", facts), "editteam", wish, label="button-team-move", danger=False)
    if pool is not None:
        await pool_moves.move_team(core, request.actor, name, pool)
    if given:
        await actions.change_team(core, request.actor, name, **given)  # type: ignore[arg-type]
    return await _show_team(core, request, rename.strip() if rename else name, None, told="team-changed")


async def edit_team_step(core: Core, request: Request, *, name: str, edit: str) -> Reply:
    """Ask for the part of a team that is to be changed."""
    page = await team_page(core, request.actor, name)
    facts = {"team": page.line.name, "seats": page.line.capacity, "pool": page.line.pool}
    facts |= {"owner": page.owner_address or "–", "provider": page.line.provider}
    return await ask(core, request, "editteam", edit, {"name": name}, Reply(f"ask-editteam-{edit}", facts))


async def enable_team(core: Core, request: Request, *, name: str) -> Reply:
    """Let a team take new people again."""
    await actions.enable_team(core, request.actor, name, enabled=True)
    return await _show_team(core, request, name, None, told="team-enabled")


async def disable_team(core: Core, request: Request, *, name: str) -> Reply:
    """Stop a team from taking new people."""
    await actions.enable_team(core, request.actor, name, enabled=False)
    return await _show_team(core, request, name, None, told="team-disabled-now")


async def remove_team_(core: Core, request: Request, *, name: str) -> Reply:
    """Remove a team that nobody has a seat in, after saying what that means."""
    if request.confirmed:
        removed = await remove_team(core, request.actor, name)
        return Reply("team-removed", {"team": removed.name, "codes": removed.codes})
    look = await preview_team_removal(core, request.actor, name)
    if look.leases:
        refusal: Refusal = TeamInUse(name=look.name, count=look.leases)
        stop = Button(Say("button-disable-team"), "disableteam", {"name": look.name})
        who = Button(Say("button-who"), "team", {"name": look.name})
        return Reply(f"error-{refusal.key}", refusal.facts, buttons=((who, stop),), state="refused")
    facts = {"team": look.name, "seats": look.seats, "strangers": look.strangers, "codes": look.codes}
    more = [Say("removeteam-strangers", facts)] if look.strangers else []
    more += [Say("removeteam-codes", facts)] if look.codes else []
    question = Reply("removeteam", facts, more=more)
    return confirm(question, "removeteam", {"name": look.name}, label="button-remove-team")


async def _show_team(core: Core, request: Request, name: str, trail: str | None, *, told: str | None = None) -> Reply:
    page = await team_page(core, request.actor, name)
    line = page.line
    start = cursor(trail) or 0
    shown = page.seats[start : start + SEATS_PER_PAGE]
    following = start + SEATS_PER_PAGE if len(page.seats) > start + SEATS_PER_PAGE else None
    facts = {
        **_team_facts(line),
        "provider": line.provider,
        "external": page.external_id,
        "owner": page.owner_address or "–",
        "read": Say("team-read", {"moment": Brief(line.read_at, core.now())})
        if line.read_at
        else Say("team-never-read"),
    }
    more = [Say("team-more", facts)]
    if line.paused_until is not None and line.paused_until > core.now():
        more.append(Say("team-paused", {"until": line.paused_until}))
    if line.credential_expires_at is not None:
        more.append(Say("team-credential", {"until": line.credential_expires_at}))
    if line.over:
        more.append(Say("team-over", {"team": line.name, "count": line.over}))
    if line.last_error:
        more.append(Say("team-error", {"error": line.last_error}))
    items = ([Say(told, facts)] if told else []) + [
        _seat_line(seat, core.now()) for seat in shown if seat.state != "free"
    ]
    rows: list[Sequence[Button]] = [
        *page_buttons("team", {"name": line.name}, trail, following),
        *_team_buttons(request, line),
    ]
    return Reply("team", facts, items=items, more=more, buttons=rows)


def _team_buttons(request: Request, line: TeamLine) -> list[tuple[Button, ...]]:
    named = {"name": line.name}
    rows: list[tuple[Button, ...]] = []
    if request.actor.role >= Role.OPERATOR:
        rows.append((Button(Say("button-sync"), "sync", {"what": line.name}),))
    if _admin(request):
        off = Button(Say("button-disable-team"), "disableteam", named)
        on = Button(Say("button-enable-team"), "enableteam", named)
        rows.append((Button(Say("button-edit"), "editteam", named), on if line.state == "disabled" else off))
        if line.over:
            over = Button(
                Say("button-remove-over", {"count": line.over}), "remove", {"over": line.name}, style="danger"
            )
            rows.append((over,))
        history = Button(Say("button-history"), "audit", {"subject": f"team {line.id}"})
        rows.append((history, Button(Say("button-remove-team"), "removeteam", named, style="danger")))
    rows.append((Button(Say("button-teams"), "teams", {"pool": line.pool}),))
    return rows


def _moves(text: str) -> int | None:
    """How often a seat may move: a number, or `any`. Raises: BadChoice."""
    if text.casefold() in ANY:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise BadChoice(name="moves", value=text[:20], choices=["0", "3", "any"])
    return int(text)


def _team_facts(line: TeamLine) -> dict[str, Any]:
    return {
        "team": line.name,
        "pool": line.pool,
        "mark": Say(f"mark-{line.state}"),
        "state": Say(f"team-{line.state}"),
        "free": line.free,
        "used": line.held + line.taken,
        "held": line.held,
        "strangers": line.strangers,
        "pending": line.pending,
        "seats": line.free + line.held + line.taken,
    }


def _team_line(line: TeamLine) -> Say:
    return Say("team-line", _team_facts(line))


def _seat_line(seat: SeatLine, now: datetime) -> Say:
    facts: dict[str, Any] = {
        "number": str(seat.number),
        "address": seat.address or "–",
        "until": Brief(seat.expires_at, now) if seat.expires_at else "",
    }
    if seat.stranger:
        return Say("seat-stranger", facts)
    status = seat.status or seat.state
    facts["status"] = Say(f"lease-{status}")
    return Say("seat-line-until" if seat.expires_at else "seat-line", facts)


def _admin(request: Request) -> bool:
    return request.actor.role >= Role.ADMIN


def _if_admin(request: Request, button: Button) -> Sequence[Sequence[Button]]:
    return ((button,),) if _admin(request) else ()


_NAME = Argument("name", "team")

COMMANDS = (
    Command("pools", Role.VIEWER, pools, "figures"),
    Command(
        "teams",
        Role.VIEWER,
        teams,
        "figures",
        (Argument("pool", "pool", False), Argument(PAGE, "text", False, word=True)),
    ),
    Command("team", Role.VIEWER, team, "figures", (_NAME, tables.FILE, Argument(PAGE, "text", False, word=True))),
    Command(
        "editteam",
        Role.ADMIN,
        edit_team,
        "teams",
        (
            _NAME,
            Argument("rename", "text", False, word=True),
            Argument("seats", "number", False, low=0, high=10_000, word=True),
            Argument("pool", "pool", False, word=True),
            Argument("owner", "address", False, word=True),
            Argument("provider", "choice", False, tuple(ADAPTERS), word=True),
        ),
    ),
    Command(
        "teamdraft",
        Role.ADMIN,
        edit_team_step,
        "teams",
        (_NAME, Argument("edit", "choice", choices=PARTS)),
        hidden=True,
    ),
    Command("enableteam", Role.ADMIN, enable_team, "teams", (_NAME,)),
    Command("disableteam", Role.ADMIN, disable_team, "teams", (_NAME,), harmful=True),
    Command("removeteam", Role.ADMIN, remove_team_, "teams", (_NAME,), harmful=True),
    Command(
        "pool",
        Role.ADMIN,
        pool,
        "teams",
        (
            Argument("action", "choice", False, ("show", "add", "set", *MOVES, "delete")),
            Argument("name", "pool", False),
            Argument("rename", "text", False, word=True),
            Argument("policy", "choice", False, tuple(str(one) for one in Policy), word=True),
            Argument("term", "term", False, word=True),
            Argument("prefix", "text", False, word=True),
            Argument("groups", "number", False, low=3, high=6, word=True),
            *(Argument(short, "choice", False, SWITCH, word=True) for short in SWITCHES),
            Argument("grace", "text", False, word=True),
            Argument("moves", "text", False, word=True),
            Argument("names", "text", False, word=True),
            Argument("public", "text", False, word=True),
            Argument("into", "pool", False, word=True),
        ),
    ),
)
