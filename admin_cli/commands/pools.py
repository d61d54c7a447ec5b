"""`usher pool`: named groups of teams that serve the same codes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.teams.pools import Pool

app = App(name="pool", help="Pools: named groups of teams that serve the same codes.", help_format="plaintext")

PolicyOption = Literal["fill_first", "proven", "most_free", "round_robin"]


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show every pool with its seats, and how many uses may still be generated.

    Example: usher pool list
    """
    from core.teams.pool_report import pool_list

    async with opened() as core:
        lines = await pool_list(core, actor())
    rows = [
        (line.name, line.policy, line.shape, words.term(line.term), line.teams, line.seats, line.free, line.held, line.taken,
         line.unused_uses, line.generatable)
        for line in lines
    ]  # fmt: skip
    headers = ("pool", "policy", "codes", "term", "teams", "seats", "free", "held", "taken", "unused", "generatable")
    return CommandAnswer({"pools": [asdict(line) for line in lines]}, [Rows(headers, rows)])


@app.command
async def add(
    name: str,
    *,
    policy: Annotated[PolicyOption, Parameter(help="How a team is chosen.")] = "fill_first",
    prefix: Annotated[str | None, Parameter(help="What its codes start with.")] = None,
    groups: Annotated[int | None, Parameter(help="Groups of four symbols in a code, 3 to 6.")] = None,
    term: Annotated[str | None, Parameter(help="How long a membership lasts: 1mo, 30d, 24h, unlimited.")] = None,
    show_stock: Annotated[bool, Parameter(help="Let everybody see how many seats are free.")] = False,
    waitlist: Annotated[bool, Parameter(help="Offer the waiting list when every seat is taken.")] = True,
) -> CommandAnswer:
    """Make a pool.

    Example: usher pool add plus --policy most_free --prefix PLUS
    """
    from core.teams.pools import NewPool, create_pool

    async with opened() as core:
        pool = await create_pool(
            core,
            actor(),
            name,
            NewPool(
                prefix=prefix, groups=groups, policy=policy, term=term, show_stock=show_stock, waitlist_open=waitlist
            ),
        )
    return CommandAnswer(
        {"pool": _document(pool)},
        [
            words.said(
                "Made the pool {name}; its codes look like {example}.", name=pool.name, example=pool.shape.example
            )
        ],
    )


@app.command(name="set")
async def set_(
    name: str,
    *,
    policy: Annotated[PolicyOption | None, Parameter(help="How a team is chosen.")] = None,
    term: Annotated[str | None, Parameter(help="Term of codes generated from now on.")] = None,
    rename: Annotated[str | None, Parameter(help="The new name.")] = None,
    show_stock: Annotated[bool | None, Parameter(help="Let everybody see how many seats are free.")] = None,
    waitlist: Annotated[bool | None, Parameter(help="Offer the waiting list when every seat is taken.")] = None,
    transfer_requests: Annotated[bool | None, Parameter(help="Let people ask for a transfer.")] = None,
    team_choice: Annotated[bool | None, Parameter(help="Let people choose their team.")] = None,
    team_names: Annotated[
        str | None, Parameter(help="What new teams are called: {pool}-{date}-{seq3}; off for their own names.")
    ] = None,
    public_name: Annotated[
        str | None, Parameter(help="What people read as its name; off for the name that staff use.")
    ] = None,
    enabled: Annotated[bool | None, Parameter(help="A disabled pool redeems no code.")] = None,
    credit_limit: Annotated[
        str | None, Parameter(help="Most credit that its codes may promise; off for no limit.")
    ] = None,
    grace: Annotated[
        str | None, Parameter(help="How long a seat stays after its term: 2d, 48h; off for not at all.")
    ] = None,
    moves: Annotated[str | None, Parameter(help="How often a seat may move by itself; any for no limit.")] = None,
) -> CommandAnswer:
    """Change a pool; what is not named stays as it is.

    Example: usher pool set plus --policy round_robin --no-waitlist
    """
    from core.rules.money import read_amount
    from core.rules.spans import read_hours
    from core.teams.pools import change_pool

    wanted: dict[str, Any] = {
        "policy": policy,
        "default_term": term,
        "name": rename,
        "show_stock": show_stock,
        "waitlist_open": waitlist,
        "transfer_requests": transfer_requests,
        "team_choice": team_choice,
        "enabled": enabled,
        "grace_hours": None if grace is None else read_hours(grace),
    }
    changes = {key: value for key, value in wanted.items() if value is not None}
    if credit_limit is not None:
        changes["credit_limit"] = None if credit_limit == "off" else read_amount(credit_limit, least=0)
    if moves is not None:
        if moves != "any" and not (moves.isascii() and moves.isdecimal() and len(moves) <= 4):
            raise CommandRefused("usage", words.said('--moves is a number, or "any".'), 2)
        changes["transfers_allowed"] = None if moves == "any" else int(moves)
    if team_names is not None:
        changes["team_names"] = None if team_names == "off" else team_names
    if public_name is not None:
        changes["public_name"] = None if public_name == "off" else public_name
    if not changes:
        raise CommandRefused("usage", words.said('Nothing to change; see "usher pool set --help".'), 2)
    async with opened() as core:
        pool = await change_pool(core, actor(), name, **changes)
    return CommandAnswer({"pool": _document(pool)}, [words.said("Changed the pool {name}.", name=pool.name)])


@app.command
async def empty(name: str, *, into: Annotated[str, Parameter(help="The pool that its teams go to.")]) -> CommandAnswer:
    """Move every team of a pool, with its people, into another one; the pool and its general codes stay.

    Example: usher pool empty plus --into gold
    """
    from core.teams.pool_moves import empty_pool

    async with opened() as core:
        found = await empty_pool(core, actor(), name, into)
    said = words.said(
        "Moved to {into}: {teams:team/teams} with {people:person/people}.",
        teams=found.teams,
        people=found.people,
        into=into,
    )
    return CommandAnswer({"pool": name, "into": into, **asdict(found)}, [said])


@app.command
async def merge(name: str, *, into: Annotated[str, Parameter(help="The pool that goes on.")]) -> CommandAnswer:
    """Let another pool serve all that this one does: teams, people, codes and those who wait. Then it is gone.

    Example: usher pool merge plus --into gold
    """
    from core.teams.pool_moves import merge_pool

    async with opened() as core:
        found = await merge_pool(core, actor(), name, into)
    said = words.said(
        "Now in {into}: {teams:team/teams}, {people:person/people} and {uses:unused use/unused uses}; {name} is gone.",
        teams=found.teams,
        people=found.people,
        uses=found.uses,
        into=into,
        name=name,
    )
    return CommandAnswer({"pool": name, "into": into, **asdict(found)}, [said])


@app.command
async def delete(name: str) -> CommandAnswer:
    """Put a pool away that nothing is in any more; making it anew brings it back.

    Example: usher pool delete plus
    """
    from core.teams.pool_moves import remove_pool

    async with opened() as core:
        await remove_pool(core, actor(), name)
    return CommandAnswer({"pool": name, "removed": True}, [words.said("The pool {name} is gone.", name=name)])


def _document(pool: Pool) -> dict[str, Any]:
    from core.rules.money import amount_text

    limit = pool.credit_limit
    return {**asdict(pool), "credit_limit": None if limit is None else amount_text(limit)}
