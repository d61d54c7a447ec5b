"""`usher job`: bulk work with a result per person."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.options import IdOption
from admin_cli.output import CommandAnswer, Rows, Shown
from admin_cli.session import actor, opened

app = App(name="job", help="Jobs: bulk work with a result per person.", help_format="plaintext")


@app.command(name="list")
async def list_jobs(
    *,
    unfinished: Annotated[bool, Parameter(help="Only those under way.", negative="")] = False,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
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
    return CommandAnswer({"jobs": [asdict(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def show(number: IdOption) -> CommandAnswer:
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
        words.said(
            "Job {number}, {kind}: {state}, {done} of {total} done, {failed} failed.",
            number=found.id,
            kind=found.kind,
            state=words.heading(found.state),
            done=found.done,
            total=found.total,
            failed=found.failed,
        ),
        Rows(("address", "team", "state", "why", "tries"), rows),
    ]
    return CommandAnswer({"job": {**asdict(found), "items": [asdict(one) for one in lines]}}, shown)


@app.command
async def start(
    kind: Literal["resend", "cancelinvite", "remove", "reinvite"],
    *addresses: str,
    team: Annotated[str | None, Parameter(help="Everybody in this team.")] = None,
    pool: Annotated[str | None, Parameter(help="Everybody in this pool.")] = None,
    batch: Annotated[int | None, Parameter(help="Everybody with a code of this batch.")] = None,
    older_days: Annotated[int | None, Parameter(help="Only invited longer ago than this.")] = None,
    over: Annotated[str | None, Parameter(help="The latest of this team, as many as it has too many.")] = None,
    yes: Annotated[bool, Parameter(help="Do it; without this it is only shown.", negative="")] = False,
    request_key: Annotated[str | None, Parameter(help="The same request makes no second job.")] = None,
) -> CommandAnswer:
    """Resend or cancel invites, remove people, or reinvite who left before their time was over: many at once, by address or by filter.

    Example: usher job start resend --team "Workspace 1" --older-days 3 --yes
    """
    from core.jobs import jobs as bulk
    from core.jobs.selection import Selection

    chosen = Selection(addresses, team, pool, batch, older_days, over)
    async with opened() as core:
        if not yes:
            plan = await bulk.preview(core, actor(), kind, chosen)
            rows = [(one.address, one.team, one.reason or kind) for one in (*plan.targets, *plan.left)]
            document = {"applied": False, **asdict(plan)}
            said = words.said(
                "{targets} would be done, {left} left alone; --yes does it.",
                targets=len(plan.targets),
                left=len(plan.left),
            )
            return CommandAnswer(document, [Rows(("address", "team", "what"), rows), said])
        key = request_key or f"cli:{secrets.token_hex(16)}"
        begun = await bulk.start(core, actor(), kind, chosen, request_key=key)
    said = words.said(
        'Job {job_id} with {items} people; "usher run" works on it, "usher job show" tells.',
        job_id=begun.job_id,
        items=begun.items,
    )
    return CommandAnswer({"applied": True, "job": begun.job_id, "items": begun.items, "merged": begun.merged}, [said])


@app.command
async def cancel(number: IdOption) -> CommandAnswer:
    """Stop a job before its next line; what is done stays done.

    Example: usher job cancel 3
    """
    from core.jobs import jobs as bulk

    async with opened() as core:
        await bulk.cancel(core, actor(), number)
    return CommandAnswer(
        {"job": number, "cancelling": True}, [words.said("Job {number} stops before its next line.", number=number)]
    )


@app.command
async def retry(number: IdOption) -> CommandAnswer:
    """Do the failed lines of a job again, and only those.

    Example: usher job retry 3
    """
    from core.jobs import jobs as bulk

    async with opened() as core:
        again = await bulk.retry(core, actor(), number)
    return CommandAnswer(
        {"job": number, "items": again},
        [words.said("{again:line is/lines are} tried again, of job {number}.", again=again, number=number)],
    )
