"""`usher request`: what people wish for and somebody has to agree to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, Rows
from admin_cli.session import actor, opened

app = App(name="request", help="Requests: what people wish for and somebody decides.", help_format="plaintext")

KindOption = Annotated[
    Literal["address", "code", "extension"] | None, Parameter(help="Needed only where two wishes have the same number.")
]


@app.command(name="list")
async def list_() -> CommandAnswer:
    """List what waits for a decision, the longest waiting first.

    Example: usher request list
    """
    from core.reports.wishes import wish_list

    async with opened() as core:
        found = await wish_list(core, actor())
    rows = [
        (one.kind, one.id, one.created_at, one.address, one.wanted or one.code_last4 or one.term, one.team or one.pool)
        for one in found
    ]
    headers = ("kind", "number", "since", "address", "wants", "where")
    return CommandAnswer({"requests": [asdict(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def approve(number: int, *, kind: KindOption = None) -> CommandAnswer:
    """Agree to a wish; the person is told.

    Example: usher request approve 3
    """
    return await _decide(number, kind, approve=True)


@app.command
async def decline(number: int, *, kind: KindOption = None) -> CommandAnswer:
    """Turn a wish down; the person is told.

    Example: usher request decline 3 --kind address
    """
    return await _decide(number, kind, approve=False)


async def _decide(number: int, kind: str | None, *, approve: bool) -> CommandAnswer:
    from core.reports.wishes import decide

    async with opened() as core:
        wish = await decide(core, actor(), number, approve=approve, kind=kind)
    said = (
        words.said("Request {number} ({kind}) is agreed to.", number=number, kind=wish.kind)
        if approve
        else words.said("Request {number} ({kind}) is declined.", number=number, kind=wish.kind)
    )
    return CommandAnswer({"request": asdict(wish), "approved": approve}, [said])
