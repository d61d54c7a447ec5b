"""`usher plan`: what people may do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.rules.plans import Plan

app = App(name="plan", help="Plans: allowances and limits.", help_format="plaintext")

Amount = Annotated[str | None, Parameter(help="Credit.")]


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show the plans.

    Example: usher plan list
    """
    from core.credit.plans import all_plans

    async with opened() as core:
        found = [document(plan) for plan in await core.read(all_plans)]
    headers = [name.replace("_", " ") for name in found[0]]
    return CommandAnswer({"plans": found}, [Rows(headers, [list(one.values()) for one in found])])


@app.command
async def show(name: str) -> CommandAnswer:
    """Show one plan.

    Example: usher plan show vip
    """
    from core.credit.plans import plan_named

    async with opened() as core:
        found = document(await core.read(plan_named, name))
    return CommandAnswer(found, [Rows(("what", "is"), words.listed(found.items()))])


@app.command
async def add(
    name: str,
    *,
    allowance: Amount = None,
    per_hour: Amount = None,
    questions: Annotated[int | None, Parameter(help="A minute; 0 for no limit.")] = None,
    at_once: Annotated[int | None, Parameter(help="Side by side; 0 for no limit.")] = None,
    keys: Annotated[int | None, Parameter(help="How many one person may have.")] = None,
    key_requests: Annotated[int | None, Parameter(help="A minute.")] = None,
    most_output: Annotated[int | None, Parameter(help="Tokens.")] = None,
    context: Annotated[int | None, Parameter(help="Tokens.")] = None,
    waits_first: Annotated[bool | None, Parameter(help="Before others, where a free account is waited for.")] = None,
    model: Annotated[tuple[str, ...], Parameter(help="Only these models; may be repeated.")] = (),
) -> CommandAnswer:
    """Make a plan; what is not said is as in the free one.

    Example: usher plan add gold --allowance 10 --per-hour 1
    """
    changes = _changes(
        allowance, per_hour, questions, at_once, keys, key_requests, most_output, context, waits_first, model
    )
    return await _set(name, True, changes)


@app.command
async def edit(
    name: str,
    *,
    allowance: Amount = None,
    per_hour: Amount = None,
    questions: Annotated[int | None, Parameter(help="A minute; 0 for no limit.")] = None,
    at_once: Annotated[int | None, Parameter(help="Side by side; 0 for no limit.")] = None,
    keys: Annotated[int | None, Parameter(help="How many one person may have.")] = None,
    key_requests: Annotated[int | None, Parameter(help="A minute.")] = None,
    most_output: Annotated[int | None, Parameter(help="Tokens.")] = None,
    context: Annotated[int | None, Parameter(help="Tokens.")] = None,
    waits_first: Annotated[bool | None, Parameter(help="Before others, where a free account is waited for.")] = None,
    model: Annotated[tuple[str, ...], Parameter(help="Only these models; may be repeated.")] = (),
    all_models: Annotated[bool, Parameter(help="All models again.", negative="")] = False,
) -> CommandAnswer:
    """Change a plan; it counts from everybody's next question on.

    Example: usher plan edit free --allowance 1 --per-hour 0.1
    """
    changes = _changes(
        allowance, per_hour, questions, at_once, keys, key_requests, most_output, context, waits_first, model
    )
    if all_models:
        changes["models"] = None
    if not changes:
        raise CommandRefused("usage", words.said("What shall be changed?"), 2)
    return await _set(name, False, changes)


async def _set(name: str, new: bool, changes: dict[str, Any]) -> CommandAnswer:
    from core.credit.plans import set_plan

    async with opened() as core:
        made = await set_plan(core, actor(), name, new=new, **changes)
    return CommandAnswer(document(made), [words.said("The plan {name} is set.", name=made.name)])


def _changes(allowance: str | None, per_hour: str | None, *given: Any) -> dict[str, Any]:
    from core.rules.money import read_amount

    names = ("questions", "at_once", "keys", "key_requests", "most_output", "context", "waits_first")
    changes: dict[str, Any] = {key: value for key, value in zip(names, given[:-1], strict=True) if value is not None}
    for key, text in {"allowance": allowance, "per_hour": per_hour}.items():
        if text is not None:
            changes[key] = read_amount(text, least=0, name=key)
    if given[-1]:
        changes["models"] = list(given[-1])
    return changes


def document(plan: Plan) -> dict[str, Any]:
    """A plan for scripts."""
    from core.rules.money import amount_text

    facts = asdict(plan)
    return {**facts, "allowance": amount_text(plan.allowance), "per_hour": amount_text(plan.per_hour)}
