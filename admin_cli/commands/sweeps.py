"""`usher sweep`: what works by itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, CommandRefused, Rows, read_by_people
from admin_cli.session import actor, opened
from admin_cli.words import came_of

app = App(name="sweep", help="Sweeps: what works by itself.", help_format="plaintext")


@app.command(name="list")
async def list_sweeps() -> CommandAnswer:
    """Show each sweep: last run, how long it took, what came of it, when it is due.

    Example: usher sweep list
    """
    from core.sweeps.report import sweep_list

    async with opened() as core:
        found = await sweep_list(core, actor())
    rows = [
        (one.name, one.running, one.paused, one.late, one.finished_at, one.seconds, came_of(one.outcome, one.facts),
         one.due_at)
        for one in (found if read_by_people() else ())
    ]  # fmt: skip
    headers = ("sweep", "running", "paused", "overdue", "last end", "seconds", "outcome", "due")
    return CommandAnswer({"sweeps": [asdict(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def run(name: str) -> CommandAnswer:
    """Run one sweep here and now.

    Example: usher sweep run sync
    """
    from core.errors import NotFound
    from core.sweeps.runner import SweepRunning, run_now

    async with opened() as core:
        try:
            came = await run_now(core, name)
        except KeyError:
            raise NotFound(kind="sweep", name=name) from None
        except SweepRunning:
            raise CommandRefused("conflict", words.said("The sweep {name} is running already.", name=name)) from None
    return CommandAnswer({"sweep": name, **asdict(came)}, [f"{name}: {came_of(came.outcome, came.facts)}"])


@app.command
async def pause(name: str) -> CommandAnswer:
    """Let a sweep rest until it is resumed.

    Example: usher sweep pause unauthorised
    """
    return await _pause(name, paused=True)


@app.command
async def resume(name: str) -> CommandAnswer:
    """Let a paused sweep go on.

    Example: usher sweep resume unauthorised
    """
    return await _pause(name, paused=False)


@app.command
async def confirm() -> CommandAnswer:
    """Say that the clock is right: what a step ahead holds back goes on.

    Example: usher sweep confirm
    """
    from core.upkeep.clock_watch import confirm as confirm_clock

    async with opened() as core:
        confirmed = await confirm_clock(core, actor())
    said = words.said("What was held back goes on.") if confirmed else words.said("Nothing was held back.")
    return CommandAnswer({"confirmed": confirmed}, [said])


@app.command
async def dry_run() -> CommandAnswer:
    """Show whom the sweep "unauthorised" would take out now, and why the others stay. Nobody is touched.

    Example: usher sweep dry-run
    """
    from core.sync import strangers

    async with opened() as core:
        found = await strangers.dry_run(core, actor())
    rows = [(one.team, one.address, one.seen, one.kept_because or "would go") for one in found]
    return CommandAnswer(
        {"members": [asdict(one) for one in found]}, [Rows(("team", "address", "seen", "what happens"), rows)]
    )


@app.command
async def protect(
    address: str,
    *,
    team: Annotated[str | None, Parameter(help="Only in this team.")] = None,
    off: Annotated[bool, Parameter(help="Protect them no longer.", negative="")] = False,
) -> CommandAnswer:
    """Protect a member whom Usher did not invite from being taken out.

    Example: usher sweep protect anna@example.com --team "Workspace 1"
    """
    from core.sync import strangers

    async with opened() as core:
        teams = await strangers.protect(core, actor(), address, team=team, protected=not off)
    where = ", ".join(teams)
    said = (
        words.said("{address} is no longer protected in {teams}.", address=address, teams=where)
        if off
        else words.said("{address} is protected in {teams}.", address=address, teams=where)
    )
    return CommandAnswer({"address": address, "protected": not off, "teams": teams}, [said])


async def _pause(name: str, *, paused: bool) -> CommandAnswer:
    from core.sweeps.control import pause as pause_sweep

    async with opened() as core:
        await pause_sweep(core, actor(), name, paused=paused)
    return CommandAnswer({"sweep": name, "paused": paused}, [f"{name} {'rests' if paused else 'goes on'}."])
