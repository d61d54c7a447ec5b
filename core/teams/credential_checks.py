"""Trying credentials before they are stored: does the upstream accept them, what for, and how many seats are there?

Nothing is stored here and nothing is changed upstream. An operator may store a credential that fails, knowing why it
failed: a server that is down today may be up tomorrow.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.actors import Actor, Role
from core.providers.protocol import Capacity, CredentialCheck, Listing, Provider, Unavailable, Workspace
from core.providers.registry import ADAPTERS, ParsedCredential, properties_of
from core.teams.teams import MOST_SEATS, CandidateTeam

if TYPE_CHECKING:
    from core.service import Core

TOGETHER = 10
"""Credentials tried side by side."""
NOT_FOR_TEAMS = frozenset({"free", "plus", "pro", "go"})
"""Plans of a single person's account, which has no seats to hand out."""


@dataclass(frozen=True, slots=True)
class CheckedCredential:
    """One candidate, tried. `reason` is the key of why it did not work, None where it did.

    `facts` are safe to show: account name, plan, scopes found. `candidate` has the seats that the upstream states,
    unless the operator stated some; `members` are the people there now without owners, None if unknown. `tried` is
    False where there was nothing to try, or no time left.
    """

    candidate: CandidateTeam
    reason: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    seats: int | None = None
    members: int | None = None
    tried: bool = True


async def check_candidates(
    core: Core, actor: Actor, candidates: Sequence[CandidateTeam], *, within: float | None = None
) -> list[CheckedCredential]:
    """Check the credential of every candidate that could be read; the others keep their reason.

    Candidates that were not reached `within` so many seconds come back untried. Raises: NotAllowed.
    """
    actor.require(Role.ADMIN)
    places = asyncio.Semaphore(TOGETHER)
    loop = asyncio.get_running_loop()
    until = math.inf if within is None else loop.time() + within

    async def one(candidate: CandidateTeam) -> CheckedCredential:
        if candidate.parsed is None:
            return CheckedCredential(candidate, candidate.reason, tried=False)
        async with places:
            if loop.time() >= until:
                return CheckedCredential(candidate, tried=False)
            return await _try(core, candidate, candidate.parsed)

    return list(await asyncio.gather(*(one(candidate) for candidate in candidates)))


def credential_fields(provider: str) -> tuple[str, ...]:
    """What an operator has to give for a provider, the secret first. Raises: KeyError."""
    return ADAPTERS[provider].needs


async def _try(core: Core, candidate: CandidateTeam, parsed: ParsedCredential) -> CheckedCredential:
    workspace = Workspace(parsed.provider, parsed.external_id, parsed.credential, parsed.base_url)
    provider = core.open_upstream(workspace)
    check = await provider.check_credential()
    if not isinstance(check, CredentialCheck):
        return CheckedCredential(candidate, check.reason if isinstance(check, Unavailable) else "unclear")
    if check.facts.get("plan", "").lower() in NOT_FOR_TEAMS:
        return CheckedCredential(candidate, "credential_wrong_kind", check.facts)
    members = await provider.members()
    if not isinstance(members, Listing):
        # Whoever may not list the members may not serve as a team: nothing could ever be read back.
        return CheckedCredential(
            candidate, members.reason if isinstance(members, Unavailable) else "unclear", check.facts
        )
    stated = await _stated(provider)
    bought = stated.seat_type if stated is not None else None
    present = sum(not member.is_owner and member.takes_a_seat(bought) for member in members.items)
    seats = stated.seats if stated is not None else None
    if candidate.status == "new" and candidate.name == parsed.external_id and check.facts.get("name"):
        candidate = replace(candidate, name=check.facts["name"])  # what people call it, rather than its number
    return CheckedCredential(_with_seats(candidate, parsed, seats, present), None, check.facts, seats, present)


async def _stated(provider: Provider) -> Capacity | None:
    if not provider.properties.counts_seats:
        return None
    capacity = await provider.capacity()
    return capacity if isinstance(capacity, Capacity) else None


def _with_seats(candidate: CandidateTeam, parsed: ParsedCredential, seats: int | None, present: int) -> CandidateTeam:
    """A new team for which nobody stated a number gets the upstream's, or at least a seat for everybody in it."""
    if candidate.status != "new" or candidate.chosen:
        return candidate
    stated = seats if seats is not None else max(properties_of(parsed.provider).default_capacity, present)
    return replace(candidate, capacity=min(max(stated, 1), MOST_SEATS))
