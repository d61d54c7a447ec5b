"""`usher key`: what programs show to act for somebody."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.moments import read_end
from admin_cli.output import CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.calls.keys import KeyLine

app = App(name="key", help="Keys: what programs show to act for somebody.", help_format="plaintext")

Of = Annotated[str | None, Parameter(help="Whose, such as telegram:42; else this account's.")]
KeyOption = Annotated[str, Parameter(help="Its number, its last four symbols, or the name of one of this account's.")]
Scope = Literal["chat", "redeem", "verify", "figures", "viewer", "operator", "admin"]
Models = Annotated[tuple[str, ...], Parameter(help="Only these models; may be repeated.")]
Daily = Annotated[str | None, Parameter(help="Most credit that it may spend a day; 0 for no limit.")]
Rpm = Annotated[int | None, Parameter(help="Most requests a minute; else what the plan says.")]


@app.command
async def new(
    name: Annotated[str, Parameter(help="What it is called.")],
    *,
    of: Of = None,
    scope: Annotated[tuple[Scope, ...], Parameter(help="What it may do; may be repeated.")] = ("chat",),
    model: Models = (),
    daily_limit: Daily = None,
    rpm: Rpm = None,
    until: Annotated[str | None, Parameter(help="When it ends: 2027-01-31, 30d.")] = None,
) -> CommandAnswer:
    """Make a key and print it, this once. It is never wider than the role of its person, and ends with that role.

    Example: usher key new shop --of telegram:123456789 --scope redeem --scope verify
    """
    from core.calls.keys import KeyRights, make_key
    from core.credit.grants import read_identity
    from core.rules.money import read_amount

    async with opened() as core:
        key, made = await make_key(
            core,
            actor(),
            name,
            KeyRights(
                scopes=scope,
                models=list(model) or None,
                daily_limit=read_amount(daily_limit) if daily_limit else None,
                rpm=rpm,
                expires_at=read_end(until, core.now(), core.settings.timezone) if until else None,
            ),
            of=read_identity(of) if of else None,
        )
    said = [
        key,
        words.said(
            "The key {name} of {person}, for {scopes}. It is not shown again.",
            name=made.name,
            person=made.person,
            scopes=", ".join(made.scopes),
        ),
    ]
    return CommandAnswer({"key": key, **document(made)}, said)


@app.command(name="list")
async def list_(*, of: Of = None) -> CommandAnswer:
    """Show all keys, or those of one person; never the keys themselves.

    Example: usher key list --of telegram:123456789
    """
    from core.calls.keys import key_list
    from core.credit.grants import read_identity

    async with opened() as core:
        found = await key_list(core, actor(), of=read_identity(of) if of else None, everybody=of is None)
    headers = ("key", "person", "name", "ends in", "scopes", "state", "last used")
    rows = [
        (one.id, one.person or "erased", one.name, one.last4, ", ".join(one.scopes), one.state, one.last_used_at)
        for one in found
    ]
    return CommandAnswer({"keys": [document(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def edit(
    which: KeyOption,
    *,
    rename: Annotated[str | None, Parameter(help="The new name.")] = None,
    model: Models = (),
    daily_limit: Daily = None,
    rpm: Rpm = None,
) -> CommandAnswer:
    """Rename a key, or limit it.

    Example: usher key edit Ab3x --daily-limit 5 --rpm 20
    """
    from core.calls.keys import change_key
    from core.rules.money import read_amount

    changes: dict[str, Any] = {}
    if rename is not None:
        changes["name"] = rename
    if model:
        changes["models"] = list(model)
    if daily_limit is not None:
        changes["daily_limit"] = None if daily_limit == "0" else read_amount(daily_limit)
    if rpm is not None:
        changes["rpm"] = rpm
    if not changes:
        raise CommandRefused("usage", words.said("What should change? See usher key edit --help."), 2)
    async with opened() as core:
        changed = await change_key(core, actor(), which, **changes)
    return CommandAnswer(document(changed), [words.said("The key {name} was changed.", name=changed.name)])


@app.command
async def pause(which: KeyOption) -> CommandAnswer:
    """Refuse a key until it is resumed, from the next request on.

    Example: usher key pause Ab3x
    """
    return await _state(which, "paused")


@app.command
async def resume(which: KeyOption) -> CommandAnswer:
    """Take a paused key again.

    Example: usher key resume Ab3x
    """
    return await _state(which, "active")


@app.command
async def revoke(which: KeyOption) -> CommandAnswer:
    """Refuse a key for good, from the next request on, in every process.

    Example: usher key revoke Ab3x
    """
    return await _state(which, "revoked")


async def _state(which: str, state: str) -> CommandAnswer:
    from core.calls.keys import set_key_state

    async with opened() as core:
        changed = await set_key_state(core, actor(), which, state)
    return CommandAnswer(
        document(changed), [words.said("The key {name}: {state}.", name=changed.name, state=words.heading(state))]
    )


def document(line: KeyLine) -> dict[str, Any]:
    """A key for scripts; the limit is a decimal."""
    from core.rules.money import amount_text

    found = asdict(line)
    return {**found, "daily_limit": None if line.daily_limit is None else amount_text(line.daily_limit)}
