"""`usher staff`: who may do what in the chats."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.options import PersonOption
from admin_cli.output import CommandAnswer, Rows, moment
from admin_cli.session import actor, opened

app = App(name="staff", help="Staff: who may do what in the chats.", help_format="plaintext")

RoleOption = Annotated[Literal["viewer", "operator", "admin", "owner"], Parameter(help="What its holder may do.")]


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show everybody with a role.

    Example: usher staff list
    """
    from core.people.staff import staff_list

    async with opened() as core:
        found = await staff_list(core, actor())
    rows = [
        (", ".join(one.identities), one.role, words.said("the configuration") if one.configured else one.since)
        for one in found
    ]
    return CommandAnswer({"staff": [asdict(one) for one in found]}, [Rows(("who", "role", "since"), rows)])


@app.command
async def grant(identity: PersonOption, *, role: RoleOption) -> CommandAnswer:
    """Give somebody a role at once.

    Example: usher staff grant telegram:123456789 --role operator
    """
    from core.actors import Role as Roles
    from core.people import staff

    async with opened() as core:
        await staff.grant(core, actor(), identity, Roles.named(role))
    return CommandAnswer(
        {"identity": identity, "role": role},
        [words.said("{identity} is {role}.", identity=identity, role=words.value("role", role))],
    )


@app.command
async def revoke(identity: PersonOption) -> CommandAnswer:
    """Take somebody's role away at once.

    Example: usher staff revoke telegram:123456789
    """
    from core.people import staff

    async with opened() as core:
        await staff.revoke(core, actor(), identity)
    return CommandAnswer(
        {"identity": identity, "role": "anyone"}, [words.said("{identity} is not staff any more.", identity=identity)]
    )


@app.command
async def token(*, role: RoleOption) -> CommandAnswer:
    """Print a one-time token; whoever writes /claim TOKEN to the bot has the role.

    Example: usher staff token --role admin
    """
    from core.actors import Role as Roles
    from core.people.people import issue_token

    async with opened() as core:
        text, until = await issue_token(core, actor(), Roles.named(role))
    return CommandAnswer(
        {"token": text, "role": role, "expires_at": until},
        [
            f"/claim {text}",
            words.said(
                "Valid once, until {until} UTC, for the role {role}.",
                until=moment(until),
                role=words.value("role", role),
            ),
        ],
    )
