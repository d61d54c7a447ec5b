"""`usher lock`: who is limited or shut out, and what is done about it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.options import PersonOption
from admin_cli.output import CommandAnswer, Rows, moment
from admin_cli.session import actor, opened

app = App(name="lock", help="Locks: who is limited, locked out or banned.", help_format="plaintext")


@app.command(name="list")
async def list_(identity: PersonOption | None = None) -> CommandAnswer:
    """Show who is limited, locked out or banned, until when and why.

    Example: usher lock list
    """
    from core.people.locks import lock_list

    async with opened() as core:
        found = await lock_list(core, actor(), identity)
    rows = [
        (one.identity, one.why, one.until or words.said("for good"), one.reason or "", one.by or "") for one in found
    ]
    return CommandAnswer(
        {"locks": [asdict(one) for one in found]}, [Rows(("who", "why", "until", "reason", "by"), rows)]
    )


@app.command
async def lift(identity: PersonOption) -> CommandAnswer:
    """Let somebody try again at once; a ban stays.

    Example: usher lock lift telegram:123456789
    """
    from core.people import locks

    async with opened() as core:
        count = await locks.lift(core, actor(), identity)
    return CommandAnswer(
        {"identity": identity, "lifted": count}, [words.said("{identity} may try again at once.", identity=identity)]
    )


@app.command
async def ban(
    identity: PersonOption,
    *,
    reason: Annotated[str, Parameter(help="Why. The banned person is told it.")],
    term: Annotated[str | None, Parameter(help="For how long: 24h, 7d, 1 month. For good without it.")] = None,
) -> CommandAnswer:
    """Shut somebody out on all their platforms; what they have stays theirs.

    Example: usher lock ban telegram:123456789 --reason "sells codes" --term 30d
    """
    from core.people import locks
    from core.rules.terms import parse_term

    async with opened() as core:
        until = await locks.ban(core, actor(), identity, reason, parse_term(term) if term else None)
    said = (
        words.said("{identity} is banned until {until} UTC.", identity=identity, until=moment(until))
        if until
        else words.said("{identity} is banned for good.", identity=identity)
    )
    return CommandAnswer({"identity": identity, "until": until, "reason": reason}, [said])


@app.command
async def unban(identity: PersonOption) -> CommandAnswer:
    """Let somebody in again, on all their platforms.

    Example: usher lock unban telegram:123456789
    """
    from core.people import locks

    async with opened() as core:
        await locks.unban(core, actor(), identity)
    return CommandAnswer({"identity": identity}, [words.said("{identity} is let in again.", identity=identity)])
