"""`usher stats`, `find`, `audit` and `redemptions`: asking what happened."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter

from admin_cli import words
from admin_cli.moments import read_start
from admin_cli.output import REFUSED, CommandAnswer, CommandRefused, Rows, Shown, read_by_people
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.reports.completion import Completed
    from core.service import Core

ALIKE: Final[tuple[Completed, ...]] = ("address", "team")


async def stats(
    *,
    days: Annotated[int, Parameter(help="The window, today included.")] = 7,
    pool: Annotated[str | None, Parameter(help="Only this pool.")] = None,
    csv: Annotated[Path | None, Parameter(help="Write the trend to this file.")] = None,
) -> CommandAnswer:
    """Show the figures: codes, seats, redemptions, the trend and how quickly people join.

    Example: usher stats --days 30 --pool plus
    """
    from core.reports.statistics import statistics
    from core.rules.csv_text import csv_text

    async with opened() as core:
        found = await statistics(core, actor(), days=days, pool=pool)
    if csv is not None:
        rows = [(day.day.isoformat(), day.redeemed, day.joined) for day in found.trend]
        try:
            csv.write_text(csv_text(("day", "redeemed", "joined"), rows), encoding="utf-8", newline="")
        except OSError as error:
            raise CommandRefused(
                "file_unwritable", words.said("{out} could not be written ({why}).", out=csv, why=error), 2
            ) from error
    document = {
        **asdict(found),
        "acceptance": found.acceptance,
        "seats": {**asdict(found.seats), "total": found.seats.total, "share": round(found.seats.share, 4)},
        "trend": [{"day": day.day.isoformat(), "redeemed": day.redeemed, "joined": day.joined} for day in found.trend],
    }
    accepted = (
        words.said("nobody was invited yet")
        if found.acceptance is None
        else words.said("{share:.0%} of the invites", share=found.acceptance)
    )
    if found.median_seconds is not None:
        accepted += words.said(", half of them within {minutes:.0f} min", minutes=found.median_seconds / 60)
    facts = [
        ("codes", (words.said("{codes}: {unused:use/uses} left, {used} used, {expired} expired, {disabled} disabled", codes=found.codes.codes, unused=found.codes.unused, used=found.codes.used, expired=found.codes.expired, disabled=found.codes.disabled))),
        ("seats", (words.said("{total}: {free} free, {held} held, {taken} taken ({share:.0%} used)", total=found.seats.total, free=found.seats.free, held=found.seats.held, taken=found.seats.taken, share=found.seats.share))),
        ("members", words.said("{members}, {pending} invited and not yet there", members=found.members, pending=found.pending)),
        (words.said("in {days} days", days=found.days), words.said("{redeemed} redeemed by {people} new people, {refused} refused", redeemed=found.redeemed, people=found.people, refused=found.refused)),
        ("accepted", accepted),
        ("open alerts", found.alerts_open),
    ]  # fmt: skip
    pools = [
        (one.pool, one.seats.total, one.seats.free, one.seats.taken, one.codes.unused, one.generatable)
        for one in found.pools
    ]
    trend = [(day.day.isoformat(), day.redeemed, day.joined) for day in found.trend]
    shown: list[Shown] = [
        Rows(("what", "is"), words.listed(facts)),
        Rows(("pool", "seats", "free", "taken", "uses left", "generatable"), pools),
        Rows(("day", "redeemed", "joined"), trend),
    ]
    return CommandAnswer(document, shown)


async def find(
    text: Annotated[str, Parameter(help="An address or a part of one, a code, its last four symbols, or telegram:42.")],
) -> CommandAnswer:
    """Show everything about an address, a code or a chat identity: seats, codes, redemptions, history.

    A part of an address or of a team's name shows which there are.

    Example: usher find anna@example.com
    """
    from core.errors import BadAddress, NotFound
    from core.reports.lookup import find as look_up

    async with opened() as core:
        alike = await _alike(core, text)
        try:
            found = await look_up(core, actor(), text)
        except (BadAddress, NotFound):
            if not alike:
                raise
            return _like(alike)
    if found.empty and alike:
        return _like(alike)
    shown: list[Shown] = []
    if found.leases:
        rows = [
            (one.address, one.team, one.status, one.code_last4, one.invited_at, one.joined_at, one.expires_at)
            for one in found.leases
        ]
        shown.append(Rows(("address", "team", "lease", "code", "invited", "joined", "expires"), rows))
    if found.redemptions:
        lines = [(one.at, one.address, one.code_last4, one.team, one.state, one.reason) for one in found.redemptions]
        shown.append(Rows(("at", "address", "code", "team", "redemption", "why not"), lines))
    if found.codes:
        codes = [(f"…{one.last4}", one.batch, one.pool, one.state, f"{one.used}/{one.max_uses}") for one in found.codes]
        shown.append(Rows(("code", "batch", "pool", "state", "uses"), codes))
    if found.keys:
        owners = [(f"…{one.last4}", one.person, one.state) for one in found.keys]
        shown.append(Rows(("key", "person", "state"), owners))
    if found.waiting:
        shown.append(Rows(("waits", "pool", "since"), [(one.address, one.pool, one.since) for one in found.waiting]))
    if found.identities:
        people = [(one.platform, one.identity, one.role, one.language) for one in found.identities]
        shown.append(Rows(("platform", "identity", "role", "language"), people))
    if found.strangers:
        shown.append(
            words.said("Not invited by Usher, but a member of {strangers}.", strangers=", ".join(found.strangers))
        )
    if found.history:
        events = [(one.at, one.what, one.address, one.team, one.detail) for one in found.history]
        shown.append(Rows(("at", "what", "address", "team", "detail"), events))
    return CommandAnswer(
        {"found": not found.empty, **asdict(found)}, shown or [words.said("Nothing was found.")], REFUSED * found.empty
    )


async def _alike(core: Core, part: str) -> list[tuple[str, str]]:
    """The addresses with a seat, and the teams, that have `part` in them."""
    from core.reports.completion import completions

    return [(kind, shown) for kind in ALIKE for shown, _ in await completions(core, actor(), kind, part)]


def _like(alike: list[tuple[str, str]]) -> CommandAnswer:
    listed = [{"kind": kind, "name": name} for kind, name in alike]
    said = words.said("Nothing is called exactly so. What has it in its name:")
    return CommandAnswer({"found": False, "alike": listed}, [said, Rows(("what", "name"), alike)], REFUSED)


async def audit(
    *,
    who: Annotated[str | None, Parameter(help="telegram:42, or only a platform or an id.")] = None,
    action: Annotated[str | None, Parameter(help="A whole action or its first word: team, batch.generated.")] = None,
    subject: Annotated[str | None, Parameter(help='A kind of row, with or without its number: "batch 3".')] = None,
    since: Annotated[str | None, Parameter(help="2026-12-31, or 7d ago.")] = None,
    before: Annotated[int | None, Parameter(help="From before the line with this id.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
    """Show the audit log, newest first: who did what, and what it changed.

    Example: usher audit --action team --since 7d
    """
    from core.redemptions.report import AuditFilter, audit_list

    async with opened() as core:
        start = read_start(since, core.now(), core.settings.timezone) if since else None
        wanted = AuditFilter(who, action, subject, start)
        lines = await audit_list(core, actor(), wanted, before=before, most=limit)
    rows = [(one.id, one.at, *words.audited(one)) for one in (lines if read_by_people() else ())]
    headers = ("id", "at", "who", "what happened", "to what", "change")
    return CommandAnswer({"audit": [asdict(one) for one in lines]}, [Rows(headers, rows)])


async def redemptions(
    *,
    state: Annotated[
        Literal["sending", "unclear", "invited", "already_member", "refused"] | None,
        Parameter(help="Those in this state."),
    ] = None,
    pool: Annotated[str | None, Parameter(help="Of this pool.")] = None,
    address: Annotated[str | None, Parameter(help="Of this address.")] = None,
    since: Annotated[str | None, Parameter(help="2026-12-31, or 7d ago.")] = None,
    before: Annotated[int | None, Parameter(help="From before the one with this id.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
    """Show redemptions, newest first, and what became of them.

    Example: usher redemptions --state unclear
    """
    from core.redemptions.report import RedemptionFilter, redemption_list

    async with opened() as core:
        start = read_start(since, core.now(), core.settings.timezone) if since else None
        wanted = RedemptionFilter(state, pool, address, start)
        lines = await redemption_list(core, actor(), wanted, before=before, most=limit)
    rows = [
        (one.id, one.at, one.address, f"…{one.code_last4}", one.team, one.state, one.reason, one.platform)
        for one in lines
    ]
    headers = ("id", "at", "address", "code", "team", "state", "why not", "from")
    return CommandAnswer({"redemptions": [asdict(one) for one in lines]}, [Rows(headers, rows)])


async def removals(
    *,
    address: Annotated[str | None, Parameter(help="Of this address.")] = None,
    team: Annotated[str | None, Parameter(help="Out of this team.")] = None,
    before: Annotated[int | None, Parameter(help="Before the removal with this id.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
    """Show who was taken out of a team, why, when, and with what result, newest first.

    Example: usher removals --team "Workspace 1"
    """
    from core.transfers.report import removal_list

    async with opened() as core:
        lines = await removal_list(core, actor(), address=address, team=team, before=before, limit=limit)
    rows = [
        (one.id, one.finished_at or one.created_at, one.address, one.team, one.cause, one.state, one.reason,
         one.requested_by)
        for one in lines
    ]  # fmt: skip
    headers = ("id", "at", "address", "team", "why", "result", "reason", "by")
    return CommandAnswer({"removals": [asdict(one) for one in lines]}, [Rows(headers, rows)])
