"""What people wish for and staff have not decided yet, of every kind together, the longest waiting first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.actors import Actor, Role
from core.errors import BadChoice, NotFound
from core.leases import extensions
from core.redemptions import suspended
from core.transfers import address_changes

if TYPE_CHECKING:
    from core.service import Core

WishKind: TypeAlias = Literal["address", "code", "extension"]


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. `kind` address: the seat of `address` in `team` shall be that of `wanted`.

    `kind` extension: the seat shall last longer by `term`; it ends at `expires_at` now.
    `kind` code: `address` wants to use the code that ends in `code_last4`, whose batch waits after a restore. `id`
    counts within the kind.
    """

    kind: WishKind
    id: int
    address: str
    pool: str
    created_at: datetime
    team: str | None = None
    wanted: str | None = None
    code_last4: str | None = None
    term: str | None = None
    expires_at: datetime | None = None


async def wish_list(core: Core, actor: Actor) -> list[Wish]:
    """Everything that waits for somebody's word. Raises: NotAllowed."""
    actor.require(Role.VIEWER)
    found = [
        Wish("address", one.id, one.address, one.pool, one.created_at, team=one.team, wanted=one.wanted)
        for one in await address_changes.wishes(core, actor)
    ]
    found += [
        Wish("code", one.id, one.address, one.pool, one.created_at, code_last4=one.code_last4)
        for one in await suspended.requests(core, actor)
    ]
    found += [
        Wish(
            "extension",
            one.id,
            one.address,
            one.pool,
            one.created_at,
            team=one.team,
            term=one.term,
            expires_at=one.expires_at,
        )
        for one in await extensions.wishes(core, actor)
    ]
    return sorted(found, key=lambda one: one.created_at)


async def decide(core: Core, actor: Actor, number: int, *, approve: bool, kind: str | None = None) -> Wish:
    """Grant a wish or turn it down; the person is told. `kind` is needed only where two have the same number.

    Raises: NotAllowed, NotFound, BadChoice (the kind), and what stands in the way of granting it.
    """
    actor.require(Role.OPERATOR)
    fitting = [one for one in await wish_list(core, actor) if one.id == number and kind in {None, one.kind}]
    if not fitting:
        raise NotFound(kind="request", name=str(number))
    if len(fitting) > 1:
        raise BadChoice(name="kind", value="–", choices=sorted(one.kind for one in fitting))
    [wish] = fitting
    if wish.kind == "code":
        await suspended.decide(core, actor, wish.id, approve=approve)
    elif wish.kind == "extension":
        await (extensions.approve if approve else extensions.decline)(core, actor, wish.id)
    elif approve:
        await address_changes.approve(core, actor, wish.id)
    else:
        await address_changes.decline(core, actor, wish.id)
    return wish
