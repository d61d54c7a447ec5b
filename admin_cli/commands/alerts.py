"""`usher alert`: what needs a look."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.options import IdOption
from admin_cli.output import CommandAnswer, CommandRefused, Rows, moment, read_by_people
from admin_cli.session import actor, opened
from admin_cli.words import came_of

app = App(name="alert", help="Alerts: what staff should know.", help_format="plaintext")


@app.command(name="list")
async def list_alerts(
    *,
    state: Annotated[Literal["open", "resolved", "any"], Parameter(help="Those in this state.")] = "open",
    level: Annotated[Literal["info", "warning", "error", "critical"] | None, Parameter(help="From this up.")] = None,
    category: Annotated[str | None, Parameter(help="team_capacity, provider, security, …")] = None,
    limit: Annotated[int | None, Parameter(help="How many at most.")] = None,
) -> CommandAnswer:
    """List alerts, the loudest and latest first.

    Example: usher alert list --level error
    """
    from core.alerts.report import alert_list

    async with opened() as core:
        found = await alert_list(core, actor(), state=state, level=level, category=category, most=limit)
    rows = [
        (
            one.id,
            one.level,
            one.category,
            words.alert(one.title, one.facts),
            one.count,
            one.last_seen_at,
            one.resolved_by,
        )
        for one in (found.lines if read_by_people() else ())
    ]
    headers = ("id", "level", "category", "what", "seen", "last", "resolved by")
    document = {"alerts": [asdict(one) for one in found.lines], "total": found.total}
    return CommandAnswer(
        document, [Rows(headers, rows), words.said("{shown} of {total}.", shown=len(found.lines), total=found.total)]
    )


@app.command
async def resolve(*numbers: IdOption) -> CommandAnswer:
    """Close alerts in your name.

    Example: usher alert resolve 12
    """
    from core.alerts.alerts import resolve as resolve_alert
    from core.sweeps.alerts import stands

    if not numbers:
        raise CommandRefused("usage", words.said("Which alert? Name one or more."), 2)
    async with opened() as core:
        done = [await resolve_alert(core, actor(), number) for number in numbers]
        holding = {one.alert_id for one in done if await stands(core, one.alert_id)}
    shown = [
        words.said("Alert {number} is resolved by {by}.", number=one.alert_id, by=one.by)
        + (
            " " + words.said("Its cause still holds; it opens again only after it was over, or if it gets worse.")
            if one.alert_id in holding
            else ""
        )
        for one in done
    ]
    return CommandAnswer({"resolved": [{**asdict(one), "stands": one.alert_id in holding} for one in done]}, shown)


@app.command
async def subscriptions() -> CommandAnswer:
    """Show which chats hear of alerts, and of which.

    Example: usher alert subscriptions
    """
    from core.alerts.report import subscription_list

    async with opened() as core:
        found = await subscription_list(core, actor())
    rows = [
        (
            f"{one.platform}:{one.chat_id}",
            one.level,
            ", ".join(one.categories) or "all",
            one.quiet,
            one.unreachable_since,
        )
        for one in found
    ]
    headers = ("chat", "from", "about", "quiet", "unreachable since")
    return CommandAnswer({"subscriptions": [asdict(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def mute(
    number: IdOption, *, hours: Annotated[float, Parameter(help="For how many hours.")] = 1.0
) -> CommandAnswer:
    """Push nothing below critical about an alert for a while.

    Example: usher alert mute 12 --hours 8
    """
    from core.alerts.alerts import mute as mute_alert

    async with opened() as core:
        until = await mute_alert(core, actor(), number, hours)
    return CommandAnswer(
        {"alert": number, "muted_until": until},
        [words.said("Alert {number} is silent until {until} UTC.", number=number, until=moment(until))],
    )


@app.command
async def check() -> CommandAnswer:
    """Run every check now.

    Example: usher alert check
    """
    from core.sweeps.alerts import check as run_checks

    async with opened() as core:
        came = await run_checks(core)
    said = came_of(came.outcome, came.facts)
    return CommandAnswer(asdict(came), [f"{said[:1].upper()}{said[1:]}."])
