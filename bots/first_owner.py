"""A house that nobody owns yet: whoever started it is shown how to become its owner, in one tap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bots.messages.reply import Say
from core.errors import Busy
from core.people import people

if TYPE_CHECKING:
    from bots.standing import StandingBoard
    from core.service import Core


async def offer(core: Core, standing: StandingBoard, link: Callable[[str], str] | None = None) -> None:
    """Print a one-time token, with `link` as the address that claims it; never into the log, and only without owners."""
    try:
        issued = await people.first_owner_token(core)
    except Busy:
        return  # the next start offers it again
    if issued is None:
        return
    token, until = issued
    key = "standing-ownerless" if link is None else "standing-ownerless-link"
    standing.tell(Say(key, {"token": token, "until": until, "link": link(token) if link is not None else ""}))
