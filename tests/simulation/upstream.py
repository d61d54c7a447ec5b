"""The upstream in memory: slow, forgetful about what it was just told, and honest in its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.providers import chatgpt
from core.providers.protocol import (
    Capacity,
    CredentialCheck,
    Done,
    Failure,
    Listing,
    Member,
    PendingInvite,
    ProviderAnswer,
    Refused,
    Standing,
    Unavailable,
    Unclear,
    Workspace,
)
from tests.simulation.loop import SimulatedLoop

TIMEOUT = 15.0
"""Seconds after which a caller gives up, whatever happens at the other end."""
LAG = 35.0
"""Most seconds until a change shows in the lists; with a late effect still below the adapter's stated lag."""


@dataclass
class Place:
    """One address in one workspace. It shows in the lists from `shown` on, and after its end until `hidden`."""

    kind: str
    at: float
    shown: float
    hidden: float | None = None


@dataclass
class Upstream:
    """Every workspace's people. `calm` ends the faults and the stretched latencies."""

    loop: SimulatedLoop
    seats: int
    now: Callable[[], datetime]
    say: Callable[[str], None]
    calm: bool = False
    people: dict[str, dict[str, Place]] = field(default_factory=dict)
    created: list[tuple[str, str]] = field(default_factory=list)
    oversold: list[str] = field(default_factory=list)

    def there(self, workspace: str) -> dict[str, str]:
        """Address → pending or member, as it truly is."""
        places = self.people.get(workspace, {})
        return {address: place.kind for address, place in sorted(places.items()) if place.hidden is None}

    def invite(self, workspace: str, address: str) -> ProviderAnswer:
        places = self.people.setdefault(workspace, {})
        place = places.get(address)
        if place is not None and place.hidden is None:
            return Refused("already_member") if place.kind == "member" else Done(f"{workspace}/{address}")
        if len(self.there(workspace)) >= self.seats:
            return Refused("full")
        now = self.loop.time()
        places[address] = Place("pending", now, now + self.loop.random.uniform(0, LAG))
        self.created.append((workspace, address))
        if len(self.there(workspace)) > self.seats:
            self.oversold.append(workspace)
        return Done(f"{workspace}/{address}")

    def accept(self, workspace: str, address: str) -> None:
        """The invited person joins."""
        place = self.people[workspace][address]
        if place.kind == "pending" and place.hidden is None:
            place.kind = "member"
            place.at = self.loop.time()

    def leave(self, workspace: str, address: str) -> ProviderAnswer:
        place = self.people.get(workspace, {}).get(address)
        if place is not None and place.hidden is None:
            now = self.loop.time()
            place.hidden = now + (0 if self.calm else self.loop.random.uniform(0, LAG))
        return Done()

    def listed(self, workspace: str) -> dict[str, Place]:
        now = self.loop.time()
        return {
            address: place
            for address, place in sorted(self.people.get(workspace, {}).items())
            if place.shown <= now and (place.hidden is None or place.hidden > now)
        }

    async def call(self, name: str, effect: Callable[[], Any]) -> Any:
        """One call over the network: the effect happens on the way, whether or not the caller waits for the answer."""
        chance = self.loop.random
        there, back = chance.uniform(0.01, 0.05), chance.uniform(0.01, 0.05)
        fault = "" if self.calm else _drawn(chance.random())
        if not self.calm and chance.random() < 0.1:
            there += chance.uniform(2, 20) if chance.random() < 0.5 else 0
            back += chance.uniform(2, 20) if there < 1 else 0
        if fault in {"limited", "refused_connection", "credential"}:
            await asyncio.sleep(there)
            self.say(f"{name}: {fault}")
            if fault == "limited":
                return Unavailable("rate_limited", retry_after=chance.choice([None, 1.0, 20.0]))
            return Unavailable("unreachable" if fault == "refused_connection" else "credential")
        done: asyncio.Future[Any] = self.loop.create_future()

        def happen() -> None:
            answer = None if fault == "lost_before" else effect()
            self.say(f"{name}: {answer} {fault}")
            if not done.done():
                done.set_result(answer)

        self.loop.call_later(there, happen)
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await done
                await asyncio.sleep(back)
        except TimeoutError:
            return Unclear("timed out")
        return Unclear(fault) if fault else answer


def _drawn(chance: float) -> str:
    marks = ((0.06, "lost_before"), (0.14, "lost_after"), (0.17, "limited"), (0.20, "refused_connection"))
    named = next((name for mark, name in marks if chance < mark), "")
    return named or ("credential" if chance > 0.985 else "")


class Adapter:
    """One workspace's provider."""

    properties = chatgpt.PROPERTIES

    def __init__(self, upstream: Upstream, workspace: Workspace) -> None:
        self._upstream = upstream
        self._workspace = workspace.external_id

    async def invite(self, address: str, *, resend: bool = False) -> ProviderAnswer:
        return await self._ask(f"invite {address}", lambda: self._upstream.invite(self._workspace, address))

    async def cancel_invite(self, invite: PendingInvite) -> ProviderAnswer:
        return await self._ask(f"cancel {invite.address}", lambda: self._left(str(invite.address), "pending"))

    async def remove_member(self, member: Member) -> ProviderAnswer:
        return await self._ask(f"remove {member.address}", lambda: self._left(str(member.address), "member"))

    async def pending_invites(self) -> Listing[PendingInvite] | Failure:
        return await self._ask("pending", lambda: Listing(tuple(self._pending())))

    async def members(self) -> Listing[Member] | Failure:
        return await self._ask("members", lambda: Listing(tuple(self._members())))

    async def look_up(self, address: str) -> Standing | Failure:
        def look() -> Standing:
            member = next((one for one in self._members() if one.address == address), None)
            invite = next((one for one in self._pending() if one.address == address), None)
            return Standing(member, invite)

        return await self._ask(f"look up {address}", look)

    async def capacity(self) -> Capacity | Failure:
        return await self._ask("capacity", lambda: Capacity(None, None, None))

    async def check_credential(self) -> CredentialCheck | Failure:
        return await self._ask("check", lambda: CredentialCheck({}))

    async def _ask(self, name: str, effect: Callable[[], Any]) -> Any:
        return await self._upstream.call(f"{self._workspace} {name}", effect)

    def _left(self, address: str, kind: str) -> ProviderAnswer:
        # An invite that was accepted meanwhile is no invite any more: what is not there cannot be taken back.
        if self._upstream.there(self._workspace).get(address) != kind:
            return Done()
        return self._upstream.leave(self._workspace, address)

    def _pending(self) -> list[PendingInvite]:
        listed = self._upstream.listed(self._workspace)
        return [
            PendingInvite(address, address, self._moment(place))
            for address, place in listed.items()
            if place.kind == "pending"
        ]

    def _members(self) -> list[Member]:
        listed = self._upstream.listed(self._workspace)
        owner = Member(f"owner@{self._workspace}.example.com", "owner", "account-owner", None, is_owner=True)
        return [owner] + [
            Member(address, address, "standard-user", self._moment(place))
            for address, place in listed.items()
            if place.kind == "member"
        ]

    def _moment(self, place: Place) -> datetime:
        return self._upstream.now() - timedelta(seconds=self._upstream.loop.time() - place.at)
