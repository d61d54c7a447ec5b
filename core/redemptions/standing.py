"""How a wish stands that was made before: for whoever made it, by the key that it was made with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.actors import Actor, Role
from core.leases.receipts import Receipt
from core.redemptions.redemptions import by_key, follow

if TYPE_CHECKING:
    from core.service import Core


async def wish_of(core: Core, actor: Actor, request_key: str, *, wait: float = 0.0) -> Receipt | None:
    """The receipt of the actor's own wish, after up to `wait` seconds while it is unclear; None if there is none.

    Nothing is used and nothing is guessed. Raises: NotAllowed, Banned.
    """
    actor.require(Role.ANYONE)
    found = await core.read(_own, actor, request_key)
    return None if found is None else await follow(core, found, wait=wait, own=True)


def _own(tx: sa.Connection, actor: Actor, request_key: str) -> int | None:
    found = by_key(tx, request_key)
    if found is None or (found.platform, found.identity) != (actor.platform, actor.identity):
        return None
    return int(found.id)
