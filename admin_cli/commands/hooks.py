"""`usher hook`: addresses of other systems that are told what happens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, Rows
from admin_cli.session import actor, opened

app = App(name="hook", help="Hooks: addresses of other systems that are told what happens.", help_format="plaintext")

HookNumber = Annotated[int, Parameter(help="Its number, as the list shows it.")]


@app.command
async def add(
    url: Annotated[str, Parameter(help="Where events are posted to; https.")],
    *,
    event: Annotated[
        tuple[str, ...], Parameter(help="Only these, such as seat.joined, or seat for all of seats; may be repeated.")
    ] = (),
) -> CommandAnswer:
    """Tell an address what happens, and print the secret that it checks signatures with, this once.

    Messages and signatures are those of Standard Webhooks. An event may arrive more than once, always with the same id.

    Example: usher hook add https://shop.example.com/usher --event seat --event alert.opened
    """
    from core.notices.hooks import add_hook

    async with opened() as core:
        secret, made = await add_hook(core, actor(), url, event)
    said = [secret, words.said("Hook {id} to {url}. Its secret is not shown again.", id=made.id, url=made.url)]
    return CommandAnswer({"secret": secret, **asdict(made)}, said)


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show the addresses, what they want, and how they stand.

    Example: usher hook list
    """
    from core.notices.hooks import hook_list

    async with opened() as core:
        found = await hook_list(core, actor())
    headers = ("hook", "where", "events", "state", "waiting", "failing since", "error")
    rows = [
        (one.id, one.url, ", ".join(one.events) or "all", one.state, one.waiting, one.failing_since, one.last_error)
        for one in found
    ]
    return CommandAnswer({"hooks": [asdict(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def test(hook: HookNumber) -> CommandAnswer:
    """Send an event that says nothing but that it arrives; a running Usher sends it.

    Example: usher hook test 3
    """
    from core.notices.hooks import test_hook

    async with opened() as core:
        await test_hook(core, actor(), hook)
    return CommandAnswer(
        {"hook": hook},
        [words.said("An event for hook {hook} is on its way; usher hook list shows how it went.", hook=hook)],
    )


@app.command
async def pause(hook: HookNumber) -> CommandAnswer:
    """Tell an address nothing until it is resumed; what happens meanwhile is not told later.

    Example: usher hook pause 3
    """
    return await _state(hook, "paused")


@app.command
async def resume(hook: HookNumber) -> CommandAnswer:
    """Tell an address again.

    Example: usher hook resume 3
    """
    return await _state(hook, "active")


@app.command
async def remove(hook: HookNumber) -> CommandAnswer:
    """Tell an address nothing any more, and forget its secret and what waits for it.

    Example: usher hook remove 3
    """
    return await _state(hook, "removed")


async def _state(hook: int, state: str) -> CommandAnswer:
    from core.notices.hooks import set_hook_state

    async with opened() as core:
        await set_hook_state(core, actor(), hook, state)
    return CommandAnswer(
        {"hook": hook, "state": state}, [words.said("Hook {hook}: {state}.", hook=hook, state=words.heading(state))]
    )
