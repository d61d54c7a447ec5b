"""`usher staff`: who may do what in the chats."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from admin_cli.output import Answer, moment
from admin_cli.session import actor, opened

app = App(name="staff", help="Staff: one-time tokens to sign in with.", help_format="plaintext")


@app.command
async def token(
    *, role: Annotated[Literal["viewer", "operator", "admin", "owner"], Parameter(help="What its holder may do.")]
) -> Answer:
    """Print a one-time token; whoever writes /claim TOKEN to the bot has the role.

    Example: usher staff token --role admin
    """
    from core.actions.people import issue_token
    from core.actors import Role

    async with opened() as core:
        text, until = await issue_token(core, actor(), Role.named(role))
    return Answer(
        {"token": text, "role": role, "expires_at": until},
        [f"/claim {text}", f"Valid once, until {moment(until)} UTC, for the role {role}."],
    )
