"""`usher team`: workspaces, their seats and credentials."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, CommandRefused, Rows, Shown, invocation, write
from admin_cli.session import actor, opened, read_text

if TYPE_CHECKING:
    from core.service import Core
    from core.teams.teams import CandidateTeam


app = App(name="team", help="Teams: workspaces, their seats and credentials.", help_format="plaintext")
app.command("admin_cli.commands.team_add:add", name="add", help="Add one team by answering for its credential.")


@app.command(name="import")
async def import_(
    file: Annotated[Path, Parameter(help="Session or credential JSON, one a line or a list; - reads standard input.")],
    *,
    pool: Annotated[str | None, Parameter(help="Where new teams go; made if there is none.")] = None,
    provider: Annotated[str | None, Parameter(help="What the credentials are for, where they do not say.")] = None,
    check: Annotated[bool, Parameter(help="Try the credentials, and offer the seats that they state.")] = True,
    yes: Annotated[bool, Parameter(help="Store without asking.", negative="")] = False,
) -> CommandAnswer:
    """Show what a file of credentials holds and, confirmed, store it; known teams get their new credential.

    Example: usher team import sessions.jsonl --pool default --yes
    """
    from core.teams import teams
    from core.teams.credential_checks import check_candidates
    from core.teams.pool_report import pool_line
    from core.teams.pools import create_pool

    text = read_text(file)
    wrong: dict[int, str | None] = {}
    async with opened() as core:
        candidates = await teams.preview_teams(core, actor(), text, provider=provider)
        if check:
            # Tried before they are stored, so that what is offered are the seats that the provider states.
            tried = await check_candidates(core, actor(), candidates)
            candidates = [one.candidate for one in tried]
            wrong = {number: one.reason for number, one in enumerate(tried) if one.reason and one.candidate.parsed}
        new_pool = pool is not None and await pool_line(core, actor(), pool) is None
        preview = [
            *_preview(candidates, wrong),
            *([words.said("The pool {pool} is new and will be made.", pool=pool)] if new_pool else []),
        ]
        if not yes and not _confirmed(candidates, preview):
            counts = {name: sum(one.status == name for one in candidates) for name in ("new", "updated")}
            document = {"applied": False, "created": 0, "updated": 0, **counts, "invalid": _invalid(candidates)}
            said = words.said("Nothing was stored; --yes stores it.")
            shown = [] if sys.stdin.isatty() and not invocation.get().json else preview
            return CommandAnswer(document, [*shown, said], REFUSED)
        if new_pool and pool is not None:
            await create_pool(core, actor(), pool)
        imported = await teams.import_teams(core, actor(), candidates, pool=pool)
        readings = await _read_teams(core, imported.team_ids)
    invalid = _invalid(candidates)
    document = {
        "applied": True,
        "created": imported.created,
        "updated": imported.updated,
        "invalid": invalid,
        "readings": readings,
    }
    failed = [reading for reading in readings if not reading["ok"]]
    shown = [
        words.said(
            "{created} created, {updated} updated, {invalid} invalid.",
            created=imported.created,
            updated=imported.updated,
            invalid=len(imported.invalid),
        ),
        *(words.said("Line {line}: {why}", line=one["line"], why=words.reason(one["reason"])) for one in invalid),
        *(words.said("{team} could not be read yet: {why}", team=one["team"], why=one["reason"]) for one in failed),
    ]
    return CommandAnswer(document, shown, DONE if imported.created or imported.updated else REFUSED)


@app.command(name="list")
async def list_(*, pool: Annotated[str | None, Parameter(help="Only this pool's teams.")] = None) -> CommandAnswer:
    """Show the teams with their seats and health, oldest first.

    Example: usher team list --pool default
    """
    from core.teams.report import team_list

    async with opened() as core:
        lines = await team_list(core, actor(), pool=pool)
    rows = [
        (line.name, line.pool, line.provider, line.state, line.capacity, line.free, line.held, line.taken, line.read_at)
        for line in lines
    ]
    headers = ("team", "pool", "provider", "state", "capacity", "free", "held", "taken", "last read")
    return CommandAnswer({"teams": [asdict(line) for line in lines]}, [Rows(headers, rows)])


@app.command
async def show(name: str) -> CommandAnswer:
    """Show one team seat by seat.

    Example: usher team show "Workspace 1"
    """
    from core.teams.report import team_page

    async with opened() as core:
        page = await team_page(core, actor(), name)
    line = page.line
    facts = [
        ("pool", line.pool),
        ("provider", line.provider),
        ("external id", page.external_id),
        ("owner", page.owner_address),
        ("state", line.state),
        ("capacity", line.capacity),
        ("paused until", line.paused_until),
        ("credential expires", line.credential_expires_at),
        ("failures in a row", page.failures),
        ("last error", line.last_error),
        ("last read", line.read_at),
    ]
    seats = [
        (seat.number, seat.state, seat.address, words.said("not invited by Usher") if seat.stranger else seat.status,
         seat.invited_at, seat.joined_at, seat.expires_at)
        for seat in page.seats
    ]  # fmt: skip
    document = {
        **asdict(line),
        "external_id": page.external_id,
        "owner": page.owner_address,
        "failures": page.failures,
        "seats": [asdict(seat) for seat in page.seats],
    }
    headers = ("seat", "state", "address", "lease", "invited", "joined", "expires")
    return CommandAnswer({"team": document}, [Rows((line.name, ""), words.listed(facts)), Rows(headers, seats)])


@app.command
async def enable(*names: str) -> CommandAnswer:
    """Let teams take new people again.

    Example: usher team enable "Workspace 1"
    """
    return await _switch(names, enabled=True)


@app.command
async def disable(*names: str) -> CommandAnswer:
    """Stop teams from taking new people; whoever is in them stays.

    Example: usher team disable "Workspace 1"
    """
    return await _switch(names, enabled=False)


@app.command(name="set")
async def set_(
    name: str,
    *,
    rename: Annotated[str | None, Parameter(help="The new name.")] = None,
    capacity: Annotated[int | None, Parameter(help="Seats in all; a taken one is never dropped.")] = None,
    pool: Annotated[str | None, Parameter(help="The pool that it serves from now on, with its people.")] = None,
    owner: Annotated[str | None, Parameter(help="The address that owns it upstream and takes no seat.")] = None,
    provider: Annotated[str | None, Parameter(help="Whose protocol it speaks: chatgpt, openai_admin or scim.")] = None,
) -> CommandAnswer:
    """Rename a team, change its seats, owner or provider, or let it serve another pool.

    Example: usher team set "Workspace 1" --capacity 7
    Example: usher team set "Workspace 1" --pool gold
    """
    from core.teams.pool_moves import move_team
    from core.teams.report import team_page
    from core.teams.teams import change_team

    wanted = {"new_name": rename, "owner": owner, "provider": provider}
    changes: dict[str, Any] = {key: value for key, value in wanted.items() if value is not None}
    if capacity is not None:
        changes["capacity"] = capacity
    if not changes and pool is None:
        raise CommandRefused("usage", words.said('Nothing to change; see "usher team set --help".'), 2)
    async with opened() as core:
        if pool is not None:
            await move_team(core, actor(), name, pool)
        if changes:
            await change_team(core, actor(), name, **changes)
        line = (await team_page(core, actor(), rename or name)).line
    return CommandAnswer(
        {"team": asdict(line)},
        [
            words.said(
                "{name}: {capacity:seat/seats}, {free} free, in the pool {pool}.",
                name=line.name,
                capacity=line.capacity,
                free=line.free,
                pool=line.pool,
            )
        ],
    )


@app.command
async def sync(
    name: Annotated[str | None, Parameter(help="This team; else all of them.")] = None,
    *,
    address: Annotated[str | None, Parameter(help="The teams where this address has a seat.")] = None,
) -> CommandAnswer:
    """Read members and invites from the providers now. Exit code 3 if one could not be read.

    Example: usher team sync "Workspace 1"
    """
    from core.sync import sync as reading

    async with opened() as core:
        if address is not None:
            read = await reading.sync_address(core, actor(), address)
        elif name is not None:
            read = [await reading.sync_team(core, actor(), name)]
        else:
            read = await reading.sync_all(core, actor())
    lines = [_reading(one) for one in read]
    rows = [
        (one.team, "complete" if one.complete else one.reason, one.members, one.pending, one.joined, one.gone,
         one.strangers)
        for one in read
    ]  # fmt: skip
    headers = ("team", "reading", "members", "invites", "joined", "gone", "strangers")
    return CommandAnswer({"readings": lines}, [Rows(headers, rows)], DONE if all(line["ok"] for line in lines) else 3)


@app.command
async def remove(name: str, *, yes: Annotated[bool, Parameter(help="Do it.", negative="")] = False) -> CommandAnswer:
    """Remove a team that nobody has a seat in any more; --yes does it, else it is only shown.

    Example: usher team remove "Workspace 1" --yes
    """
    from core.teams.removal import preview_team_removal, remove_team

    async with opened() as core:
        act = remove_team if yes else preview_team_removal
        found = await act(core, actor(), name)
    gone = words.said("{name} is removed:", name=found.name)
    said = gone if yes else words.said("{name} would be removed; --yes does it:", name=found.name)
    said += " " + words.said(
        "{seats} seats, {codes} unused bound codes, {people} people.",
        seats=found.seats, codes=found.codes, people=found.leases,
    )  # fmt: skip
    return CommandAnswer({"applied": yes, "removal": asdict(found)}, [said])


@app.command
async def cleanup(*, yes: Annotated[bool, Parameter(help="Do it.", negative="")] = False) -> CommandAnswer:
    """Remove every team that is out of service and empty; --yes does it, else it is only shown.

    Example: usher team cleanup --yes
    """
    from core.teams.cleanup import clean_up_teams

    async with opened() as core:
        found = await clean_up_teams(core, actor(), dry_run=not yes)
    rows = [(one.team, one.health, one.since, one.error, one.leases, one.removed) for one in found]
    headers = ("team", "health", "since", "error", "people", "removed" if yes else "would go")
    return CommandAnswer({"applied": yes, "teams": [asdict(one) for one in found]}, [Rows(headers, rows)])


async def _switch(names: Sequence[str], *, enabled: bool) -> CommandAnswer:
    from core.teams.teams import enable_team

    if not names:
        raise CommandRefused("usage", words.said("Which team? Name one or more."), 2)
    async with opened() as core:
        for name in names:
            await enable_team(core, actor(), name, enabled)
    word = "enabled" if enabled else "disabled"
    said = [words.said("{name}: {state}.", name=name, state=words.heading(word)) for name in names]
    return CommandAnswer({"teams": list(names), "enabled": enabled}, said)


def _preview(candidates: Sequence[CandidateTeam], wrong: Mapping[int, str | None]) -> list[Shown]:
    rows = [
        (
            one.line,
            one.status,
            one.name,
            one.parsed.provider if one.parsed else None,
            one.capacity
            if one.present_capacity in {None, one.capacity}
            else words.said("{seats} (was {before})", seats=one.capacity, before=one.present_capacity),
            words.reason(reason) if (reason := one.reason or wrong.get(number)) else "",
        )
        for number, one in enumerate(candidates)
    ]
    return [Rows(("line", "what", "team", "provider", "seats", "why not"), rows)]


def _confirmed(candidates: Sequence[CandidateTeam], preview: list[Shown]) -> bool:
    """Ask the person at the terminal; a script that did not say --yes gets the preview alone."""
    if invocation.get().json or not sys.stdin.isatty() or not any(one.parsed for one in candidates):
        return False
    write(CommandAnswer({}, preview))
    return input(words.said("Store this?") + " [y/N] ").strip().lower() in {"y", "yes"}


def _invalid(candidates: Sequence[CandidateTeam]) -> list[dict[str, Any]]:
    return [{"line": one.line, "reason": one.reason} for one in candidates if one.parsed is None]


async def _read_teams(core: Core, team_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Read each new team once, so that strangers' seats are known at once. A failed reading costs nothing."""
    from core.sync.sync import read_many

    try:
        return [_reading(one) for one in await read_many(core, team_ids)]
    except Exception as error:  # noqa: BLE001 - the import stands, whatever becomes of the reading; it is told
        reference = words.note_fault(error)
        return [
            {"team": team_id, "ok": False, "reason": words.said("reference {reference}", reference=reference)}
            for team_id in team_ids
        ]


def _reading(one: Any) -> dict[str, Any]:
    facts = asdict(one)
    return {"team": facts.pop("team"), "ok": facts.pop("complete"), **facts}
