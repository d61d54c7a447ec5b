"""`usher status` and `usher doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, Rows, Shown, read_by_people
from admin_cli.session import actor, opened, settings
from admin_cli.words import came_of

if TYPE_CHECKING:
    from core.reports.reach import Reached
    from core.service import Core


async def status(
    *,
    reach: Annotated[bool, Parameter(help="Ask the platforms and providers whether they answer.", negative="")] = False,
) -> CommandAnswer:
    """Show what is configured, what is stored and what is waiting.

    With --reach every chat platform and provider is asked once: what it answers, through which proxy, how quickly.

    Example: usher status --json
    Example: usher status --reach
    """
    from core.reports.overview import overview

    chosen = settings()
    async with opened(chosen) as core:
        found = await overview(core, actor())
        database = core.database.url.render_as_string(hide_password=True)
        reached = await _reached(core) if reach else []
    parts = {
        "telegram": chosen.telegram.token is not None,
        "discord": chosen.discord.token is not None,
        "mail": chosen.mail.host is not None,
        "web": chosen.web.enabled,
    }
    document = {"database": database, "enabled": parts, **asdict(found)}
    facts = [
        ("database", database),
        ("enabled", ", ".join(name for name, on in parts.items() if on) or words.said("no chat yet")),
        ("pools", found.pools),
        ("teams", words.counts("teams", found.teams)),
        ("seats", words.counts("seats", found.seats)),
        ("leases", words.counts("leases", found.leases)),
        ("redemptions under way", found.redemptions_under_way),
        ("waiting list", found.waiting),
        ("messages to send", words.counts("state", found.notices)),
        ("open alerts", words.counts("level", found.open_alerts)),
        ("last backup", found.last_backup or words.heading("never")),
    ]
    shown: list[Shown] = [Rows(("what", "is"), words.listed(facts))]
    if found.sweeps and read_by_people():
        rows = [
            (line.name, line.finished_at, came_of(line.outcome, line.facts), line.due_at, line.paused)
            for line in found.sweeps
        ]
        shown.append(Rows(("sweep", "last end", "outcome", "next", "paused"), rows))
    if reach:
        document["reach"] = [asdict(one) for one in reached]
        asked = [
            ("✓" if one.reached else "✗", one.service, one.address, one.through, one.answer, f"{one.milliseconds} ms")
            for one in reached
        ]
        shown.append(Rows(("", "service", "where", "through", "answer", "took"), asked))
    return CommandAnswer(document, shown)


async def _reached(core: Core) -> list[Reached]:
    from core.reports.reach import reach

    return await reach(core, actor())


async def doctor(
    *, upstream: Annotated[bool, Parameter(help="Compare with the providers as well.", negative="")] = False
) -> CommandAnswer:
    """Check every promise about the stored state, and with --upstream about the providers. Exit code 1 on a breach.

    Example: usher doctor --upstream
    """
    from core.reports.doctor import examine

    async with opened() as core:
        found = await examine(core, actor())
        if upstream:
            from core.reports.parent_lists import compare_parents
            from core.reports.reach import as_findings as reach_findings
            from core.reports.source_tallies import compare_sources
            from core.reports.upstream import as_findings, compare

            found += as_findings(await compare(core, actor()))
            found += await compare_sources(core, actor())
            found += await compare_parents(core, actor())
            found += reach_findings(await _reached(core))
    breaches = sum(one.breaches for one in found)
    warnings = sum(one.warnings for one in found)
    checks = [asdict(one) for one in found]
    rows = [
        ("✗" if one.breaches else "!" if one.warnings else "✓", one.name, one.breaches or one.warnings, one.promise,
         one.detail)
        for one in found
    ]  # fmt: skip
    said = (
        words.said(
            "{breaches:breach/breaches} and {warnings:warning/warnings} in {found:check/checks}.",
            breaches=breaches,
            warnings=warnings,
            found=len(found),
        )
        if breaches or warnings
        else (words.said("All {found} promises are kept.", found=len(found)))
    )
    shown: list[Shown] = [Rows(("", "check", "found", "promise", "where"), rows), said]
    return CommandAnswer(
        {"breaches": breaches, "warnings": warnings, "checks": checks}, shown, REFUSED if breaches else DONE
    )
