"""`usher call`: questions to models, without what was asked or answered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, Rows
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.calls.report import CallLine

app = App(name="call", help="Calls: questions to models, what they cost and how they ended.", help_format="plaintext")

MONEY = ("claimed", "charged", "absorbed", "billed")


@app.command(name="list")
async def list_(
    *,
    person: Annotated[str | None, Parameter(help="Of this person, such as telegram:42.")] = None,
    source: Annotated[str | None, Parameter(help="Answered by this source.")] = None,
    state: Annotated[str | None, Parameter(help="In this state, or with this ending.")] = None,
    before: Annotated[int | None, Parameter(help="Older than the call with this number.")] = None,
    limit: Annotated[int, Parameter(help="How many at most.")] = 50,
) -> CommandAnswer:
    """List calls, the latest first.

    Example: usher call list --state cut
    """
    from core.calls.report import call_list
    from core.credit.grants import read_identity

    async with opened() as core:
        found = await call_list(
            core,
            actor(),
            person=read_identity(person) if person else None,
            source=source,
            state=state,
            before=before,
            most=limit,
        )
    lines = [document(one) for one in found]
    headers = ("call", "at", "person", "model", "source", "state", "ended", "tokens", "claimed", "charged")
    rows = [
        (one["call"], one["made_at"], one["person"], one["model"], one["source"], one["state"],
         one["finish"] or one["reason"], f"{one['tokens_in']}+{one['tokens_out']}", one["claimed"],
         f"{'≈ ' if one['estimated'] else ''}{one['charged']}")
        for one in lines
    ]  # fmt: skip
    more = found[-1].id if len(found) == limit and found else None
    said = [words.said("More with --before {more}.", more=more)] if more else []
    return CommandAnswer({"calls": lines, "next": more}, [Rows(headers, rows), *said])


@app.command
async def show(call: int) -> CommandAnswer:
    """Show one call with every source that was asked.

    Example: usher call show 17
    """
    from core.calls.report import call_page

    async with opened() as core:
        found = document(await call_page(core, actor(), call))
    tried = [list(one.values()) for one in found["tried"]]
    facts = [(key, value) for key, value in found.items() if key != "tried"]
    headers = ("number", "source", "outcome", "reason", "possible loss", "at")
    return CommandAnswer(found, [Rows(("what", "is"), words.listed(facts)), Rows(headers, tried)])


@app.command
async def stop(call: int) -> CommandAnswer:
    """End a running call, wherever it runs; what was delivered is paid.

    Example: usher call stop 17
    """
    from core.calls.calls import stop as stop_call

    async with opened() as core:
        stopped = await stop_call(core, call)
    said = (
        words.said("Call {call} ends within seconds.", call=call)
        if stopped
        else words.said("Call {call} is not running.", call=call)
    )
    return CommandAnswer({"call": call, "stopped": stopped}, [said], DONE if stopped else REFUSED)


def document(line: CallLine) -> dict[str, Any]:
    """A call for scripts."""
    from core.rules.money import amount_text

    facts = asdict(line)
    return {"call": facts.pop("id"), **facts, **{name: amount_text(facts[name]) for name in MONEY}}
