"""`usher alert`, `usher job` and `usher sweep`: what needs a look, and what works by itself."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli.output import Answer, CommandRefused, Rows, Shown, moment
from admin_cli.session import actor, opened

alert = App(name="alert", help="Alerts: what staff should know.", help_format="plaintext")
job = App(name="job", help="Jobs: bulk work with a result per person.", help_format="plaintext")
sweep = App(name="sweep", help="Sweeps: what works by itself.", help_format="plaintext")

Number = Annotated[int, Parameter(help="Its id.")]


@alert.command(name="list")
async def list_alerts(
    *,
    state: Literal["open", "resolved", "any"] = "open",
    level: Annotated[Literal["info", "warning", "error", "critical"] | None, Parameter(help="From this up.")] = None,
    category: Annotated[str | None, Parameter(help="team_capacity, provider, security, …")] = None,
    limit: int | None = None,
) -> Answer:
    """List alerts, the loudest and latest first.

    Example: usher alert list --level error
    """
    from core.alerts.report import alert_list

    async with opened() as core:
        found = await alert_list(core, actor(), state=state, level=level, category=category, most=limit)
    rows = [
        (one.id, one.level, one.category, one.title, _facts(one.facts), one.count, one.last_seen_at, one.resolved_by)
        for one in found.lines
    ]
    headers = ("id", "level", "category", "what", "facts", "seen", "last", "resolved by")
    document = {"alerts": [asdict(one) for one in found.lines], "total": found.total}
    return Answer(document, [Rows(headers, rows), f"{len(found.lines)} of {found.total}."])


@alert.command
async def resolve(*numbers: Number) -> Answer:
    """Close alerts in your name.

    Example: usher alert resolve 12
    """
    from core.alerts.alerts import resolve as resolve_alert

    if not numbers:
        raise CommandRefused("usage", "Which alert? Name one or more.", 2)
    async with opened() as core:
        done = [await resolve_alert(core, actor(), number) for number in numbers]
    shown = [f"Alert {one.alert_id} {'was' if one.again else 'is'} resolved by {one.by}." for one in done]
    return Answer({"resolved": [asdict(one) for one in done]}, shown)


@alert.command
async def mute(number: Number, *, hours: float = 1.0) -> Answer:
    """Push nothing below critical about an alert for a while.

    Example: usher alert mute 12 --hours 8
    """
    from core.alerts.alerts import mute as mute_alert

    async with opened() as core:
        until = await mute_alert(core, actor(), number, hours)
    return Answer({"alert": number, "muted_until": until}, [f"Alert {number} is silent until {moment(until)} UTC."])


@alert.command
async def check() -> Answer:
    """Run every check now.

    Example: usher alert check
    """
    from core.sweeps.alerts import check as run_checks

    async with opened() as core:
        outcome = await run_checks(core)
    return Answer({"outcome": outcome}, [f"{outcome[:1].upper()}{outcome[1:]}."])


@job.command(name="list")
async def list_jobs(
    *, unfinished: Annotated[bool, Parameter(help="Only those under way.", negative="")] = False, limit: int = 50
) -> Answer:
    """List jobs, the latest first.

    Example: usher job list --unfinished
    """
    from core.jobs.report import job_list

    async with opened() as core:
        found = await job_list(core, actor(), most=limit, unfinished=unfinished)
    rows = [
        (one.id, one.kind, one.state, f"{one.done}/{one.total}", one.failed, one.maker, one.created_at) for one in found
    ]
    headers = ("id", "what", "state", "done", "failed", "by", "since")
    return Answer({"jobs": [asdict(one) for one in found]}, [Rows(headers, rows)])


@job.command
async def show(number: Number) -> Answer:
    """Show one job line by line.

    Example: usher job show 3
    """
    from core.jobs.report import job as job_page
    from core.jobs.report import job_results

    async with opened() as core:
        found = await job_page(core, actor(), number)
        lines = await job_results(core, actor(), number)
    rows = [(one.address, one.team, one.state, one.reason, one.tries) for one in lines]
    shown: list[Shown] = [
        f"Job {found.id}, {found.kind}: {found.state}, {found.done} of {found.total} done, {found.failed} failed.",
        Rows(("address", "team", "state", "why", "tries"), rows),
    ]
    return Answer({"job": {**asdict(found), "items": [asdict(one) for one in lines]}}, shown)


@job.command
async def start(
    kind: Literal["resend", "cancelinvite", "remove"],
    *addresses: str,
    team: Annotated[str | None, Parameter(help="Everybody in this team.")] = None,
    pool: Annotated[str | None, Parameter(help="Everybody in this pool.")] = None,
    batch: Annotated[int | None, Parameter(help="Everybody with a code of this batch.")] = None,
    older_days: Annotated[int | None, Parameter(help="Only invited longer ago than this.")] = None,
    yes: Annotated[bool, Parameter(help="Do it; without this it is only shown.", negative="")] = False,
    request_key: Annotated[str | None, Parameter(help="The same request makes no second job.")] = None,
) -> Answer:
    """Resend or cancel invites, or remove people: many at once, by address or by filter.

    Example: usher job start resend --team "Workspace 1" --older-days 3 --yes
    """
    from core.jobs import jobs as bulk
    from core.jobs.selection import Selection

    chosen = Selection(addresses, team, pool, batch, older_days)
    async with opened() as core:
        if not yes:
            plan = await bulk.preview(core, actor(), kind, chosen)
            rows = [(one.address, one.team, one.reason or kind) for one in (*plan.targets, *plan.left)]
            document = {"applied": False, **asdict(plan)}
            said = f"{len(plan.targets)} would be done, {len(plan.left)} left alone; --yes does it."
            return Answer(document, [Rows(("address", "team", "what"), rows), said])
        key = request_key or f"cli:{secrets.token_hex(16)}"
        begun = await bulk.start(core, actor(), kind, chosen, request_key=key)
    said = f'Job {begun.job_id} with {begun.items} people; "usher run" works on it, "usher job show" tells.'
    return Answer({"applied": True, "job": begun.job_id, "items": begun.items, "merged": begun.merged}, [said])


@job.command
async def cancel(number: Number) -> Answer:
    """Stop a job before its next line; what is done stays done.

    Example: usher job cancel 3
    """
    from core.jobs import jobs as bulk

    async with opened() as core:
        await bulk.cancel(core, actor(), number)
    return Answer({"job": number, "cancelling": True}, [f"Job {number} stops before its next line."])


@job.command
async def retry(number: Number) -> Answer:
    """Do the failed lines of a job again, and only those.

    Example: usher job retry 3
    """
    from core.jobs import jobs as bulk

    async with opened() as core:
        again = await bulk.retry(core, actor(), number)
    return Answer({"job": number, "items": again}, [f"{again} lines of job {number} are tried again."])


@sweep.command(name="list")
async def list_sweeps() -> Answer:
    """Show each sweep: last run, how long it took, what came of it, when it is due.

    Example: usher sweep list
    """
    from core.sweeps.report import sweep_list

    async with opened() as core:
        found = await sweep_list(core, actor())
    rows = [(one.name, one.running, one.paused, one.finished_at, one.seconds, one.outcome, one.due_at) for one in found]
    headers = ("sweep", "running", "paused", "last end", "seconds", "outcome", "due")
    return Answer({"sweeps": [asdict(one) for one in found]}, [Rows(headers, rows)])


@sweep.command
async def run(name: str) -> Answer:
    """Run one sweep here and now.

    Example: usher sweep run sync
    """
    from core.errors import NotFound
    from core.sweeps.runner import Refused, run_now

    async with opened() as core:
        try:
            outcome = await run_now(core, name)
        except KeyError:
            raise NotFound(kind="sweep", name=name) from None
        except Refused:
            raise CommandRefused("conflict", f"The sweep {name} is running already.") from None
    return Answer({"sweep": name, "outcome": outcome}, [f"{name}: {outcome}"])


@sweep.command
async def pause(name: str) -> Answer:
    """Let a sweep rest until it is resumed.

    Example: usher sweep pause unauthorised
    """
    return await _pause(name, paused=True)


@sweep.command
async def resume(name: str) -> Answer:
    """Let a paused sweep go on.

    Example: usher sweep resume unauthorised
    """
    return await _pause(name, paused=False)


async def _pause(name: str, *, paused: bool) -> Answer:
    from core.sweeps.control import pause as pause_sweep

    async with opened() as core:
        await pause_sweep(core, actor(), name, paused=paused)
    return Answer({"sweep": name, "paused": paused}, [f"{name} {'rests' if paused else 'goes on'}."])


def _facts(facts: Any) -> str:
    return ", ".join(f"{name}: {value}" for name, value in facts.items())
