"""`usher code rotate-keys`: from an older encryption key to the active one, while everything goes on."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, CommandAnswer, invocation, moment
from admin_cli.session import actor, opened

SHOWN = 20


async def rotate_keys(
    *, look: Annotated[bool, Parameter(help="Only say what is left under older keys.", negative="")] = False
) -> CommandAnswer:
    """Write everything that is under an older key of vault.keys under the one that vault.active names.

    First give every process the new key in vault.keys, then make it vault.active everywhere, then run this. It may
    be broken off and run again; people redeem meanwhile. An older key may go once this says so.

    Example: usher code rotate-keys
    """
    from core.upkeep.rotation import rotate_keys as rotate
    from core.upkeep.rotation import rotation_left

    async def show(done: int) -> None:
        if sys.stderr.isatty() and not invocation.get().json:
            sys.stderr.write(f"\r{done} …")

    async with opened() as core:
        rotation = await (rotation_left(core, actor()) if look else rotate(core, actor(), show))
    document = {**asdict(rotation), "complete": rotation.complete}
    said = [
        words.said(
            "Now under the key {active}: {codes:code/codes} and {teams:credential/credentials}.",
            codes=rotation.codes,
            teams=rotation.teams,
            active=rotation.active,
        )
    ]
    if look:
        said = [words.said("The active key is {active}.", active=rotation.active)]
    said += [
        words.said("Under older keys: {count} {name}.", count=count, name=name) for name, count in rotation.left.items()
    ]
    said += [words.said("The {kind} {id} cannot be read: its key is gone, or the value belongs to another row.", kind=words.heading(one.kind), id=one.id)
             for one in rotation.unreadable[:SHOWN]]  # fmt: skip
    if rotation.keep_until is not None:
        said.append(
            words.said("Keep the older keys until {until} UTC, then run this again.", until=moment(rotation.keep_until))
        )
    if rotation.complete:
        said.append(words.said("Nothing is left under an older key: they may be taken out of vault.keys."))
    return CommandAnswer(document, said, REFUSED if rotation.unreadable else DONE)
